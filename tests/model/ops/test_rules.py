"""What ops put out, refuse, reach and are, row by row; their costs are in test_by_hand."""

from itertools import product

import pytest
from tests.rows import each_of

from bncalc.errors import ShapeError
from bncalc.model.cost import Cost, Kept
from bncalc.model.net import Net, block
from bncalc.model.op import Op
from bncalc.model.ops.activation import Softmax
from bncalc.model.ops.arranging import Permute, Reshape, Transpose
from bncalc.model.ops.attention import (
    AttentionMix,
    AttentionScores,
    FusedAttention,
    Matmul,
    Parameter,
    RelativePositionBias,
)
from bncalc.model.ops.convolution import Conv, ConvTranspose, Linear, StandardisedConv
from bncalc.model.ops.foreign import Custom, Facts, Foreign
from bncalc.model.ops.joining import Add, Concat
from bncalc.model.ops.moving import Flatten, PixelShuffle, Slice, SpaceToDepth, Split
from bncalc.model.ops.normalisation import BatchNorm
from bncalc.model.ops.pooling import AdaptiveAvgPool, AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool
from bncalc.model.ops.recurrent import Gru
from bncalc.model.ops.reducing import Mean
from bncalc.model.ops.resizing import Crop, Pad, Upsample
from bncalc.model.pattern import Window
from bncalc.model.reach import POINTWISE, UNCLEAR, Reach, gathering, shifting
from bncalc.model.registry import OPS, find
from bncalc.model.shape import Shape, Unsized

CONV = Conv(out=6, kernel=3, groups=2)
LIKE_CONV = Foreign(Facts("other.conv", Shape(4, 6, 6), like=Conv(out=4, kernel=3, groups=4)))
UNKNOWN = Foreign(Facts("other.thing", Shape(4, 6, 6)))
MAP = Shape(4, 8, 8)


@each_of([
    (AttentionMix(height=4), [(1, 12, 5), (8, 5)], (8, 4, 3)),
    (AttentionMix(), [(1, 12, 5), (8, 5)], (8, 12)),
    (AttentionMix(), [(1, 6, 6), (8, 2, 3)], (8, 2, 3)),
    (Matmul(), [(3, 5), (5, 7)], (3, 7)),
    (Matmul(), [(2, 3, 5), (2, 5, 7)], (2, 3, 7)),
    (Matmul(), [(1, 3, 5), (2, 5, 7)], (2, 3, 7)),
    (Matmul(), [(2, 3, 5), (1, 5, 7)], (2, 3, 7)),
    (ConvTranspose(out=2, kernel=3, stride=2, output_padding=1), [(4, 5, 5)], (2, 12, 12)),
    (ConvTranspose(out=2, stride=1, dilation=3, output_padding=2), [(4, 5, 5)], (2, 10, 10)),
    (ConvTranspose(out=2, kernel=1, stride=1, padding=1), [(4, 3, 3)], (2, 1, 1)),
    (ConvTranspose(out=2, kernel=[2, 3], stride=2), [(4, 5, 5)], (2, 10, 11)),
    (Concat(), [(4, 5), (3, 5)], (7, 5)),
    (Concat(over="height"), [(4, 5, 6), (4, 2, 6)], (4, 7, 6)),
    (Add(), [(4, 5, 5), (4, 1)], (4, 5, 5)),
    (Add(), [(1, 5, 1), (4, 1, 6)], (4, 5, 6)),
    (Split(parts=2, part=1, over="width"), [(4, 5, 6)], (4, 5, 3)),
    (Split(parts=2, part=1, over="length"), [(4, 6)], (4, 3)),
    (Slice(start=1, over="height"), [(4, 5, 6)], (4, 4, 6)),
    (Mean(over=["c", "w"]), [(4, 5, 6)], (1, 5, 1)),  # as expressions call the sizes
    (Pad(size=5), [(4, 2, 3)], (4, 12, 13)),
    (Pad(size=2, mode="reflect"), [(4, 3, 4)], (4, 7, 8)),
    (Crop(size=[1, 2]), [(4, 3, 5)], (4, 1, 1)),
])  # fmt: skip
def test_what_is_put_out(op: Op, inputs: list[tuple[int, ...]], output: tuple[int, ...]) -> None:
    assert op.output(*[Shape(*sizes) for sizes in inputs]) == Shape(*output)


MAPS = [(channels, 8, 8) for channels in range(1, 9)]


