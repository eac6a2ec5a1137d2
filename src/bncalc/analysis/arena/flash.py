"""Footprints, and that in flash: what weights take, layer by layer, and what is stored beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bncalc.analysis.arena.lowering import lower
from bncalc.analysis.arena.runtime import Runtime, padding_of, runtime_of
from bncalc.analysis.assumptions import DTYPES
from bncalc.analysis.report import Report, Result
from bncalc.model.device import Device
from bncalc.model.graph import Graph, Node
from bncalc.model.op import Op
from bncalc.model.ops.convolution import Conv
from bncalc.named import NamedTuple


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


_BIAS = 4
"""Bytes of a bias beside integer weights: an int32."""
_FILE_CHANNEL, _FILE_OP, _FILE = 24, 430, 1000


@dataclass(frozen=True, slots=True, repr=False)
class Flash(Result):
    """What a network takes of flash: a byte for an int8 weight, four for a bias, norms folded.

    What does not run at inference takes nothing. `beside` is what a device holds besides the
    weights of the layers: the rest of the file, and what is reserved.
    """

    layers: tuple[int, ...]
    beside: int = 0

    def of_whole(self) -> Mapping[str, object]:
        return {"flash_bytes": sum(self.layers) + self.beside}

    def of_layers(self) -> Mapping[str, Sequence[object]]:
        return {"flash_bytes": self.layers}


def flash_result(graph: Graph, report: Report) -> Flash:
    """Return what the weights take; on a device, what all of it takes."""
    device, target = report.assumptions.device, report.assumptions.target
    runtime, weight_bytes = runtime_of(target.runtime), DTYPES[target.dtype]
    lowered = graph
    if graph.conversion is None or not runtime.plans:
        lowered = lower(graph, runtime, padding_of(target.padding))
    sizes = {node.path: sum(_constants(lowered, node, weight_bytes)) for node in lowered.nodes[1:]}
    layers = tuple([sizes.get(layer.path, 0) for layer in report.layers])
    if device is None or device.ram is None:
        return Flash(layers)
    taken = flash_footprint(lowered, device, runtime, weight_bytes)
    return Flash(layers, taken.needed - sum(layers))


def flash_footprint(
    lowered: Graph, device: Device, runtime: Runtime, weight_bytes: int
) -> Footprint:
    """Return what a lowered network takes of a device's flash. Units: bytes."""
    constants = [_constants(lowered, node, weight_bytes) for node in lowered.nodes[1:]]
    shares = [
        Share("weights", sum(weights for weights, _ in constants)),
        Share("biases", sum(biases for _, biases in constants)),
    ]
    if lowered.conversion is not None:
        constants_size = sum(sum(sizes) for sizes in constants)
        shares.append(Share("file", lowered.conversion.size - constants_size))
    elif runtime.persists:
        size = _FILE + sum(_in_file(node.op) for node in lowered.nodes[1:])
        shares.append(Share("file", size, estimated=True))
    shares.append(Share("reserved", device.reserved_flash))
    return Footprint("flash", tuple(shares), device.flash)


def _constants(graph: Graph, node: Node, weight_bytes: int) -> tuple[int, int]:
    """Return the bytes of a node's weights and of its biases; shared ones count once."""
    if node.weights_of is not None:
        return 0, 0
    cost = node.op.cost(graph.input_shapes(node), node.output)
    if node.copies is not None:
        cost = cost.times(node.copies)
    biases = cost.biases * max(weight_bytes, _BIAS)
    if node.weight_bits is None:
        return cost.weights * weight_bytes, biases
    stored = -(-node.weight_bits // 8)
    return max(stored - biases, 0), min(stored, biases)


def _in_file(op: Op) -> int:
    """Return about what a `.tflite` file says of an op: names, shapes, a scale a channel."""
    return _FILE_OP + (_FILE_CHANNEL * op.out if isinstance(op, Conv) else 0)
