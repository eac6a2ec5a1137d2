"""The plain count of an ONNX file, by hand."""

from types import SimpleNamespace

from tests.readers.onnx.test_contributed import ROWS as OF_RUNTIME
from tests.readers.onnx.test_contributed import Row, sizes_of
from tests.rows import each_of

from bncalc.writers.onnx.counter import NodeTally, count
from bncalc.writers.onnx.learned_names import FOLDED_FROM, SIGNATURE, learned_by_name
from bncalc.writers.onnx.loops import CountedNode, TensorType, multiplications

FLOATS = {
    "x": (2, 3, 8, 8), "a": (2, 4, 6, 6), "b": (2, 4, 6, 6), "y": (2, 4, 6, 6), "w": (4, 3, 3, 3),
    "0.weight": (4,), "0.bias": (4,), "val_1": (4,), "where": (6, 6), "val_2": (4, 6, 6),
    "/Gather_output_0": (4, 1, 1), "/Where_output_0": (4, 1, 1),
    "bias": (4,), "mean": (4,), "half": (1,), "rows": (2, 10, 12), "table": (12, 5),
    "turned": (5, 12), "z": (2, 10, 5), "more": (5,), "sum": (5,), "scales": (4,),
    "seq": (7, 1, 3), "iw": (2, 16, 3), "hw": (2, 16, 4), "all": (7, 2, 1, 4),
    "q": (1, 10, 24), "k": (1, 20, 12), "o": (1, 10, 24), "e": (2, 5, 7), "f": (2, 7, 5),
    "act.scale": (1,), "cat_scale": (1,), "block_0.w_0": (1,),
    "attn_mask": (4, 6, 6), "lstm/zeros:0": (4, 6, 6),
    "conv_mask": (4, 3, 3, 3),
    "few": (1, 10, 12), "past": (1, 2, 7, 6), "column": (12, 1), "one": (2, 10, 1), "r": (2, 10, 1),
    "s": (2, 10, 1), "end": (2, 10, 1), "p": (2, 5, 5),
    "pairs": (2, 10, 10), "places": (2, 6, 6, 2),
}  # fmt: skip
TENSORS = {name: TensorType(dims, "float32") for name, dims in FLOATS.items()} | {
    "shape": TensorType((2,), "int64"),
    "int8": TensorType((4, 3, 3, 3), "int8"),
    "int16": TensorType((4, 3, 3, 3), "int16"),
    "image8": TensorType((2, 3, 8, 8), "uint8"),
    "cat_zero_point": TensorType((), "uint8"),
    "map8": TensorType((2, 3, 8, 8), "uint8"),
    "rows8": TensorType((2, 10, 12), "uint8"),
    "table8": TensorType((12, 5), "int8"),
    "bytes": TensorType((30,), "uint8"),
    "zeros": TensorType((4,), "int8"),
    "nibbles": TensorType((5, 1, 8), "uint8"),
    "wide": TensorType((4,), "int32"),
}


def op(op: str, inputs: str, output: str, **attributes: object) -> CountedNode:
    names = tuple(["" if name == "-" else name for name in inputs.split()])
    return CountedNode("", op, names, (output,), attributes)


