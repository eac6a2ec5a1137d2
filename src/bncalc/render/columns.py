"""The columns that a table may have: every metric, and what else there is to say of layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from bncalc.analysis.amounts import reach_after
from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.metric import METRICS, Metric
from bncalc.analysis.report import Report
from bncalc.model.cost import product
from bncalc.model.window import window_field
from bncalc.named import NamedTuple
from bncalc.render import units
from bncalc.render.table import Column
from bncalc.synonyms import meant

if TYPE_CHECKING:
    from bncalc.analysis.roofline import Bound
    from bncalc.model.reach import Reach


class ReportRow(NamedTuple):
    """A row of a network: the layers `start` up to `stop`, by themselves or summed up.

    `name` is its path within the rows around it.
    """

    name: str
    path: str
    op: str
    start: int
    stop: int
    depth: int = 0
    role: Literal["layer", "part"] = "layer"


class ColumnReading(NamedTuple):
    """A column and how it is read off a report: for some lines, and for the whole design.

    `whole` is None where only layers have it; `analysis` names what it comes from, beyond the
    report itself.
    """

    doc: str
    column: Column
    lines: Callable[[Report, Sequence[ReportRow]], Sequence[object]]
    whole: Callable[[Report], object] | None = None
    analysis: str = ""


def of_metric(metric: Metric) -> ColumnReading:
    """Return the column of a metric."""

    def lines(report: Report, lines: Sequence[ReportRow]) -> Sequence[object]:
        numbers = metric.along(report, [(line.start, line.stop) for line in lines])
        # A layer that is fused to another takes no time of its own.
        return [number or None for number in numbers] if metric.unit == "seconds" else numbers

    holds = "text" if metric.unit == "positions" else metric.unit
    column = Column(metric.key, metric.title, holds)
    return ColumnReading(metric.doc, column, lines, metric.total, metric.analysis)


def each(
    value: Callable[[Report, ReportRow], object],
) -> Callable[[Report, Sequence[ReportRow]], Sequence[object]]:
    return lambda report, lines: [value(report, line) for line in lines]


def input_of(report: Report, line: ReportRow) -> object:
    first = report.layers[line.start]
    return str(first.inputs[0] if first.inputs else first.output)


def output_of(report: Report, line: ReportRow) -> object:
    return str(report.layers[line.stop - 1].output)


def own_field(field: str) -> Callable[[Report, ReportRow], object]:
    """Return how a field of a layer's own is read; a part has none."""

    def own(report: Report, line: ReportRow) -> object:
        value = window_field(field, report.layers[line.start].fields or {})
        return None if line.role == "part" or value is None else units.sides(value)

    return own


def weights_worked_out(report: Report, line: ReportRow) -> object:
    """Work a layer's weights out, as textbooks do: 256·1·1·64 = 16,384."""
    layer = report.layers[line.start]
    if line.role == "part" or not layer.factors:
        return None
    shared = f", of {layer.weights_of}" if layer.weights_of else ""
    return f"{product(layer.factors)} = {units.count(prod(layer.factors))}{shared}"


def shares_of_macs(report: Report, lines: Sequence[ReportRow]) -> Sequence[object]:
    return _of_whole(METRICS["macs"], report, lines, report.totals.macs)


def shares_of_peak(report: Report, lines: Sequence[ReportRow]) -> Sequence[object]:
    return _of_whole(METRICS["live"], report, lines, report.totals.peak_activation_bytes)


def _of_whole(
    metric: Metric, report: Report, lines: Sequence[ReportRow], whole: int
) -> Sequence[float | None]:
    numbers = metric.along(report, [(line.start, line.stop) for line in lines])
    return [number / whole if whole else None for number in numbers]


def wall_of(report: Report, line: ReportRow) -> object:
    """Say what limits a line; of several layers, how much of their time memory does."""
    from bncalc.analysis.roofline import Roofline

    bounds = [each for each in report.result(Roofline).bounds[line.start : line.stop] if each]
    if len({bound.wall for bound in bounds}) < 2:
        return bounds[0].wall if bounds else None
    return _memory_share(_seconds(bounds, "memory") / _seconds(bounds, "memory", "compute"))


def _seconds(bounds: Iterable[Bound], *walls: str) -> float:
    return sum([bound.seconds for bound in bounds if bound.wall in walls])


def wall_of_whole(report: Report) -> object:
    from bncalc.analysis.roofline import Roofline

    return _memory_share(report.result(Roofline).memory_share)


def _memory_share(share: float) -> str:
    if share in (0, 1):
        return "memory" if share else "compute"
    return f"memory {units.share(round(share * 10**6), 10**6)}"


def verdict_of(report: Report) -> object:
    from bncalc.analysis.arena.deployment import Deployment

    return report.result(Deployment).verdict


def field_of(report: Report, line: ReportRow) -> object:
    """Return the size of the field after a line, or what there is in place of one."""
    return _scoped(reach_after(report, line.stop))


