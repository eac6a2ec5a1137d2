"""The roofline: the least time that a device needs for each layer, and what holds it up.

A layer cannot take less time than its operations at the device's peak, nor less than its traffic at
the full bandwidth of memory (Williams, Waterman and Patterson 2009). Layers run one after another;
a norm or activation that is fused runs with the layer before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from bncalc.analysis.assumptions import BYTES, Assumptions
from bncalc.analysis.report import Layer, Report
from bncalc.errors import UsageError

Wall = Literal["compute", "memory"]


class Bound(NamedTuple):
    """The least time of one layer with what is fused to it, and the wall that sets it."""

    seconds: float
    wall: Wall


class Roofline(NamedTuple):
    """Bounds by layer: None for a layer that is fused to one before, or takes no time."""

    arithmetic: str
    bounds: tuple[Bound | None, ...]

    @property
    def seconds(self) -> float:
        """The least time of the whole."""
        return sum([one.seconds for one in self.bounds if one])

    @property
    def memory_seconds(self) -> float:
        """The part of it in layers that memory holds up."""
        return sum([one.seconds for one in self.bounds if one and one.wall == "memory"])


def roofline(report: Report, device: str, peak: Mapping[str, int], bandwidth: int) -> Roofline:
    """Return the bound of every layer; raise UsageError where the device has no such arithmetic.

    Operations are 2 × MACs + elementwise for the whole batch, all at the peak of one type: the
    wider of weights and maps.
    """
    arithmetic = _arithmetic(report.assumptions)
    if arithmetic not in peak:
        has = ", ".join(peak)
        raise UsageError(f"{device} has no peak for {arithmetic}; write --dtype with one of {has}")
    bounds: list[Bound | None] = [None] * len(report.layers)
    for start, stop in _groups(report.layers):
        layers = report.layers[start:stop]
        operations = sum([one.cost.flops for one in layers]) * report.assumptions.batch
        traffic = sum([one.traffic for one in layers])
        if operations or traffic:
            bounds[start] = _bound(operations, traffic, peak[arithmetic], bandwidth)
    return Roofline(arithmetic, tuple(bounds))


def _arithmetic(assumptions: Assumptions) -> str:
    """Return the type that products run in: of weights and maps the wider, of equals the maps'."""
    weights = assumptions.dtype
    maps = assumptions.activation_dtype or weights
    return weights if BYTES[weights] > BYTES[maps] else maps


def _groups(layers: tuple[Layer, ...]) -> list[tuple[int, int]]:
    """Return the stretches of layers that run together."""
    starts = [i for i, one in enumerate(layers) if not one.fused]
    return list(zip(starts, [*starts[1:], len(layers)], strict=True))


def _bound(operations: int, traffic: int, peak: int, bandwidth: int) -> Bound:
    if operations * bandwidth >= traffic * peak:
        return Bound(operations / peak, "compute")
    return Bound(traffic / bandwidth, "memory")