ROWS = [
    # what is learned: 4·3·3·3 and a bias; MACs are those of a batch of two
    ([op("Conv", "x w bias", "y")], "w bias", NodeTally(112, 2 * 4 * 36 * 27)),
    # a norm has its statistics, and learns scale and shift
    ([op("BatchNormalization", "a bias scales mean mean", "y")], "bias scales mean",
     NodeTally(8, 0)),
    # weights that are moved first, and behind a scale, are still the weights
    ([op("Transpose", "turned", "table"), op("MatMul", "rows table", "z")], "turned",
     NodeTally(60, 2 * 10 * 12 * 5)),
    ([op("DequantizeLinear", "int8 scales zeros", "w"), op("Conv", "x w", "y")],
     "int8 scales zeros", NodeTally(108, 2 * 4 * 36 * 27)),
    ([op("DequantizeLinear", "wide scales zeros", "bias"), op("Conv", "x w bias", "y")],
     "w wide scales zeros", NodeTally(112, 2 * 4 * 36 * 27)),
    # 5 rows of 12 weights of 4 bits, two in a byte, each filled up to a block of 16
    ([op("MatMulNBits", "rows nibbles more", "z", K=12, N=5, bits=4, block_size=16)],
     "nibbles more", NodeTally(60, 2 * 10 * 12 * 5)),
    # its bias is no packed number
    ([op("MatMulNBits", "rows nibbles scales - - more", "z", K=12, N=5, bits=4, block_size=16)],
     "nibbles scales more", NodeTally(60 + 5, 2 * 10 * 12 * 5)),
    # 30 bytes of a table, two numbers in each
    ([op("GatherBlockQuantized", "bytes shape scales", "z", bits=4)], "bytes scales",
     NodeTally(60, 0)),
    ([op("DequantizeLinear", "int16 scales", "w"), op("Conv", "x w", "y")], "int16 scales",
     NodeTally(108, 2 * 4 * 36 * 27)),
    # a single number is a factor, unless a product takes it
    ([op("Mul", "a half", "y")], "half", NodeTally(0, 0)),
    ([op("PRelu", "a half", "y")], "half", NodeTally(1, 0)),
    ([op("Mul", "half shape", "w"), op("Conv", "x w", "y")], "half shape",
     NodeTally(0, 2 * 4 * 36 * 27)),
    ([op("Mul", "a act.scale", "y")], "act.scale", NodeTally(1, 0)),
    ([op("Mul", "a block_0.w_0", "y")], "block_0.w_0", NodeTally(0, 0)),
    # unless it is added to a product with one output, and has an axis
    ([op("MatMul", "rows column", "one"), op("QuantizeLinear", "one half", "r"),
      op("DequantizeLinear", "r half", "s"), op("Add", "s half", "end")], "column half",
     NodeTally(1, 0)),
    ([op("MatMul", "rows column", "one"), op("Relu", "one", "r"), op("Add", "r half", "end")],
     "column half", NodeTally(0, 0)),
    # what is worked out from several need not be learned, but from one and a factor it is
    ([op("Mul", "more half", "sum"), op("Add", "z sum", "y")], "more half", NodeTally(5, 0)),
    ([op("Add", "more sum", "e"), op("Add", "z e", "y")], "more sum", NodeTally(None, 0)),
    # and what is made of it, beside what is only moved, is not moved
    ([op("Add", "more sum", "e"), op("Concat", "e scales", "f"), op("Add", "z f", "y")],
     "more sum scales", NodeTally(None, 0)),
    # sizes are no numbers of the file
    ([op("Shape", "x", "shape"), op("ConstantOfShape", "shape", "bias"), op("Add", "a bias", "y")],
     "", NodeTally(0, 0)),
    # what no output needs is left out, and what was counted before
    ([op("Conv", "x w", "b"), op("Conv", "x w", "y")], "w", NodeTally(108, 2 * 4 * 36 * 27)),
    ([op("Conv", "x w", "b"), op("Conv", "b w", "y")], "w", NodeTally(0, 2 * 4 * 36 * 27)),
    # a `Constant` is a mask where weights are apart, unless it was looked up in a table
    ([op("Constant", "", "/Where_output_0"), op("Conv", "x w", "b"),
      op("Add", "b /Where_output_0", "y")], "w", NodeTally(0, 0)),
    ([op("Constant", "", "/Gather_output_0"), op("Conv", "x w", "b"),
      op("Add", "b /Gather_output_0", "y")], "w", NodeTally(4, 0)),
    # zeros to begin with are not weights of a file that has its weights; stripped ones are
    ([op("ConstantOfShape", "shape", "bias"), op("Conv", "x w bias", "y")], "w shape",
     NodeTally(108, 2 * 4 * 36 * 27)),
    ([op("ConstantOfShape", "shape", "w"), op("Conv", "x w", "y")], "shape",
     NodeTally(108, 2 * 4 * 36 * 27)),
    # as many zeros as numbers are none of the weights
    ([op("Mul", "a scales", "b"), op("ConstantOfShape", "shape", "bias"), op("Add", "b bias", "y")],
     "scales shape", NodeTally(0, 0)),
    # of a product of two tensors the first is a map, and learned if it is called so
    ([op("MatMul", "e f", "p")], "e f", NodeTally(70, 2 * 5 * 7 * 5)),
    ([op("MatMul", "rows table", "z")], "rows table", NodeTally(300, 2 * 10 * 12 * 5)),
    # a mask, by its name, which no kernel is asked for; what a branch chooses may be learned
    ([op("Add", "a attn_mask", "y")], "attn_mask", NodeTally(0, 0)),
    ([op("Conv", "x conv_mask", "y")], "conv_mask", NodeTally(108, 2 * 4 * 36 * 27)),
    ([op("Mul", "a lstm/zeros:0", "y")], "lstm/zeros:0", NodeTally(0, 0)),
    ([op("If", "half", "sum")._replace(captured=("more",)), op("Add", "z sum", "y")],
     "half more", NodeTally(5, 0)),
    # zero points and scales of columns are not learned
    ([op("DynamicQuantizeLinear", "rows", "q")._replace(outputs=("q", "half", "z")),
      op("MatMulInteger", "q table z more", "f"), op("Mul", "half sum", "scales")],
     "table more sum", NodeTally(0, 0)),
    # constants that are quantised, or weights that are packed, are multiplied in every run too
    ([op("MatMulInteger", "rows8 table8", "z")], "rows8 table8", NodeTally(60, 2 * 10 * 12 * 5)),
    ([op("ConvInteger", "image8 int8", "y")], "image8 int8", NodeTally(108, 2 * 4 * 36 * 27)),
    ([op("QLinearConv", "image8 half z int8 half z half z", "y")], "image8 half z int8",
     NodeTally(108, 2 * 4 * 36 * 27)),
    ([op("QLinearConcat", "cat_scale cat_zero_point image8 cat_scale cat_zero_point", "map8"),
      op("QLinearConv", "map8 cat_scale cat_zero_point int8 half half half half", "y")],
     "cat_scale cat_zero_point half image8 int8", NodeTally(108, 2 * 4 * 36 * 27)),
    ([op("Greater", "a scales", "b")], "scales", NodeTally(0, 0)),
    ([op("MatMulBnb4", "rows bytes", "z", K=12, N=5)], "rows bytes",
     NodeTally(300, 2 * 10 * 12 * 5)),
    # vectors are multiplied once, positions by their weights in every run
    ([op("MatMul", "more turned", "z"), op("Add", "z rows", "e")], "more turned",
     NodeTally(None, 0)),
    ([op("Einsum", "more scales", "y", equation="i,j->ij"), op("Mul", "z y", "e")], "more scales",
     NodeTally(None, 0)),
    # in a file that has its weights, tables that are worked out of nodes are not learned
    ([op("Constant", "", "sum"), op("Sin", "sum", "more"), op("Mul", "z more", "e")], "w",
     NodeTally(0, 0)),
    # a norm learns scale and shift, unless its maps were put in groups for it
    ([op("InstanceNormalization", "a bias scales", "y")], "bias scales", NodeTally(8, 0)),
    ([op("Reshape", "a shape", "b"), op("InstanceNormalization", "b 0.weight 0.bias", "y")],
     "shape 0.weight 0.bias", NodeTally(8, 0)),
    ([op("GroupNormalization", "a val_1 val_1", "y")], "val_1", NodeTally(0, 0)),
    ([op("Reshape", "a shape", "b"), op("InstanceNormalization", "b bias scales", "y")],
     "bias scales shape", NodeTally(0, 0)),
    # loops
    ([op("ConvTranspose", "a w", "y")], "", NodeTally(0, 2 * 4 * 36 * 27)),
    ([op("Gemm", "table more", "sum", transA=1)], "", NodeTally(0, 5 * 12)),
    ([op("LSTM", "seq iw hw", "all", hidden_size=4)], "", NodeTally(0, 7 * 2 * 4 * 4 * (3 + 4))),
    # 10 queries of 24 channels meet their own keys and the 7 before them
    ([op("GroupQueryAttention", "q k k past", "o")], "", NodeTally(0, 2 * 10 * 24 * 17)),
    ([op("Attention", "q k k", "o", q_num_heads=4, kv_num_heads=2)], "",
     NodeTally(0, 10 * 20 * (24 + 24))),
    ([op("Attention", "q k k - past past", "o", q_num_heads=4, kv_num_heads=2)],
     "", NodeTally(0, 10 * (20 + 7) * (24 + 24))),
    # two heads of 12 for queries on one of keys: 12·12 a token for its matrix, 24·12 for its output
    ([op("LinearAttention", "q few few", "o", q_num_heads=2, kv_num_heads=1, update_rule="gated")],
     "", NodeTally(0, 10 * (12 * 12 + 24 * 12))),
    ([op("LinearAttention", "q few few", "o", q_num_heads=2, kv_num_heads=1)], "",
     NodeTally(0, 10 * (2 * 12 * 12 + 24 * 12))),
    ([op("Einsum", "e f", "y", equation="b i j, b j k -> b i k")], "", NodeTally(0, 2 * 5 * 7 * 5)),
    ([op("Einsum", "e f", "y", equation="...ij,...jk->...ik")], "", NodeTally(0, 2 * 5 * 7 * 5)),
    ([op("Einsum", "z z", "y", equation="bij,bij->bij")], "", NodeTally(0, 0)),
    # a letter of one position sums up nothing: numbers are multiplied, and none are added
    ([op("Einsum", "one r", "pairs", equation="bxd,byd->bxy")], "", NodeTally(0, 0)),
    # places to look at, what is written there, scales and a mask are not learned
    ([op("GridSample", "a places", "y")], "places", NodeTally(0, 0)),
    ([op("ScatterND", "a shape b", "y")], "shape b", NodeTally(0, 0)),
    ([op("ScatterElements", "a shape b", "y")], "shape b", NodeTally(0, 0)),
    ([op("Upsample", "a scales", "y")], "scales", NodeTally(0, 0)),
    ([op("STFT", "rows half scales", "z")], "half scales", NodeTally(0, 0)),
    ([op("Attention", "q k k e", "o", q_num_heads=4, kv_num_heads=2)], "e",
     NodeTally(0, 10 * 20 * (24 + 24))),
]  # fmt: skip