@each_of([
    (AttentionMix(height=5), [(1, 12, 5), (8, 5)], "space", "12 queries do not fill 5 rows"),
    (AttentionMix(), [(4, 5), (8, 5)], "axes",
     "scores have two axes, queries and keys, and 4×5 has 1"),
    (AttentionScores(heads=3), [(8, 5), (8, 5)], "channels",
     "8 channels are not divisible by heads 3"),
    (AttentionMix(), [(3, 5, 5), (8, 5)], "channels", "8 channels are not divisible by heads 3"),
    (AttentionMix(areas=2), [(2, 5, 3), (8, 6)], "space", "5 positions are not divisible by areas"),
    (Gru(hidden=4, areas=2), [(8, 5)], "space", "5 positions are not divisible by areas 2"),
    (FusedAttention(heads=3), [(6, 5), (6, 5), (8, 5)], "channels",
     "8 channels are not divisible by heads 3"),
    (Upsample(mode="bicubic"), [(4, 6, 6, 6)], "axes",
     "bicubic is for maps of 2 axes, and 4×6×6×6 has 3"),
    (Upsample(mode="bicubic"), [(4, 6)], "axes", "bicubic is for maps of 2 axes, and 4×6 has 1"),
    (Upsample(mode="area", align_corners=True), [(4, 6, 6)], "channels",
     "areas have no corners to align"),
    (Matmul(), [(3, 5), (4, 7)], "space", "matmul cannot multiply 3×5 by 4×7"),
    (Matmul(), [(3,), (3,)], "space", "matmul cannot multiply 3 by 3"),
    (Matmul(), [(2, 3, 5), (5, 7)], "space", "matmul cannot multiply 2×3×5 by 5×7"),
    (Matmul(), [(2, 3, 5), (3, 5, 7)], "space", "matmul cannot multiply 2×3×5 by 3×5×7"),
    (ConvTranspose(out=2, kernel=1, stride=1, padding=1), [(4, 2, 2)], "space",
     "padding 1 leaves nothing"),
    (ConvTranspose(out=2, stride=2, output_padding=2), [(4, 2, 2)], "space",
     "output_padding 2 is not less than the stride 2 or the dilation 1"),
    (ConvTranspose(out=2, stride=1, output_padding=1), [(4, 2, 2)], "space",
     "output_padding 1 is not less than the stride 1 or the dilation 1"),
    (ConvTranspose(out=2, stride=1, dilation=2, output_padding=2), [(4, 2, 2)], "space",
     "output_padding 2 is not less than the stride 1 or the dilation 2"),
    (RelativePositionBias(window=2), [(3, 6, 4)], "space",
     "scores in windows of 2 are heads × areas·4 × 4, not 3×6×4"),
    (Transpose(), [(6,)], "axes", "6 has only one axis"),
    (Softmax(over="positions"), [(6,)], "axes",
     "6 has only channels, and no positions to sum over"),
    (Concat(), [(4, 5), (3, 6)], "space", "concat cannot join 4×5 and 3×6: sizes differ"),
    (Concat(over="height"), [(4, 5, 6), (3, 5, 6)], "channels",
     "4×5×6 and 3×5×6: channels differ"),
    (Concat(over="height"), [(4, 5, 6), (4, 5, 7)], "space", "4×5×6 and 4×5×7: sizes differ"),
    (Concat(over="width"), [(4, 5, 6), (4, 5)], "axes", "4×5×6 and 4×5: numbers of axes differ"),
    (Concat(over=[2]), [(4, 5), (4, 5, 6)], "axes", "the map 4×5 has no axis 2"),
    (Mean(over="height"), [(4, 5)], "axes", "the map 4×5 has no height; it has 1 axis"),
    (Mean(over="length"), [(4, 5, 6)], "axes", "the map 4×5×6 has no length; it has 2 axes"),
    (Mean(over="length"), [(4,)], "axes", "the map 4 has no length"),
    (Add(), [(4, 5, 5), (3, 5, 5)], "channels",
     "add cannot join 4×5×5 and 3×5×5: channels differ"),
    (Add(), [(4, 5, 5), (4, 6, 5)], "space", "4×5×5 and 4×6×5: sizes differ"),
    (Add(), [(4, 5, 5), (4, 5)], "axes", "4×5×5 and 4×5: numbers of axes differ"),
    (Split(parts=2), [(5, 6, 6)], "channels", "5 channels are not divisible into 2 parts"),
    (Split(parts=4, over="width"), [(4, 6, 6)], "space",
     "6 positions are not divisible into 4 parts"),
    (Split(parts=2, part=2), [(4, 6, 6)], "fields",
     "part 2 is not below the number of parts, 2"),
    (Slice(stop=7, over="width"), [(4, 6, 6)], "space", "stop 7 is beyond the 6 positions"),
    (Slice(start=4), [(4, 6, 6)], "channels", "start 4 leaves none of the 4 channels"),
    (Pad(size=[2, 3], mode="reflect"), [(4, 3, 3)], "space",
     "4×3×3 is too small to reflect [2, 3]"),
    (Crop(size=4), [(4, 9, 8)], "space", "cutting [4] off leaves nothing of 9×8"),
    (Add(), MAPS[1:4], "channels", "join 2×8×8, 3×8×8, 4×8×8: channels"),
    (Add(), MAPS[1:7], "channels", "2×8×8, 3×8×8, 4×8×8, 5×8×8, 6×8×8, 7×8×8: channels"),
    (Add(), MAPS[1:8], "channels", "2×8×8, 3×8×8, 4×8×8, 5×8×8, 6×8×8, 7×8×8, …: channels"),
])  # fmt: skip
def test_what_is_refused_and_which_part_of_the_shapes_it_rests_on(
    op: Op, inputs: list[tuple[int, ...]], about: str, message: str
) -> None:
    with pytest.raises(ShapeError) as raised:
        op.output(*[Shape(*sizes) for sizes in inputs])
    assert message in str(raised.value)
    assert raised.value.about == about


