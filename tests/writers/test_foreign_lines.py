"""Foreign lines: other people's operations as PyTorch has them, from their facts, by hand."""

from contextlib import nullcontext
from typing import Any

import pytest
import yaml
from tests.readers.onnx.encoder import file, node
from tests.rows import each_of
from tests.writers.test_lines import call_of

import bncalc
from bncalc import UsageError
from bncalc.analysis.measurement import measure
from bncalc.model.cost import Cost
from bncalc.model.graph import Code, Constant, Graph, View
from bncalc.model.net import Net
from bncalc.model.op import Op
from bncalc.model.ops.attention import FusedAttention
from bncalc.model.ops.convolution import Conv, ConvTranspose
from bncalc.model.ops.foreign import EachMap, Facts, Foreign
from bncalc.model.ops.joining import Add
from bncalc.model.ops.normalisation import LayerNorm
from bncalc.model.ops.pooling import MaxPool
from bncalc.model.shape import Shape
from bncalc.writers.onnx.file import made
from bncalc.writers.pytorch.lines import lines_of
from bncalc.writers.pytorch.module import module_file
from bncalc.writers.yaml.file import model_file

IMAGE, TOKENS, SCORES = (6, 4, 4), (6, 10), (2, 18, 9)

Row = tuple[str, dict[str, Any], tuple[tuple[int, ...], ...], tuple[int, ...], str, str]
ROWS: tuple[Row, ...] = (
    ("expand", {}, ((6, 4, 1),), (6, 4, 8), "{0}.expand(-1, -1, -1, 8)", ""),
    ("expand", {}, ((1, 6),), IMAGE, "{0}.reshape(-1, 6, 1, 1).expand(-1, -1, 4, 4)", ""),
    ("tile", {}, (IMAGE,), (6, 4, 4, 3), "{0}.reshape(-1, 6, 4, 4, 1).expand(-1, -1, -1, -1, 3)",
     ""),
    ("clip", {"options": (("min", 9.999999960041972e-13),)}, (TOKENS,), TOKENS,
     "{0}.clamp(min=1e-12)", ""),
    ("clip", {"options": (("min", -3.141592653589793),)}, (TOKENS,), TOKENS,
     "{0}.clamp(min=-3.141592653589793)", ""),
    ("clip", {"options": (("min", -1.0), ("max", 1e300))}, (TOKENS,), TOKENS,
     "{0}.clamp(min=-1.0, max=1e+300)", ""),
    ("resize", {"options": (("mode", "linear"), ("align_corners", True))}, (IMAGE,), (6, 7, 7),
     'F.interpolate({0}, size=(7, 7), mode="bilinear", align_corners=True)', ""),
    ("resize", {"options": (("mode", "nearest"),)}, (TOKENS,), (6, 7),
     "F.interpolate({0}, size=(7,))", ""),
    ("embedding", {"params": 600}, ((10,),), TOKENS, "{m}({0}.flatten(1).long()).movedim(-1, 1)",
     "nn.Embedding(100, 6)"),
    ("concat", {"params": 12}, (TOKENS,), (6, 12),
     "torch.cat(({m}.expand({0}.shape[0], -1, -1), {0}), 2)", "nn.Parameter(torch.zeros(1, 6, 2))"),
    ("gather", {}, ((2, 5, 5),), (2, 9, 9), "{0}.flatten(2)[..., {m}]",
     "torch.zeros(9, 9, dtype=torch.long)"),
    ("gather", {}, (TOKENS,), (4, 9), "{0}.flatten(1)[:, {m}]",
     "torch.zeros(4, 9, dtype=torch.long)"),
    ("tile", {}, ((6, 4, 5),), (6, 8, 5), "{0}.flatten(1)[:, {m}]",
     "torch.zeros(6, 8, 5, dtype=torch.long)"),
    ("matmul", {"macs": 120}, ((2, 4, 5), (2, 5, 3)), (2, 4, 3), "{0} @ {1}", ""),
    ("matmul", {"macs": 160}, ((2, 4, 5), (2, 4, 5)), (2, 4, 4),
     "({0}.reshape(-1, 2, 4, 5) @ {1}.reshape(-1, 2, 5, 4)).reshape(-1, 2, 4, 4)", ""),
    ("matmul", {"macs": 600}, (TOKENS, TOKENS), (2, 10, 10),
     "({0}.reshape(-1, 2, 10, 3) @ {1}.reshape(-1, 2, 3, 10)).reshape(-1, 2, 10, 10)", ""),
    ("add", {"params": 14}, (SCORES,), SCORES, "{m}({0})", "IndexedBias(2, 7, (18, 9))"),
    ("layer_norm", {"params": 192}, (IMAGE,), IMAGE, "{m}({0})", "nn.LayerNorm((6, 4, 4))"),
    ("layer_norm", {}, (TOKENS,), TOKENS, "{m}({0})",
     "nn.LayerNorm((6, 10), elementwise_affine=False)"),
    ("attention_scores", {}, ((6, 4, 4), (3, 2, 2)), (2, 16, 4), "attention_scores({0}, {1}, 2)",
     ""),
    ("multiply", {"params": 6}, (IMAGE,), IMAGE, "{0} * {m}",
     "nn.Parameter(torch.zeros(1, 6, 1, 1))"),
    ("add", {"params": 120}, (TOKENS,), TOKENS, "{0} + {m}[..., :10]",
     "nn.Parameter(torch.zeros(1, 6, 20))"),
    ("add", {"params": 50}, (SCORES,), SCORES, "relative_position({0}, {m}, 3)",
     "nn.Parameter(torch.zeros(2, 5, 5))"),
    ("maximum", {}, (TOKENS, TOKENS), TOKENS, "torch.maximum({0}, {1})", ""),
    ("neg", {}, (TOKENS,), TOKENS, "{0}.neg()", ""),
    ("pow", {"options": (("second", 3.0),)}, (TOKENS,), TOKENS, "{0} ** 3", ""),
    ("pow", {"options": (("second", 0.1234567),)}, (TOKENS,), TOKENS, "{0} ** 0.1234567", ""),
    ("multiply", {"options": (("second", 0.125),)}, (TOKENS,), TOKENS, "{0} * 0.125", ""),
    ("subtract", {"options": (("first", 1.0),)}, (TOKENS,), TOKENS, "1.0 - {0}", ""),
    ("add", {"options": (("second", 1.0),)}, ((6, 1, 10),), TOKENS,
     "({0} + 1.0).reshape(-1, 6, 10)", ""),
    ("add", {"options": (("second", (6, 1)),), "params": 6}, (TOKENS,), TOKENS, "{0} + {m}",
     "nn.Parameter(torch.zeros(1, 6, 1))"),
    ("multiply", {"options": (("first", (1, 10)),)}, (TOKENS,), TOKENS, "{m} * {0}",
     "torch.zeros(1, 1, 10)"),
    ("add", {"options": (("second", (1, 2, 9, 9)),), "params": 50}, ((4, 2, 9, 9),), (4, 2, 9, 9),
     "{m}({0})", "IndexedBias(2, 25, (9, 9))"),
    ("normalize", {"options": (("axes", (1,)),)}, (TOKENS,), TOKENS, "F.normalize({0}, dim=2)", ""),
    ("mean", {"options": (("sizes", (6, 4, 4)), ("axes", (1, 2)))}, (IMAGE,), (6,),
     "{0}.mean((2, 3))", ""),
    ("mean", {"options": (("sizes", (6, 16)), ("axes", (1,)))}, (IMAGE,), (6, 1),
     "{0}.flatten(2, 3).mean((2,), keepdim=True)", ""),
    ("max", {"options": (("sizes", (2, 3, 16)), ("axes", (0,)), ("sizes", (48,)), ("order", (0,)))},
     (IMAGE,), (3, 16), "{0}.reshape(-1, 2, 3, 16).amax((1,))", ""),
    ("reshape", {"options": (("sizes", (2, 3, 16)), ("order", (2, 0, 1)))}, (IMAGE,), (16, 6),
     "{0}.reshape(-1, 2, 3, 16).permute(0, 3, 1, 2).flatten(2, 3)", ""),
    ("reshape", {"options": (("sizes", (96,)), ("order", (0,)))}, (IMAGE,), (2, 3, 4, 4),
     "{0}.unflatten(1, (2, 3))", ""),
    ("slice", {"options": (("sizes", (6, 4, 4)), ("cut", (1, 1, 4, 2)), ("cut", (2, 3, 4, 1)))},
     (IMAGE,), (6, 2), "{0}[:, :, 1::2, 3]", ""),
    ("slice",
     {"options": (("sizes", (6, 4, 4)), ("cut", (0, 5, 6, 1)), ("cut", (2, 0, 2, 1)),
     ("order", (1, 0)))}, (IMAGE,), (2, 4), "{0}[:, 5, :, :2].transpose(1, 2)", ""),
    ("stack", {"options": (("sizes", (2, 60)), ("order", (1, 0)))}, (TOKENS, TOKENS), (6, 10, 2),
     "torch.stack(({0}, {1}), 1).flatten(2, 3).transpose(1, 2).unflatten(1, (6, 10))", ""),
    ("stack", {"options": (("sizes", (1, 60)),)}, (TOKENS,), (1, 60),
     "{0}.unsqueeze(1).flatten(2, 3)", ""),
    ("sum", {"options": (("sizes", TOKENS), ("axes", ()))}, (TOKENS,), TOKENS, "{0}", ""),
    ("selu", {}, (TOKENS,), TOKENS, "{m}({0})", "nn.SELU()"),
)  # fmt: skip


