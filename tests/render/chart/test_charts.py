"""Charts of real networks: pictures that are XML, lines that fit, the peak and every name seen."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import shipped
from tests.program import run
from tests.render.verdict.examples import FAILED, PEAK, WARNED, WEIGHTS, verdict
from tests.rows import each_of

import bncalc
from bncalc.analysis.comparison import compare
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.model.net import Net
from bncalc.model.shape import Shape
from bncalc.render.breadth import breadth, in_cells, shortened
from bncalc.render.chart import Chart
from bncalc.render.chart.arena import arena
from bncalc.render.chart.bars import bars
from bncalc.render.chart.field import field
from bncalc.render.chart.glyphs import ASCII, UNICODE, columns_of, in_ascii
from bncalc.render.chart.histogram import histogram
from bncalc.render.chart.hourglass import hourglasses
from bncalc.render.chart.label import Box, Label, place_labels, write_names
from bncalc.render.chart.memory import Memory, Stage, memory
from bncalc.render.chart.parts import parts
from bncalc.render.chart.scale import Dimension, dimension, linear, logarithmic, spanning, ticks
from bncalc.render.chart.scatter import scatter
from bncalc.render.chart.svg import DARK, LIGHT, WIDTH, number, text_width
from bncalc.render.chart.time import time
from bncalc.render.chart.usage import Usage, UsageBar, usage

GOLDEN = Path(__file__).with_name("golden")
SVG = "{http://www.w3.org/2000/svg}"


def report(name: str, *also: str, device: str = "") -> Report:
    from bncalc.analysis.assumptions import DTYPES
    from bncalc.language.device import open_device

    on = open_device(device, DTYPES) if device else None
    return measure(shipped.graph(name), bncalc.Assumptions(device=on), also)


def hostile() -> Report:
    net = Net(Shape(3, 8, 8))
    with net.part("stage", "<script>&\"'"):
        net.conv(net.input, 4, 3)
    return measure(net.graph("</title><b>"))


@pytest.fixture(scope="module")
def charts() -> dict[str, Chart]:
    small = [report(name) for name in ("resnet18", "mobilenet_v2", "squeezenet1_1")]
    names = [each.name for each in small]
    values = [(float(each.totals.params), float(each.totals.macs)) for each in small]
    blocks = [measure(graph) for graph in bncalc.load("configs/resnet256.yaml")]
    return {
        "parts": parts(small[0], "macs"),
        "memory": memory(small[0]),
        "time": time(report("mobilenet_v1", "roofline", device="raspberry_pi_5")),
        "bars": bars(compare(tuple(small), names[0]), ("params", "peak")),
        "scatter": scatter(names, dimension("params"), dimension("macs"), values),
        "histogram": histogram("macs", [each.totals.macs for each in blocks]),
        "block": hourglasses(blocks)[2],
        "field": field(report("mobilenet_v1", "receptive_field")),
        "arena": arena(report("mlperf_tiny_ic", "deployment", device="stm32f746")),
    }


SMALL = ("a_na", "one", "equa", "usag")
"""How the names of unusual charts begin whose pictures are small enough to be kept."""
KINDS = ("parts", "memory", "time", "bars", "scatter", "histogram", "block", "field", "arena")


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_xml_with_a_title_and_a_description(
    kind: str, charts: dict[str, Chart]
) -> None:
    root = ElementTree.fromstring(charts[kind].svg(DARK))
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == root.attrib["aria-label"] == charts[kind].title
    assert root.findtext(f"{SVG}desc")
    assert "var(" not in charts[kind].svg(DARK)


def unusual() -> Iterator[tuple[str, Chart]]:
    """Yield charts of a network with very long names, of one with very many layers, of few."""
    long = (
        "a_name_that_a_program_made_of_all_that_it_knew_about_this_layer_and_the_layers_before_it"
    )
    for name, stages, layers in ((long, 4, 3), ("deep", 1, 300), ("one", 1, 1)):
        net = Net(Shape(3, 64, 64))
        x = net.input
        for stage in range(stages):
            with net.part("stage", f"{name}_{stage}"):
                for layer in range(layers):
                    x = net.conv(x, 8 * (stage + 1), 3, stride=1 + (layer == 0))
        of = measure(net.graph(name), also=("receptive_field",))
        yield from ((f"{name[:4]} {kind.__name__}", kind(of)) for kind in (memory, field))
        yield f"{name[:4]} parts", parts(of, "macs")
        yield f"{name[:4]} block", hourglasses([of])[0]
        yield f"{name[:4]} bars", bars(compare((of, of._replace(name="b"))), ("params", "macs"))
    yield "mobilenet_v2", memory(report("mobilenet_v2"))
    yield "resnet18", hourglasses([report("resnet18")])[0]
    yield "one", histogram("macs", [7.0])
    checks = (
        UsageBar(f"{long}: params", 2.4, "240.0 %", "fail"),
        UsageBar("b: MACs", 1.02, "102.0 %", "warn"),
        UsageBar("c: peak", 0.5, "50.0 %", "pass"),
        UsageBar("d: peak", 0.0, "0.0 %", "pass"),
    )
    yield "usage", Usage(checks, 3)
    names, same = [*"abcdef"], [(2.0, 3.0)] * 6
    yield "equal", scatter(names, dimension("params"), dimension("macs"), same)


UNUSUAL = dict(unusual())


@pytest.mark.parametrize("kind", [*KINDS, *[name for name in UNUSUAL if name[:4] in SMALL]])
def test_pictures_are_as_drawn_before(
    kind: str, charts: dict[str, Chart], request: pytest.FixtureRequest
) -> None:
    chart = {**charts, **UNUSUAL}[kind]
    lines = [chart.title, *chart.lines(80, UNICODE), "", *chart.lines(40, UNICODE)]
    for suffix, drawn in (("svg", chart.svg(LIGHT)), ("txt", "\n".join(lines) + "\n")):
        path = GOLDEN / f"{kind.replace(' ', '_')}.{suffix}"
        if request.config.getoption("--golden"):
            path.write_text(drawn, encoding="utf-8")
        assert drawn == path.read_text(encoding="utf-8")


def test_no_text_of_a_picture_covers_another_or_is_cut(charts: dict[str, Chart]) -> None:
    for kind, chart in {**charts, **UNUSUAL}.items():
        texts = sorted(_texts(chart.svg(LIGHT)))
        for (line, _, end), (other, start, _) in pairwise(texts):
            assert line != other or end <= start, kind
        assert all(start >= -1 and end <= WIDTH + 1 for _, start, end in texts), kind


def test_a_bar_as_long_as_that_of_the_baseline_has_no_ratio() -> None:
    small, large = (measure(bncalc.block("conv", (8, 4, 4), out=out)) for out in (8, 16))
    designs = (small, small._replace(name="same"), large._replace(name="large"))
    (group,) = bars(compare(designs, small.name), ("params",)).groups
    assert [bar.ratio for bar in group.bars] == ["", "", "(2.00×)"]


def test_designs_with_the_same_numbers_are_one_point_with_all_their_names() -> None:
    drawn = UNUSUAL["equal"]
    assert ">a, b and 4 more</text>" in drawn.svg(LIGHT)
    assert any("a, b and 4 more" in line for line in drawn.lines(80, UNICODE))
    assert drawn.title.startswith("6 designs")


def test_a_histogram_counts_whole_designs() -> None:
    texts = [
        text.text for text in ElementTree.fromstring(UNUSUAL["one"].svg(LIGHT)).iter(f"{SVG}text")
    ]
    assert texts[:3] == ["1 design by MACs: 7", "0", "1"]
    assert texts.count("7") == 1


def test_the_title_of_a_block_sums_up_layers_that_are_not_drawn_too() -> None:
    assert hourglasses([report("resnet18")])[0].title == (
        "resnet18: 11,689,512 params, 1,814,073,344 MACs"
    )


def _texts(svg: str) -> Iterator[tuple[float, float, float]]:
    """Yield the line, the start and the end of each text."""
    for text in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        width = text_width(text.text or "", float(text.attrib["font-size"]))
        back = {"start": 0.0, "middle": width / 2, "end": width}
        start = float(text.attrib["x"]) - back[text.get("text-anchor", "start")]
        yield float(text.attrib["y"]), start, start + width


@each_of(
    [
        ((2, 1), (6, 3), [" " * 6, "  · a ", " " * 6]),  # beside its mark
        ((4, 1), (6, 3), [" " * 6, "  a · ", " " * 6]),
        ((1, 1), (3, 3), [" a ", " · ", " " * 3]),  # above it where neither side has room
        ((1, 0), (3, 2), [" · ", " a "]),
    ]
)
def test_a_name_stands_beside_its_mark_or_above_or_below(
    spot: tuple[int, int], size: tuple[int, int], rows: list[str]
) -> None:
    width, height = size
    grid = [[" "] * width for _ in range(height)]
    grid[spot[1]][spot[0]] = "·"
    assert write_names(grid, ["a"], [spot], [spot]) == []
    assert ["".join(row) for row in grid] == rows


def test_names_have_a_space_between_them_and_no_more() -> None:
    marks = [(0, 0), (4, 0), (9, 0)]
    grid = [list("·   ·    · "), [" "] * 11]
    assert write_names(grid, ["a", "b", "c"], marks, marks) == []
    assert ["".join(row) for row in grid] == ["· a · b  · ", "         c "]
    grid = [[" "] * 9]
    assert write_names(grid, ["a", "b"], [(7, 0), (1, 0)], [(7, 0), (1, 0)]) == []
    assert "".join(grid[0]) == "   b a   "


def test_a_field_that_grows_to_two_is_its_first_step() -> None:
    net = Net(Shape(3, 8, 8))
    net.conv(net.conv(net.input, 4, 1), 4, 2)
    steps = field(measure(net.graph("net"), also=("receptive_field",))).steps
    assert [(step.path, step.size) for step in steps] == [("conv2", 2)]


def test_of_many_steps_the_first_and_the_last_are_shown() -> None:
    net = Net(Shape(1, 8, 8))
    x = net.input
    for _ in range(100):
        x = net.conv(x, 1, 3)
    chart = field(measure(net.graph("net"), also=("receptive_field",)))
    *rows, hidden = chart.lines(80, UNICODE)
    assert [rows[at].split()[:2] for at in (0, -1)] == [["conv1", "3"], ["conv100", "201"]]
    assert hidden == f"{100 - len(rows)} more steps between them"


def test_of_a_few_steps_in_time_none_is_left_out_and_of_many_the_shorter() -> None:
    for layers, said in ((12, []), (13, ["the 12 longest of 13"])):
        net = Net(Shape(1, 8, 8))
        x = net.input
        for _ in range(layers):
            x = net.conv(x, 1, 3)
        assumed = report("resnet18", device="a100").assumptions
        chart = time(measure(net.graph("net"), assumed, ["roofline"]))
        assert [line for line in chart.lines(80, UNICODE) if "longest" in line] == said


@pytest.mark.parametrize("width", [40, 80, 131])
def test_lines_are_no_wider_than_the_terminal(width: int, charts: dict[str, Chart]) -> None:
    for kind, chart in {**charts, **UNUSUAL}.items():
        lines = chart.lines(width, UNICODE)
        assert lines, kind
        assert [line for line in lines if len(line) > width] == [], kind


def test_a_terminal_without_unicode_gets_none(charts: dict[str, Chart]) -> None:
    for kind, chart in charts.items():
        text = in_ascii("\n".join([chart.title, *chart.lines(80, ASCII)]))
        assert text.isascii(), kind
        assert "?" not in text, kind


def test_designs_the_users_are_text_and_no_markup() -> None:
    drawn: list[Chart] = [parts(hostile(), "macs"), memory(hostile()), *hourglasses([hostile()])]
    for chart in drawn:
        root = ElementTree.fromstring(chart.svg(LIGHT))
        tags = {element.tag for element in root.iter()}
        assert tags <= {
            SVG + name for name in ("svg", "title", "desc", "rect", "text", "polygon", "polyline")
        }


def test_shares_of_the_parts_of_a_level_are_those_of_the_report(charts: dict[str, Chart]) -> None:
    chart = charts["parts"]
    assert chart.lines(80, UNICODE)[0] == "│resnet18 100.0 %"
    sizes = {section.path: section.cost.macs for section in report("resnet18").sections}
    pieces = {piece.path: piece.stop - piece.start for piece in chart.pieces}  # type: ignore[attr-defined]
    assert all(pieces[path] == macs for path, macs in sizes.items() if path in pieces)
    assert sum(p.stop - p.start for p in chart.pieces if p.level == 1) == chart.whole  # type: ignore[attr-defined]


def test_the_peak_is_seen_however_few_the_cells() -> None:
    values = [1.0] * 500
    values[317] = 9.0
    for cells in (1, 7, 60, 500):
        assert max(columns_of(values, cells)) == 9.0
        assert len(columns_of(values, cells)) == cells


class Where(NamedTuple):
    x: float
    y: float
    width: float


@given(
    st.lists(
        st.builds(
            Where,
            st.floats(20, 800, allow_nan=False),
            st.floats(20, 400, allow_nan=False),
            st.floats(10, 160, allow_nan=False),
        ),
        max_size=25,
    )
)
def test_labels_cover_neither_each_other_nor_a_point(wheres: list[Where]) -> None:
    frame = Box(0, 0, 860, 420)
    boxes = place_labels([Label(*where) for where in wheres], frame, height=12, gap=8)
    placed = [box for box in boxes if box is not None]
    assert all(not box.meets(other) for box, other in combinations(placed, 2))
    assert all(box.within(frame) for box in placed)
    points = [Box(w.x - 3, w.y - 3, w.x + 3, w.y + 3) for w in wheres]
    assert not any(box.meets(point) for box in placed for point in points)


@given(st.lists(st.floats(1, 1e15, allow_nan=False), min_size=1, max_size=20), st.booleans())
def test_scales_keep_every_value_within_their_ends(values: list[float], binary: bool) -> None:
    even = linear(values, 0, 100, binary=binary)
    log = logarithmic(values, 0, 100)
    for value in values:
        assert -1e-6 <= even.place(value) <= 100 + 1e-6
        assert 0 <= log.place(value) <= 100
    assert 2 <= len(ticks(even, binary=binary)) <= 11
    assert ticks(log)
    assert ticks(log) == sorted(ticks(log))


def test_the_front_is_what_no_other_design_is_better_than() -> None:
    drawn = scatter(
        ["a", "b", "c", "d"],
        dimension("params"),
        dimension("macs"),
        [(1, 9), (2, 5), (3, 5), (4, 1)],
    )
    assert [point.name for point in drawn.points if point.front] == ["a", "b", "d"]


def test_of_a_result_more_is_better_and_equal_designs_share_the_front() -> None:
    accuracy = Dimension("accuracy", "number", better="more")
    values = [(1, 50.5), (2, 50.5), (3, 61), (3, 61), (4, 60)]
    drawn = scatter([*"abcde"], dimension("macs"), accuracy, values)
    assert [point.name for point in drawn.points if point.front] == ["a", "c", "d"]
    assert ticks(accuracy.scale([50.5, 61], 0, 100)) == [50, 55, 60, 65]
    assert accuracy.write(50.5) == "50.5"
    peak = dimension("peak")
    assert peak.ticks(peak.scale([3 * 2**20, 9 * 2**20], 0, 100)) == [4 * 2**20, 8 * 2**20]


def test_a_design_without_macs_is_drawn_where_the_axis_begins_and_named() -> None:
    drawn = scatter(["pool", "a"], dimension("params"), dimension("macs"), [(5, 0), (10, 100)])
    assert drawn.notes == ("no MACs, drawn where the axis begins: pool",)
    assert drawn.lines(80, UNICODE)[-1] == drawn.notes[0]
    assert all(drawn.notes[0] in drawn.svg(theme) for theme in (LIGHT, DARK))
    scale = logarithmic([0, 10, 1000], 0, 100)
    assert (scale.place(0), round(scale.place(100))) == (0, 50)


def test_very_many_points_are_drawn_where_marks_do_not_cover_each_other() -> None:
    values = [(1 + at % 100, 1 + at // 100) for at in range(10_000)]
    drawn = scatter(
        [str(at) for at in range(10_000)], dimension("params"), dimension("macs"), values
    )
    picture = drawn.svg(LIGHT)
    assert picture.count("<circle") < 5_000
    assert "On the front: 0." in picture
    assert len(drawn.lines(80, UNICODE)) < 30


def test_bins_hold_every_value_once() -> None:
    drawn = histogram("macs", [1, 1, 2, 3, 100])
    assert drawn.whole == 5
    assert drawn.bins[0].low == 1
    assert drawn.bins[-1].high == 100
    assert histogram("params", [7.0]).whole == 1


def test_plot_draws_in_the_terminal_and_writes_what_the_suffix_says(tmp_path: Path) -> None:
    done = run("plot", "memory", "resnet18", COLUMNS="40")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 40
    assert "peak 3.83 MiB at max_pool" in done.stdout
    path = tmp_path / "memory.svg"
    assert run("plot", "memory", "resnet18", "-o", str(path)).returncode == 0
    assert ElementTree.parse(path).getroot().tag == f"{SVG}svg"


@each_of(
    [
        (("parts", "resnet18", "-o", "x.svg"), "can hold one picture, not 2"),
        (("parts", "resnet18", "-o", "x.txt"), "pictures are written as .svg or .png"),
        (("scatter", "resnet18", "--by", "macs"), "a scatter takes 2 metrics"),
        (("histogram", "resnet18", "--by", "rf"), "has no single number of rf"),
        (("time", "resnet18"), "needs a device"),
        (("memory", "resnet18", "--by", "size"), "unknown metric 'size'"),
    ]
)
def test_what_cannot_be_drawn_is_said(arguments: tuple[str, ...], says: str) -> None:
    done = run("plot", *arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_narrow_logarithmic_axis_names_tenths() -> None:
    values = ticks(logarithmic([14e6], 0, 500))
    assert values == [11e6, 12e6, 13e6, 14e6, 15e6, 16e6, 17e6, 18e6]


@each_of(
    [
        (1, 1, 1),
        (3, 1, 3),
        (500, 100, 5),
        (501, 128, 4),  # and not 100, of which five reach to 500
        (1024, 256, 4),  # and not a fifth of 1,024
        (1025, 256, 5),
        (3 * 2**20, 2**20, 3),
        (5 * 2**20, 2**20, 5),
        (6 * 2**20, 2**21, 3),
    ]
)
def test_an_axis_of_bytes_names_whole_bytes(most: int, step: int, steps: int) -> None:
    values = ticks(linear([most], 0, 10, binary=True), binary=True)
    assert values == [step * at for at in range(steps + 1)]


@each_of(
    [("abcd", 4, "abcd"), ("abcde", 4, "…cde"), ("ab", 1, ""), ("", 0, "")],
)
def test_a_name_is_cut_to_so_many_letters(text: str, width: int, left: str) -> None:
    assert shortened(text, width) == left


def test_a_box_lies_within_one_whose_edges_it_touches() -> None:
    frame = Box(0, 0, 9, 9)
    assert frame.within(frame)
    beyond = [
        frame._replace(**{side: at}) for side, at in zip(Box._fields, (-1, -1, 10, 10), strict=True)
    ]
    assert not any(box.within(frame) for box in beyond)
    assert not frame.meets(Box(9, 0, 12, 9))


@pytest.mark.parametrize(("number", "named"), [(60, 60), (61, 1)])
def test_all_of_few_designs_are_named_and_the_front_of_more(number: int, named: int) -> None:
    values = [(1.0 + at, 1.0 + at) for at in range(number)]
    designs = [f"n{at}" for at in range(number)]
    drawn = scatter(designs, dimension("params"), dimension("macs"), values)
    assert len(set(re.findall(r"n\d+", " ".join(drawn.lines(400, UNICODE))))) == named


def test_a_stage_is_named_where_half_a_letter_is_left_after_the_one_before() -> None:
    stages = (Stage("aaaa", 0), Stage("b", 31), Stage("c", 32))  # aaaa is 26.4 pixels wide
    chart = Memory("n", (1,) * 790, ("x",) * 790, 0, (), stages, "deploy")  # each a pixel
    texts = [text.text for text in ElementTree.fromstring(chart.svg(LIGHT)).iter(f"{SVG}text")]
    assert {"aaaa", "c"} <= set(texts)
    assert "b" not in texts


def test_lines_name_a_stage_whose_name_ends_where_the_chart_does() -> None:
    for name, shown in (("ab", True), ("abc", False)):
        chart = Memory("n", (1,) * 10, ("x",) * 10, 0, (), (Stage(name, 8),), "deploy")
        assert any(line.endswith(name) for line in chart.lines(40, UNICODE)) is shown


WIDE = """\
input: [3, 32, 32]
layers:
  - {conv: {out: 16}, id: 畳み込み層その一とても長い名前の層}
  - {basic: {out: 32}, id: 残差ブロック残差ブロック残差ブロック, repeat: 2}
  - global_avg_pool
  - {linear: {out: 10}, id: 全結合層}