@each_of(ROWS, ids=[str(i) for i in range(len(ROWS))])
def test_operations_have_what_their_tensors_say(operations, constants, expected) -> None:
    last = operations[-1].outputs[0]
    assert count(operations, constants.split(), TENSORS, [last])[last] == expected


def test_what_scores_of_all_heads_are_added_is_a_mask() -> None:
    scores = [op("QLinearAdd", "a - - where", "b"), op("Add", "b val_2", "z"),
              op("QLinearSoftmax", "z", "y")]  # fmt: skip
    tallies = count(scores, ["where", "val_2"], TENSORS | {"z": TENSORS["a"]}, ["y"])
    assert tallies == {"b": (0, 0), "z": (4 * 6 * 6, 0), "y": (0, 0)}
    assert count(scores[:1], ["where"], TENSORS, ["b"]) == {"b": (36, 0)}
    told = {"where": False, "val_2": True}
    tallies = count(scores, ["where", "val_2"], TENSORS | {"z": TENSORS["a"]}, ["y"], masks=told)
    assert tallies == {"b": (36, 0), "z": (0, 0), "y": (0, 0)}


def test_outputs_that_nobody_wants_have_no_name() -> None:
    lstm = op("LSTM", "seq iw hw", "", hidden_size=4)._replace(outputs=("", "rest"))
    tensors = TENSORS | {"rest": TensorType((2, 1, 4), "float32")}
    assert count([lstm], ["iw", "hw"], tensors, ["rest"]) == {
        "rest": NodeTally(2 * 16 * (3 + 4), 7 * 2 * 16 * (3 + 4))
    }


