"""Every shipped network against published and counted figures, exact to the unit."""

from pathlib import Path
from typing import NamedTuple

import pytest
from tests import shipped
from tests.rows import each_of

import bncalc
from bncalc import zoo
from bncalc.analysis.folding import fold_norm
from bncalc.analysis.metric import METRICS
from bncalc.budget.reader import read_budgets
from bncalc.language.decoder import decode
from bncalc.zoo import MODELS, file_of
from bncalc.zoo.figures import figures


class Row(NamedTuple):
    """Counts at an input, GMACs where they are published, and who counted.

    `torchvision`: its modules counted by their shapes; params equal the published num_params.
    """

    name: str
    input: tuple[int, ...]
    params: int
    macs: int
    activations: int
    gmacs: float | None
    source: str


CLASSIFIERS = (
    Row("alexnet", (3, 224, 224), 61_100_840, 714_188_480, 494_184, 0.714, "torchvision"),
    Row("convnext_large", (3, 224, 224), 197_767_336, 34_361_433_600, 43_127_272, 34.361,
        "torchvision"),
    Row("convnext_small", (3, 224, 224), 50_223_688, 8_683_712_256, 21_564_136, 8.684,
        "torchvision"),
    Row("convnext_tiny", (3, 224, 224), 28_589_128, 4_455_531_264, 13_435_624, 4.456,
        "torchvision"),
    Row("densenet121", (3, 224, 224), 7_978_856, 2_834_161_664, 6_900_200, 2.834, "torchvision"),
    Row("densenet169", (3, 224, 224), 14_149_480, 3_359_843_328, 7_301_608, 3.36, "torchvision"),
    Row("efficientnet_b0", (3, 224, 224), 5_288_548, 385_814_752, 6_748_036, 0.386, "torchvision"),
    Row("efficientnet_b1", (3, 240, 240), 7_794_184, 686_802_832, 10_884_328, 0.687, "torchvision"),
    Row("efficientnet_b3", (3, 300, 300), 12_233_232, 1_827_141_392, 23_831_296, 1.827,
        "torchvision"),
    Row("efficientnet_b5", (3, 456, 456), 30_389_784, 10_266_384_752, 98_857_400, 10.266,
        "torchvision"),
    Row("efficientnet_b7", (3, 600, 600), 66_347_960, 37_745_884_192, 289_939_464, 37.746,
        "torchvision"),
    Row("efficientnet_v2_l", (3, 480, 480), 118_515_272, 56_079_699_008, 157_987_752, 56.08,
        "torchvision"),
    Row("efficientnet_v2_s", (3, 384, 384), 21_458_488, 8_365_617_152, 35_766_624, 8.366,
        "torchvision"),
    Row("googlenet", (3, 224, 224), 6_624_904, 1_498_376_192, 3_227_160, 1.498, "torchvision"),
    Row("googlenet_aux", (3, 224, 224), 13_004_888, 1_498_376_192, 3_227_160, 1.498, "torchvision"),
    Row("inception_v3", (3, 299, 299), 23_834_568, 5_713_216_096, 8_968_488, 5.713, "torchvision"),
    Row("inception_v3_aux", (3, 299, 299), 27_161_264, 5_713_216_096, 8_968_488, 5.713,
        "torchvision"),
    Row("mnasnet0_75", (3, 224, 224), 3_170_208, 215_493_104, 4_766_152, 0.215, "torchvision"),
    Row("mnasnet1_0", (3, 224, 224), 4_383_312, 314_415_872, 5_457_640, 0.314, "torchvision"),
    Row("mobilenet_v2", (3, 224, 224), 3_504_872, 300_774_272, 6_679_112, 0.301, "torchvision"),
    Row("mobilenet_v3_large", (3, 224, 224), 5_483_032, 216_589_760, 4_407_168, 0.217,
        "torchvision"),
    Row("regnet_x_16gf", (3, 224, 224), 54_278_536, 15_940_755_456, 25_515_496, 15.941,
        "torchvision"),
    Row("regnet_x_3_2gf", (3, 224, 224), 15_296_552, 3_176_621_952, 11_367_432, 3.177,
        "torchvision"),
    Row("regnet_x_400mf", (3, 224, 224), 5_495_976, 413_812_608, 3_174_632, 0.414, "torchvision"),
    Row("regnet_x_800mf", (3, 224, 224), 7_259_656, 799_699_712, 5_148_744, 0.8, "torchvision"),
    Row("regnet_y_1_6gf", (3, 224, 224), 11_202_430, 1_612_076_160, 8_044_814, 1.612,
        "torchvision"),
    Row("regnet_y_32gf", (3, 224, 224), 145_046_770, 32_279_552_832, 30_261_570, 32.28,
        "torchvision"),
    Row("regnet_y_400mf", (3, 224, 224), 4_344_144, 401_842_848, 3_892_496, 0.402, "torchvision"),
    Row("regnet_y_8gf", (3, 224, 224), 39_381_472, 8_473_070_592, 19_725_216, 8.473, "torchvision"),
    Row("resnet101", (3, 224, 224), 44_549_160, 7_801_405_440, 16_232_936, 7.801, "torchvision"),
    Row("resnet18", (3, 224, 224), 11_689_512, 1_814_073_344, 2_484_712, 1.814, "torchvision"),
    Row("resnet50", (3, 224, 224), 25_557_032, 4_089_184_256, 11_114_984, 4.089, "torchvision"),
    Row("resnext101_32x8d", (3, 224, 224), 88_791_336, 16_414_015_488, 31_210_472, 16.414,
        "torchvision"),
    Row("resnext50_32x4d", (3, 224, 224), 25_028_904, 4_230_479_872, 14_401_512, 4.23,
        "torchvision"),
    Row("shufflenet_v2_x1_0", (3, 224, 224), 2_278_604, 144_907_992, 1_951_200, 0.145,
        "torchvision"),
    Row("shufflenet_v2_x1_5", (3, 224, 224), 3_503_624, 295_759_392, 2_768_520, 0.296,
        "torchvision"),
    Row("squeezenet1_0", (3, 224, 224), 1_248_424, 818_924_576, 4_346_248, 0.819, "torchvision"),
    Row("vgg11", (3, 224, 224), 132_863_336, 7_609_090_048, 7_435_240, 7.609, "torchvision"),
    Row("vgg11_bn", (3, 224, 224), 132_868_840, 7_609_090_048, 7_435_240, 7.609, "torchvision"),
    Row("vgg13_bn", (3, 224, 224), 133_053_736, 11_308_466_176, 12_252_136, 11.308, "torchvision"),
    Row("vgg16", (3, 224, 224), 138_357_544, 15_470_264_320, 13_556_712, 15.47, "torchvision"),
    Row("vgg16_bn", (3, 224, 224), 138_365_992, 15_470_264_320, 13_556_712, 15.47, "torchvision"),
    Row("vgg19", (3, 224, 224), 143_667_240, 19_632_062_464, 14_861_288, 19.632, "torchvision"),
    Row("wide_resnet50_2", (3, 224, 224), 68_883_240, 11_398_021_120, 14_401_512, 11.398,
        "torchvision"),
    Row("hardnet39ds", (3, 224, 224), 3_488_228, 429_471_474, 3_960_396, 0.44,
        "PingoLH/Pytorch-HarDNet; counted from its layer rule"),
    Row("hardnet68", (3, 224, 224), 17_565_348, 4_246_114_304, 4_173_742, 4.3,
        "PingoLH/Pytorch-HarDNet; counted from its layer rule"),
    Row("yolov5s", (3, 640, 640), 7_235_389, 8_216_780_800, 25_796_400, None,
        "ultralytics/yolov5 v7.0 (published GFLOPs are 2 x MACs plus extras)"),
    Row("yolov5l", (3, 640, 640), 46_563_709, 54_496_870_400, 75_665_200, None,
        "ultralytics/yolov5 v7.0 (published GFLOPs are 2 x MACs plus extras)"),
    Row("mobilenet_v1", (3, 224, 224), 4_231_976, 568_740_352, 5_043_688, None,
        "Howard et al. 2017; params as imgclsmob publishes"),
    Row("mobilenet_v1_x0_5", (3, 224, 224), 1_331_592, 149_497_088, 2_522_344, None,
        "Howard et al. 2017; params as imgclsmob publishes"),
    Row("xception", (3, 299, 299), 22_855_952, 8_357_403_496, 35_825_968, None,
        "Chollet 2017; params as Keras (trainable) and imgclsmob publish"),
    Row("ghostnet", (3, 224, 224), 5_182_508, 141_150_512, 3_545_396, 0.141, "Han et al. 2020"),
    Row("repvgg_a0", (3, 224, 224), 9_108_968, 1_512_581_120, 3_588_584, None, "DingXiaoH/RepVGG"),
    Row("repvgg_a0_deploy", (3, 224, 224), 8_309_384, 1_361_451_008, 1_794_792, None,
        "DingXiaoH/RepVGG"),
)  # fmt: skip

