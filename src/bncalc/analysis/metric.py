"""The metrics: each number that columns show, budgets limit, and `--by` and `--sort` take.

A metric is a line of `METRICS`. Wherever one is named, its word and its JSON key are understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Literal, TypeVar

from bncalc import quantity
from bncalc.analysis import amounts
from bncalc.analysis.report import Peak, Report, Totals
from bncalc.errors import UsageError, hint_for
from bncalc.named import NamedTuple
from bncalc.synonyms import meant

Amount = TypeVar("Amount")
MetricUnit = Literal["count", "bytes", "number", "seconds", "positions"]


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
    unit: MetricUnit
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
    def name(self) -> str:
        """What sentences call it: its word, as in `weights`, or how that is spelt, as in `MACs`."""
        return self.title if self.title.lower() == self.word else self.word

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
        layers = self.layers(report)
        return [sum(layers[start:stop]) for start, stop in stretches]


METRICS = {
    metric.word: metric
    for metric in (
        Metric(
            "params", "params", "count", "params",
            "learnable numbers: weights, biases, norm scale and shift",
            amounts.each(lambda layer: layer.cost.params),
        ),
        Metric(
            "buffers", "buffers", "count", "buffers", "running statistics of norms",
            amounts.each(lambda layer: layer.cost.buffers),
        ),
        Metric(
            "macs", "macs", "count", "MACs",
            "multiply-accumulates of convolution, linear and matrix products",
            amounts.each(lambda layer: layer.cost.macs),
        ),
        Metric(
            "elementwise", "elementwise", "count", "elementwise",
            "operations that are not multiply-accumulates",
            amounts.each(lambda layer: layer.cost.elementwise),
        ),
        Metric(
            "flops", "flops", "count", "FLOPs", "2 × MACs + elementwise",
            amounts.each(lambda layer: layer.cost.flops),
        ),
        Metric(
            "activations", "activations", "count", "activations",
            "output elements of convolution, linear and matrix products",
            amounts.each(lambda layer: layer.cost.activations),
        ),
        Metric(
            "weights", "weight_bytes", "bytes", "weight memory", "bytes of params and buffers",
            amounts.weight_bytes,
        ),
        Metric(
            "peak", "peak_activation_bytes", "bytes", "peak activations",
            "the most bytes of live feature maps at any step",
            stretch=amounts.most_live, peak=attrgetter("peak"), on_policy=True,
        ),
        Metric(
            "traffic", "traffic_bytes", "bytes", "traffic", "bytes that layers read and write",
            amounts.each(lambda layer: layer.traffic), on_policy=True,
        ),
        Metric(
            "live", "live_bytes", "bytes", "live maps", "bytes of live feature maps at a step",
            stretch=amounts.most_live, analysis="live", peak=attrgetter("peak"),
            limited=False, on_policy=True,
        ),
        Metric(
            "saved", "saved_for_backward_bytes", "bytes", "kept for backward",
            "bytes that autograd keeps for the backward pass", amounts.saved, analysis="training",
        ),
        Metric(
            "gradients", "gradient_bytes", "bytes", "gradients", "bytes of gradients",
            amounts.gradients, analysis="training",
        ),
        Metric(
            "optimizer", "optimizer_bytes", "bytes", "optimizer state",
            "bytes of the optimiser's state", amounts.optimizer_state, analysis="training",
        ),
        Metric(
            "training", "training_bytes", "bytes", "training memory",
            "bytes of weights, gradients, optimiser state and what autograd keeps",
            amounts.training, analysis="training",
        ),
        Metric(
            "fit_training", "training_batch", "count", "images training",
            "images that fit into --fit at a time, in training", analysis="training", limited=False,
        ),
        Metric(
            "fit_inference", "inference_batch", "count", "images inference",
            "images that fit into --fit at "
            "a time, at inference", analysis="training", limited=False,
        ),
        Metric(
            "flash", "flash_bytes", "bytes", "flash",
            "bytes of flash, norms folded: one per int8 weight, four per bias; on a --device "
            "with RAM also the rest of the file and what is reserved",
            amounts.told("flash_bytes"), analysis="flash",
        ),
        Metric(
            "ram", "ram_bytes", "bytes", "RAM",
            "bytes of RAM on a --device: maps, scratch, persistent data and what is reserved",
            analysis="deployment", peak=amounts.fullest, each_copy=True,
        ),
        Metric(
            "convention", "convention_total", "count", "convention total",
            "the total that each --as tool prints", amounts.told("convention_total"),
            analysis="convention", limited=False,
        ),
        Metric(
            "intensity", "intensity", "number", "FLOPs/B", "2 × MACs per byte of traffic",
            stretch=amounts.intensity_of, analysis="intensity", on_policy=True,
        ),
        Metric(
            "bound", "lower_bound_seconds", "seconds", "lower bound",
            "the least time on the --device", amounts.told("lower_bound_seconds"),
            analysis="roofline", on_policy=True,
        ),
        Metric(
            "rf", "receptive_field", "positions", "field", "the receptive field",
            stretch=amounts.extent_of("size"), analysis="receptive_field",
        ),
        Metric(
            "effective_stride", "effective_stride", "positions", "effective stride",
            "the stride of all layers so far, in positions of the input",
            stretch=amounts.extent_of("stride"), analysis="receptive_field",
        ),
        Metric(
            "effective_padding", "effective_padding", "positions", "effective padding",
            "the padding of all layers so far, in positions of the input",
            stretch=amounts.extent_of("padding"), analysis="receptive_field",
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


def by_key(amounts: Mapping[str, Amount]) -> dict[str, Amount]:
    """Return what is given by the words of metrics by their JSON keys."""
    return {METRICS[word].key: amount for word, amount in amounts.items()}


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