"""


@each_of(
    ["parts", "memory", "bars", "scatter", "field", "arena --device rp2040", "time --device a100"]
)
def test_wide_letters_take_two_cells_of_a_terminal(call: str) -> None:
    kind, *options = call.split()
    if kind == "scatter":
        options = ["-"] * 12
    done = run("plot", kind, "-", *options, text=WIDE, COLUMNS="60")
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(breadth, done.stdout.splitlines())) <= 60


@each_of(
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "…cd"),
        ("残差ブロック", 12, "残差ブロック"),
        ("残差ブロック", 11, "…差ブロック"),
        ("残差ブロック", 10, "…ブロック"),
        ("ab", 1, ""),
    ]
)
def test_a_name_is_cut_to_cells(name: str, room: int, says: str) -> None:
    assert shortened(name, room) == says
    assert len(in_cells(says)) == breadth(says)


def test_checks_that_use_most_of_their_limit_come_first_and_those_broken_before_all():
    checks = (PEAK, FAILED, WARNED, WEIGHTS, FAILED._replace(rule="BN103"))
    drawn = usage(verdict(*checks))
    assert drawn is not None
    assert [(bar.name.rpartition(": ")[2], bar.text) for bar in drawn.bars] == [
        ("params", "108.8 %"), ("MACs", "100.5 %"), ("weights", "92.2 %"),
        ("peak", "71.8 %"),
    ]  # fmt: skip
    many = usage(verdict(*[FAILED] * 21))
    assert many is not None
    assert (len(many.bars), many.others) == (20, 1)
    assert many.title == "20 checks, and 1 that use less: how much of its limit is used"
    assert usage(verdict(FAILED._replace(rule="BN103"))) is None


ALONE = [
    (52, 48, 54, 52), (46, 48, 48, 52), (49, 44, 51, 48), (49, 52, 51, 56),
    (52, 44, 54, 48), (46, 44, 48, 48), (52, 52, 54, 56), (46, 52, 48, 56), None,
]  # fmt: skip
"""The places of labels of 2 × 4 that all belong to (50, 50), 2 from it: beside, above, corners."""


@each_of(
    [
        ([(50, 50, 2)] * 9, (0, 0, 100, 100), ALONE),
        ([(50, 50, 2), (53, 50, 2)], (0, 0, 100, 100), [ALONE[1], (55, 48, 57, 52)]),
        ([(50, 50, 2), (55, 50, 2)], (0, 0, 100, 100), [ALONE[0], (57, 48, 59, 52)]),
        # points that reach a little into the places beside, above and below
        ([(50, 50, 2), (54.8, 50, 2), (45.2, 50, 2), (50, 43.2, 2), (50, 56.8, 2)],
         (0, 0, 100, 100), [ALONE[4], (56.8, 48, 58.8, 52), (41.2, 48, 43.2, 52),
         (46, 41.2, 48, 45.2), (52, 54.8, 54, 58.8)]),
        ([(50, 50, 2), (53, 46, 2)], (0, 0, 53, 100), [ALONE[1], (49, 44, 51, 48)]),
        ([(50, 50, 2)], (0, 0, 54, 52), [ALONE[0]]),
        ([(50, 50, 2)], (0, 0, 53, 52), [ALONE[1]]),
        ([(50, 50, 2)], (49, 0, 53, 52), [ALONE[2]]),
        ([(50, 50, 2)], (49, 45, 53, 56), [ALONE[3]]),
        ([(50, 50, 2)], (50, 44, 54, 51), [ALONE[4]]),
        ([(50, 50, 2)], (50, 51, 54, 56), [ALONE[6]]),
        ([(50, 50, 2)], (46, 51, 50, 56), [ALONE[7]]),
        ([(50, 50, 2)], (46, 44, 50, 51), [ALONE[5]]),
        ([(50, 50, 20)], (0, 0, 60, 60), [(28, 48, 48, 52)]),
    ]
)  # fmt: skip
def test_label_has_the_first_place_that_is_free(labels, frame, expected):
    placed = place_labels([Label(*label) for label in labels], Box(*frame), height=4, gap=2)
    assert placed == [None if box is None else Box(*box) for box in expected]


@each_of(
    [
        (linear([7], 0, 100), (0, 8), [0, 2, 4, 6, 8]),
        (linear([10], 0, 100), (0, 10), [0, 2, 4, 6, 8, 10]),
        (linear([0], 0, 100), (0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (linear([], 0, 100), (0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (linear([26], 0, 100), (0, 30), [0, 10, 20, 30]),
        (spanning([50.5, 61], 0, 100), (50, 65), [50, 55, 60, 65]),
        (spanning([5, 5], 0, 100), (5, 6), [5, 5.2, 5.4, 5.6, 5.8, 6]),
        (spanning([0], 0, 100), (0, 0.2), [0, 0.05, 0.1, 0.15, 0.2]),
        (spanning([], 0, 100), (0, 0.2), [0, 0.05, 0.1, 0.15, 0.2]),
        (logarithmic([10, 1000], 0, 100), (10 / 1.35, 1350), [10, 100, 1000]),
        (logarithmic([20, 200], 0, 100), (20 / 1.35, 270), [20, 50, 100, 200]),
        (logarithmic([20, 40], 0, 100), (20 / 1.35, 54), [20, 50]),
        (logarithmic([0], 0, 100), (1 / 1.35, 1.35), [0.8, 0.9, 1]),
    ]
)
def test_scale_ends_at_round_values_and_names_some(scale, ends, named):
    assert (scale.low, scale.high) == pytest.approx(ends)
    assert ticks(scale) == pytest.approx(named)


def test_binary_ticks_of_a_logarithmic_axis_are_powers_of_two():
    few, many = logarithmic([2**10, 2**14], 0, 1), logarithmic([2**10, 2**30], 0, 1)
    assert ticks(few, binary=True) == [2**power for power in range(10, 15)]
    assert ticks(many, binary=True) == [2**power for power in range(10, 31, 3)]
    nine = logarithmic([2**10, 2**18], 0, 1)
    assert ticks(nine, binary=True) == [2**power for power in range(10, 19, 2)]
    assert ticks(logarithmic([3 * 2**20], 0, 1), binary=True) == [3e6, 4e6]


@each_of(
    [
        (0, "0"), (0.04, "0"), (-0.04, "0"), (-0.05, "-0.1"), (-0.5, "-0.5"), (1.25, "1.2"),
        (2.96, "3"), (-3, "-3"), (10, "10"),
    ]
)  # fmt: skip
def test_coordinates_are_written_to_a_tenth(value, expected):
    assert number(value) == expected


@each_of(
    [
        (UNICODE, 0.5, 4, 0, "██"), (UNICODE, 0.53, 4, 0, "██▏"), (UNICODE, -1, 4, 0, ""),
        (UNICODE, 1, 4, 2, "░░░░"), (UNICODE, 0.6, 4, 1, "▒▒"), (ASCII, 0.4, 4, 0, "##"),
    ]
)  # fmt: skip
def test_bar_covers_its_share_of_cells(glyphs, share, width, fill, expected):
    assert glyphs.bar(share, width, fill) == expected


@each_of(
    [
        (0, 3, [" ", " ", " "]), (0.001, 3, ["▁", " ", " "]), (0.5, 2, ["█", " "]),
        (0.55, 2, ["█", "▁"]), (1, 2, ["█", "█"]),
    ]
)  # fmt: skip
def test_column_is_filled_from_below(share, height, expected):
    assert UNICODE.column(share, height) == expected


def test_no_share_of_a_limit_is_drawn_beyond_the_picture() -> None:
    bar = UsageBar("params growth", 249.6, "1,224,960.0 %", "fail")
    drawn = Usage((bar,), 0)
    texts = ElementTree.fromstring(drawn.svg(LIGHT)).iter(f"{SVG}text")
    label = next(text for text in texts if text.text == bar.text)
    assert float(label.get("x", "")) + text_width(bar.text) <= WIDTH
    assert max(map(len, drawn.lines(60, UNICODE))) <= 60


def test_parts_are_drawn_three_deep_and_layers_one_deeper() -> None:
    net = Net(Shape(3, 8, 8))
    with ExitStack() as within:
        for level in range(5):
            within.enter_context(net.part("stage", f"s{level}"))
            net.conv(net.input, 4, 1)
    pieces = parts(measure(net.graph("deep")), "macs").pieces
    assert [(piece.level, piece.name) for piece in pieces] == [
        (0, "deep"),
        *[(level + 1, f"s{level}") for level in range(3)],
        *[(level + 2, "conv") for level in range(3)],
    ]


def test_a_map_of_few_channels_among_many_is_a_pixel_high() -> None:
    net = Net(Shape(1, 8, 8))
    net.conv(net.conv(net.input, 1000, 1), 1, 1)
    drawn = hourglasses([measure(net.graph("thin"))])[0].svg(LIGHT)
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', drawn)]
    assert heights.count(1) == 2
    assert 180 in heights