# torchvision's num_params and _ops; the rest counted from its modules (video, RetinaNet) and timm's
# (HRNet). The U-Net's params as PyTorch Hub's model of that name has them.
OF_OTHER_FORMS = (
    Row("r3d_18", (3, 16, 112, 112), 33_371_472, 40_696_553_472, 21_325_200, 40.697, "torchvision"),
    Row("mc3_18", (3, 16, 112, 112), 11_695_440, 43_342_635_008, 30_106_000, 43.343, "torchvision"),
    Row("r2plus1d_18", (3, 16, 112, 112), 31_505_325, 40_519_080_960, 62_906_502, 40.519,
        "torchvision"),
    Row("unet", (3, 256, 256), 7_763_041, 12_071_206_912, 19_988_480, None, "PyTorch Hub"),
    Row("retinanet_resnet50_fpn", (3, 800, 1344), 34_014_999, 254_469_734_400, 314_563_200, None,
        "torchvision"),
    Row("regnet_y_128gf", (3, 384, 384), 644_812_894, 374_570_006_400, 210_196_254, 374.57,
        "torchvision"),
    Row("mobilevit_s", (3, 256, 256), 5_578_632, 2_000_831_488, 19_943_400, None, "timm"),
    Row("mobilevit_xs", (3, 256, 256), 2_317_848, 1_025_911_808, 16_334_824, None, "timm"),
    Row("mobilevit_xxs", (3, 256, 256), 1_272_024, 407_364_096, 8_338_408, None, "timm"),
    Row("edgenext_xx_small", (3, 256, 256), 1_327_216, 257_905_088, 3_327_688, None, "timm"),
    Row("edgenext_x_small", (3, 256, 256), 2_336_804, 533_192_192, 5_929_388, None, "timm"),
    Row("edgenext_small", (3, 256, 256), 5_586_832, 1_253_234_816, 9_067_272, None, "timm"),
    Row("hrnet_w18_small", (3, 224, 224), 13_187_464, 1_601_508_352, 5_717_144, None, "timm"),
)  # fmt: skip
ROWS = (*CLASSIFIERS, *OF_OTHER_FORMS)

