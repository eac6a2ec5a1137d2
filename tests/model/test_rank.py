"""Maps of one, two and three axes: what fits them, what does not, and figures that are known.

Kept bytes: PyTorch 2.13, the tensors that autograd saves, storages counted once. Parameters and
MACs of M5 and of single layers: counted from the sizes of the weights that PyTorch makes.
"""

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
from tests.problems import problems_of
from tests.rows import each_of
from tests.typed import written

import bncalc
from bncalc.analysis.training import Training
from bncalc.model.net import Net
from bncalc.model.registry import OPS, find
from bncalc.model.shape import Shape
from bncalc.model.window import spread

SPACES = {1: (8, 50), 2: (8, 20, 30), 3: (8, 8, 20, 30)}


def test_a_shape_is_channels_and_a_size_for_each_axis() -> None:
    for axes in range(4):
        sizes = (64, 9, 8, 7)[: 1 + axes]
        shape = Shape(*sizes)
        assert (shape.channels, shape.space, shape.axes) == (64, sizes[1:], axes)
        assert shape.elements == 64 * shape.positions
        assert eval(repr(shape)) == shape
        assert isinstance(copy.copy(shape), Shape)
        assert pickle.loads(pickle.dumps(shape)) == shape


@each_of(
    [
        ((4, 2), "the input is 2 long, smaller than the 3-long kernel"),
        ((4, 2, 8), "the input is 2 high, smaller than the 3-high kernel"),
        ((4, 8, 2), "the input is 2 wide, smaller than the 3-wide kernel"),
        ((4, 2, 8, 8), "the input is 2 deep, smaller than the 3-deep kernel"),
    ]
)
def test_an_axis_that_a_kernel_does_not_fit_is_named(input: tuple[int, ...], message: str) -> None:
    with pytest.raises(bncalc.ShapeError) as caught:
        bncalc.block("conv", input, out=4, kernel=3, padding=0)
    assert str(caught.value) == message


CONVOLUTIONS = [
    (
        (2, 44_100),
        {"out": 16, "kernel": 8, "stride": 4, "padding": 2, "bias": True},
        272,
        2_822_400,
    ),
    ((1, 32, 64, 64), {"out": 8, "kernel": 3, "padding": 1}, 216, 28_311_552),
]


@pytest.mark.parametrize(("input", "fields", "params", "macs"), CONVOLUTIONS)
def test_convolutions_of_one_axis_and_of_three(
    input: tuple[int, ...], fields: dict[str, Any], params: int, macs: int
) -> None:
    totals = bncalc.measure(bncalc.block("conv", input, **fields)).totals
    assert (totals.params, totals.macs) == (params, macs)


M5 = """
input: [1, 8000]
defaults: {norm: batch, act: relu, bias: true, padding: 0}
layers:
  - {conv: {out: 32, kernel: 80, stride: 16}}
  - {max_pool: {kernel: 4}}
  - {conv: {out: 32, kernel: 3}}
  - {max_pool: {kernel: 4}}
  - {conv: {out: 64, kernel: 3}}
  - {max_pool: {kernel: 4}}
  - {conv: {out: 64, kernel: 3}}
  - {max_pool: {kernel: 4}}
  - global_avg_pool
  - linear: {out: 35}
"""


def test_a_network_of_raw_audio(tmp_path: Path) -> None:
    """M5 (Dai et al. 2016, arXiv:1610.00087), as in PyTorch's tutorial on audio classification."""
    report = bncalc.measure(written(M5, tmp_path))
    assert (report.totals.params, report.totals.macs) == (26_915, 1_880_256)
    assert report.output == (35, 1)