def placed(op: Op, *inputs: tuple[int, ...]) -> Graph:
    net = Net(inputs[0])
    maps = [net.input, *[net.further_input(Shape(*shape)) for shape in inputs[1:]]]
    net.place(op, *maps)
    return net.graph("net")


@each_of(ROWS, ids=[f"{row[0]}{i}" for i, row in enumerate(ROWS)])
def test_an_operation_is_the_line_that_is_written_here(
    word: str,
    fields: dict[str, Any],
    inputs: tuple[tuple[int, ...], ...],
    output: tuple[int, ...],
    call: str,
    module: str,
) -> None:
    facts = Facts(
        word,
        Shape(*output),
        Cost(weights=fields.get("params", 0), macs=fields.get("macs", 0)),
        options=fields.get("options", ()),
    )
    line = lines_of(placed(Foreign(facts), *inputs))[len(inputs)]
    assert (call_of(line), line.construction if line.module else "") == (call, module)


UNKNOWN = (
    (Facts("var", Shape(6, 10), options=(("axes", ()),)), "one number has no spread"),
    (Facts("expand", Shape(7, 3)), "how it makes 7×3 from 6×10 is not known"),
    (Facts("clip", Shape(6, 10)), "its limits are not known"),
    (Facts("resize", Shape(6, 7), options=(("mode", "cubic"),)),
     "PyTorch cannot resize to 6×7 in mode cubic"),
    (Facts("embedding", Shape(6, 10), Cost(weights=7)), "how it makes 6×10 from 6×10 is not known"),
    (Facts("concat", Shape(6, 12), Cost(weights=6)),
     "where its 6 learned numbers are put is not known"),
    *[
        (Facts(word, Shape(0, 12), Cost(weights=6)), "its map of 0×12 has no elements")
        for word in ("add", "concat", "embedding")
    ],
    (Facts("matmul", Shape(4, 9), Cost(macs=360)), "one of its factors is learned"),
    (Facts("layer_norm", Shape(6, 10), Cost(weights=6)),
     "it has learned numbers for some axes only; for which is not known"),
    (Facts("add", Shape(6, 10), Cost(weights=13)),
     "how its 13 learned numbers apply to a map of 6×10 is not known"),
    (
        Facts("add", Shape(6, 10), Cost(weights=67)),  # one more than 11 rows of a longer table
        "how its 67 learned numbers apply to a map of 6×10 is not known",
    ),
    (Facts("divide", Shape(6, 10), Cost(weights=120)),
     "how its 120 learned numbers apply to a map of 6×10 is not known"),
    (Facts("pow", Shape(6, 10)), "its exponent is not known"),
    (Facts("normalize", Shape(6, 10)), "the axis along which it scales is not known"),
    (Facts("reshape", Shape(10, 6)),
     "the order in which it takes the elements of 6×10 is not known"),
    (Facts("stack", Shape(10, 6)), "the order in which it takes the elements of 6×10 is not known"),
    (Facts("divide", Shape(6, 10), Cost(weights=12), options=(("second", (6, 10)),)),
     "how its 12 learned numbers apply to a map of 6×10 is not known"),
    (Facts("add", Shape(6, 10), Cost(weights=4), options=(("second", (1, 1)),)),
     "how its 4 learned numbers apply to a map of 6×10 is not known"),
    (Facts("layer_norm", Shape(6, 10), Cost(weights=7), like=LayerNorm()),
     "it has learned 7 weights; such a layer in PyTorch has 6"),
    (Facts("layer_norm", Shape(6, 10), Cost(weights=6, biases=3), like=LayerNorm()),
     "it has learned 9 numbers; such a norm has 12"),
    (Facts("maximum", Shape(6, 10)), "the numbers with which it changes its map are not known"),
    (Facts("selu", Shape(6, 10), counted=False), "bncalc does not know this operation"),
    (Facts("conv", Shape(4, 10), Cost(weights=5), like=Conv(out=4, kernel=1)),
     "it has learned 5 weights; such a layer in PyTorch has 24"),
)  # fmt: skip


