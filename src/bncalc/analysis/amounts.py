"""Amounts: what each layer, or a stretch of layers, adds to a metric, read off a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bncalc.analysis.report import Layer, Peak, Report
from bncalc.number import largest

if TYPE_CHECKING:
    from bncalc.model.reach import Reach


def each(amount: Callable[[Layer], int]) -> Callable[[Report], Sequence[int]]:
    """Return what reads an amount of each layer."""
    return lambda report: [amount(layer) for layer in report.layers]


def told(key: str) -> Callable[[Report], Sequence[Any]]:
    """Return what reads that which an analysis says of each layer under a key."""

    def layers(report: Report) -> Sequence[Any]:
        for result in report.results:
            if key in (columns := result.of_layers()):
                return columns[key]
        raise LookupError(f"the report of {report.name} holds no {key}")

    return layers


saved = told("saved_for_backward_bytes")


def weight_bytes(report: Report) -> Sequence[int]:
    """Return the bytes of params and buffers of each layer."""
    each = report.assumptions.weight_bytes
    return [layer.weight_bytes(each) for layer in report.layers]


def most_live(report: Report, start: int, stop: int) -> Any:
    """Return the most bytes that are live at a step of a stretch."""
    return largest(*report.memory.live[start + 1 : stop + 1])  # node 0 is the input


def fullest(report: Report) -> Peak:
    """Return the step at which RAM is fullest on the device."""
    from bncalc.analysis.arena.deployment import Deployment

    return report.result(Deployment).fullest


def gradients(report: Report) -> Sequence[int]:
    """Return the bytes of each layer's gradients."""
    return [params * report.assumptions.weight_bytes for params in _learned(report)]


def optimizer_state(report: Report) -> Sequence[int]:
    """Return the bytes of the optimiser's state of each layer."""
    return [params * report.assumptions.state_bytes for params in _learned(report)]


def _learned(report: Report) -> Sequence[int]:
    """Return how many params of each layer have a gradient."""
    from bncalc.analysis.training import Training

    frozen = report.result(Training).frozen
    return [layer.cost.params - n for layer, n in zip(report.layers, frozen, strict=True)]


def training(report: Report) -> Sequence[int]:
    """Return all bytes that each layer takes in training."""
    parts = (weight_bytes, gradients, optimizer_state, saved)
    return [sum(amounts) for amounts in zip(*[part(report) for part in parts], strict=True)]


def intensity_of(report: Report, start: int, stop: int) -> float | None:
    """Return FLOPs for each byte of traffic of a stretch; None without traffic."""
    from bncalc.analysis.roofline import intensity

    return intensity(report, report.layers[start:stop])


def reach_after(report: Report, stop: int) -> Reach:
    """Return the receptive field after the layers up to `stop`."""
    from bncalc.analysis.receptive_field import Fields

    return report.result(Fields).nodes[stop]  # node 0 is the input


def extent_of(side: str) -> Callable[[Report, int, int], object]:
    """Return what reads a side of the receptive field after a stretch."""

    def after(report: Report, start: int, stop: int) -> object:
        from bncalc.analysis.receptive_field import extent

        return extent(getattr(reach_after(report, stop), side))

    return after
