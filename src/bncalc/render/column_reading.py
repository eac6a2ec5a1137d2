"""How columns are read off a report: for some lines of its table, and for the whole design."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import TYPE_CHECKING, Literal

from bncalc.analysis.amounts import reach_after
from bncalc.analysis.metric import METRICS, Metric
from bncalc.analysis.report import Report
from bncalc.model.cost import product
from bncalc.model.window import window_field
from bncalc.named import NamedTuple
from bncalc.render import units
from bncalc.render.table import Column

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


def op_of(report: Report, line: ReportRow) -> object:
    return line.op


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