@each_of(
    [
        ("conv", {"out": 4}, (3_200, 38_400, 307_200)),
        ("conv_transpose", {"out": 4}, (3_200, 38_400, 307_200)),
        ("avg_pool", {"kernel": 2}, (3_200, 38_400, 307_200)),
        ("adaptive_avg_pool", {"size": 3}, (3_200, 38_400, 307_200)),
        ("batch_norm", {}, (3_264, 38_464, 307_264)),
        ("group_norm", {"groups": 2}, (3_232, 38_432, 307_232)),
        ("instance_norm", {"affine": True}, (3_392, 38_592, 307_392)),
        ("max_pool", {"kernel": 2}, (6_400, 57_600, 384_000)),
        ("adaptive_max_pool", {"size": 3}, (3_584, 39_552, 310_656)),
        ("adaptive_avg_pool", {"size": 1}, (0, 0, 0)),
        ("upsample", {"scale": 2}, (0, 0, 0)),
        ("upsample", {"scale": 2, "mode": "bilinear"}, (0, 0, 0)),
    ]
)
def test_what_a_layer_keeps_on_each_rank(
    word: str, fields: dict[str, Any], kept: tuple[int, int, int]
) -> None:
    batch = bncalc.Assumptions(batch=2)
    for axes, bytes in zip((1, 2, 3), kept, strict=True):
        graph = bncalc.block(word, SPACES[axes], **fields)
        report = bncalc.measure(graph, batch, also=["training"])
        assert report.result(Training).saved == bytes, axes


def test_linear_at_each_position_is_what_a_pointwise_convolution_is() -> None:
    x = (8, 20)
    each = bncalc.measure(bncalc.block("linear", x, out=4, each=True, bias=True))
    conv = bncalc.measure(bncalc.block("conv", x, out=4, kernel=1, bias=True))
    assert (each.totals, each.output) == (conv.totals, conv.output)
    assert each.totals.params == 36
    flat = bncalc.measure(bncalc.block("linear", x, out=4, bias=True))
    assert (flat.totals.params, flat.output) == (8 * 20 * 4 + 4, (4, 1))


def test_tokens_are_a_map_of_one_axis() -> None:
    net = Net(Shape(32, 49))
    x = net.op("attention", net.op("class_token", net.input), heads=4)
    x = net.op("linear", x, out=64, each=True)
    graph = net.graph("tokens")
    assert [node.output for node in graph.nodes][1] == (32, 50)
    totals = bncalc.measure(graph).totals
    learned = 32 + (32 * 96 + 96) + (32 * 32 + 32) + 32 * 64
    assert (graph.output, totals.params) == ((64, 50), learned)
    assert totals.macs == 50 * (32 * 96 + 32 * 32 + 32 * 64) + 2 * 32 * 50 * 50


def test_two_axes_keep_theirs_where_one_position_is_left() -> None:
    for axes, ones in ((0, ()), (1, (1,)), (2, (1, 1)), (3, (1, 1, 1))):
        x = (8, *(4,) * axes)
        assert bncalc.block("linear", x, out=10).output == (10, *ones)
        assert bncalc.block("flatten", x).output == (8 * 4**axes, *ones)


def test_an_op_in_a_graph_has_a_size_for_each_axis() -> None:
    for axes in (1, 2, 3):
        op = vars(bncalc.block("max_pool", (4, *(9,) * axes), kernel=3, padding=1).nodes[1].op)
        assert (op["kernel"], op["stride"], op["padding"]) == ((3,) * axes, None, (1,) * axes)


def test_a_size_stands_for_every_axis_or_for_one_each() -> None:
    assert spread((3,), 3, "kernel") == (3, 3, 3)
    assert spread((3, 7), 2, "kernel") == (3, 7)
    assert bncalc.block("conv", (1, 9, 9, 9), out=1, kernel=(1, 3, 5), padding=0).output == (
        *(1, 9, 7, 5),
    )


WINDOWED = ("conv", "conv_transpose", "depthwise", "max_pool", "avg_pool", "adaptive_avg_pool",
            "adaptive_max_pool", "global_avg_pool", "global_max_pool", "upsample", "pad", "crop",
            "pixel_shuffle", "space_to_depth")  # fmt: skip


@each_of(WINDOWED)
def test_a_vector_has_no_positions_for_a_window(word: str) -> None:
    fields = {"out": 4} if word in ("conv", "conv_transpose") else {}
    with pytest.raises(bncalc.ShapeError, match="the map is a vector"):
        bncalc.block(word, (16,), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["factorized", "asymmetric"])
def test_blocks_of_rows_and_columns_say_that_they_are(word: str) -> None:
    for x in ((4, 9), (4, 9, 9, 9)):
        with pytest.raises(bncalc.ShapeError, match=f"{word} is for maps of 2 axes"):
            bncalc.block(word, x)