@each_of(UNKNOWN, ids=lambda row: f"{row[0].word}")
def test_what_takes_more_than_the_facts_is_refused_with_the_reason(
    facts: Facts, reason: str
) -> None:
    with pytest.raises(bncalc.UsageError) as refused:
        lines_of(placed(Foreign(facts), TOKENS))
    assert str(refused.value).splitlines()[1:] == [f"  {facts.word} at {facts.word}: {reason}"]


@each_of([0, 90, 10**6], ids=str)
def test_a_product_that_its_macs_do_not_explain_is_refused(macs: int) -> None:
    """Of 6×10 times 6×10 as 10×9 there is none of 0, 1 or many MACs for each number."""
    facts = Facts("matmul", Shape(10, 9), Cost(macs=macs))
    with pytest.raises(bncalc.UsageError, match="how it makes 10×9 from 6×10 and 6×10 is not kno"):
        lines_of(placed(Foreign(facts), TOKENS, TOKENS))


def test_a_bias_of_one_number_that_a_file_does_not_count_is_a_bias_of_the_module() -> None:
    op = Conv(out=1, kernel=1, bias=True)
    facts = Facts("conv", Shape(1, 10), Cost(weights=6, macs=60), like=op, family="product")
    line = lines_of(placed(Foreign(facts), TOKENS))[1]
    assert line.construction == "nn.Conv1d(6, 1, 1)"


