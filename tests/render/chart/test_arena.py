"""The picture of the arena: every buffer where it is placed, in the picture and in characters."""

import re
from itertools import combinations

import pytest
from tests.program import run
from tests.work import calls

import bncalc
from bncalc.analysis.arena.deployment import Deployment
from bncalc.analysis.assumptions import DTYPES, Target
from bncalc.language.device import open_chip
from bncalc.render.chart.arena import Plan, arena
from bncalc.render.chart.glyphs import ASCII, UNICODE
from bncalc.render.chart.svg import LIGHT

BOARD = bncalc.Assumptions(device=open_chip("stm32f746", DTYPES))


def report(name: str, assumed: bncalc.Assumptions = BOARD) -> bncalc.Report:
    return bncalc.measure(bncalc.network(name), assumed, ["deployment"])


@pytest.fixture(scope="module")
def plan() -> Plan:
    return arena(report("mlperf_tiny_ic"))


def test_every_buffer_is_a_rectangle_as_it_is_placed(plan: Plan) -> None:
    placed = report("mlperf_tiny_ic").result(Deployment).arena.placed()
    drawn = plan.svg(LIGHT)
    sides = " ".join([rf'{side}="([\d.]+)"' for side in ("x", "y", "width", "height")])
    rectangles = re.findall(rf'<rect {sides} fill="(.*?)"[^>]*><title>', drawn)
    assert len(rectangles) == len(placed)
    assert [fill for *_, fill in rectangles] == [
        LIGHT.muted if slab.kind == "scratch" else LIGHT.series[slab.shade] for slab in plan.slabs
    ]
    for buffer, offset in placed:
        assert f"<title>{buffer.name}: {-(-buffer.size // 16) * 16:,} bytes at {offset:,}" in drawn
    step = (860 - 70) / len(plan.paths)
    for (x, _, width, *_), (buffer, _) in zip(rectangles, placed, strict=True):
        assert float(x) == pytest.approx(70 + buffer.first * step, abs=0.1)
        assert float(width) == pytest.approx((buffer.last + 1 - buffer.first) * step - 1, abs=0.2)


def test_what_the_arena_takes_and_what_is_alive_at_most_are_dashed_lines(plan: Plan) -> None:
    apart = plan._replace(most_live=plan.head // 2)
    assert [shown.svg(LIGHT).count("stroke-dasharray") for shown in (plan, apart)] == [1, 2]


@pytest.mark.parametrize(("step", "anchors"), [(0, []), (-1, ["end"])])
def test_the_name_of_the_fullest_step_stays_in_the_picture(
    plan: Plan, step: int, anchors: list[str]
) -> None:
    moved = plan._replace(step=range(len(plan.paths))[step])
    (text,) = re.findall(rf"<text [^>]*>{moved.fullest}<", moved.svg(LIGHT))
    assert re.findall('text-anchor="(.*?)"', text) == anchors


def test_no_rectangles_overlap_and_neighbours_differ(plan: Plan) -> None:
    for slab, other in combinations(plan.slabs, 2):
        if slab.first <= other.last and other.first <= slab.last:
            assert slab.high <= other.low or other.high <= slab.low
        if slab.first <= other.last + 1 and other.first <= slab.last + 1:
            assert slab.shade != other.shade


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_and_name_what_lies_where_it_is_fullest(
    plan: Plan, width: int, glyphs: object
) -> None:
    lines = plan.lines(width, glyphs)  # type: ignore[arg-type]
    assert max(map(len, lines)) <= width
    assert any("16,384 at 32,768" in line for line in lines)
    assert re.fullmatch(r" +\^ (…|fullest at ).*conv2", lines[17])


def test_the_first_map_is_drawn_at_the_bottom_and_nothing_above_it(plan: Plan) -> None:
    lines = plan.lines(80, ASCII)
    rows = [line.partition("|")[2] for line in lines[:16]]
    assert rows[-1][0] != " "  # in, 3,072 of 49,728 bytes: one row of sixteen
    assert [row[:1].strip() for row in rows[:-1]] == [""] * 15


def test_what_places_nothing_has_no_arena() -> None:
    with pytest.raises(bncalc.UsageError, match="bound places no arena; tflm does"):
        arena(report("mlperf_tiny_ic", BOARD._replace(target=Target("bound"))))


def test_memory_draws_it_under_its_table() -> None:
    done = run("memory", "mlperf_tiny_ic", "--device", "stm32f746", "--plot", COLUMNS="80")
    table, _, chart = done.stdout.partition("\n\n")
    assert table.startswith("mlperf_tiny_ic fits stm32f746")
    assert (
        chart
        == run("plot", "arena", "mlperf_tiny_ic", "--device", "stm32f746", COLUMNS="80").stdout
    )
    live = run("memory", "mlperf_tiny_ic", "--plot", COLUMNS="80").stdout
    assert live.endswith(run("plot", "memory", "mlperf_tiny_ic", COLUMNS="80").stdout)
    refused = run("memory", "mlperf_tiny_ic", "--plot", "--format", "json")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_a_plan_is_drawn_with_little_work_for_each_buffer() -> None:
    net = bncalc.Net((8, 16, 16))
    x = net.input
    for _ in range(200):
        x = net.conv(x, 8, 3)
    of = bncalc.measure(net.graph("deep"), BOARD, ["deployment"])

    def draw() -> None:
        plan = arena(of)
        plan.svg(LIGHT)
        plan.lines(80, UNICODE)

    assert calls(draw) < 200 * 1_000


@pytest.mark.parametrize(
    ("step", "line"),
    [(0, " " * 11 + "^ …_stage/with_a_name/of/conv"), (16, "…stage/with_a_name/of/conv ^")],
)
def test_a_mark_has_its_text_where_there_is_more_room(plan: Plan, step: int, line: str) -> None:
    paths = ("a_stage/with_a_name/of/conv",) * len(plan.paths)
    assert plan._replace(step=step, paths=paths).lines(40, ASCII)[17] == line


def test_a_buffer_of_less_than_a_pixel_is_drawn(plan: Plan) -> None:
    drawn = plan._replace(paths=("x",) * 3160).svg(LIGHT)  # a step is a quarter of a pixel
    widths = [float(width) for width in re.findall(r'width="([-\d.]+)"[^>]*><title>', drawn)]
    assert len(widths) == len(plan.slabs)
    assert min(widths) > 0