@each_of(OPS)
def test_ops_of_one_map_take_what_torch_takes_on_every_rank(word: str) -> None:
    """An op that takes two axes takes one and three, and its costs are plain whole numbers."""
    kind = find(word)
    if kind.inputs != 1:
        return
    fields: dict[str, Any] = {"out": 8} if any(field.name == "out" for field in kind.fields) else {}
    fields |= {"groups": 4} if any(field.name == "groups" for field in kind.fields) else {}
    fields |= {"hidden": 4} if any(field.name == "hidden" for field in kind.fields) else {}
    if word in ("reshape", "permute", "unfold", "lstm", "gru", "relative_position_bias"):
        return  # which are told the axes that there are, put out others, or are for scores
    fields |= {"by": 1} if any(field.name == "by" for field in kind.fields) else {}
    fields |= {"over": "channels"} if any(field.name == "over" for field in kind.fields) else {}
    for axes in (1, 2, 3):
        graph = bncalc.block(word, (16, *(12, 10, 8)[:axes]), **fields)
        report = bncalc.measure(graph, also=["live", "training", "receptive_field", "flash"])
        assert report.output.axes == axes
        assert all(type(number) is int for number in report.totals)


SIZES = """
input: [3, 16, 32, 32]
layers:
  - conv: {out: 8, kernel: [3, 7]}
  - conv: {out: 8, kernel: 3, stride: [1, 2]}
"""


def test_a_list_of_another_length_is_refused_at_its_place(tmp_path: Path) -> None:
    problems = problems_of(written, SIZES, tmp_path)
    assert [(problem.location.line, problem.location.column) for problem in problems] == [
        (4, 28),
        (5, 39),
    ]
    assert problems[0].message == "kernel [3, 7] has 2 sizes and the map 3 axes"


def test_an_input_from_outside_has_as_many_axes_as_the_files_own() -> None:
    assert bncalc.load("resnet18", input=(3, 64, 96))[0].input == (3, 64, 96)
    assert bncalc.load("resnet18", input=(96,))[0].input == (3, 96, 96)  # as `resnet18@96` says
    for given in ((3, 224), (3, 8, 224, 224)):
        with pytest.raises(bncalc.UsageError, match="3×224×224, has 2"):
            bncalc.load("resnet18", input=given)


NAMES = """
input: [4, {sizes}]
vars: {{d: 5}}
layers:
  - conv: {{out: "={out}", kernel: 1}}
"""


@each_of(
    [
        ("30", "length", 30),
        ("30", "positions + cin", 34),
        ("6, 7", "h * w", 42),
        ("2, 6, 7", "h + w", 13),
        ("2, 6, 7", "positions", 84),
        ("2, 6, 7", "d", 5),  # the file's own comes first
    ]
)
def test_expressions_name_the_sizes_of_every_rank(
    sizes: str, formula: str, out: int, tmp_path: Path
) -> None:
    assert written(NAMES.format(sizes=sizes, out=formula), tmp_path).output.channels == out


def test_a_size_that_a_map_does_not_have_is_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(bncalc.SpecError, match="unknown name 'h'"):
        written(NAMES.format(sizes="30", out="h"), tmp_path)


@each_of([(1, 0), (2, 256), (3, 0)])
def test_fvcore_counts_a_mean_of_two_axes_alone(axes: int, counted: int) -> None:
    """fvcore 0.1.5 on nn.AdaptiveAvgPool1d, 2d and 3d of 4 channels, 8 positions along an axis."""
    fvcore = bncalc.Assumptions(convention="fvcore")
    for word, fields in (("global_avg_pool", {}), ("adaptive_avg_pool", {"size": 3})):
        graph = bncalc.block(word, (4, *(8,) * axes), **fields)  # type: ignore[arg-type]
        numbers = bncalc.measure(graph, fvcore, also=["convention"]).numbers()
        assert numbers["convention_total"] == counted


@pytest.mark.parametrize(
    ("word", "fields"), [("linear", {"each": True, "bias": True}), ("conv", {"bias": True})]
)
def test_torchinfo_counts_linear_params_once_whatever_the_positions(
    word: str, fields: dict[str, Any]
) -> None:
    """torchinfo 1.8 on 20 tokens of 8 features: 36 for a linear layer, 720 for a convolution."""
    fields |= {"kernel": 1} if word == "conv" else {}
    graph = bncalc.block(word, (8, 20), out=4, **fields)
    torchinfo = bncalc.Assumptions(convention="torchinfo")
    numbers = bncalc.measure(graph, torchinfo, also=["convention"]).numbers()
    assert numbers["convention_total"] == (36 if word == "linear" else 720)