def test_an_enlargement_that_puts_out_more_along_one_axis_is_refused() -> None:
    """Windows of 2 at a stride of 2 make 8×8 of 4×4."""
    op = ConvTranspose(out=4, kernel=2, stride=2)
    facts = Facts("conv_transpose", Shape(4, 9, 8), Cost(96), family="product", like=op)
    with pytest.raises(UsageError, match="4×9×8 is larger than that of PyTorch's transposed conv"):
        lines_of(placed(Foreign(facts), IMAGE))


def test_maps_of_fewer_axes_are_joined_at_their_last_ones() -> None:
    windows = Facts("add", Shape(3, 4, 9, 9), like=Add())
    assert call_of(lines_of(placed(Foreign(windows), (3, 4, 9, 9), (3, 9, 9)))[2]) == (
        "{0} + {1}[:, :, None]"
    )
    bare = Facts("add", Shape(6, 10), like=Add())  # which goes on without the axis of one position
    assert call_of(lines_of(placed(Foreign(bare), (6, 1, 10), (6, 10)))[2]) == (
        "({0} + {1}[:, :, None]).reshape(-1, 6, 10)"
    )
    assert call_of(lines_of(placed(Add(), (6, 4, 4), (6,)))[2]) == "{0} + {1}[:, :, None, None]"


def test_maps_of_heads_that_lie_in_one_axis_are_a_batch_while_a_window_slides() -> None:
    pool = MaxPool(kernel=(1, 2, 2), stride=(1, 2, 2), padding=0)
    each = EachMap(2, (Shape(6, 3, 4, 4),), Shape(6, 3, 2, 2))
    facts = Facts("max_pool", Shape(6, 6, 2, 2), like=pool, each=each)
    assert call_of(lines_of(placed(Foreign(facts), (6, 6, 4, 4)))[1]) == (
        "{m}({0}.unflatten(2, (2, 3)).transpose(1, 2).flatten(0, 1))"
        ".unflatten(0, (-1, 2)).transpose(1, 2).flatten(2, 3)"
    )


