"""Ultralytics files: modules against what the package itself builds, files written here, mistakes.

`modules.csv` holds single rows of the published files of ultralytics 8.4.190 with the params and
MACs that were measured on the built models, on the meta device.
"""

import csv
import json
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.problems import problems_of
from tests.rows import each_of

import bncalc
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.model.ops.convolution import Conv
from bncalc.model.ops.normalisation import BatchNorm
from bncalc.model.reading import Request
from bncalc.model.shape import collapsed
from bncalc.opening.model import open_model
from bncalc.readers.ultralytics import reader
from bncalc.readers.ultralytics.scale import ModelScale, letter_in, without_letter

with Path(__file__).with_name("modules.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


def written(tmp_path: Path, text: str, name: str = "net.yaml") -> str:
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def reported(path: str, *shape: int) -> Report:
    (graph,) = bncalc.load(path, input=shape or None)
    return measure(graph)


@each_of(ROWS, ids=lambda row: f"{row['module']}-{row['file']}-{row['row']}")
def test_modules_cost_what_the_built_ones_do(row: dict[str, str], tmp_path: Path) -> None:
    depth, width, most = json.loads(row["depth_width_most"])
    letter = row["scale"] or "a"
    text = (
        f"scales: {{{letter}: [{depth}, {width}, {most or 100000}]}}\n"
        f"backbone:\n  - [-1, {row['repeats']}, {row['module']}, {row['args']}]\nhead: []\n"
    )
    shape = tuple(map(int, row["input"].split("x")))
    report = reported(written(tmp_path, text), *shape)
    assert (report.totals.params, report.totals.macs) == (int(row["params"]), int(row["macs"]))


class Head(NamedTuple):
    """A head's row, the channels of its levels, whether the file is of YOLO11 or later; figures."""

    of: str
    module: str
    arguments: str
    channels: tuple[int, int, int]
    recent: bool
    params: int
    macs: int
    says: str = ""
    """What the file says of the model."""
    bins: int = 16


SMALL, NANO, EVEN = (128, 256, 512), (64, 128, 256), (256, 256, 256)
END_TO_END = "end2end: True\nreg_max: 1\n"
HEADS = (
    Head("yolo12 s", "Detect", "[80]", SMALL, True, 850_368, 1_599_539_200),
    Head("yolov8-ghost s", "Detect", "[80]", SMALL, False, 2_147_008, 4_145_971_200),
    Head("yolov8-obb s", "OBB", "[80, 1]", SMALL, False, 2_433_187, 4_636_531_200),
    Head("yolov8-pose s", "Pose", "[1, [17, 3]]", SMALL, False, 2_606_494, 4_937_536_800),
    Head("yolov8-seg s", "Segment", "[80, 32, 128]", SMALL, False, 2_801_504, 9_887_744_000),
    Head("yolo11-obb n", "OBB", "[80, 1]", NANO, True, 536_579, 1_057_011_200),
    Head("yolo11-pose n", "Pose", "[80, [17, 3]]", NANO, True, 749_339, 1_481_799_200),
    Head("yolov10 n", "v10Detect", "[80]", NANO, False, 929_808, 1_868_608_000),
    Head("yolov10 s", "v10Detect", "[80]", SMALL, False, 1_700_720, 3_199_078_400),
    Head(
        # In training, 5,249,384,000: how certain points are is 4 · 85 · 17 · 8,400 more.
        "yolo26-pose s", "Pose26", "[80, [17, 3]]", SMALL, True, 2_854_498, 5_200_832_000,
        END_TO_END, 0,
    ),
    Head(
        "yolo26-seg s", "Segment26", "[80, 32, 128]", SMALL, True, 2_489_800, 9_105_203_200,
        END_TO_END, 0,
    ),
    Head("rtdetr-l", "RTDETRDecoder", "[80]", EVEN, False, 7_466_252, 7_041_945_600, "", 0),
)  # fmt: skip
DFL = 4 * 8400
"""MACs for each bin of the fixed 1×1; the heads were measured while training and did not run it."""


@each_of(HEADS, ids=lambda head: head.of)
def test_heads_cost_what_the_built_ones_do(head: Head, tmp_path: Path) -> None:
    a, b, c = head.channels
    recent = f"  - [-1, 1, C3k2, [{c}, False]]\n" if head.recent else "  - [-1, 1, Identity, []]\n"
    text = (
        f"{head.says}backbone:\n  - [-1, 1, Conv, [{a}, 1, 8]]\n  - [-1, 1, Conv, [{b}, 3, 2]]\n"
        f"  - [-1, 1, Conv, [{c}, 3, 2]]\n{recent}"
        f"head:\n  - [[0, 1, 2], 1, {head.module}, {head.arguments}]\n"
    )
    model = open_model(written(tmp_path, text))
    layers = [layer for layer in measure(model.graphs[0]).layers if layer.path.startswith("4/")]
    owners = [layer for layer in layers if layer.weights_of is None]
    assert sum(layer.cost.params for layer in owners) == head.params
    macs = sum(layer.cost.macs for layer in layers if not layer.training_only)
    assert macs == head.macs + head.bins * DFL
    said = f"4/dfl runs at inference only: {head.bins * DFL:,} MACs that training does not have"
    assert [note.partition(": ")[2] for note in model.notes] == [said] * (head.bins > 0)


def test_scales_are_letters_of_names() -> None:
    names = ("yolo11s.yaml", "yolov8n-seg.yaml", "yolo12.yaml", "yolov9c.yaml", "net.yaml")
    assert [letter_in(name) for name in names] == ["s", "n", "", "c", ""]
    assert without_letter("cfg/yolo11s-seg.yaml") == "cfg/yolo11-seg.yaml"


def test_channels_are_cut_scaled_and_rounded_up_to_eight() -> None:
    scale = ModelScale("n", 0.33, 0.25, 1024)
    assert [scale.channels(c) for c in (64, 100, 2048)] == [16, 32, 256]
    assert [scale.repeats(n) for n in (1, 3, 6, 9)] == [1, 1, 2, 3]
    assert ModelScale("", 0.5).repeats(5) == 2  # Python's round: a half to the even number


CLASSIFIER = """
nc: 10
scales: {n: [0.5, 0.25, 1024], s: [0.5, 0.5, 1024]}
backbone:
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 2, C3k2, [128, False, 0.25]]
head:
  - [-1, 1, Classify, [nc]]
"""


def test_by_hand(tmp_path: Path) -> None:
    path = written(tmp_path, CLASSIFIER, "cls.yaml")
    report = reported(path + "#n")
    assert report.input == (3, 224, 224)
    by_row: dict[str, int] = {}
    for layer in report.layers:
        row = layer.path.split("/")[0]
        by_row[row] = by_row.get(row, 0) + layer.cost.params
    hidden = 8  # int(32 · 0.25)
    unit = hidden * 4 * 9 + 2 * 4 + 4 * hidden * 9 + 2 * hidden
    assert by_row["0"] == 3 * 16 * 9 + 2 * 16
    assert by_row["1"] == (16 * 16 + 2 * 16) + unit + (3 * hidden * 32 + 2 * 32)
    assert by_row["2"] == (32 * 1280 + 2 * 1280) + (1280 * 10 + 10)


SMALL_LAYERS = """
depth_multiple: 0.33
width_multiple: 0.5
backbone:
  - [-1, 1, Focus, [64, 3]]
  - [-1, 1, nn.BatchNorm2d, [64]]
  - [-1, 1, nn.LeakyReLU, [0.1]]
  - [-1, 1, nn.AvgPool2d, [3, 2, 1]]
head: []
"""


def test_layers_of_pytorch_and_focus_of_old_files_by_hand(tmp_path: Path) -> None:
    report = reported(written(tmp_path, SMALL_LAYERS), 3, 64, 64)
    assert [(layer.op, tuple(layer.output)) for layer in report.layers] == [
        ("space_to_depth", (12, 32, 32)),
        ("conv", (32, 32, 32)),
        ("batch_norm", (32, 32, 32)),
        ("silu", (32, 32, 32)),
        ("batch_norm", (32, 32, 32)),
        ("leaky_relu", (32, 32, 32)),
        ("avg_pool", (32, 16, 16)),
    ]
    assert report.totals.params == 12 * 32 * 9 + 2 * 32 + 2 * 32


def test_a_scale_is_picked_by_part_by_name_or_is_the_first(tmp_path: Path) -> None:
    path = written(tmp_path, CLASSIFIER, "yolo99-cls.yaml")
    small, large = (reported(f"{path}#{letter}").totals.params for letter in "ns")
    assert small < large
    assert reported(path).totals.params == small
    named = written(tmp_path, CLASSIFIER, "yolo99s-cls.yaml")
    assert reported(named).totals.params == large
    unscaled = str(tmp_path / "yolo99s-cls.yaml")
    Path(unscaled).unlink()
    assert reported(unscaled).totals.params == large
    assert open_model(f"{path}#s").variant == "s"
    assert [len(reader.read(Request(path, every=every))) for every in (False, True)] == [1, 2]
    assert [graph.name for graph in bncalc.load(path)] == ["yolo99-cls#n"]
    other = written(tmp_path, CLASSIFIER, "yolo99x-cls.yaml")
    with pytest.raises(bncalc.UsageError, match="no scale 'x'"):
        reported(other)
    plain = CLASSIFIER.replace("scales: {n: [0.5, 0.25, 1024], s: [0.5, 0.5, 1024]}\n", "")
    assert open_model(written(tmp_path, plain, "plain.yaml")).variant is None
    with pytest.raises(bncalc.UsageError, match="no scale 'q'"):
        reported(f"{path}#q")


def test_settings_are_the_files_own_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, CLASSIFIER)
    more = reported(f"{path}@nc=20").totals.params - reported(path).totals.params
    assert more == 10 * 1281
    with pytest.raises(bncalc.UsageError, match="has no 'classes' to set"):
        reported(f"{path}@classes=20")
    scaled = written(tmp_path, "width_multiple: 1.0\nbackbone: [[-1, 1, Conv, [64]]]\nhead: []\n")
    assert reported(f"{scaled}@width_multiple=0.5").layers[-1].output.channels == 32


