"""The metrics: every column that a table may have, and how it is read off a report."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Literal, NamedTuple

from bncalc.analysis.report import Layer, Report
from bncalc.render import units
from bncalc.render.table import Column


class Line(NamedTuple):
    """A row of a network: the layers `start` up to `stop`, by themselves or summed up."""

    name: str
    op: str
    start: int
    stop: int
    depth: int = 0
    role: Literal["layer", "part"] = "layer"

    def layers(self, report: Report) -> tuple[Layer, ...]:
        return report.layers[self.start : self.stop]


class Metric(NamedTuple):
    """A column, and its value for some layers; None where only a whole design has one.

    The column's key is the name of the design's own number in `Report.numbers`. `needs` names the
    analysis that the number comes from, beyond the report itself.
    """

    column: Column
    value: Callable[[Report, Line], object] | None = None
    needs: str = ""


def _sum(name: str) -> Callable[[Report, Line], object]:
    """Return the sum of one cost over the layers of a line."""

    def value(report: Report, line: Line) -> object:
        return sum([getattr(one.cost, name) for one in line.layers(report)])

    return value


def _weight_bytes(report: Report, line: Line) -> object:
    held = sum([one.cost.params + one.cost.buffers for one in line.layers(report)])
    return held * report.assumptions.weight_bytes


def _traffic(report: Report, line: Line) -> object:
    return sum([one.traffic for one in line.layers(report)])


def _share(report: Report, line: Line) -> object:
    macs = sum([one.cost.macs for one in line.layers(report)])
    return units.bar(macs, report.cost.macs)


def _op(report: Report, line: Line) -> object:
    return line.op


def _input(report: Report, line: Line) -> object:
    first = report.layers[line.start]
    return str(first.inputs[0] if first.inputs else first.output)


def _output(report: Report, line: Line) -> object:
    return str(report.layers[line.stop - 1].output)


def _formula(report: Report, line: Line) -> object:
    """Work a layer's weights out, as textbooks do: 256·1·1·64 = 16,384."""
    factors = report.layers[line.start].factors
    if line.role == "part" or not factors:
        return None
    return f"{formula(factors)} = {units.count(prod(factors))}"


def formula(factors: tuple[int, ...]) -> str:
    """Write a product: 256·3·3·256."""
    return "·".join(map(str, factors))


METRICS = {
    "op": Metric(Column("op", "op", "text"), _op),
    "input": Metric(Column("input", "input", "text"), _input),
    "output": Metric(Column("output", "output", "text"), _output),
    "formula": Metric(Column("formula", "weights", "text"), _formula),
    "params": Metric(Column("params", "params"), _sum("params")),
    "macs": Metric(Column("macs", "MACs"), _sum("macs")),
    "share": Metric(Column("share", "of MACs", "bar"), _share),
    "activations": Metric(Column("activations", "activations"), _sum("activations")),
    "weights": Metric(Column("weight_bytes", "weight memory", "bytes"), _weight_bytes),
    "peak": Metric(Column("peak_activation_bytes", "peak activations", "bytes")),
    "traffic": Metric(Column("traffic_bytes", "traffic", "bytes"), _traffic),
    "buffers": Metric(Column("buffers", "buffers"), _sum("buffers")),
    "elementwise": Metric(Column("elementwise", "elementwise"), _sum("elementwise")),
    "flops": Metric(Column("flops", "FLOPs"), _sum("flops")),
}
"""By the word that `--columns` takes."""

OF_DESIGNS = tuple(word for word in METRICS if word not in ("op", "formula", "share"))
"""What designs can be compared by."""
OF_LAYERS = tuple(word for word, metric in METRICS.items() if metric.value is not None)
"""What a network can show layer by layer."""
SORTABLE = tuple(
    word for word in OF_LAYERS if METRICS[word].column.holds in ("count", "bytes", "number")
)

COMPARED = ("params", "macs", "activations", "weights", "peak")
SHOWN = ("output", "params", "macs", "share")
WORKED_OUT = ("output", "formula", "params", "macs")