def test_a_map_that_is_added_to_scores_is_an_input_of_attention() -> None:
    q, mask = (6, 9), (2, 9, 9)
    facts = Facts("fused_attention", Shape(*q), family="product", like=FusedAttention(heads=2))
    net = placed(Foreign(facts), q, q, q, mask)
    heads = View((2, 3, 9), (0, 2, 1), (2, 9, 3))
    call = "F.scaled_dot_product_attention({0}, {1}, {2}, attn_mask={3})"
    code = Code(call, (heads, heads, heads, View(mask, (0, 1, 2), mask)), heads, more=True)
    assert call_of(lines_of(coded(net, {4: code}))[4]) == (
        "F.scaled_dot_product_attention({0}.unflatten(1, (2, 3)).transpose(2, 3),"
        " {1}.unflatten(1, (2, 3)).transpose(2, 3), {2}.unflatten(1, (2, 3)).transpose(2, 3),"
        " attn_mask={3}).transpose(2, 3).flatten(1, 2)"
    )


def test_a_length_that_an_onnx_file_divides_by_is_a_line_each(tmp_path: Any) -> None:
    nodes = [
        node("ReduceL2", "x axes", "length", keepdims=1),
        node("Clip", "length tiny", "held"),
        node("Expand", "held sizes", "spread"),
        node("Div", "x spread", "y"),
    ]
    tensors = {"axes": [1], "tiny": 1e-12, "sizes": [1, 3, 8, 8]}
    source = module_file(bncalc.network(file(tmp_path, nodes, tensors)))
    assert "y = y.clamp(min=1e-12)" in source
    assert "y = y.expand(-1, 3, -1, -1)" in source


def everything() -> Graph:
    """Standardised convolutions, positions of windows, and two inputs, the second a norm's."""
    net = Net((4, 6, 6))
    x = net.op("standardised_conv", net.input, out=4, gain=True, scale=0.5, bias=True)
    scores = net.op("attention_scores", x, x, heads=2, areas=4)
    scores = net.op("relative_position_bias", scores, window=3)
    y = net.op("attention_mix", scores, x, areas=4)
    net.add(y, net.further_input(Shape(4, 1, 1), "offset"))
    return net.graph("everything")


def test_ops_that_take_code_of_their_own_bring_it_along() -> None:
    source = module_file(everything())
    assert "from typing import Any\n\nimport torch\n" in source
    assert "4, 4, 3, padding=1, gain=True, scale=0.5, eps=1e-06\n" in source
    assert "class StandardisedConv2d(nn.Conv2d):" in source
    assert "y = relative_position(y, self.relative_position_bias, 3)" in source


VIEW = View((), (), (6, 4, 4))


def coded(graph: Graph, codes: dict[int, Code | str]) -> Graph:
    """Return a graph whose nodes have the calls of somebody's model, by their index."""
    nodes = [node._replace(code=codes.get(index)) for index, node in enumerate(graph.nodes)]
    return graph._replace(nodes=tuple(nodes))


def weighed(*constants: Constant, call: str) -> Graph:
    """Return a convolution that works its weights out by a call, once more without a way to."""
    cost = Cost(weights=28, macs=24 * 16, activations=64)
    like = Conv(out=4, kernel=1)
    facts = Facts("conv", Shape(4, 4, 4), cost, family="product", like=like, derived=True)
    net = Net((6, 4, 4))
    net.build(Foreign(facts), net.input)
    net.build(Foreign(facts), net.input)
    code = Code(call, (VIEW,), VIEW._replace(dims=(4, 4, 4)), constants, more=True)
    return coded(net.graph("net"), {1: code, 2: "bncalc cannot write how"})