KEPT = (  # bytes at batch 2, PyTorch 2.13: the tensors that autograd saves, storages counted once
    ("r3d_18", 337_626_624),
    ("mc3_18", 464_070_144),
    ("r2plus1d_18", 1_002_990_456),
    ("mobilevit_s", 378_306_432),
    ("mobilevit_xs", 312_261_632),
    ("mobilevit_xxs", 136_296_000),
    ("mobilevit_s@fused=true", 359_438_208),  # attention as one kernel, on the CPU
    ("regnet_y_128gf", 3_738_086_384),
)

# mlcommons/tiny (1afd2c9): bytes of constants in the published int8 files, less the two int32 of a
# reshape's shape that three of them hold besides.
INT8_CONSTANTS = (
    ("mlperf_tiny_vww", 219_072 - 8),
    ("mlperf_tiny_ic", 78_752 - 8),
    ("mlperf_tiny_kws", 24_376 - 8),
    ("mlperf_tiny_ad", 270_880),
)

PUBLISHED_PARAMS = (  # num_params in the metadata of torchvision's weights
    ("vgg13", 133_047_848),
    ("vgg19_bn", 143_678_248),
    ("resnet34", 21_797_672),
    ("resnet152", 60_192_808),
    ("resnext101_64x4d", 83_455_272),
    ("wide_resnet101_2", 126_886_696),
    ("squeezenet1_1", 1_235_496),
    ("densenet161", 28_681_000),
    ("densenet201", 20_013_928),
    ("mobilenet_v3_small", 2_542_856),
    ("mnasnet0_5", 2_218_512),
    ("mnasnet1_3", 6_282_256),
    ("shufflenet_v2_x0_5", 1_366_792),
    ("shufflenet_v2_x2_0", 7_393_996),
    ("efficientnet_b2", 9_109_994),
    ("efficientnet_b4", 19_341_616),
    ("efficientnet_b6", 43_040_704),
    ("efficientnet_v2_m", 54_139_356),
    ("regnet_x_1_6gf", 9_190_136),
    ("regnet_x_8gf", 39_572_648),
    ("regnet_x_32gf", 107_811_560),
    ("regnet_y_800mf", 6_432_512),
    ("regnet_y_3_2gf", 19_436_338),
    ("regnet_y_16gf", 83_590_140),
    ("convnext_base", 88_591_464),
    # ultralytics 8.4.190, the comments of yolov8.yaml and yolo11.yaml
    ("yolov8n", 3_157_200),
    ("yolov8s", 11_166_560),
    ("yolov8m", 25_902_640),
    ("yolov8l", 43_691_520),
    ("yolov8x", 68_229_648),
    ("yolo11n", 2_624_080),
    ("yolo11s", 9_458_752),
    ("yolo11m", 20_114_688),
    ("yolo11l", 25_372_160),
    ("yolo11x", 56_966_176),
)