JOINING = [word for word in OPS if find(word).inputs not in (0, 1) and word != "custom"]


@each_of(JOINING)
def test_maps_of_any_numbers_of_axes_are_joined_or_refused(word: str) -> None:
    kind = find(word)
    overs = ["channels", "height", "width", [2]] if kind.field("over") else []
    fields: list[dict[str, object]] = [{"over": over} for over in overs] or [{}]
    for shapes in product([(4,), (4, 6), (4, 6, 6), (4, 6, 6, 6)], repeat=kind.inputs or 2):
        for given in fields:
            net = Net(Shape(*shapes[0]))
            further = [net.further_input(shape, f"x{i}") for i, shape in enumerate(shapes[1:])]
            try:
                y = net.build(kind(**given), net.input, *further)
            except ShapeError:
                continue
            assert min(y.shape) >= 1


def windows(*sides: tuple[tuple[int, ...], tuple[int, ...], int]) -> Reach:
    """Return the reach of windows: the first and last position of each of a period, its advance."""
    return Reach(tuple([Window(*side) for side in sides]))


@each_of([
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
    (SpaceToDepth(factor=2), (4, 8, 8), windows(((0,), (1,), 2), ((0,), (1,), 2))),
    (PixelShuffle(factor=2), (4, 8, 8), windows(((0, 0), (0, 0), 1), ((0, 0), (0, 0), 1))),
    (Flatten(), (4, 2, 3), gathering((2, 3))),
    (Concat(), (4, 8, 8), POINTWISE),
    (Concat(over="height"), (4, 8, 8), UNCLEAR),
    (MaxPool(kernel=3, stride=2, padding=1), (4, 8), windows(((-1,), (1,), 2))),
    (MaxPool(kernel=[2, 4], padding=0), (4, 8, 8), windows(((0,), (1,), 2), ((0,), (3,), 4))),
    (GlobalAvgPool(), (4, 2, 3), gathering((2, 3))),
    (GlobalMaxPool(), (4, 2, 3), gathering((2, 3))),
    # 4 of 6 read 0–1, 1–2, 3–4, 4–5; 4 of 8 two each.
    (AdaptiveAvgPool(size=4), (4, 6, 8), windows(((0, 1), (1, 2), 3), ((0,), (1,), 2))),
    (AdaptiveAvgPool(size=2), (4, 8), windows(((0,), (3,), 4))),
    (Upsample(mode="area", size=12), (4, 8), windows(((0, 0, 1), (0, 1, 1), 2))),
    (Upsample(), (4, 8), windows(((0, 0), (0, 0), 1))),
    # Output 0 of twice as many lies at −1/4, output 1 at 1/4.
    (Upsample(mode="bilinear"), (4, 8), windows(((-1, 0), (0, 1), 1))),
    (Upsample(mode="bicubic"), (4, 8, 8), windows(*[((-2, -1), (1, 2), 1)] * 2)),
    (Pad(size=[1, 2]), (4, 8, 8), shifting((-1, -2))),
    (Crop(size=[1, 2]), (4, 8, 8), shifting((1, 2))),
    (Mean(over="channels"), (4, 8, 8), POINTWISE),
    (Mean(over="height"), (4, 1, 8), POINTWISE),
    (Mean(over="height"), (4, 2, 8), Reach((None, Window((0,), (0,), 1)))),
    (Mean(over="width"), (4, 8, 8), Reach((Window((0,), (0,), 1), None))),
    (LIKE_CONV, (4, 8, 8), Conv(out=4, kernel=3).reach((Shape(4, 8, 8),), Shape(4, 6, 6))),
])  # fmt: skip
def test_what_a_position_depends_on(op: Op, x: tuple[int, ...], reach: object) -> None:
    shape = Shape(*x)
    assert op.reach((shape,), op.output(shape)) == reach


