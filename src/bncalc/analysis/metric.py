"""The metrics: each number that columns show, budgets limit, and `--by` and `--sort` take.

A metric is a line of `METRICS`. Wherever one is named, its word and its JSON key are understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from bncalc import quantity
from bncalc.analysis.report import Layer, Peak, Report, Totals
from bncalc.errors import UsageError, hint_for
from bncalc.named import NamedTuple
from bncalc.number import largest
from bncalc.synonyms import meant

if TYPE_CHECKING:
    from bncalc.model.reach import Reach

Unit = Literal["count", "bytes", "number", "seconds", "pixels"]


class Metric(NamedTuple):
    """A number of a network; `key` is its name in machine formats, `word` everywhere else.

    `layers` says what each layer adds, where layers add up to the whole; `stretch` the number of
    the layers `start` up to `stop`, where it is another than that sum. Without either it is a
    number of the whole alone. `analysis` names what it comes from beyond the report itself. What a
    change is due to are the layers, or else the maps that make the `peak`. Budgets can limit
    whole numbers that rest on no further assumption, unless it is not `limited`. `on_policy` says
    that it rests on the memory policy, `each_copy` that no copy of a repeat can stand for others.
    """

    word: str
    key: str
    unit: Unit
    title: str
    doc: str
    layers: Callable[[Report], Sequence[Any]] | None = None
    stretch: Callable[[Report, int, int], Any] | None = None
    analysis: str = ""
    peak: Callable[[Report], Peak] | None = None
    limited: bool = True
    on_policy: bool = False
    each_copy: bool = False

    def total(self, report: Report) -> Any:
        """Return the number of the whole; None where there is none."""
        if self.key in Totals._fields:
            return getattr(report.totals, self.key)
        for result in report.results:
            if self.key in (numbers := result.of_whole()):
                return numbers[self.key]
        return self.of(report, 0, len(report.layers))

    @property
    def quantity(self) -> quantity.Unit:
        """How people write an amount of it."""
        return "bytes" if self.unit == "bytes" else "count"

    def of(self, report: Report, start: int, stop: int) -> Any:
        """Return the number of the layers `start` up to `stop`; None if only the whole has it."""
        return self.along(report, [(start, stop)])[0]

    def along(self, report: Report, stretches: Iterable[tuple[int, int]]) -> list[Any]:
        """Return the numbers of several stretches of layers, each from a start up to a stop."""
        if self.stretch:
            return [self.stretch(report, start, stop) for start, stop in stretches]
        if self.layers is None:
            return [None for _ in stretches]
        amounts = self.layers(report)
        return [sum(amounts[start:stop]) for start, stop in stretches]


def _each(amount: Callable[[Layer], int]) -> Callable[[Report], Sequence[int]]:
    return lambda report: [amount(layer) for layer in report.layers]


def _weight_bytes(report: Report) -> Sequence[int]:
    each = report.assumptions.weight_bytes
    return [layer.weight_bytes(each) for layer in report.layers]


def _most_live(report: Report, start: int, stop: int) -> Any:
    return largest(*report.memory.live[start + 1 : stop + 1])  # node 0 is the input


def _peak(report: Report) -> Peak:
    return report.peak


def _fullest(report: Report) -> Peak:
    from bncalc.analysis.arena.deployment import Deployment

    return report.result(Deployment).fullest


def _saved(report: Report) -> Sequence[int]:
    from bncalc.analysis.training import Training

    return report.result(Training).layers


def _gradients(report: Report) -> Sequence[int]:
    each = report.assumptions.weight_bytes
    return [layer.cost.params * each for layer in report.layers]


def _optimizer(report: Report) -> Sequence[int]:
    each = report.assumptions.state_bytes
    return [layer.cost.params * each for layer in report.layers]


def _training(report: Report) -> Sequence[int]:
    parts = (_weight_bytes, _gradients, _optimizer, _saved)
    return [sum(amounts) for amounts in zip(*[part(report) for part in parts], strict=True)]


def _flash(report: Report) -> Sequence[int]:
    from bncalc.analysis.arena.flash import Flash

    return report.result(Flash).layers


def _converted(report: Report) -> Sequence[int]:
    from bncalc.analysis.conventions import Tallies

    return report.result(Tallies).tools[0].layers


def _intensity(report: Report, start: int, stop: int) -> float | None:
    from bncalc.analysis.roofline import intensity

    return intensity(report, report.layers[start:stop])


def _seconds(report: Report) -> Sequence[float]:
    from bncalc.analysis.roofline import Roofline

    return [bound.seconds if bound else 0.0 for bound in report.result(Roofline).bounds]


def reach_after(report: Report, stop: int) -> Reach:
    """Return the receptive field after the layers up to `stop`."""
    from bncalc.analysis.receptive_field import Fields

    return report.result(Fields).nodes[stop]  # node 0 is the input


def _extent(side: str) -> Callable[[Report, int, int], object]:
    def after(report: Report, start: int, stop: int) -> object:
        from bncalc.analysis.receptive_field import extent

        return extent(getattr(reach_after(report, stop), side))

    return after


METRICS = {
    metric.word: metric
    for metric in (
        Metric(
            "params", "params", "count", "params",
            "learnable numbers: weights, biases, norm scale and shift",
            _each(lambda layer: layer.cost.params),
        ),
        Metric(
            "buffers", "buffers", "count", "buffers", "running statistics of norms",
            _each(lambda layer: layer.cost.buffers),
        ),
        Metric(
            "macs", "macs", "count", "MACs",
            "multiply-accumulates of convolution, linear and matrix products",
            _each(lambda layer: layer.cost.macs),
        ),
        Metric(
            "elementwise", "elementwise", "count", "elementwise",
            "operations that are not multiply-accumulates",
            _each(lambda layer: layer.cost.elementwise),
        ),
        Metric(
            "flops", "flops", "count", "FLOPs", "2 × MACs + elementwise",
            _each(lambda layer: layer.cost.flops),
        ),
        Metric(
            "activations", "activations", "count", "activations",
            "elements that convolution, linear and matrix products put out",
            _each(lambda layer: layer.cost.activations),
        ),
        Metric(
            "weights", "weight_bytes", "bytes", "weight memory", "bytes of params and buffers",
            _weight_bytes,
        ),
        Metric(
            "peak", "peak_activation_bytes", "bytes", "peak activations",
            "the most bytes of live feature maps at any step",
            stretch=_most_live, peak=_peak, on_policy=True,
        ),
        Metric(
            "traffic", "traffic_bytes", "bytes", "traffic", "bytes that layers read and write",
            _each(lambda layer: layer.traffic), on_policy=True,
        ),
        Metric(
            "live", "live_bytes", "bytes", "live maps", "bytes of live feature maps at a step",
            stretch=_most_live, analysis="live", peak=_peak, limited=False, on_policy=True,
        ),
        Metric(
            "saved", "saved_for_backward_bytes", "bytes", "kept for backward",
            "bytes that autograd keeps for the backward pass", _saved, analysis="training",
        ),
        Metric(
            "gradients", "gradient_bytes", "bytes", "gradients", "bytes of gradients",
            _gradients, analysis="training",
        ),
        Metric(
            "optimizer", "optimizer_bytes", "bytes", "optimizer state",
            "bytes of the optimiser's state", _optimizer, analysis="training",
        ),
        Metric(
            "training", "training_bytes", "bytes", "training memory",
            "bytes of weights, gradients, optimiser state and what autograd keeps",
            _training, analysis="training",
        ),
        Metric(
            "fit_training", "training_batch", "count", "images training",
            "images at a time that fit in --fit, training", analysis="training", limited=False,
        ),
        Metric(
            "fit_inference", "inference_batch", "count", "images inference",
            "images at a time that fit in --fit, at inference", analysis="training", limited=False,
        ),
        Metric(
            "flash", "flash_bytes", "bytes", "flash",
            "bytes of flash, norms folded: one for an int8 weight, four for a bias; on a --device "
            "with RAM the rest of the file and what is reserved besides",
            _flash, analysis="flash",
        ),
        Metric(
            "ram", "ram_bytes", "bytes", "RAM",
            "bytes of RAM on a --device: maps, scratch, what persists and what is reserved",
            analysis="deployment", peak=_fullest, each_copy=True,
        ),
        Metric(
            "convention", "convention_total", "count", "convention total",
            "the total that each tool of --as prints", _converted,
            analysis="convention", limited=False,
        ),
        Metric(
            "intensity", "intensity", "number", "FLOPs/B", "2 × MACs for each byte of traffic",
            stretch=_intensity, analysis="intensity", on_policy=True,
        ),
        Metric(
            "bound", "lower_bound_seconds", "seconds", "lower bound",
            "the least time on the --device", _seconds, analysis="roofline", on_policy=True,
        ),
        Metric(
            "rf", "receptive_field", "pixels", "field", "the receptive field",
            stretch=_extent("size"), analysis="receptive_field",
        ),
        Metric(
            "effective_stride", "effective_stride", "pixels", "effective stride",
            "the stride of all layers so far, in pixels of the input",
            stretch=_extent("stride"), analysis="receptive_field",
        ),
        Metric(
            "effective_padding", "effective_padding", "pixels", "effective padding",
            "the padding of all layers so far, in pixels of the input",
            stretch=_extent("padding"), analysis="receptive_field",
        ),
    )
}  # fmt: skip
"""By word, in the order in which lists and documents have them."""


def metric_named(name: str, among: Iterable[Metric] | None = None) -> Metric:
    """Return the metric of a name; raise UsageError where there is none."""
    known = tuple(METRICS.values() if among is None else among)
    metric = metric_called(name, known)
    if metric is None and metric_called(name, METRICS.values()):
        there = ", ".join([metric.word for metric in known])
        raise UsageError(f"{name} is not one of the metrics here, which are {there}")
    if metric is None:
        hint = hint_for(name, [metric.word for metric in known])
        raise UsageError(f"unknown metric {name!r}{hint}")
    return metric


def metric_called(name: str, among: Iterable[Metric]) -> Metric | None:
    """Return the metric of a word, of a JSON key or of what other people call it."""
    known = {metric.word: metric for metric in among}
    for metric in known.values():
        if name in (metric.word, metric.key):
            return metric
    return known.get(meant(name, known) or "")


def standard() -> tuple[Metric, ...]:
    """Return the metrics that every report has, without a further analysis."""
    return tuple([metric for metric in METRICS.values() if not metric.analysis])


def additive() -> tuple[Metric, ...]:
    """Return those of them that its layers add up to."""
    return tuple([metric for metric in standard() if metric.layers])


def limitable() -> tuple[Metric, ...]:
    """Return the metrics that budgets can limit."""
    whole = [metric for metric in METRICS.values() if metric.unit in ("count", "bytes")]
    return tuple([metric for metric in whole if metric.limited])


def sweepable() -> tuple[Metric, ...]:
    """Return the metrics that a sweep can show: those of budgets, and the least time."""
    return (*limitable(), METRICS["bound"])


def analyses(metrics: Iterable[Metric]) -> tuple[str, ...]:
    """Return the analyses that some metrics come from, each once."""
    return tuple(dict.fromkeys([metric.analysis for metric in metrics if metric.analysis]))