FUSED_PARAMS = (  # ultralytics/yolov5 v7.0: as trained, and fused
    ("yolov5n", 1_872_157, 1_867_405),
    ("yolov5s", 7_235_389, 7_225_885),
    ("yolov5m", 21_190_557, 21_172_173),
    ("yolov5l", 46_563_709, 46_533_693),
    ("yolov5x", 86_749_405, 86_705_005),
)

PEAKS = (  # elements, with norm folded and activation and add in place
    ("resnet18", 1_003_520),
    ("resnet50", 1_806_336),
    ("mobilenet_v2", 1_505_280),
    ("vgg16", 6_422_528),
    ("squeezenet1_0", 1_492_992),
    ("efficientnet_b0", 1_505_280),
)


@each_of(ROWS, ids=[row.name for row in ROWS])
def test_network_equals_its_published_figures(row: Row) -> None:
    report = shipped.report(row.name)
    totals = report.totals
    assert report.input == row.input
    assert (totals.params, totals.macs, totals.activations) == (
        row.params,
        row.macs,
        row.activations,
    )
    if row.gmacs is not None and row.source == "torchvision":
        assert round(totals.macs / 1e9, 3) == row.gmacs


@each_of(KEPT)
def test_what_is_kept_for_backward(name: str, kept: int) -> None:
    graph = shipped.graph(name)
    batch = bncalc.Assumptions(batch=2)
    numbers = bncalc.measure(graph, batch, also=["training"]).numbers()
    assert numbers["saved_for_backward_bytes"] == kept


