"""The roofline: the least time that a device needs for each layer, and what holds it up.

A layer cannot take less time than its operations at the device's peak, nor less than its traffic at
the full bandwidth of memory (Williams, Waterman and Patterson 2009). Layers run one after another;
a norm or activation that is fused runs with the layer before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import Literal

from bncalc.analysis.assumptions import DTYPES, Assumptions
from bncalc.analysis.report import Layer, Report, Result
from bncalc.errors import UsageError
from bncalc.model.device import Device
from bncalc.model.graph import Graph
from bncalc.named import NamedTuple

Wall = Literal["compute", "memory"]


class Bound(NamedTuple):
    """The least time of one layer with what is fused to it, and the wall that sets it."""

    seconds: float
    wall: Wall


class Step(NamedTuple):
    """What one layer with what is fused to it works out and moves, for the whole batch."""

    operations: int
    traffic: int


@dataclass(frozen=True, repr=False)
class Roofline(Result):
    """Steps by layer: None for a layer that is fused to one before, or takes no time.

    The totals ask for no wall of a single layer, so that they hold for many designs at once.
    """

    device: Device
    arithmetic: str
    peak: int
    bandwidth: int
    steps: tuple[Step | None, ...]

    @cached_property
    def bounds(self) -> tuple[Bound | None, ...]:
        """The least time of each step, and what sets it."""
        return tuple([step and self._bound(step) for step in self.steps])

    @property
    def seconds(self) -> float:
        """The least time of the whole."""
        computed = sum([step.operations * self._computes(step) for step in self.steps if step])
        return computed / self.peak + self.memory_seconds

    @property
    def memory_seconds(self) -> float:
        """The part of it in layers that memory holds up."""
        moved = sum([step.traffic * (1 - self._computes(step)) for step in self.steps if step])
        return moved / self.bandwidth

    @property
    def memory_share(self) -> float:
        return self.memory_seconds / self.seconds if self.seconds else 0.0

    def of_whole(self) -> Mapping[str, object]:
        return {"lower_bound_seconds": self.seconds, "memory_bound_share": self.memory_share}

    def of_layers(self) -> Mapping[str, Sequence[object]]:
        return {
            "lower_bound_seconds": [bound.seconds if bound else 0.0 for bound in self.bounds],
            "wall": [bound.wall if bound else None for bound in self.bounds],
        }

    def assumed(self) -> Mapping[str, object]:
        return {"device": self.device.name, "arithmetic": self.arithmetic}

    def _bound(self, step: Step) -> Bound:
        if self._computes(step):
            return Bound(step.operations / self.peak, "compute")
        return Bound(step.traffic / self.bandwidth, "memory")

    def _computes(self, step: Step) -> bool:
        """Return whether arithmetic sets the time; the ratio of the walls in lowest terms."""
        common = gcd(self.peak, self.bandwidth)
        peak, bandwidth = self.peak // common, self.bandwidth // common
        return step.operations * bandwidth >= step.traffic * peak


def roofline(report: Report, device: Device) -> Roofline:
    """Return the bound of every layer; raise UsageError where the device has no such arithmetic.

    Operations are 2 × MACs + elementwise for the whole batch, all at the peak of one type: the
    wider of weights and maps.
    """
    arithmetic = _arithmetic(report.assumptions)
    if device.bandwidth is None:
        message = f"{device.name} has no peak and bandwidth, so there is no lower bound on it"
        if device.ram is not None:
            message += "; `bncalc memory --device` says whether a network fits"
        raise UsageError(message)
    if arithmetic not in device.peak:
        has = ", ".join(device.peak)
        message = f"{device.name} has no peak for {arithmetic}; write --dtype with one of {has}"
        raise UsageError(message)
    operations, traffic, step = [0] * len(report.layers), [0] * len(report.layers), 0
    for i, layer in enumerate(report.layers):
        flops = layer.cost.flops
        if not layer.fused and (flops or layer.traffic):
            step = i  # what takes no time begins none
        operations[step] += flops * report.assumptions.batch
        traffic[step] += layer.traffic
    steps = [Step(*both) if any(both) else None for both in zip(operations, traffic, strict=True)]
    return Roofline(device, arithmetic, device.peak[arithmetic], device.bandwidth, tuple(steps))


@dataclass(frozen=True, slots=True, repr=False)
class Intensity(Result):
    """Operations a byte: of the whole and of each layer, None where nothing is moved."""

    whole: float | None
    layers: tuple[float | None, ...]

    def of_whole(self) -> Mapping[str, object]:
        return {"intensity": self.whole}

    def of_layers(self) -> Mapping[str, Sequence[object]]:
        return {"intensity": self.layers}


def intensity_result(graph: Graph, report: Report) -> Intensity:
    """Return the arithmetic intensity of the whole and of each layer, for a report."""
    whole = intensity(report, report.layers)
    return Intensity(whole, tuple([intensity(report, (layer,)) for layer in report.layers]))


def intensity(report: Report, layers: tuple[Layer, ...]) -> float | None:
    """Return 2 × MACs / traffic, in operations a byte; None where nothing is moved."""
    operations = 2 * sum([layer.cost.macs for layer in layers]) * report.assumptions.batch
    traffic = sum([layer.traffic for layer in layers])
    return operations / traffic if traffic else None


def roofline_result(graph: Graph, report: Report) -> Roofline:
    """Return the bounds on the device assumed; raise UsageError as `roofline` does, or for none."""
    device = report.assumptions.device
    if device is None:
        raise UsageError(
            "a lower bound needs a device: --device NAME, as `bncalc list devices` shows them, or "
            "in Python Assumptions(device=device('NAME'))"
        )
    return roofline(report, device)


def _arithmetic(assumptions: Assumptions) -> str:
    """Return the type that products run in: of weights and maps the wider, of equals the maps'."""
    weights = assumptions.dtype
    maps = assumptions.activation_dtype or weights
    return weights if DTYPES[weights] > DTYPES[maps] else maps
