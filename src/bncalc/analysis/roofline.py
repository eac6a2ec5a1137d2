"""The roofline: the least time that a device needs for each layer, and what holds it up.

A layer cannot take less time than its operations at the device's peak, nor less than its traffic at
the full bandwidth of memory (Williams, Waterman and Patterson 2009). Layers run one after another;
a norm or activation that is fused runs with the layer before it.
"""

from __future__ import annotations

from math import fsum
from typing import Literal, NamedTuple

from bncalc.analysis.assumptions import BYTES, Assumptions
from bncalc.analysis.extra import Extra
from bncalc.analysis.report import Layer, Report
from bncalc.errors import UsageError
from bncalc.model.device import Device
from bncalc.model.graph import Graph

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
        return fsum([one.seconds for one in self.bounds if one])

    @property
    def memory_seconds(self) -> float:
        """The part of it in layers that memory holds up."""
        return fsum([one.seconds for one in self.bounds if one and one.wall == "memory"])


def roofline(report: Report, device: Device) -> Roofline:
    """Return the bound of every layer; raise UsageError where the device has no such arithmetic.

    Operations are 2 × MACs + elementwise for the whole batch, all at the peak of one type: the
    wider of weights and maps.
    """
    arithmetic = _arithmetic(report.assumptions)
    if arithmetic not in device.peak:
        has = ", ".join(device.peak)
        message = f"{device.name} has no peak for {arithmetic}; write --dtype with one of {has}"
        raise UsageError(message)
    bounds: list[Bound | None] = [None] * len(report.layers)
    for start, stop in _groups(report.layers):
        layers = report.layers[start:stop]
        operations = sum([one.cost.flops for one in layers]) * report.assumptions.batch
        traffic = sum([one.traffic for one in layers])
        if operations or traffic:
            bounds[start] = _bound(operations, traffic, device.peak[arithmetic], device.bandwidth)
    return Roofline(arithmetic, tuple(bounds))


def intensity_extra(graph: Graph, report: Report) -> Extra:
    """Return the arithmetic intensity of the whole and of each layer, for a report."""
    whole = intensity(report, report.layers)
    each = tuple([intensity(report, (one,)) for one in report.layers])
    return Extra({"intensity": whole}, {"intensity": each})


def intensity(report: Report, layers: tuple[Layer, ...]) -> float | None:
    """Return 2 × MACs / traffic, in operations a byte; None where nothing is moved."""
    operations = 2 * sum([one.cost.macs for one in layers]) * report.assumptions.batch
    traffic = sum([one.traffic for one in layers])
    return operations / traffic if traffic else None


def roofline_extra(graph: Graph, report: Report) -> Extra:
    """Return the bounds on the device assumed; raise UsageError as `roofline` does, or for none."""
    device = report.assumptions.device
    if device is None:
        hint = "name one with --device, as in `bncalc list devices`"
        raise UsageError(f"there is no lower bound without a device; {hint}")
    found = roofline(report, device)
    seconds = found.seconds
    return Extra(
        totals={
            "lower_bound_seconds": seconds,
            "memory_bound_share": found.memory_seconds / seconds if seconds else 0.0,
        },
        layers={
            "lower_bound_seconds": tuple([one.seconds if one else 0.0 for one in found.bounds]),
            "wall": tuple([one.wall if one else None for one in found.bounds]),
        },
        assumed={"device": device.name, "arithmetic": found.arithmetic},
    )


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
