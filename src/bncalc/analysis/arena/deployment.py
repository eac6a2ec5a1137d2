"""Deployment: whether a network fits a microcontroller, RAM and flash each taken apart."""

from __future__ import annotations

from typing import NamedTuple

from bncalc.analysis.arena.arena import Arena, arena
from bncalc.analysis.arena.placement import place
from bncalc.analysis.arena.runtime import Padding, Runtime
from bncalc.analysis.arena.scratch import instructions_of
from bncalc.analysis.assumptions import BYTES
from bncalc.model.device import Device
from bncalc.model.graph import Graph
from bncalc.model.op import Op
from bncalc.model.ops.convolution import Conv

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


class Deployment(NamedTuple):
    """A network on a device under a runtime."""

    device: Device
    runtime: Runtime
    padding: Padding
    arena: Arena
    ram: Footprint
    flash: Footprint


def deploy(
    graph: Graph,
    device: Device,
    runtime: Runtime,
    *,
    padding: Padding = "same",
    dtype: str = "int8",
    activation_dtype: str | None = None,
) -> Deployment:
    """Return what a network takes of a device's RAM and flash. Units: bytes, for one image."""
    instructions = instructions_of(device.core)
    maps = activation_dtype or dtype
    taken = arena(graph, runtime, instructions=instructions, dtype=maps, padding=padding)
    ram = Footprint("RAM", (*_ram(taken, runtime), _reserved(device.reserved_ram)), device.ram)
    flash = Footprint(
        "flash",
        (*_flash(taken.graph, runtime, BYTES[dtype]), _reserved(device.reserved_flash)),
        device.flash,
    )
    return Deployment(device, runtime, padding, taken, ram, flash)


def _ram(taken: Arena, runtime: Runtime) -> tuple[Share, ...]:
    maps = place(taken.maps).size if runtime.plans else taken.most_live
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


def _reserved(size: int) -> Share:
    return Share("reserved", size)