def test_settings_are_checked_as_what_is_written_is(tmp_path: Path) -> None:
    head = "nc: 3\nch: 3\nactivation: nn.ReLU()\ndepth_multiple: 1\n"
    path = written(tmp_path, head + "backbone: [[-1, 1, Conv, [nc]]]\nhead: []\n")
    wrong = {"nc": "few", "ch": 0, "activation": "None", "depth_multiple": (1, 2)}
    with pytest.raises(bncalc.SpecError) as caught:
        bncalc.load(path, vars=wrong)
    assert {str(each).partition(";")[0] for each in caught.value.problems} == {
        f"{path}@nc: error: nc is 'few'",
        f"{path}@ch: error: ch is 0",
        f"{path}@activation: error: activation is 'None'",
        f"{path}@depth_multiple: error: depth_multiple is a list",
    }


def test_one_number_is_both_sides_of_the_image(tmp_path: Path) -> None:
    path = written(tmp_path, "ch: 1\n" + CLASSIFIER)
    assert reported(f"{path}@64").input == (1, 64, 64)
    assert reported(f"{path}@3,64,32").input == (3, 64, 32)
    with pytest.raises(bncalc.UsageError, match=r"the input 3×64 has 1 axis .* has 2; write"):
        reported(f"{path}@3,64")
    with pytest.raises(bncalc.UsageError, match=r"the batch is --batch, .*: was 3, 64, 32 meant"):
        reported(f"{path}@8,3,64,32")


