"""What can be limited: each metric with its unit, and how it is read off a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.difference import ADDITIVE
from bncalc.analysis.report import Layer, Report, Totals
from bncalc.quantity import Unit


class Metric(NamedTuple):
    """A number of a whole design; `key` names it among the totals.

    `needs` names the analyses that it comes from, beyond the report itself.
    """

    unit: Unit
    doc: str
    key: str
    needs: tuple[str, ...] = ()

    def total(self, report: Report) -> int:
        if self.key in Totals._fields:
            return cast(int, getattr(report.totals, self.key))
        return cast(int, report.numbers()[self.key])

    @property
    def layer(self) -> Callable[[Layer, Assumptions], int] | None:
        """What one layer adds to the number; None where layers do not add up to it."""
        return ADDITIVE.get(self.key)


METRICS = {
    "params": Metric("count", "learnable numbers: weights, biases, norm scale and shift", "params"),
    "macs": Metric(
        "count", "multiply-accumulates of convolution, linear and matrix products", "macs"
    ),
    "flops": Metric("count", "2 × MACs + elementwise", "flops"),
    "weights": Metric("bytes", "bytes of params and buffers", "weight_bytes"),
    "activations": Metric(
        "count", "elements that convolution and linear layers put out", "activations"
    ),
    "peak_activation": Metric(
        "bytes", "the most bytes of live feature maps at any step", "peak_activation_bytes"
    ),
    "training": Metric(
        "bytes",
        "bytes of weights, gradients, optimiser state and what autograd keeps",
        "training_bytes",
        needs=("training",),
    ),
    "buffers": Metric("count", "running statistics", "buffers"),
    "elementwise": Metric("count", "operations that are no multiply-accumulates", "elementwise"),
    "traffic": Metric("bytes", "bytes that layers read and write", "traffic_bytes"),
}
"""By the word that a budget file and `--max` take."""


def by_path(report: Report, metric: Metric) -> dict[str, int]:
    """Return what a metric comes to for every layer and every part, by path.

    Raises TypeError for a metric that only a whole design has.
    """
    amount = metric.layer
    if amount is None:
        raise TypeError(metric.doc)
    sums: dict[str, int] = {}
    for layer in report.layers:
        value = amount(layer, report.assumptions)
        at = len(layer.path)
        while at > 0:
            within = layer.path[:at]
            sums[within] = sums.get(within, 0) + value
            at = layer.path.rfind("/", 0, at)
    return sums
