"""Every block against a counted module, and against arithmetic written out by hand."""

from typing import Any, NamedTuple

import pytest
from tests.rows import each_of

import bncalc
from bncalc.analysis.training import Training
from bncalc.model.blocks.hardnet import HarDNet
from bncalc.model.ops.arranging import Roll
from bncalc.model.registry import OPS, WORDS, find


class Row(NamedTuple):
    """A block counted in PyTorch 2.13 by its modules' shapes.

    `counts`: params without bias and norm, with bias, with batch norm; buffers; MACs; activations.
    `products`: how many of its layers are convolutions or linear.
    """

    title: str
    word: str
    fields: dict[str, Any]
    input: tuple[int, int, int]
    counts: tuple[int, int, int, int, int, int]
    output: tuple[int, int, int]
    products: int


ROWS = (
    Row("plain 3x3 256->256", "plain", {}, (256, 56, 56),
        (589_824, 590_080, 590_336, 512, 1_849_688_064, 802_816), (256, 56, 56), 1),
    Row("bottleneck 256-64-256", "bottleneck", {"mid": 64}, (256, 56, 56),
        (69_632, 70_016, 70_400, 768, 218_365_952, 1_204_224), (256, 56, 56), 3),
    Row("bottleneck 64-64-256 s1 + projection", "bottleneck", {"mid": 64, "out": 256}, (64, 56, 56),
        (73_728, 74_368, 75_008, 1_280, 231_211_008, 2_007_040), (256, 56, 56), 4),
    Row("bottleneck 256-64-256 dilation 2", "bottleneck", {"mid": 64, "dilation": 2}, (256, 56, 56),
        (69_632, 70_016, 70_400, 768, 218_365_952, 1_204_224), (256, 56, 56), 3),
    Row("basic block 64", "basic", {}, (64, 56, 56),
        (73_728, 73_856, 73_984, 256, 231_211_008, 401_408), (64, 56, 56), 2),
    Row("factorized 3x1+1x3 256->256", "factorized", {}, (256, 56, 56),
        (393_216, 393_728, 394_240, 1_024, 1_233_125_376, 1_605_632), (256, 56, 56), 2),
    Row("depthwise separable 3x3 256->256", "depthwise_separable", {}, (256, 56, 56),
        (67_840, 68_352, 68_864, 1_024, 212_746_240, 1_605_632), (256, 56, 56), 2),
    Row("MobileNetV2 IR 24->24 t6 s1", "inverted_residual", {}, (24, 56, 56),
        (8_208, 8_520, 8_832, 624, 25_740_288, 978_432), (24, 56, 56), 3),
    Row("YOLOv5 Bottleneck c1=c2=256 e=0.5 g=1", "yolo_bottleneck", {}, (256, 56, 56),
        (327_680, 328_064, 328_448, 768, 1_027_604_480, 1_204_224), (256, 56, 56), 2),
    Row("YOLOv5 Bottleneck c1=c2=256 e=1.0 g=1", "yolo_bottleneck", {"e": 1.0}, (256, 56, 56),
        (655_360, 655_872, 656_384, 1_024, 2_055_208_960, 1_605_632), (256, 56, 56), 2),
    Row("YOLOv5 SPPF 256->256 k=5", "sppf", {}, (256, 56, 56),
        (163_840, 164_224, 164_608, 768, 513_802_240, 1_204_224), (256, 56, 56), 2),
    Row("SqueezeNet Fire(64,16,64,64)", "fire", {"squeeze": 16, "expand1": 64, "expand3": 64},
        (64, 56, 56), (11_264, 11_408, 11_552, 288, 35_323_904, 451_584), (128, 56, 56), 3),
    Row("ResNeXt 32x4d 256-128-256", "bottleneck", {"mid": 128, "groups": 32}, (256, 56, 56),
        (70_144, 70_656, 71_168, 1_024, 219_971_584, 1_605_632), (256, 56, 56), 3),
    Row("ShuffleNetV2 unit 116->116 s1", "shuffle_unit", {}, (116, 56, 56),
        (7_250, 7_424, 7_598, 348, 22_736_000, 545_664), (116, 56, 56), 3),
    Row("SE 256 r=16 (Linear, bias)", "squeeze_excitation", {}, (256, 56, 56),
        (8_464, 8_464, 8_464, 0, 8_192, 272), (256, 56, 56), 2),
    Row("SE 256 r=16 (Linear, no bias)", "squeeze_excitation", {"bias": False}, (256, 56, 56),
        (8_192, 8_192, 8_192, 0, 8_192, 272), (256, 56, 56), 2),
    Row("Ghost module 256->256 ratio2 dw3", "ghost", {}, (256, 56, 56),
        (33_920, 34_176, 34_432, 512, 106_373_120, 802_816), (256, 56, 56), 2),
    Row("Ghost bottleneck 24-72-24 s1 k3 no SE", "ghost_bottleneck", {"mid": 72}, (24, 56, 56),
        (2_160, 2_256, 2_352, 192, 6_773_760, 301_056), (24, 56, 56), 4),
    Row("ACNet block 256->256 (3x3+1x3+3x1)", "asymmetric", {}, (256, 56, 56),
        (983_040, 983_808, 984_576, 1_536, 3_082_813_440, 2_408_448), (256, 56, 56), 3),
    Row("RepVGG block 256->256 (3x3+1x1+id)", "repvgg", {}, (256, 56, 56),
        (655_360, 655_872, 656_896, 1_536, 2_055_208_960, 1_605_632), (256, 56, 56), 2),
    Row("HarDBlock in64 k=14 m=1.7 n=8", "hardnet", {"growth": 14}, (64, 56, 56),
        (171_288, 171_500, 171_712, 424, 537_159_168, 664_832), (124, 56, 56), 8),
    Row("DenseNet layer in64 k=32 bn4", "dense_layer", {}, (64, 56, 56),
        (45_056, 45_216, 45_440, 384, 141_295_616, 501_760), (96, 56, 56), 2),
    Row("Inception v1 3a 192", "inception",
        {"one": 64, "three_reduce": 96, "three": 128, "five_reduce": 16, "five": 32, "pool": 32},
        (192, 56, 56), (163_328, 163_696, 164_064, 736, 512_196_608, 1_154_048), (256, 56, 56), 6),
    Row("ConvNeXt block 96 (own biases)", "convnext", {}, (96, 56, 56),
        (79_296, 79_296, 79_296, 0, 245_962_752, 1_806_336), (96, 56, 56), 3),
    Row("EfficientNet MBConv 24->40 k5 s2 t6 SE.25", "inverted_residual",
        {"out": 40, "kernel": 5, "stride": 2, "se": 0.25}, (24, 56, 56),
        (14_694, 15_022, 15_350, 656, 18_177_984, 595_990), (40, 28, 28), 5),
)  # fmt: skip