@each_of([
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
    inputs = (Shape(4, 8, 8),) * (op.inputs or 0)
    assert op.factors(inputs, op.output(*inputs)) == factors


@each_of([(4, 4, True), (4, 2, False), (2, 2, True),
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
    both = Foreign(UNKNOWN.facts._replace(keeps="both"))
    assert both.kept((Shape(4, 8, 8),), output) == Kept(inputs=True, output=True)
    assert LIKE_CONV.twin() == "conv"
    assert UNKNOWN.twin() == "other.thing"
    derived = Foreign(LIKE_CONV.facts._replace(derived=True))
    assert derived.factors((Shape(4, 8, 8),), output) == (1, 3, 3, 4)
    assert LIKE_CONV.factors((Shape(4, 8, 8),), output) == ()
    assert UNKNOWN.factors((Shape(4, 8, 8),), output) == ()
    assert vars(LIKE_CONV)["kernel"] == vars(Conv(out=4, kernel=3))["kernel"]


@each_of([
    (Facts("roll", MAP), 1, Kept()),  # data that is only moved
    (Facts("x", MAP, counted=False), 1, Kept(inputs=True)),  # of which nothing is known
    (Facts("x", MAP, Cost(elementwise=256)), 1, Kept(inputs=True)),
    (Facts("add", MAP, Cost(elementwise=256), role="add"), 2, Kept()),
    (Facts("multiply", MAP, Cost(elementwise=256), role="multiply"), 1, Kept()),  # by a number
    (Facts("multiply", MAP, Cost(elementwise=256), role="multiply"), 2, Kept(inputs=True)),
    (Facts("multiply", MAP, Cost(4, elementwise=256), role="multiply"), 1, Kept(inputs=True)),
    (Facts("x", MAP, Cost(elementwise=256), keeps="nothing"), 1, Kept()),
])  # fmt: skip
def test_an_operation_without_a_word_keeps_what_its_derivative_may_need(
    facts: Facts, inputs: int, kept: Kept
) -> None:
    assert Foreign(facts).kept((MAP,) * inputs, MAP) == kept


@each_of([
    Facts("x", Unsized(), Cost(1, 0, 2, 3, 4, 5), family="norm", counted=False),
    Facts("x", Shape(4, 6), storage="in_place", role="add", keeps="nothing"),
    Facts("x", MAP, Cost(elementwise=9), role="act"),
])  # fmt: skip
def test_an_operation_without_a_word_is_described_by_its_numbers(facts: Facts) -> None:
    custom = Custom.of(facts, MAP)
    net = Net(MAP)
    net.build(custom, net.input)
    placed = net.graph("x").nodes[1].op
    assert isinstance(placed, Foreign)
    assert placed.facts == facts._replace(role=facts.role or "function")


def test_an_operation_with_a_role_is_one_for_each_element_of_its_map() -> None:
    facts = Facts("x", MAP, Cost(elementwise=4 * 8 * 8), storage="in_place", role="multiply")
    custom = Custom.of(facts, MAP)
    assert (custom.out, custom.elementwise, custom.storage) == (None, None, None)
    assert custom.facts(MAP) == facts
    narrower = custom.facts(Shape(2, 8, 8))
    assert (narrower.output, narrower.cost.elementwise) == ((2, 8, 8), 2 * 8 * 8)


def test_an_operation_without_a_role_is_none_for_any_element() -> None:
    assert Custom(op="x", out=(2, 8, 8)).facts(MAP) == Facts("x", Shape(2, 8, 8), role="function")


def test_an_operation_of_another_model_may_take_no_map() -> None:
    net = Net(MAP)
    net.place(UNKNOWN)
    node = net.graph("x").nodes[1]
    assert (node.inputs, node.output) == ((), (4, 6, 6))


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


def test_how_somebody_standardises_is_counted_beside_the_convolution() -> None:
    assert StandardisedConv(out=4, gain=True, called="own").twin() == "conv:own"


def test_an_average_without_the_padding_has_a_twin_of_its_own_if_a_module_is_called() -> None:
    assert AvgPool().twin() == "avg_pool"
    assert AvgPool(count_padding=False).twin() == "avg_pool:unpadded"
    assert AvgPool(count_padding=False, called="function").twin() == "avg_pool:function"


def test_a_multiplier_makes_several_channels_of_each() -> None:
    graph = block("depthwise", (4, 8, 8), multiplier=3)
    assert graph.output == Shape(12, 8, 8)