def test_file_may_say_what_of_it_is_learned() -> None:
    def properties(**texts: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(key=key, value=text) for key, text in texts.items()]

    signature = (
        "p_w: PARAMETER target='w'\nb_e: BUFFER target='bias' persistent=True\nx: USER_INPUT\n"
        "p_table: PARAMETER target='table'\np_own: PARAMETER target='own'\n"
        "div: PARAMETER_MUTATION target='w'"
    )
    worked_out = (
        ("sum", "['arange', 'bias']"),
        ("more", "['val_1', 'w']"),
        ("turned", "['table']"),
        ("once", "['own']"),
        ("again", "['own']"),
    )
    values = [
        SimpleNamespace(name=name, metadata_props=properties(**{FOLDED_FROM: sources}))
        for name, sources in worked_out
    ]
    names = ("bias", "more", "sum", "table", "turned", "once", "again")
    held = [SimpleNamespace(name=name, dims=[2, 3]) for name in names]
    notes = properties(**{SIGNATURE: signature})
    noted = learned_by_name(
        SimpleNamespace(metadata_props=notes, value_info=values, initializer=held)
    )
    # `turned` is worked out from a table that the file has itself, `again` is what `once` is
    own = {"w": True, "bias": False, "table": True, "own": True}
    made = {"sum": False, "more": True, "turned": False, "once": True, "again": False}
    assert noted == own | made
    operations = [op("Conv", "x w bias", "a"), op("Add", "z sum", "b"), op("Add", "b more", "y")]
    tallies = count(operations, ["w", "bias", "sum", "more"], TENSORS, ["a", "y"], noted)
    assert [tally.params for tally in tallies.values()] == [108, 0, 5]


@each_of(OF_RUNTIME, ids=[f"{i}-{r.op}" for i, r in enumerate(OF_RUNTIME)])
def test_products_of_onnxruntime_multiply_as_the_reader_says(row: Row) -> None:
    outputs = {f"y{i}": dims for i, dims in enumerate(row.expected)}
    held = {name: sizes_of(given) for name, given in row.held.items()}
    sizes = {**row.sizes, **held, **outputs}
    tensors = {name: TensorType(tuple(dims), "") for name, dims in sizes.items()}
    names = tuple(["" if name == "-" else name for name in row.inputs.split()])
    node = CountedNode("com.microsoft", row.op, names, tuple(outputs), row.attributes)
    assert multiplications(node, tensors) == row.macs


def test_what_is_asked_for_its_sizes_alone_is_not_needed() -> None:
    zeros = [op("Shape", "a", "shape"), op("ConstantOfShape", "shape", "mean")]
    operations = [op("Conv", "x w", "a"), *zeros, op("Add", "b mean", "y")]
    assert list(count(operations, ["w"], TENSORS, ["y"])) == ["y"]


def test_what_a_branch_reads_is_needed() -> None:
    chosen = CountedNode("", "If", ("half",), ("y",), {}, captured=("a",))
    tallies = count([op("Conv", "x w", "a"), chosen], ["w", "half"], TENSORS, ["y"])
    assert tallies["a"].params == 108
