"""Deployment: whether a network fits a microcontroller, RAM and flash each taken apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bncalc.analysis.arena.arena import Arena, arena
from bncalc.analysis.arena.patches import Patched, patch, patch_to_fit
from bncalc.analysis.arena.placement import place
from bncalc.analysis.arena.runtime import Padding, Runtime, padding_of, runtime_of
from bncalc.analysis.arena.scratch import instructions_of
from bncalc.analysis.assumptions import BYTES, Patches
from bncalc.analysis.report import Report, Result
from bncalc.errors import UsageError
from bncalc.model.device import Device
from bncalc.model.graph import Graph
from bncalc.model.op import Op
from bncalc.model.ops.convolution import Conv
from bncalc.named import NamedTuple

_BIAS = 4
"""Bytes of a bias beside integer weights: an int32."""
_FILE_CHANNEL, _FILE_OP, _FILE = 24, 430, 1000


class Share(NamedTuple):
    """A part of RAM or flash, in bytes; None where it is not known."""

    name: str
    size: int | None
    estimated: bool = False


class Footprint(NamedTuple):
    """What a network takes of one memory of a device, and how much of it there is."""

    memory: str
    shares: tuple[Share, ...]
    available: int | None

    @property
    def needed(self) -> int:
        """The bytes that are known to be needed: a lower limit unless it is `complete`."""
        return sum(share.size or 0 for share in self.shares)

    @property
    def complete(self) -> bool:
        return all(share.size is not None for share in self.shares)

    @property
    def left(self) -> int | None:
        """The bytes left, negative where they do not suffice; None where the size is not known."""
        return None if self.available is None else self.available - self.needed

    @property
    def fits(self) -> bool | None:
        """Whether it fits; None where what is not known decides it."""
        if self.left is None:
            return None
        if self.left < 0:
            return False
        return True if self.complete else None


@dataclass(frozen=True, slots=True)
class Deployment(Result):
    """A network on a device under a runtime."""

    device: Device
    runtime: Runtime
    padding: Padding
    arena: Arena
    ram: Footprint
    flash: Footprint
    patched: Patched | None = None

    @property
    def fits(self) -> bool | None:
        """Whether it fits both memories; None where what is not known decides it."""
        both = (self.ram.fits, self.flash.fits)
        return False if False in both else None if None in both else True

    def of_whole(self) -> Mapping[str, object]:
        return {
            "ram_bytes": self.ram.needed,
            "deployment": {
                "fits": self.fits,
                "ram": _document(self.ram),
                "flash": _document(self.flash),
                "patches": None if self.patched is None else self.patched._asdict(),
                "arena": [
                    {**buffer._asdict(), "offset": offset} for buffer, offset in self.arena.placed()
                ],
            },
        }

    def assumed(self) -> Mapping[str, object]:
        return {
            "device": self.device.name,
            "runtime": self.runtime.name,
            "converted_padding": self.padding,
        }


def deployment_result(graph: Graph, report: Report) -> Deployment:
    """Return what a network takes of the device assumed, or of one of which nothing is known."""
    assumed, target = report.assumptions, report.assumptions.target
    return deploy(
        graph,
        assumed.device or Device(""),
        runtime_of(target.runtime),
        padding=padding_of(target.padding),
        patches=target.patches,
        dtype=assumed.dtype,
        activation_dtype=assumed.activation_dtype,
    )


def deploy(
    graph: Graph,
    device: Device,
    runtime: Runtime,
    *,
    padding: Padding = "same",
    patches: Patches | None = None,
    dtype: str = "int8",
    activation_dtype: str | None = None,
) -> Deployment:
    """Return what a network takes of a device's RAM and flash. Units: bytes, for one image.

    Raises UsageError for patches that a runtime does not run, or that cannot be.
    """
    maps = activation_dtype or dtype
    taken = arena(
        graph, runtime, instructions=instructions_of(device.core), dtype=maps, padding=padding
    )
    reserved = Share("reserved", device.reserved_ram)
    free = None if device.ram is None else device.ram - device.reserved_ram
    patched = None if patches is None else _patched(taken, runtime, patches, free, BYTES[maps])
    ram = Footprint("RAM", (*_ram(taken, runtime, patched), reserved), device.ram)
    shares = (*_flash(taken.graph, runtime, BYTES[dtype]), Share("reserved", device.reserved_flash))
    flash = Footprint("flash", shares, device.flash)
    return Deployment(device, runtime, padding, taken, ram, flash, patched)


def _patched(
    taken: Arena, runtime: Runtime, patches: Patches, most: int | None, map_bytes: int
) -> Patched:
    if runtime.plans:
        message = f"{runtime.name} places whole maps and runs no patches; give --runtime inplace"
        raise UsageError(message)
    if patches.grid:
        return patch(taken.graph, runtime.policy, patches.grid, patches.layers, map_bytes=map_bytes)
    if most is None:
        raise UsageError("patches that fit need a device with RAM; give --device, or a grid")
    return patch_to_fit(taken.graph, runtime.policy, most, map_bytes=map_bytes)


def _document(footprint: Footprint) -> dict[str, object]:
    return {
        "fits": footprint.fits,
        "available": footprint.available,
        "needed": footprint.needed,
        "complete": footprint.complete,
        "parts": {share.name: share.size for share in footprint.shares},
    }


def _ram(taken: Arena, runtime: Runtime, patched: Patched | None) -> tuple[Share, ...]:
    maps = place(taken.maps).size if runtime.plans else taken.most_live
    if patched is not None:
        maps = patched.peak_with_image
    shares = [Share("maps", maps)]
    if runtime.scratch != "none":
        known = taken.scratch is not None and runtime.scratch == "cmsis-nn"
        shares.append(Share("scratch", taken.head - maps if known else None))
    if runtime.persists:
        shares.append(Share("persistent", taken.persistent, estimated=True))
    return tuple(shares)


def _flash(graph: Graph, runtime: Runtime, weight_bytes: int) -> tuple[Share, ...]:
    costs = [node.op.cost(graph.input_shapes(node), node.output) for node in graph.nodes[1:]]
    shares = [
        Share("weights", sum(cost.weights for cost in costs) * weight_bytes),
        Share("biases", sum(cost.biases for cost in costs) * max(weight_bytes, _BIAS)),
    ]
    if runtime.persists:
        size = _FILE + sum(_in_file(node.op) for node in graph.nodes[1:])
        shares.append(Share("file", size, estimated=True))
    return tuple(shares)


def _in_file(op: Op) -> int:
    """Return about what a `.tflite` file says of an op: names, shapes, a scale a channel."""
    return _FILE_OP + (_FILE_CHANNEL * op.out if isinstance(op, Conv) else 0)
