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


def weight_bytes(report: Report) -> Sequence[int]:
    """Return the bytes of params and buffers of each layer."""
    each = report.assumptions.weight_bytes
    return [layer.weight_bytes(each) for layer in report.layers]


def most_live(report: Report, start: int, stop: int) -> Any:
    """Return the most bytes that are live at a step of a stretch."""
    return largest(*report.memory.live[start + 1 : stop + 1])  # node 0 is the input


def peak(report: Report) -> Peak:
    """Return the peak of live feature maps."""
    return report.peak


def fullest(report: Report) -> Peak:
    """Return the step at which RAM is fullest on the device."""
    from bncalc.analysis.arena.deployment import Deployment

    return report.result(Deployment).fullest


def saved(report: Report) -> Sequence[int]:
    """Return the bytes that autograd keeps of each layer."""
    from bncalc.analysis.training import Training

    return report.result(Training).layers


def gradients(report: Report) -> Sequence[int]:
    """Return the bytes of each layer's gradients."""
    each = report.assumptions.weight_bytes
    return [layer.cost.params * each for layer in report.layers]


def optimizer_state(report: Report) -> Sequence[int]:
    """Return the bytes of the optimiser's state of each layer."""
    each = report.assumptions.state_bytes
    return [layer.cost.params * each for layer in report.layers]


def training(report: Report) -> Sequence[int]:
    """Return all bytes that each layer takes in training."""
    parts = (weight_bytes, gradients, optimizer_state, saved)
    return [sum(amounts) for amounts in zip(*[part(report) for part in parts], strict=True)]


def flash(report: Report) -> Sequence[int]:
    """Return the bytes of flash of each layer."""
    from bncalc.analysis.arena.flash import Flash

    return report.result(Flash).layers


def converted(report: Report) -> Sequence[int]:
    """Return each layer's number in the first convention."""
    from bncalc.analysis.conventions import Tallies

    return report.result(Tallies).tools[0].layers


def intensity_of(report: Report, start: int, stop: int) -> float | None:
    """Return FLOPs for each byte of traffic of a stretch; None without traffic."""
    from bncalc.analysis.roofline import intensity

    return intensity(report, report.layers[start:stop])


def least_seconds(report: Report) -> Sequence[float]:
    """Return the least seconds of each layer; 0 where it is fused to another."""
    from bncalc.analysis.roofline import Roofline

    return [bound.seconds if bound else 0.0 for bound in report.result(Roofline).bounds]


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
