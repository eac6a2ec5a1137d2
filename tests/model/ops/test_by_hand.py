"""Every op by hand: each field of its cost and what PyTorch keeps of it, worked out in a row.

The map is 4×6×10 unless the row says otherwise: 240 elements at 60 positions.
"""

from typing import Any, NamedTuple

from tests.rows import each_of

from bncalc.model.cost import Cost, Kept
from bncalc.model.net import Net
from bncalc.model.op import Op
from bncalc.model.registry import OPS, find
from bncalc.model.shape import Shape

MAP = (4, 6, 10)


class Row(NamedTuple):
    """An op with its fields, the maps that it takes, and what it should come to."""

    word: str
    fields: dict[str, Any]
    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    cost: Cost
    kept: Kept


def row(
    word: str,
    output: tuple[int, ...] = MAP,
    cost: Cost = Cost(),  # noqa: B008 - a constant
    kept: Kept = Kept(),  # noqa: B008
    *,
    inputs: tuple[tuple[int, ...], ...] = (MAP,),
    **fields: Any,
) -> Row:
    return Row(word, fields, inputs, output, cost, kept)


INPUT, OUTPUT = Kept(inputs=True), Kept(output=True)
ROWS = (
    # Products: weights, then each used at every position; a bias is an addition an output element.
    row("conv", (5, 6, 10), Cost(weights=4 * 3 * 3 * 5, macs=180 * 60, activations=5 * 60), INPUT,
        out=5),
    row(
        "conv",
        (6, 3, 5),
        Cost(
            weights=2 * 3 * 5 * 6,  # each output channel sees a group's 2 channels
            biases=6,
            macs=180 * 15,
            elementwise=6 * 15,
            activations=6 * 15,
        ),
        INPUT,
        out=6,
        kernel=[3, 5],
        stride=2,
        groups=2,
        bias=True,
    ),
    row("conv", (5, 6, 10), Cost(4 * 5, macs=20 * 60, activations=300), INPUT, out=5, kernel=1),
    row(
        "conv_transpose",
        (6, 12, 20),
        Cost(
            weights=4 * 2 * 2 * 3,  # each input channel feeds a group's 3 channels
            biases=6,
            macs=48 * 60,  # by input positions
            elementwise=6 * 240,
            activations=6 * 240,
        ),
        INPUT,
        out=6,
        groups=2,
        bias=True,
    ),
    row("linear", (5, 1, 1), Cost(240 * 5, macs=240 * 5, activations=5), INPUT, out=5),
    row("linear", (5, 1, 1), Cost(1200, 5, macs=1200, elementwise=5, activations=5), INPUT, out=5,
        bias=True),
    row("linear", (5, 6, 10), Cost(4 * 5, 5, macs=20 * 60, elementwise=5 * 60, activations=5 * 60),
        INPUT, out=5, each=True, bias=True),
    row(
        "attention_scores",
        (2, 60, 15),
        # 4 channels of 60 queries with 15 keys; each score of 2 heads is scaled.
        Cost(macs=4 * 60 * 15, elementwise=2 * 60 * 15, activations=2 * 60 * 15),
        INPUT,
        inputs=(MAP, (4, 3, 5)),
        heads=2,
    ),
    row("attention_mix", (4, 6, 10), Cost(macs=4 * 60 * 60, activations=240), INPUT,
        inputs=((2, 60, 60), MAP)),
    row(
        "fused_attention",
        (4, 6, 10),
        # Both products; each of 2 · 60 · 15 scores is scaled, and a softmax takes three operations.
        Cost(macs=2 * 4 * 60 * 15, elementwise=4 * 2 * 60 * 15, activations=240),
        Kept(inputs=True, output=True, statistics=2 * 60),  # a logarithm for each query and head
        inputs=(MAP, (4, 3, 5), (4, 3, 5)),
        heads=2,
    ),
    row("matmul", (4, 6, 7), Cost(macs=4 * 6 * 7 * 10, activations=168), INPUT,
        inputs=(MAP, (4, 10, 7))),
    row(
        "attention_scores",
        (2, 60, 15),
        # 4 windows: each of 60 queries meets the 15 keys of its own.
        Cost(macs=4 * 60 * 15, elementwise=2 * 60 * 15, activations=2 * 60 * 15),
        INPUT,
        inputs=(MAP, MAP),
        heads=2,
        areas=4,
    ),
    row("attention_mix", MAP, Cost(macs=4 * 60 * 15, activations=240), INPUT,
        inputs=((2, 60, 15), MAP), areas=4),
    row("relative_position_bias", (4, 8, 4), Cost(weights=9 * 4, elementwise=4 * 8 * 4),
        inputs=((4, 8, 4),), window=2),
    row("matmul", (4, 6, 7), Cost(macs=168 * 10, activations=168), INPUT, inputs=(MAP, (1, 10, 7))),
    # 4 gates of 5 features take 4 and 5; of two directions, 7 steps.
    row(
        "lstm",
        (10, 7),
        Cost(
            weights=2 * 4 * 5 * (4 + 5),
            biases=2 * 2 * 4 * 5,
            macs=360 * 7,
            # 8 biases, and for each feature 4 sums, 3 sigmoids, 2 tanh, 3 products and a sum.
            elementwise=(2 * 5 * (4 + 9 + 2 + 4) + 80) * 7,
            activations=70,
        ),
        Kept(known=False),
        inputs=((4, 7),),
        hidden=5,
        bidirectional=True,
    ),
    row(
        "gru",
        (5, 7),
        # The second layer takes the 5 of the first.
        Cost(
            weights=3 * 5 * (4 + 5) + 3 * 5 * (5 + 5),
            macs=285 * 7,
            # 2 sums, 2 sigmoids, a product, a sum and a tanh, and a mixture of 4, in each layer.
            elementwise=2 * 5 * (2 + 6 + 3 + 4) * 7,
            activations=2 * 35,
        ),
        Kept(known=False),
        inputs=((4, 7),),
        hidden=5,
        layers=2,
        bias=False,
    ),
    row(
        "standardised_conv",
        (5, 6, 10),
        Cost(weights=180, macs=180 * 60, elementwise=5 * 180, activations=300),
        Kept(inputs=True, shared=180 + 2 * 5),  # the weights as used, mean and deviation
        out=5,
    ),
    row("standardised_conv", (5, 6, 10),
        Cost(180 + 5, 5, macs=180 * 60, elementwise=6 * 180 + 300, activations=300),
        Kept(inputs=True, shared=180 + 3 * 5), out=5, gain=True, bias=True),
    # Norms.
    row("frozen_norm", cost=Cost(buffers=4 * 4, elementwise=2 * 240), kept=Kept(shared=4)),
    row(
        "rms_norm",
        cost=Cost(weights=4, elementwise=4 * 240),
        kept=Kept(inputs=True, statistics=60 + 240),  # the root, and what the scale multiplies
    ),
    row("rms_norm", cost=Cost(elementwise=3 * 240), kept=Kept(True, statistics=60), affine=False),
    row(
        "batch_norm", cost=Cost(4, 4, 2 * 4, elementwise=2 * 240), kept=Kept(inputs=True, shared=8)
    ),
    row("batch_norm", cost=Cost(0, 0, 2 * 4, elementwise=2 * 240), kept=Kept(inputs=True, shared=8),
        affine=False),
    row(
        "layer_norm",
        cost=Cost(4, 4, elementwise=7 * 240),
        kept=Kept(inputs=True, statistics=2 * 60),  # mean and deviation of each position
    ),
    row(
        "layer_norm", cost=Cost(elementwise=5 * 240), kept=Kept(True, statistics=120), affine=False
    ),
    row(
        "group_norm",
        cost=Cost(4, 4, elementwise=7 * 240),
        kept=Kept(inputs=True, statistics=2 * 2),  # of each group
        groups=2,
    ),
    row("instance_norm", cost=Cost(elementwise=5 * 240), kept=Kept(True, statistics=2 * 4)),
    row(
        "instance_norm",
        cost=Cost(4, 4, elementwise=7 * 240),
        kept=Kept(inputs=True, statistics=3 * 4),  # and the scale, repeated for each image
        affine=True,
    ),
    row(
        "local_response_norm",
        # 3 squares, 2 additions, and a factor, an offset, a power and a division.
        cost=Cost(elementwise=(3 + 2 + 4) * 240),
        # The squares of 4 + 2 channels; the base of the power and the power.
        kept=Kept(inputs=True, statistics=6 * 60 + 2 * 240),
        size=3,
    ),
    # Activations: operations an element.
    row("relu", cost=Cost(elementwise=240), kept=OUTPUT),
    row("relu6", cost=Cost(elementwise=2 * 240), kept=INPUT),
    row("leaky_relu", cost=Cost(elementwise=2 * 240), kept=OUTPUT),
    row("prelu", cost=Cost(weights=1, elementwise=2 * 240), kept=INPUT),
    row("prelu", cost=Cost(weights=4, elementwise=2 * 240), kept=INPUT, slopes="channel"),
    row("elu", cost=Cost(elementwise=3 * 240), kept=OUTPUT),
    row("silu", cost=Cost(elementwise=4 * 240), kept=INPUT),
    row("gelu", cost=Cost(elementwise=5 * 240), kept=INPUT),
    row("sigmoid", cost=Cost(elementwise=3 * 240), kept=OUTPUT),
    row("tanh", cost=Cost(elementwise=240), kept=OUTPUT),
    row("hard_sigmoid", cost=Cost(elementwise=4 * 240), kept=INPUT),
    row("hard_swish", cost=Cost(elementwise=5 * 240), kept=INPUT),
    row("softplus", cost=Cost(elementwise=3 * 240), kept=INPUT),
    row("mish", cost=Cost(elementwise=5 * 240), kept=INPUT),
    row("softmax", cost=Cost(elementwise=3 * 240), kept=OUTPUT),
    # Pooling: a window of k elements takes k − 1 comparisons, or as many additions and a factor.
    row("max_pool", (4, 3, 5), Cost(elementwise=3 * 60), Kept(inputs=True, indices=60)),
    row("avg_pool", (4, 3, 5), Cost(elementwise=4 * 60), INPUT),
    row("avg_pool", (4, 3, 4), Cost(elementwise=6 * 48), INPUT, kernel=[2, 3], padding=[0, 1]),
    row("global_avg_pool", (4, 1, 1), Cost(elementwise=240)),
    row("global_max_pool", (4, 1, 1), Cost(elementwise=4 * 59), Kept(inputs=True, indices=4)),
    # Every element is in one window alone: its additions and its factor.
    row("adaptive_avg_pool", (4, 3, 5), Cost(elementwise=240), INPUT, size=[3, 5]),
    row("adaptive_avg_pool", (4, 1, 1), Cost(elementwise=240)),
    # Windows of 6 rows in 4: 0–1, 1–2, 3–4, 4–5; of 10 columns in 4: 0–2, 2–4, 5–7, 7–9.
    row("adaptive_avg_pool", (4, 4, 4), Cost(elementwise=4 * 8 * 12), INPUT, size=4),
    row("adaptive_max_pool", (4, 3, 5), Cost(elementwise=240 - 60), Kept(True, indices=60),
        size=[3, 5]),
    # Reductions: 4 channels at 60 places, 60 positions of 4 channels, 6 rows of 10 columns.
    row("mean", (1, 6, 10), Cost(elementwise=60 * (3 + 1)), over="channels"),
    row("mean", (4, 1, 1), Cost(elementwise=4 * (59 + 1)), over="positions"),
    row("mean", (4, 6, 1), Cost(elementwise=24 * (9 + 1)), over="width"),
    row("sum", (4, 1, 10), Cost(elementwise=40 * 5), over="height"),
    row("sum", (1, 1, 10), Cost(elementwise=10 * 23), over=[0, 1]),
    row("max", (1, 6, 10), Cost(elementwise=60 * 3), Kept(indices=60), over="channels"),
    row("max", (4, 1, 1), Cost(elementwise=4 * 59), Kept(True, True), over="positions"),
    # Joins: an operation an element and further map.
    row("add", cost=Cost(elementwise=2 * 240), inputs=(MAP, MAP, MAP)),
    row("multiply", cost=Cost(elementwise=240), kept=INPUT, inputs=(MAP, MAP)),
    row("multiply", cost=Cost(elementwise=240), kept=INPUT, inputs=(MAP, (4, 1, 1))),
    row("concat", (7, 6, 10), inputs=(MAP, (3, 6, 10))),
    # A size of 1 serves any other.
    row("add", cost=Cost(elementwise=240), inputs=(MAP, (1, 6, 10))),
    row("multiply", cost=Cost(elementwise=240), kept=INPUT, inputs=(MAP, (1, 6, 10))),
    row("multiply", cost=Cost(elementwise=240), kept=INPUT, inputs=((4, 6, 1), (4, 1, 10))),
    row("subtract", cost=Cost(elementwise=240), inputs=(MAP, MAP)),
    row("divide", cost=Cost(elementwise=240), kept=INPUT, inputs=(MAP, (4, 6, 1))),
    # What is learned beside convolutions.
    row("parameter", (3, 2), Cost(weights=6), shape=[3, 2]),
    row("parameter", (3, 2), shape=[3, 2], learned=False),
    row("parameter", (3, 2), Cost(buffers=6), shape=[3, 2], learned=False, stored=True),
    # Functions of each element.
    row("sqrt", cost=Cost(elementwise=240), kept=OUTPUT),
    row("exp", cost=Cost(elementwise=240), kept=OUTPUT),
    row("log", cost=Cost(elementwise=240), kept=INPUT),
    row("square", cost=Cost(elementwise=240), kept=INPUT),
    row("class_token", (4, 61, 1), Cost(weights=4)),
    row("position_embedding", cost=Cost(weights=240, elementwise=240)),
    row("layer_scale", cost=Cost(weights=4, elementwise=240), kept=INPUT),
    # What moves data, or nothing at all.
    row("identity"),
    row("dropout", kept=Kept(noise=240)),
    row("dropout", rate=0),
    row("drop_path", kept=Kept(noise=1)),
    row("drop_path", rate=0),
    row("flatten", (240, 1, 1)),
    row("slice", (2, 6, 10), start=1, stop=3),
    row("split", (2, 6, 10), part=1),
    row("channel_shuffle"),
    row("pixel_shuffle", (1, 12, 20)),
    row("space_to_depth", (16, 3, 5)),
    row("pad", (4, 8, 14), size=[1, 2]),
    row("crop", (4, 4, 6), size=[1, 2]),
    row("crop", (4, 3, 10), size=[1, 2, 0, 0]),
    row("pad", (4, 7, 13), size=[1, 0, 1, 2]),
    row("pad", (4, 8, 12), kept=INPUT, mode="reflect"),
    row("pad", (4, 8, 12), kept=INPUT, mode="replicate"),
    row("pad", (4, 8, 12), mode="circular"),
    row("reshape", (8, 30), to=[8, 30]),
    row("permute", (6, 10, 4), order=[1, 2, 0]),
    row("transpose", (4, 10, 6)),
    row("transpose", (10, 6, 4), axes=["channels", "width"]),
    row("roll", by=[1, 3]),
    row("unfold", (4 * 9, 60)),
    row("slice", (4, 2, 10), start=1, stop=3, over="height"),
    row("split", (4, 6, 5), over="width", part=1),
    row("concat", (4, 6, 13), inputs=(MAP, (4, 6, 3)), over="width"),
    row("upsample", (4, 12, 20)),
    # Four neighbours, each with its factor, and three additions.
    row("upsample", (4, 12, 20), Cost(elementwise=7 * 960), mode="bilinear"),
    row("upsample", (4, 20), Cost(elementwise=3 * 80), inputs=((4, 10),), mode="bilinear"),
    row("upsample", (4, 9, 25), Cost(elementwise=31 * 900), mode="bicubic", size=[9, 25]),
    row("upsample", (4, 3, 5), size=[3, 5]),
    # Each output row is the mean of one row or two: 6 + 9 − 3 rows of 10 columns.
    row("upsample", (4, 9, 10), Cost(elementwise=4 * 12 * 10), INPUT, mode="area", size=[9, 10]),
    row("upsample", (4, 4, 6, 10), Cost(elementwise=15 * 960), inputs=((4, 2, 3, 5),),
        mode="bilinear"),
)  # fmt: skip


def placed(row: Row) -> tuple[Op, tuple[Shape, ...], Shape]:
    """Return the op as a net places it, with the shapes around it."""
    net = Net(Shape(*row.inputs[0]))
    maps = [
        net.input,
        *(net.further_input(Shape(*shape), f"x{i}") for i, shape in enumerate(row.inputs[1:])),
    ]
    net.op(row.word, *(maps if find(row.word).inputs != 0 else []), **row.fields)
    graph = net.graph(row.word)
    node = graph.nodes[-1]
    return node.op, graph.input_shapes(node), node.output


@each_of(ROWS, ids=[f"{row.word} {row.fields}" for row in ROWS])
def test_an_op_comes_to_what_was_worked_out(row: Row) -> None:
    op, inputs, output = placed(row)
    assert output == row.output
    assert op.cost(inputs, output) == row.cost
    assert op.kept(inputs, output) == row.kept


def test_every_op_has_a_row() -> None:
    ops = {word for word in OPS if issubclass(find(word), Op)}
    assert {row.word for row in ROWS} == ops
