"""What ops put out, refuse, reach and are, row by row; their costs are in test_by_hand."""

import pytest

from bncalc.errors import ShapeError
from bncalc.model.cost import Cost
from bncalc.model.net import block
from bncalc.model.op import Op
from bncalc.model.ops.arranging import Permute, Reshape
from bncalc.model.ops.attention import AttentionMix, FusedAttention, Matmul, Parameter
from bncalc.model.ops.convolution import Conv, ConvTranspose, Linear, StandardisedConv
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.ops.joining import Add, Concat
from bncalc.model.ops.moving import Slice, SpaceToDepth, Split
from bncalc.model.ops.normalisation import BatchNorm
from bncalc.model.pattern import Window
from bncalc.model.reach import POINTWISE, UNCLEAR, Reach, gathering, shifting
from bncalc.model.shape import Shape

CONV = Conv(out=6, kernel=3, groups=2)
LIKE_CONV = Foreign(Facts("other.conv", Shape(4, 6, 6), like=Conv(out=4, kernel=3, groups=4)))
UNKNOWN = Foreign(Facts("other.thing", Shape(4, 6, 6)))


@pytest.mark.parametrize(("op", "inputs", "output"), [
    (AttentionMix(height=4), [(1, 12, 5), (8, 5)], (8, 4, 3)),
    (AttentionMix(), [(1, 12, 5), (8, 5)], (8, 12)),
    (AttentionMix(), [(1, 6, 6), (8, 2, 3)], (8, 2, 3)),
    (Matmul(), [(3, 5), (5, 7)], (3, 7)),
    (Matmul(), [(2, 3, 5), (2, 5, 7)], (2, 3, 7)),
    (Matmul(), [(1, 3, 5), (2, 5, 7)], (2, 3, 7)),
    (Matmul(), [(2, 3, 5), (1, 5, 7)], (2, 3, 7)),
    (ConvTranspose(out=2, kernel=3, stride=2, output_padding=1), [(4, 5, 5)], (2, 12, 12)),
    (ConvTranspose(out=2, kernel=1, stride=1, padding=1), [(4, 3, 3)], (2, 1, 1)),
    (ConvTranspose(out=2, kernel=[2, 3], stride=2), [(4, 5, 5)], (2, 10, 11)),
    (Concat(), [(4, 5), (3, 5)], (7, 5)),
    (Concat(over="height"), [(4, 5, 6), (4, 2, 6)], (4, 7, 6)),
    (Add(), [(4, 5, 5), (4, 1)], (4, 5, 5)),
    (Add(), [(1, 5, 1), (4, 1, 6)], (4, 5, 6)),
    (Split(parts=2, part=1, over="width"), [(4, 5, 6)], (4, 5, 3)),
    (Slice(start=1, over="height"), [(4, 5, 6)], (4, 4, 6)),
])  # fmt: skip
def test_what_is_put_out(op: Op, inputs: list[tuple[int, ...]], output: tuple[int, ...]) -> None:
    assert op.output(*[Shape(*sizes) for sizes in inputs]) == Shape(*output)


MAPS = [(channels, 8, 8) for channels in range(1, 9)]


@pytest.mark.parametrize(("op", "inputs", "message"), [
    (AttentionMix(height=5), [(1, 12, 5), (8, 5)], "12 queries do not fill 5 rows"),
    (Matmul(), [(3, 5), (4, 7)], "matmul cannot multiply 3×5 by 4×7"),
    (Matmul(), [(3,), (3,)], "matmul cannot multiply 3 by 3"),
    (Matmul(), [(2, 3, 5), (5, 7)], "matmul cannot multiply 2×3×5 by 5×7"),
    (Matmul(), [(2, 3, 5), (3, 5, 7)], "matmul cannot multiply 2×3×5 by 3×5×7"),
    (ConvTranspose(out=2, kernel=1, stride=1, padding=1), [(4, 2, 2)], "padding 1 leaves nothing"),
    (Concat(), [(4, 5), (3, 6)], "concat cannot join 4×5 and 3×6: sizes differ"),
    (Concat(over="height"), [(4, 5, 6), (3, 5, 6)], "4×5×6 and 3×5×6: channels differ"),
    (Concat(over="height"), [(4, 5, 6), (4, 5, 7)], "4×5×6 and 4×5×7: sizes differ"),
    (Add(), [(4, 5, 5), (3, 5, 5)], "add cannot join 4×5×5 and 3×5×5: channels differ"),
    (Add(), [(4, 5, 5), (4, 6, 5)], "4×5×5 and 4×6×5: sizes differ"),
    (Add(), [(4, 5, 5), (4, 5)], "4×5×5 and 4×5: numbers of axes differ"),
    (Split(parts=2), [(5, 6, 6)], "5 channels are not divisible into 2 parts"),
    (Split(parts=4, over="width"), [(4, 6, 6)], "6 positions are not divisible into 4 parts"),
    (Split(parts=2, part=2), [(4, 6, 6)], "part 2 is not below the number of parts, 2"),
    (Slice(stop=7, over="width"), [(4, 6, 6)], "stop 7 is beyond the 6 positions"),
    (Slice(start=4), [(4, 6, 6)], "start 4 leaves none of the 4 channels"),
    (Add(), MAPS[1:4], "join 2×8×8, 3×8×8, 4×8×8: channels"),
    (Add(), MAPS[1:7], "2×8×8, 3×8×8, 4×8×8, 5×8×8, 6×8×8, 7×8×8: channels"),
    (Add(), MAPS[1:8], "2×8×8, 3×8×8, 4×8×8, 5×8×8, 6×8×8, 7×8×8, …: channels"),
])  # fmt: skip
def test_what_is_refused(op: Op, inputs: list[tuple[int, ...]], message: str) -> None:
    with pytest.raises(ShapeError) as raised:
        op.output(*[Shape(*sizes) for sizes in inputs])
    assert message in str(raised.value)


