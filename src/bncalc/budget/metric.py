"""What can be limited: each metric with its unit, and how it is read off a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from bncalc.analysis.report import Layer, Report
from bncalc.budget.quantity import Unit


class Metric(NamedTuple):
    """A number of a whole design; `layer` gives what one layer adds to it, where they add up.

    Where they do not, `most` gives the index of the layer that has most to do with it. `needs`
    names the analyses that the number comes from, beyond the report itself.
    """

    unit: Unit
    doc: str
    total: Callable[[Report], int]
    layer: Callable[[Layer, Report], int] | None = None
    most: Callable[[Report], int] | None = None
    needs: tuple[str, ...] = ()


def _count(name: str, doc: str) -> Metric:
    """Return a metric that is a cost of each layer and their sum."""
    return Metric(
        "count",
        doc,
        lambda report: int(getattr(report.totals, name)),
        lambda layer, _: int(getattr(layer.cost, name)),
    )


def _weight_bytes(layer: Layer, report: Report) -> int:
    return (layer.cost.params + layer.cost.buffers) * report.assumptions.weight_bytes


def _largest(values: tuple[object, ...]) -> int:
    return max(range(len(values)), key=lambda at: cast(int, values[at]))


METRICS = {
    "params": _count("params", "learnable numbers: weights, biases, norm scale and shift"),
    "macs": _count("macs", "multiply-accumulates of convolution, linear and matrix products"),
    "flops": _count("flops", "2 × MACs + elementwise"),
    "weights": Metric(
        "bytes",
        "bytes of params and buffers",
        lambda report: report.totals.weight_bytes,
        _weight_bytes,
    ),
    "activations": _count("activations", "elements that convolution and linear layers put out"),
    "peak_activation": Metric(
        "bytes",
        "the most bytes of live feature maps at any step",
        lambda report: report.totals.peak_activation_bytes,
        most=lambda report: max(report.memory.step - 1, 0),
    ),
    "training": Metric(
        "bytes",
        "bytes of weights, gradients, optimiser state and what autograd keeps",
        lambda report: cast(int, report.extra.totals["training_bytes"]),
        most=lambda report: _largest(report.extra.layers["saved_for_backward_bytes"]),
        needs=("training",),
    ),
    "buffers": _count("buffers", "running statistics"),
    "elementwise": _count("elementwise", "operations that are no multiply-accumulates"),
    "traffic": Metric(
        "bytes",
        "bytes that layers read and write",
        lambda report: report.totals.traffic_bytes,
        lambda layer, _: layer.traffic,
    ),
}
"""By the word that a budget file and `--max` take."""


def by_path(report: Report, metric: Metric) -> dict[str, int]:
    """Return what a metric comes to for every layer and every part, by path.

    Raises TypeError for a metric that only a whole design has.
    """
    if metric.layer is None:
        raise TypeError(metric.doc)
    sums: dict[str, int] = {}
    for layer in report.layers:
        value = metric.layer(layer, report)
        at = len(layer.path)
        while at > 0:
            within = layer.path[:at]
            sums[within] = sums.get(within, 0) + value
            at = layer.path.rfind("/", 0, at)
    return sums