def test_weights_that_are_worked_out_of_several_are_states_of_one_module() -> None:
    direction, norms = Constant((4, 6, 1, 1), 24, name="v"), Constant((4, 1, 1, 1), 4, name="g")
    order, kept = Constant((4,), 0, "long", "order"), Constant((4,), 0, "bool", "kept")
    call = "F.conv2d({0}, {m}.v / {m}.v.norm() * {m}.g[{m}.order] * {m}.kept)"
    call = call.replace("* {m}.kept", "* {m}.kept + {m}.ends")
    ends = Constant((4, 1), name="ends", formula="torch.arange(4)[:, None]")
    graph = weighed(direction, norms, order, kept, ends, call=call)
    graph = graph._replace(nodes=graph.nodes[:2], outputs=(graph.outputs[0]._replace(node=1),))
    line = lines_of(graph)[1]
    assert line.construction == (
        "States(v=(4, 6, 1, 1), g=(4, 1, 1, 1), order=(4,), kept=(4,), "
        'ends=torch.arange(4)[:, None], fixed="order kept", indices="order", masks="kept")'
    )
    assert line.call == call
    assert "\n\nclass States(nn.Module):\n" in module_file(graph)
    (entry,) = yaml.safe_load(model_file(graph))["layers"]
    assert (entry["custom"]["op"], entry["custom"]["params"]) == ("conv", 28)


def test_a_part_that_is_replaced_is_a_call_of_a_function_in_the_file() -> None:
    net, view = Net((4, 8, 8)), VIEW._replace(dims=(4, 8, 8))
    net.build(Foreign(Facts("setitem", Shape(4, 8, 8))), net.input)
    call = "replaced({0}, ((slice(None, None), slice(1, None)), 0.5))"
    source = module_file(coded(net.graph("net"), {1: Code(call, (view,), view)}))
    assert "from typing import Any\n\nfrom torch import Tensor, nn\n\n\ndef replaced(" in source
    assert "return replaced(x, ((slice(None, None), slice(1, None)), 0.5))" in source


def test_weights_that_are_worked_out_are_refused_where_it_cannot_be_said_how() -> None:
    graph = weighed(Constant((4, 6, 1, 1), 28), call="F.conv2d({0}, {m}.exp())")
    with pytest.raises(UsageError) as error:
        lines_of(graph)
    assert str(error.value).splitlines()[1:] == ["  conv at conv2: bncalc cannot write how"]
    with pytest.raises(UsageError, match=r"as ONNX:\n  conv at conv2: bncalc cannot write how$"):
        made(graph)


def test_what_an_earlier_layer_has_learned_is_given_on_if_it_has_the_same_sizes_but_for_ones() -> (
    None
):
    net, view = Net((4, 8, 8)), VIEW._replace(dims=(4, 8, 8))
    codes: dict[int, Code | str] = {}
    x = net.input
    for number, dims in enumerate([(4, 1, 1), (4, 1, 1), (4,), (4, 8, 8)]):
        op = Foreign(Facts("multiply", Shape(4, 8, 8), Cost(weights=4)))
        with net.sharing(1, 2) if number else nullcontext():
            x = net.build(op, x)
        codes[x.node] = Code("{0} * {m}", (view,), view, (Constant(dims, 4),))
    with pytest.raises(UsageError) as error:
        lines_of(coded(net.graph("net"), codes))
    assert str(error.value).splitlines()[1:] == [
        "  multiply at multiply4: an earlier layer has learned its numbers"
    ]
    del codes[x.node]
    lines = lines_of(coded(net.graph("net"), {**codes, x.node: codes[x.node - 1]}))
    assert lines[x.node].called(["{0}"], "at") == "{0} * at.reshape(4)"
    assert lines[x.node].arguments == lines[1].arguments


@pytest.mark.frameworks
def test_it_costs_in_pytorch_what_it_does_here() -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from bncalc.writers.pytorch.twin import twin
    from bncalc.writers.verification import against_twin

    graph = everything()
    names: dict[str, Any] = {}
    report = measure(graph)
    assert against_twin(report, twin(graph)).mismatches == ()
    exec(module_file(graph), names)
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        module = names["Everything"]()
        module(torch.empty(2, 4, 6, 6), torch.empty(2, 4, 1, 1))
    assert sum(p.numel() for p in module.parameters()) == report.totals.params
    assert counter.get_total_flops() // 4 == report.totals.macs