def totals(row: Row, norm: str, bias: bool) -> Any:
    defaults = bncalc.Defaults(norm=norm, bias=bias)
    graph = bncalc.block(row.word, row.input, defaults=defaults, **row.fields)
    return bncalc.measure(graph)


@each_of(ROWS, ids=[row.title for row in ROWS])
def test_block_equals_the_counted_module(row: Row) -> None:
    plain, biased, normed = (
        totals(row, "none", False),
        totals(row, "none", True),
        totals(row, "batch", False),
    )
    assert row.counts == (
        plain.totals.params,
        biased.totals.params,
        normed.totals.params,
        normed.totals.buffers,
        plain.totals.macs,
        plain.totals.activations,
    )
    assert normed.output == row.output
    words = [layer.op for layer in normed.layers]
    assert sum(word in ("conv", "depthwise", "linear") for word in words) == row.products


@each_of(WORDS)
def test_kind_is_documented(word: str) -> None:
    kind = find(word)
    assert kind.word == word or word in OPS
    assert kind.summary().endswith((".", ":")) or ";" in kind.summary()
    assert all(field.doc for field in kind.fields)
    assert kind.paper or word in OPS


def test_attention_multiplies_every_position_with_every_other() -> None:
    report = bncalc.measure(bncalc.block("attention", (64, 7, 7), heads=4))
    assert report.totals.macs == 49 * (64 * 192 + 64 * 64) + 2 * 64 * 49 * 49
    assert report.output == (64, 7, 7)