def test_the_field_of_a_network_of_volumes() -> None:
    graph = shipped.graph("r3d_18")
    numbers = bncalc.measure(graph, also=["receptive_field"]).numbers()
    assert numbers["receptive_field"] == (109, 219, 219)
    assert numbers["effective_stride"] == (8, 16, 16)


@each_of(PUBLISHED_PARAMS)
def test_params_equal_the_published_ones(name: str, params: int) -> None:
    assert shipped.report(name).totals.params == params


@each_of(FUSED_PARAMS)
def test_yolov5_as_trained_and_fused(name: str, trained: int, fused: int) -> None:
    graph = shipped.graph(name)
    before, after = shipped.report(name), bncalc.measure(fold_norm(graph))
    assert (before.totals.params, after.totals.params) == (trained, fused)
    assert (after.totals.macs, after.totals.buffers) == (before.totals.macs, 0)


@each_of(PEAKS)
def test_peak_activation_memory(name: str, elements: int) -> None:
    assert shipped.report(name).totals.peak_activation_bytes == 4 * elements


@pytest.mark.parametrize(("name", "constants"), INT8_CONSTANTS)
def test_weights_and_biases_of_the_int8_files(name: str, constants: int) -> None:
    graph = shipped.graph(name)
    assert bncalc.measure(graph, also=["flash"]).numbers()["flash_bytes"] == constants


@each_of(MODELS)
def test_every_shipped_name_opens_and_comes_to_the_figures_that_are_listed(name: str) -> None:
    report = shipped.report(name)
    assert report.name == name
    assert shipped.model(name).warnings == ()  # of a map that nobody reads
    assert figures()[name] == (report.totals.params, report.totals.macs)


def test_every_file_has_a_row_that_somebody_published_or_counted() -> None:
    named = {name for name, *_ in (*PUBLISHED_PARAMS, *FUSED_PARAMS, *INT8_CONSTANTS)}
    files = {MODELS[name] for name in named | {row.name for row in ROWS}}
    assert set(MODELS.values()) - files == {"acnet"}  # of it only the receptive field is published


def test_the_index_names_what_the_files_hold() -> None:
    held: dict[str, str] = {}
    for path in sorted(Path(zoo.__path__[0]).glob("*.yaml")):
        spec, problems = decode(str(path))
        assert not problems
        assert spec.source, path
        assert spec.description, path
        assert path.read_text().startswith("# yaml-language-server: $schema=")
        held |= dict.fromkeys(spec.variants or [path.stem], path.stem)
    assert list(held.items()) == list(MODELS.items())
    assert all(Path(file_of(name)).exists() for name in MODELS)


@pytest.mark.parametrize(
    ("name", "published", "digits"), [("hardnet39ds", 0.44, 2), ("hardnet68", 4.3, 1)]
)
def test_hardnet_publishes_macs_with_two_operations_for_each_norm_element(
    name: str, published: float, digits: int
) -> None:
    """Chao et al. 2019, table 1: its counter adds the norms; here they are apart."""
    report = shipped.report(name)
    norms = sum(layer.cost.elementwise for layer in report.layers if layer.op == "batch_norm")
    assert round((report.totals.macs + norms) / 1e9, digits) == published
    assert round(report.totals.macs / 1e9, digits) != published


def test_the_budgets_of_the_zoo_are_its_published_figures() -> None:
    budgets = read_budgets(str(Path(__file__).parents[2] / "configs/budgets.yaml")).budgets
    limits = {
        (budget.name, limit.metric): int(limit.hard.number)
        for budget in budgets
        for limit in budget.limits
        if limit.hard
    }
    for (name, metric), most in limits.items():
        assert METRICS[metric].total(shipped.report(name)) <= most
    named = {name for name, _ in limits}
    for row in ROWS:
        if row.name in named:
            assert (limits[row.name, "params"], limits[row.name, "macs"]) == (row.params, row.macs)
    for name, params in (
        *PUBLISHED_PARAMS,
        *((name, trained) for name, trained, _ in FUSED_PARAMS),
    ):
        assert limits[name, "params"] == params