def field_of_whole(report: Report) -> object:
    from bncalc.analysis.receptive_field import Fields

    return _scoped(report.result(Fields).output)


def _scoped(reach: Reach) -> str:
    from bncalc.analysis.receptive_field import extent

    size = extent(reach.size)
    if size is None:
        return reach.scope
    return f"{size} + context" if reach.scope == "context" else str(size)


COLUMNS = {
    "op": ColumnReading(
        "what the layer or part is", Column("op", "op", "text"), each(lambda report, line: line.op)
    ),
    "input": ColumnReading(
        "the input map", Column("input", "input", "text"), each(input_of), attrgetter("input")
    ),
    "output": ColumnReading(
        "the output map", Column("output", "output", "text"), each(output_of), attrgetter("output")
    ),
    **{
        field: ColumnReading(doc, Column(field, field, "text"), each(own_field(field)))
        for field, doc in (
            ("kernel", "the layer's kernel"),
            ("stride", "the layer's stride"),
            ("padding", "the layer's padding"),
        )
    },
    "formula": ColumnReading(
        "the arithmetic of the weights, as in textbooks", Column("formula", "weights", "text"),
        each(weights_worked_out),
    ),
    "share": ColumnReading(
        "the share of all MACs", Column("share", "of MACs", "share", bar=8), shares_of_macs
    ),
    **{word: of_metric(metric) for word, metric in METRICS.items()},
    "live": ColumnReading(
        "live bytes as a share of the peak; names the maps that make it",
        Column("live_share", "of the peak", "share", bar=16), shares_of_peak, analysis="live",
    ),
    "wall": ColumnReading(
        "what limits it on the --device: compute or memory", Column("wall", "wall", "text"),
        each(wall_of), wall_of_whole, "roofline",
    ),
    "fits": ColumnReading(
        "whether the design fits the RAM and flash of the --device",
        Column("fits", "verdict", "text"), each(lambda report, line: None), verdict_of,
        "deployment",
    ),
    "rf": ColumnReading(
        METRICS["rf"].doc, Column("receptive_field", "field", "text"), each(field_of),
        field_of_whole, "receptive_field",
    ),
}  # fmt: skip
"""By the word that `--columns` takes; the JSON key is understood too."""


def readings(words: Iterable[str], assumptions: Assumptions) -> list[tuple[str, ColumnReading]]:
    """Return some columns by their words; of conventions one for each tool that is asked for."""
    chosen: list[tuple[str, ColumnReading]] = []
    for word in words:
        if word == "convention":
            tools = range(len(assumptions.conventions))
            chosen += [(word, _of_tool(at, assumptions.conventions)) for at in tools]
        else:
            chosen.append((word, COLUMNS[word]))
    return chosen


def _of_tool(at: int, names: tuple[str, ...]) -> ColumnReading:
    """Return the column of one tool, named after what it calls its numbers."""
    from bncalc.analysis.conventions import CONVENTIONS, Tallies

    def lines(report: Report, lines: Sequence[ReportRow]) -> Sequence[object]:
        amounts = report.result(Tallies).tools[at].layers
        return [sum(amounts[line.start : line.stop]) for line in lines]

    def whole(report: Report) -> object:
        return report.result(Tallies).tools[at].total

    tool = CONVENTIONS[names[at]]
    key = "convention_total" if len(names) == 1 else f"{tool.name}_total"
    column = Column(key, f"{tool.unit} ({tool.name})")
    return ColumnReading(COLUMNS["convention"].doc, column, lines, whole, "convention")


OF_DESIGNS = tuple(word for word, reading in COLUMNS.items() if reading.whole)
"""What designs can be compared by."""
SORTABLE = tuple(
    word
    for word, metric in METRICS.items()
    if (metric.layers or metric.stretch) and metric.unit != "positions"
)
"""What the layers of a network can be sorted by."""


def column_word(name: str) -> str:
    """Return the word of a column by its word, its key or what others call it, else the name."""
    if name in COLUMNS:
        return name
    keys = {reading.column.key: word for word, reading in COLUMNS.items()}
    keys |= {metric.key: word for word, metric in METRICS.items()}
    return keys.get(name) or meant(name, COLUMNS) or name


def needs(words: Iterable[str]) -> tuple[str, ...]:
    """Return the analyses that some columns come from."""
    analyses = [COLUMNS[word].analysis for word in words]
    return tuple(dict.fromkeys(filter(None, analyses)))


COMPARED = ("params", "macs", "activations", "weights", "peak")
SHOWN = ("output", "params", "macs", "share")
MEMORY = ("output", "peak", "live", "saved")
WORKED_OUT = ("output", "formula", "params", "macs")
SPARE = ("activations", "share", "weights", "peak", "formula", "params", "macs")
"""Of those that are shown where nothing is chosen, the ones that a narrow screen gives up first."""
DEFAULT = {"designs": COMPARED, "network": SHOWN, "block": WORKED_OUT}
"""What is shown where nothing is chosen."""