def test_window_attention_multiplies_within_its_windows() -> None:
    report = bncalc.measure(bncalc.block("window_attention", (64, 14, 14), heads=4))
    products = 2 * 64 * 4 * 49 * 49  # in each of 4 windows every position with every other
    assert report.totals.macs == 196 * (64 * 192 + 64 * 64) + products
    with pytest.raises(bncalc.ShapeError, match="not a whole number of windows of 7"):
        bncalc.block("window_attention", (64, 15, 14))
    with pytest.raises(bncalc.ShapeError, match="it must be less than window, which is 7"):
        bncalc.block("window_attention", (64, 14, 14), shift=7)
    shifted = bncalc.block("window_attention", (64, 14, 21), heads=4, shift=3)
    rolls = [node.op.by for node in shifted.nodes if isinstance(node.op, Roll)]
    assert rolls == [(11, 18), (3, 3)]  # 3 positions to the front, and back again


def test_attention_as_one_kernel_computes_the_same_and_keeps_no_scores() -> None:
    graphs = [
        bncalc.block("attention", (64, 7, 7), heads=4, fused=fused) for fused in (False, True)
    ]
    steps, kernel = (bncalc.measure(graph, also=["training"]) for graph in graphs)
    assert kernel.totals.macs == steps.totals.macs
    assert kernel.totals.elementwise == steps.totals.elementwise
    saved = [report.result(Training).saved for report in (steps, kernel)]
    # In place of 4 · 49 · 49 probabilities a logarithm for each of 4 · 49 queries.
    assert saved == [saved[1] + 4 * 4 * 49 * (49 - 1), saved[1]]


def test_hardnet_rounds_widths_as_its_authors_do() -> None:
    block = HarDNet(growth=14)
    assert [block.width(links) for links in (1, 2, 3, 4)] == [14, 24, 40, 68]


@each_of(
    [
        ("bottleneck", {"mid": 0}, "mid is 0; it must be a whole number of at least 1"),
        ("bottleneck", {"mid": 30, "groups": 32}, "not divisible by groups 32"),
        ("plain", {"stride": True}, "stride is true"),
        ("small_kernels", {"kernel": 4}, "kernel is 4"),
        ("shuffle_unit", {"out": 128}, "keeps the 256 channels"),
        ("plain", {"kernel": [3, 3, 3, 3]}, "kernel is [3, 3, 3, 3]"),
    ]
)
def test_wrong_values_are_refused(word: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(bncalc.ShapeError) as caught:
        bncalc.block(word, (256, 56, 56), **fields)
    assert message in str(caught.value)


@each_of(
    [
        ((3, 8, 8), {"out": 8, "stride": 2}, None),  # both branches take all three
        ((3, 8, 8), {"stride": 2}, "the number of input channels, 3, is not even"),
        ((3, 8, 8), {}, "the number of input channels, 3, is not even"),
        ((4, 8, 8), {"out": 7, "stride": 2}, "out 7 is not even"),
    ]
)
def test_a_shuffle_unit_divides_what_arrives_only_without_a_stride(
    input: tuple[int, ...], fields: dict[str, Any], message: str | None
) -> None:
    if message is None:
        assert bncalc.block("shuffle_unit", input, **fields).nodes[-1].output == (8, 4, 4)
        return
    with pytest.raises(bncalc.ShapeError, match=message):
        bncalc.block("shuffle_unit", input, **fields)


@each_of([(3, 1), (4, 1), (7, 1), (8, 2)])
def test_a_squeeze_is_a_share_of_the_input_and_at_least_one(cin: int, mid: int) -> None:
    graph = bncalc.block("inverted_residual", (cin, 8, 8), expand=2, se=0.25)
    widths = {node.path: node.output.channels for node in graph.nodes}
    assert widths["squeeze_excitation/reduce"] == mid


def test_unknown_words_and_fields_are_named() -> None:
    with pytest.raises(bncalc.UsageError, match="did you mean 'bottleneck'"):
        bncalc.block("botleneck", (256, 56, 56))
    with pytest.raises(bncalc.UsageError, match="did you mean 'stride'"):
        bncalc.block("plain", (256, 56, 56), strid=2)
