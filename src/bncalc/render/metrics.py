"""The metrics: every column that a table may have, and how it is read off a report."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Literal, NamedTuple

from bncalc.analysis.report import Layer, Report
from bncalc.render import units
from bncalc.render.table import Column

if TYPE_CHECKING:
    from bncalc.analysis.roofline import Bound
    from bncalc.model.reach import Reach


class Line(NamedTuple):
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

    def layers(self, report: Report) -> tuple[Layer, ...]:
        return report.layers[self.start : self.stop]


class Metric(NamedTuple):
    """A column, and its value for some layers; None where only a whole design has one.

    The column's key is the name of the design's own number in `Report.numbers`. `needs` names the
    analysis that the number comes from, beyond the report itself. `whole` stands in for the number
    where people read something else.
    """

    doc: str
    column: Column
    value: Callable[[Report, Line], object] | None = None
    needs: str = ""
    whole: Callable[[Report], object] | None = None

    def of_design(self, report: Report) -> object:
        """Return the value for the whole design."""
        return self.whole(report) if self.whole else report.numbers().get(self.column.key)


def _sum(name: str) -> Callable[[Report, Line], object]:
    """Return the sum of one cost over the layers of a line."""

    def value(report: Report, line: Line) -> object:
        return sum([getattr(one.cost, name) for one in line.layers(report)])

    return value


def _saved(report: Report, line: Line) -> object:
    from bncalc.analysis.training import Training

    return sum(report.result(Training).layers[line.start : line.stop])


def _convention(report: Report, line: Line) -> object:
    from bncalc.analysis.conventions import Tally

    return sum(report.result(Tally).layers[line.start : line.stop])


def _live(report: Report, line: Line) -> int:
    """Return the most that is live within a line; node 0 is the input."""
    return max(report.memory.live[line.start + 1 : line.stop + 1])


def _of_peak(report: Report, line: Line) -> object:
    return units.bar(_live(report, line), report.memory.peak, width=24)


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


def _intensity(report: Report, line: Line) -> object:
    from bncalc.analysis.roofline import intensity

    return intensity(report, line.layers(report))


def _bounds(report: Report, line: Line) -> list[Bound]:
    """Return the bounds of the layers of a line that take time of their own."""
    from bncalc.analysis.roofline import Roofline

    return [each for each in report.result(Roofline).bounds[line.start : line.stop] if each]


def _bound(report: Report, line: Line) -> object:
    return sum([bound.seconds for bound in _bounds(report, line)]) or None  # fused: no time apart


def _wall(report: Report, line: Line) -> object:
    """Say what holds a line up; of several layers, how much of their time memory does."""
    bounds = _bounds(report, line)
    if len({bound.wall for bound in bounds}) < 2:
        return bounds[0].wall if bounds else None
    memory = sum([bound.seconds for bound in bounds if bound.wall == "memory"])
    return _memory_share(memory / sum([bound.seconds for bound in bounds]))


def _walls(report: Report) -> object:
    from bncalc.analysis.roofline import Roofline

    return _memory_share(report.result(Roofline).memory_share)


def _memory_share(share: float) -> str:
    if share in (0, 1):
        return "memory" if share else "compute"
    return f"memory {units.share(round(share * 10**6), 10**6)}"


def _field(report: Report, line: Line) -> object:
    """Return the size of the field after a line, or what there is in place of one."""
    return _scoped(_reach(report, line))


def _fields(report: Report) -> object:
    from bncalc.analysis.receptive_field import Fields

    return _scoped(report.result(Fields).output)


def _scoped(reach: Reach) -> str:
    from bncalc.analysis.receptive_field import extent

    size = extent(reach.size)
    if size is None:
        return reach.scope
    return f"{size} + context" if reach.scope == "context" else str(size)


def _stride(report: Report, line: Line) -> object:
    from bncalc.analysis.receptive_field import extent

    return extent(_reach(report, line).stride)


def _padding(report: Report, line: Line) -> object:
    from bncalc.analysis.receptive_field import extent

    return extent(_reach(report, line).padding)


def _reach(report: Report, line: Line) -> Reach:
    """Return the field after the last layer of a line; node 0 is the input."""
    from bncalc.analysis.receptive_field import Fields

    return report.result(Fields).nodes[line.stop]


METRICS = {
    "op": Metric("what the layer or part is", Column("op", "op", "text"), _op),
    "input": Metric("the map that arrives", Column("input", "input", "text"), _input),
    "output": Metric("the map that is put out", Column("output", "output", "text"), _output),
    "formula": Metric(
        "the weights worked out, as textbooks do", Column("formula", "weights", "text"), _formula
    ),
    "params": Metric("learnable numbers", Column("params", "params"), _sum("params")),
    "macs": Metric("multiply-accumulates", Column("macs", "MACs"), _sum("macs")),
    "share": Metric("a bar: the share of all MACs", Column("share", "of MACs", "bar"), _share),
    "activations": Metric(
        "elements that convolutions and linear layers put out",
        Column("activations", "activations"),
        _sum("activations"),
    ),
    "weights": Metric(
        "bytes of params and buffers",
        Column("weight_bytes", "weight memory", "bytes"),
        _weight_bytes,
    ),
    "peak": Metric(
        "the most bytes of live maps, within the row",
        Column("peak_activation_bytes", "peak activations", "bytes"),
        _live,
    ),
    "traffic": Metric(
        "bytes read and written", Column("traffic_bytes", "traffic", "bytes"), _traffic
    ),
    "memory": Metric(
        "a bar: live bytes as a share of the peak; names the maps that make it",
        Column("live_bytes", "of the peak", "bar"),
        _of_peak,
        "live",
    ),
    "saved": Metric(
        "bytes that autograd keeps",
        Column("saved_for_backward_bytes", "kept for backward", "bytes"),
        _saved,
        "training",
    ),
    "gradients": Metric(
        "bytes of gradients", Column("gradient_bytes", "gradients", "bytes"), needs="training"
    ),
    "optimizer": Metric(
        "bytes of the optimiser's state",
        Column("optimizer_bytes", "optimizer state", "bytes"),
        needs="training",
    ),
    "training": Metric(
        "weights, gradients, state and what is kept",
        Column("training_bytes", "training memory", "bytes"),
        needs="training",
    ),
    "fit_training": Metric(
        "images at a time that fit in --fit, training",
        Column("training_batch", "images training"),
        needs="training",
    ),
    "fit_inference": Metric(
        "images at a time that fit in --fit, at inference",
        Column("inference_batch", "images inference"),
        needs="training",
    ),
    "flash": Metric(
        "bytes of an int8 image: norms folded, one a weight, four a bias",
        Column("flash_bytes", "int8 flash", "bytes"),
        needs="flash",
    ),
    "convention": Metric(
        "the total that the tool of --as prints",
        Column("convention_total", "convention total"),
        _convention,
        "convention",
    ),
    "buffers": Metric("running statistics", Column("buffers", "buffers"), _sum("buffers")),
    "elementwise": Metric(
        "every other operation", Column("elementwise", "elementwise"), _sum("elementwise")
    ),
    "flops": Metric("2 × MACs + elementwise", Column("flops", "FLOPs"), _sum("flops")),
    "intensity": Metric(
        "2 × MACs a byte of traffic",
        Column("intensity", "FLOPs/B", "number"),
        _intensity,
        "intensity",
    ),
    "bound": Metric(
        "the least time on the --device",
        Column("lower_bound_seconds", "lower bound", "seconds"),
        _bound,
        needs="roofline",
    ),
    "wall": Metric(
        "what holds it up there: compute or memory",
        Column("wall", "wall", "text"),
        _wall,
        needs="roofline",
        whole=_walls,
    ),
    "rf": Metric(
        "the receptive field",
        Column("receptive_field", "field", "text"),
        _field,
        needs="receptive_field",
        whole=_fields,
    ),
    "stride": Metric(
        "the effective stride",
        Column("effective_stride", "stride", "text"),
        _stride,
        needs="receptive_field",
    ),
    "padding": Metric(
        "the effective padding",
        Column("effective_padding", "padding", "text"),
        _padding,
        needs="receptive_field",
    ),
}
"""By the word that `--columns` takes."""

OF_DESIGNS = tuple(word for word in METRICS if word not in ("op", "formula", "share", "memory"))
"""What designs can be compared by."""
SORTABLE = tuple(
    word
    for word, metric in METRICS.items()
    if metric.value is not None and metric.column.holds in ("count", "bytes", "number", "seconds")
)
"""What the layers of a network can be sorted by."""


def needs(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the analyses that some columns come from."""
    return tuple(dict.fromkeys(METRICS[word].needs for word in words if METRICS[word].needs))


COMPARED = ("params", "macs", "activations", "weights", "peak")
SHOWN = ("output", "params", "macs", "share")
MEMORY = ("output", "peak", "memory", "saved")
WORKED_OUT = ("output", "formula", "params", "macs")
DEFAULT = {"designs": COMPARED, "network": SHOWN, "block": WORKED_OUT}
"""What is shown where nothing is chosen."""