@pytest.mark.parametrize(("op", "x", "reach"), [
    (Reshape(to=[4, 2, 3]), (4, 2, 3), POINTWISE),
    (Reshape(to=[4, 6]), (4, 2, 3), UNCLEAR),
    (Permute(order=[0, 1, 2]), (4, 2, 3), POINTWISE),
    (Permute(order=[0, 2, 1]), (4, 2, 3), UNCLEAR),
    (Linear(out=5, each=True), (4, 2, 3), POINTWISE),
    (Linear(out=5), (4, 2, 3), gathering((2, 3))),
    (UNKNOWN, (4, 8, 8), UNCLEAR),
    (Slice(start=2), (4, 8, 8), POINTWISE),
    (Slice(start=2, over="height"), (4, 8, 8), shifting((2, 0))),
    (Slice(start=2, over="width"), (4, 8, 8), shifting((0, 2))),
    (Split(parts=4, part=3, over="width"), (4, 8, 8), shifting((0, 6))),
    (SpaceToDepth(factor=2), (4, 8, 8), Reach((Window((0,), (1,), 2), Window((0,), (1,), 2)))),
    (LIKE_CONV, (4, 8, 8), Conv(out=4, kernel=3).reach((Shape(4, 8, 8),), Shape(4, 6, 6))),
])  # fmt: skip
def test_what_a_position_depends_on(op: Op, x: tuple[int, ...], reach: object) -> None:
    shape = Shape(*x)
    assert op.reach((shape,), op.output(shape)) == reach


@pytest.mark.parametrize(("op", "factors"), [
    (CONV, (2, 3, 3, 6)),
    (ConvTranspose(out=6, kernel=2, groups=2), (4, 2, 2, 3)),
    (Linear(out=5), (4 * 64, 5)),
    (Linear(out=5, each=True), (4, 5)),
    (BatchNorm(), (2, 4)),
    (BatchNorm(affine=False), ()),
    (Parameter(shape=[3, 7]), (3, 7)),
    (Parameter(shape=[3, 7], learned=False), ()),
])  # fmt: skip
def test_weights_are_a_product(op: Op, factors: tuple[int, ...]) -> None:
    shape = Shape(4, 8, 8)
    assert op.factors((shape,), op.output(shape)) == factors


@pytest.mark.parametrize(("out", "groups", "depthwise"), [(4, 4, True), (4, 2, False), (2, 2, True),
                                                          (1, 1, False)])  # fmt: skip
def test_a_convolution_is_depthwise_that_makes_each_channel_from_one(
    out: int, groups: int, depthwise: bool
) -> None:
    op = Conv(out=out, groups=groups)
    assert op.is_depthwise(op.output(Shape(4, 8, 8))) is depthwise


def test_a_foreign_op_is_what_its_like_is() -> None:
    output = LIKE_CONV.output(Shape(4, 8, 8))
    assert LIKE_CONV.is_depthwise(output)
    assert not UNKNOWN.is_depthwise(output)
    assert LIKE_CONV.kept((Shape(4, 8, 8),), output).inputs
    assert not Foreign(Facts("x", Shape(4), like=Add())).kept((Shape(4),), Shape(4)).inputs
    assert UNKNOWN.kept((Shape(4, 8, 8),), output).inputs
    assert LIKE_CONV.twin() == "conv"
    assert UNKNOWN.twin() == "other.thing"
    assert vars(LIKE_CONV)["kernel"] == vars(Conv(out=4, kernel=3))["kernel"]


def test_foreign_ops_are_equal_if_all_that_is_known_of_them_is() -> None:
    again = Foreign(Facts("other.thing", Shape(4, 6, 6)))
    assert again == UNKNOWN
    assert Foreign(Facts("other.thing", Shape(4, 6, 6), Cost(weights=1))) != UNKNOWN
    assert UNKNOWN.facts != UNKNOWN


def test_attention_in_areas_meets_fewer_pairs() -> None:
    x = Shape(8, 16)
    whole, areas = (FusedAttention(heads=2, areas=areas).cost((x, x, x), x) for areas in (1, 4))
    assert whole == Cost(macs=16 * 256, elementwise=4 * 2 * 256, activations=128)
    assert (areas.macs, areas.elementwise) == (16 * 64, 4 * 2 * 64)


def test_a_gain_has_a_twin_of_its_own() -> None:
    assert StandardisedConv(out=4, gain=True).twin() == "standardised_conv:gain"
    assert StandardisedConv(out=4).twin() == "standardised_conv"


def test_a_multiplier_makes_several_channels_of_each() -> None:
    graph = block("depthwise", (4, 8, 8), multiplier=3)
    assert graph.output == Shape(12, 8, 8)