def test_layers_know_the_row_that_they_come_from(tmp_path: Path) -> None:
    path = written(tmp_path, CLASSIFIER)
    (design,) = open_model(path).designs
    origins = design.by_path()
    assert {origin.call.location.line for origin in origins.values()} == {5, 6, 8}
    assert origins["1/cv1"].call.word == "C3k2"


def test_an_unknown_head_is_listed_and_never_counted_as_nothing(tmp_path: Path) -> None:
    text = "backbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead:\n  - [[0], 1, Depth, [1]]\n"
    report = reported(written(tmp_path, text))
    assert [layer.op for layer in report.uncounted] == ["Depth"]


@each_of(
    [
        ("[-1, 1, Cnv, [64]]\n  - [-1, 1, Conv, [8]]",
         "2:13: error: unknown module 'Cnv' (did you mean 'Conv'?)"),
        ("[-1, 1, Attend, [64]]\n  - [-1, 1, Conv, [8]]",
         "2:13: error: unknown module 'Attend'; --include FILE defines others"),
        ("[[-1], 1, Detct, [80]]", "2:15: error: unknown module 'Detct' (did you mean 'Detect'?)"),
        ("[4, 1, Conv, [64]]", "2:6: error: Conv: row 0 cannot read row 4, which is not before it"),
        ("[-1, 1, Conv]",
         "2:5: error: this is a list of 3; it must be [from, repeats, module, args]"),
        ("[x, 1, Conv, [8]]", "2:6: error: from is 'x'; it must be the number of a row"),
        ("[-1, 1, Conv, 8]", "2:19: error: args is 8; it must be a list"),
        ("[-1, 1, Conv, [a]]", "2:20: error: Conv: c2 is 'a'; it must be a whole number"),
        ("[-1, 1, Conv, []]", "2:19: error: Conv: c2 is not given; it must be a whole number"),
        ("[-1, 1, Conv, [8, 3, 0]]",
         "2:26: error: Conv: s is 0; it must be a whole number of at least 1"),
        ("[-1, 1, ADown, [8, 3]]", "2:24: error: ADown: it takes c2, and 2 are given"),
        ("[-1, 1, RepConv, [8, 5]]",
         "2:26: error: RepConv: k is 5; it must be 3: nothing else is known here"),
        ("[-1, 1, Bottleneck, [8, True, 1, [3, 5]]]",
         "2:38: error: Bottleneck: k is [3, 5]; it must be [3, 3]: nothing else is known here"),
        ("[-1, 1, C2f, [8, True, 1, 0]]", "2:31: error: C2f: e is 0; it must be"),
        ("[-1, 1, C2PSA, [64]]", "2:21: error: C2PSA: c2 makes 64 of 3 channels; it must keep"),
        ("[-1, 2000000, Conv, [8]]", "2:10: error: repeats is 2000000; it must be a whole number"),
        ("[-1, 1, C2f, [8, True, 1, 0.001]]", "2:5: error: C2f: e 0.001 leaves none of 8 channels"),
        ("[[-1], 1, CBFuse, [[0]]]", "2:6: error: CBFuse: it takes maps of CBLinear and the map"),
        ("[[-1, -1], 1, Conv, [8]]", "2:6: error: Conv: several maps arrive, but it takes one"),
        ("[[-1, -1], 1, AIFI, [16, 3]]", "2:6: error: AIFI: several maps arrive"),
        ("[-1, 1, Conv, [8, 3, 1, 1, 5]]", "2:32: error: Conv: 8 output channels are not"),
        ("[-1, 1, CSPBottleneck, [8]]\n  - [-1, 1, Conv, [8]]",
         "2:13: error: unknown module 'CSPBottleneck'; --include FILE defines others"),
        ("[-1, 1, BottleneckCSP, [8]]\n  - [-1, 1, Conv, [8]]",
         "unknown module 'BottleneckCSP' (did you mean 'Bottleneck'?); --include FILE defines"),
        ("[[-1], 1, Detect, [nc]]",
         "2:24: error: Detect: the file has no `nc:`, which must be a whole number of at least 1"),
    ]
)  # fmt: skip
def test_mistakes_are_told_at_their_place(row: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(bncalc.SpecError) as caught:
        reported(written(tmp_path, f"backbone:\n  - {row}\nhead: []\n"))
    assert says in str(caught.value)


@each_of(
    [
        ("RepConv", "8", "3, 1, 1, 1, 1, True, False"),
        ("Bottleneck", "8", "True, 1, [3, 3], 0.5"),
        ("GhostConv", "8", "1, 1, 1, True"),
        ("C2fCIB", "8", "False, False, 1, 0.5"),
        ("C2PSA", "128", "0.5"),
        ("SCDown", "8", "3, 2"),
        ("SPPF", "8", "5, 3, False"),
        ("nn.Upsample", "None", "2, nearest"),
        ("ResNetLayer", "128, 8", "1, False, 1, 4"),
    ]
)
def test_argument_that_is_the_usual_one_may_be_written(
    module: str, least: str, more: str, tmp_path: Path
) -> None:
    """The values are the defaults of the modules' own signatures."""
    stem = "backbone:\n  - [-1, 1, Conv, [128]]\n"
    short, long = (
        reported(written(tmp_path, f"{stem}  - [-1, 1, {module}, [{arguments}]]\nhead: []\n"))
        for arguments in (least, f"{least}, {more}")
    )
    assert short.totals == long.totals


@each_of(
    [
        ("3", 8 * 4 + 4 * 8 * 9),
        ("[[10, 13, 16, 30], [3, 5, 7, 9]]", 8 * 4 + 4 * 8 * 9),
        ("None", 576),
    ],
)
def test_file_of_yolov5_itself_has_anchors_and_bottlenecks_of_kernels_1_and_3(
    anchors: str, params: int, tmp_path: Path
) -> None:
    rows = "backbone:\n  - [-1, 1, Bottleneck, [8]]\nhead: []\n"
    report = reported(written(tmp_path, f"anchors: {anchors}\n{rows}"), 8, 16, 16)
    assert report.totals.params == params + 2 * (4 + 8)


def test_a_list_of_anchors_has_two_numbers_for_each(tmp_path: Path) -> None:
    rows = "nc: 4\nbackbone: [[-1, 1, Conv, [8]]]\nhead: [[[0], 1, Detect, [nc, anchors]]]\n"
    text = f"anchors: [[10, 13, 16, 30, 33, 23]]\n{rows}"
    head = reported(written(tmp_path, text), 8, 16, 16).layers[-1]
    assert head.cost.params == 3 * (5 + 4) * (8 + 1)  # a box, whether it is one, and classes
    levels = text.replace("33, 23]]", "33, 23], [30, 61, 62, 45, 59, 119]]")
    with pytest.raises(bncalc.SpecError, match="4:9: error: Detect: 1 map arrives, and the"):
        reported(written(tmp_path, levels))
    with pytest.raises(bncalc.SpecError, match="1:10: error: anchors is a list; it must be"):
        reported(written(tmp_path, levels.replace(", 119", "")))


def test_convolution_of_several_maps_has_the_usual_arguments(tmp_path: Path) -> None:
    text = (
        "backbone:\n  - [-1, 1, Conv, [8]]\n  - [0, 1, CBLinear, [[4, 8]{}]]\n"
        "  - [0, 1, Conv, [8]]\nhead:\n  - [[1, 2], 1, CBFuse, [[1]]]\n"
    )
    short, long = (reported(written(tmp_path, text.format(x))) for x in ("", ", 1, 1, 0, 1"))
    assert short.totals == long.totals
    assert "upsample" not in {layer.op for layer in short.layers}  # the maps are of one size


@pytest.mark.parametrize("row", ["SPPF, [8, 5, 1]", "RTDETRDecoder, [1]"])
def test_one_of_a_number_is_enough(row: str, tmp_path: Path) -> None:
    rows = f"backbone:\n  - [-1, 1, Conv, [256, 1, 32]]\nhead:\n  - [[0], 1, {row}]\n"
    assert not reported(written(tmp_path, rows)).uncounted


MISTAKES = """
dept_multiple: 0.33
backbone:
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 1, Cnov, [128, 3, 2]]
  - [-1, 3, C2f]
  - [-1, 1, Conv, [128, three]]
  - [0, 1, Conv, [64, 3, 1, 1, 5]]
head:
  - [[0, 9], 1, Concat, [1]]
  - [[-1, 0], 1, Concat, [1]]
"""


def test_every_mistake_is_told_at_once_and_what_follows_from_one_is_not(tmp_path: Path) -> None:
    places = [
        (each.location.line, each.location.column)
        for each in problems_of(reported, written(tmp_path, MISTAKES))
    ]
    assert places == [(2, 1), (5, 13), (6, 5), (7, 25), (8, 32), (10, 10)]


HOSTILE = """
nc: many
ch: 0
depth_multiple: x
anchors: [3, [1]]
scales: [1, 2]
backbone:
  - [7, 1, Conv, [64, 3, 2]]
  - [-1, 1, __import__('os').system, [64]]
  - [-1, 1, "nn.\\e[31mX", [64]]
  - [[-1, 77], 1, Concat, [1]]
head:
  - [[-1], 1, Detect, [nc]]
activation: nn.Relu()
"""


def test_what_cannot_be_is_told_even_of_a_row_that_reads_what_could_not_be_built(
    tmp_path: Path,
) -> None:
    with pytest.raises(bncalc.SpecError) as caught:
        reported(written(tmp_path, HOSTILE))
    messages = [f"{each.location.line}: {each.message}" for each in caught.value.problems]
    assert [message[:33] for message in messages] == [
        "2: nc is 'many'; it must be a who",
        "3: ch is 0; it must be a whole nu",
        "4: depth_multiple is 'x'; it must",
        "5: anchors is a list; it must be ",
        "6: scales is a list; it must be a",
        "8: Conv: row 0 cannot read row 7,",
        "9: unknown module \"__import__('os",
        "10: unknown module '\\x1b[31mX'; -",
        "11: Concat: row 3 cannot read row",
        "14: activation is 'nn.Relu()'; it",
    ]


def test_a_file_without_a_head_is_still_of_this_kind(tmp_path: Path) -> None:
    """One that is misspelt is told once, at its place; one that is missing at the file."""
    misspelt = CLASSIFIER.replace("head:", "heads:")
    (problem,) = problems_of(reported, written(tmp_path, misspelt))
    assert problem.message == "unknown key 'heads' (did you mean 'head'?)"
    (problem,) = problems_of(reported, written(tmp_path, CLASSIFIER.partition("head:")[0]))
    assert (
        problem.message == "the file has no `head:`, a list of rows [from, repeats, module, args]"
    )


@each_of(
    [
        ("3", "backbone is 3; it must be a list of rows [from, repeats, module, args]"),
        (
            "[" + "[-1, 1, Conv, [8]], " * 1001 + "]",
            "backbone has 1,001 rows; it may have at most 1,000",
        ),
    ]
)
def test_rows_are_not_judged_by_a_list_that_cannot_be_read(
    backbone: str, message: str, tmp_path: Path
) -> None:
    text = f"nc: x\nbackbone: {backbone}\nhead:\n  - [[-1, 4], 1, Concat, [1]]\n"
    told = [problem.message for problem in problems_of(reported, written(tmp_path, text))]
    assert told == ["nc is 'x'; it must be a whole number of at least 1", message]


def test_a_scale_is_three_factors(tmp_path: Path) -> None:
    scales = "scales:\n  a: [1, 0, x]\n  b: [1, 2]\n  c: []\n  n: [1, 1, 64]\n"
    path = written(tmp_path, f"{scales}backbone:\n  - [-1, 1, Conv, [8]]\nhead: []\n")
    assert [str(problem).removeprefix(path) for problem in problems_of(reported, path)] == [
        ":2:10: error: width of scale a is 0; it must be a number above 0",
        ":2:13: error: most channels of scale a is 'x'; it must be a number above 0",
        ":3:6: error: scale b is a list of 2; it must be [depth, width, most channels]",
        ":4:6: error: scale c is a list; it must be [depth, width, most channels]",
    ]


@each_of(
    [
        ("scale: {n: [0.5, 0.25, 64]}", "1:8: error: scale is a mapping; it must be one letter"),
        ("end2end: maybe", "1:10: error: end2end is 'maybe'; it must be True or False"),
    ]
)
def test_a_value_that_would_change_the_count_is_never_passed_over(
    value: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(bncalc.SpecError, match=says):
        reported(written(tmp_path, f"{value}\nbackbone: [[-1, 1, Conv, [8]]]\nhead: []\n"))


@each_of(
    [
        ("Detekt", "Detect"), ("Dectect", "Detect"), ("Poze", "Pose"), ("OOB", "OBB"),
        ("Segmnt", "Segment"), ("Clasify", "Classify"), ("RTDETRDecode", "RTDETRDecoder"),
        ("Detection", None), ("WorldDetect", None), ("IDetect", None), ("SegmentPlus", None),
    ]
)  # fmt: skip
def test_a_head_with_a_slip_is_a_mistake_and_another_word_is_a_head(
    word: str, meant: str | None, tmp_path: Path
) -> None:
    path = written(tmp_path, f"backbone: [[-1, 1, Conv, [8]]]\nhead: [[[0], 1, {word}, [1]]]\n")
    if meant is None:
        assert [layer.op for layer in reported(path).uncounted] == [word]
        return
    (problem,) = problems_of(reported, path)
    assert problem.message == f"unknown module '{word}' (did you mean '{meant}'?)"


@each_of([("None, 1.5", (15, 7)), ("[40, 30]", (40, 30)), ("24", (24, 24)), ("None, 3", (30, 15))])
def test_an_upsample_is_to_a_size_or_by_a_factor_rounded_down(
    size: str, sides: tuple[int, int], tmp_path: Path
) -> None:
    """As `torch.nn.Upsample(size, scale_factor)` has it; 5 · 1.5 is 7."""
    rows = f"backbone: [[-1, 1, nn.Upsample, [{size}]]]\nhead: []\n"
    assert reported(written(tmp_path, rows), 3, 10, 5).layers[0].output == (3, *sides)


def test_an_argument_that_a_scale_overrules_is_read_all_the_same(tmp_path: Path) -> None:
    text = "scales: {x: [1, 1, 512]}\nbackbone:\n  - [-1, 1, C3k2, [8, Flase]]\nhead: []\n"
    with pytest.raises(bncalc.SpecError, match="3:23: error: C3k2: c3k is 'Flase'"):
        reported(written(tmp_path, text))


OWN = """
define:
  CBAM:
    args: {ratio: 16}
    layers:
      - squeeze_excitation: {mid: =cin//ratio}
  Stage:
    args: {out: , n: 1, e: 0.5}
    layers:
      - conv: {out: =out*e, kernel: 1}
      - conv: {out: =out*e}
        repeat: =n
"""
USING = """
scales: {s: [0.5, 0.5, 1024]}
backbone:
  - [-1, 4, Stage, [128]]
  - [-1, 1, CBAM, [8]]
head: []
"""


def test_modules_of_the_users_own_are_blocks_of_a_file(tmp_path: Path) -> None:
    """`out` is scaled, `n` takes the repeats; norms and activations are the model's."""
    from bncalc.opening.model import Overrides, open_model

    own = written(tmp_path, OWN, "own.yaml")
    path = written(tmp_path, USING)
    (by_call,) = open_model(path, Overrides(include=(own,))).graphs
    (by_file,) = bncalc.load(written(tmp_path, f"include: own.yaml{USING}", "includes.yaml"))
    stage = (3 * 32 + 2 * 32) + 2 * (32 * 32 * 9 + 2 * 32)  # 128 · 0.5 · e channels, twice
    gate = (32 * 4 + 4) + (4 * 32 + 32)
    for graph in (by_call, by_file):
        assert measure(graph).totals.params == stage + gate
    assert next(node.path for node in by_call.nodes if node.op.word == "silu") == "0/conv1.act"


@each_of(
    [
        (USING.replace("[128]", "[]"), "4:20: error: Stage: it needs 'out'"),
        (USING.replace("[8]", "[0]"), "own.yaml:6:39: error: division by zero"),
        (USING.replace("[8]", "[8, 9]"), "5:23: error: CBAM: it takes ratio, and 2 are given"),
        (
            USING.replace("CBAM", "CBAMs"),
            "5:13: error: unknown module 'CBAMs' (did you mean 'CBAM'?)",
        ),
    ],
)
def test_mistakes_about_modules_of_the_users_own(text: str, says: str, tmp_path: Path) -> None:
    written(tmp_path, OWN, "own.yaml")
    with pytest.raises(bncalc.SpecError) as caught:
        reported(written(tmp_path, f"include: own.yaml{text}"))
    assert says in str(caught.value)
    assert len(caught.value.problems) == 1


@each_of(
    [
        (OWN.replace("args: {out:", "arg: {out:"), "own.yaml:8:5: error: unknown key 'arg'"),
        (OWN.replace("n: 1", "out: 1"), "error: duplicate key 'out'"),
    ]
)
def test_a_mistake_in_modules_of_the_users_own_is_told_once(
    own: str, says: str, tmp_path: Path
) -> None:
    written(tmp_path, own, "own.yaml")
    with pytest.raises(bncalc.SpecError) as caught:
        reported(written(tmp_path, f"include: own.yaml{USING}"))
    (problem,) = caught.value.problems
    assert says in str(problem)


@each_of(["n", "s", "m", "l", "x"])
def test_units_of_c3k2_are_cross_stage_blocks_from_the_scale_m_on(
    letter: str, tmp_path: Path
) -> None:
    """As in the published yolo11m, whose rows say False too."""
    text = (
        f"scales: {{{letter}: [1, 1, 1024]}}\nbackbone:\n  - [-1, 1, C3k2, [64, False]]\nhead: []\n"
    )
    report = reported(written(tmp_path, text), 64, 8, 8)
    ends = (64 * 64 + 2 * 64) + (3 * 32 * 64 + 2 * 64)
    # 3×3 from 32 to 16 and back; or a C3 of 16 hidden channels with two bottlenecks of two 3×3.
    plain = (32 * 16 * 9 + 2 * 16) + (16 * 32 * 9 + 2 * 32)
    crossed = 2 * (32 * 16 + 2 * 16) + (32 * 32 + 2 * 32) + 4 * (16 * 16 * 9 + 2 * 16)
    assert report.totals.params == ends + (crossed if letter in "mlx" else plain)


def test_copies_of_a_row_have_paths_of_their_own(tmp_path: Path) -> None:
    text = "backbone:\n  - [-1, 1, Conv, [8, 3, 2]]\n  - [-1, 2, Conv, [8]]\nhead: []\n"
    (graph,) = bncalc.load(written(tmp_path, text))
    assert [node.path for node in graph.nodes if node.op.word == "conv"] == [
        "0/conv",
        "1/0/conv",
        "1/1/conv",
    ]


@each_of(
    [
        ("Conv, [8]", Conv(out=8, kernel=1, padding=0)),
        ("Conv, [8, 3, 2]", Conv(out=8, kernel=3, stride=2, padding=1)),
        (
            "Conv, [8, 5, 2, 1, 4, 2, False]",
            Conv(out=8, kernel=5, stride=2, padding=1, groups=4, dilation=2),
        ),
        ("Conv, [8, 3, 1, null, 1, 2]", Conv(out=8, kernel=3, padding=2, dilation=2)),
        ("DWConv, [8]", Conv(out=8, kernel=1, padding=0, groups=4)),
        (
            "DWConv, [24, 3, 2, 2]",
            Conv(out=24, kernel=3, stride=2, padding=2, dilation=2, groups=4),
        ),
    ]
)
def test_a_convolution_is_as_its_row_says(row: str, placed: Conv, tmp_path: Path) -> None:
    text = f"scales: {{a: [1, 1, 1024]}}\nbackbone:\n  - [-1, 1, {row}]\nhead: []\n"
    (graph,) = bncalc.load(written(tmp_path, text), input=(4, 16, 16))
    op = graph.nodes[1].op
    assert isinstance(op, Conv)
    for name in ("out", "kernel", "stride", "padding", "groups", "dilation"):
        assert collapsed(getattr(op, name)) == collapsed(getattr(placed, name)), name
    ops = [node.op for node in graph.nodes[1:]]
    assert ops[1] == BatchNorm(eps=0.001)
    assert [op.word for op in ops] == ["conv", "batch_norm", *([] if "False" in row else ["silu"])]
