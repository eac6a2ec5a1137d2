"""The arena: the RAM that a network takes on a microcontroller, taken apart."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.analysis.arena.lowering import lower
from bncalc.analysis.arena.persistence import persistent_bytes
from bncalc.analysis.arena.placement import ArenaPlacement, Buffer, aligned, most_live, place
from bncalc.analysis.arena.runtime import ConverterPadding, Runtime
from bncalc.analysis.arena.scratch import scratch
from bncalc.analysis.assumptions import DTYPES, Assumptions
from bncalc.analysis.memory import liveness
from bncalc.model.graph import Conversion, Graph
from bncalc.named import NamedTuple


class Arena(NamedTuple):
    """What a runtime keeps in RAM. Units: bytes, for one image.

    `paths` are those of the layers at each step. `maps` are the buffers of feature maps, in the
    order in which they are made; `scratch` those that a kernel needs beside them, None where that
    is not known. `head` is what both take as they are placed, `persistent` an estimate of what
    lives beside it. `most_live` are the most bytes of maps that live at a step under the runtime's
    rules for writing in place.
    """

    graph: Graph
    paths: tuple[str, ...]
    maps: tuple[Buffer, ...]
    scratch: tuple[Buffer, ...] | None
    placement: ArenaPlacement
    persistent: int | None
    most_live: int

    @property
    def head(self) -> int:
        return self.placement.size

    @property
    def step(self) -> int:
        """The step at which the arena is fullest: the first with a buffer that ends highest."""
        tops = [0] * len(self.paths)
        for buffer, offset in self.placed():
            top = offset + aligned(buffer.size)
            for step in range(buffer.first, buffer.last + 1):
                tops[step] = max(tops[step], top)
        return tops.index(max(tops))

    def placed(self) -> tuple[tuple[Buffer, int], ...]:
        """Return every buffer with its offset."""
        return tuple(zip(self.placement.buffers, self.placement.offsets, strict=True))

    @property
    def size(self) -> int:
        """What the user has to give it: at least, where a part is not known."""
        return self.head + (self.persistent or 0)


def arena(
    graph: Graph,
    runtime: Runtime,
    *,
    instructions: str | None,
    dtype: str = "int8",
    padding: ConverterPadding = "same",
) -> Arena:
    """Return the arena of a network under a runtime that places whole maps.

    `instructions` are those of the core (`scalar`, `dsp`, `mve`), None where there is no table of
    its scratch; scratch is known for maps of one byte only. Where a file is what is run, its own
    maps are placed, whatever the type.
    """
    if graph.conversion is not None and runtime.plans:
        return _of_file(graph, graph.conversion, runtime, instructions)
    lowered = lower(graph, runtime, padding)
    map_bytes = DTYPES[dtype]
    maps = map_buffers(lowered, map_bytes)
    known = instructions is not None and map_bytes == 1
    beside = scratch_buffers(lowered, instructions) if known and instructions else None
    placement = place((*maps, *(beside or ())))
    persistent = persistent_bytes(lowered, len(beside or ())) if runtime.persists else None
    live = liveness(lowered, Assumptions(dtype=dtype, policy=runtime.policy)).peak
    paths = tuple([node.path for node in lowered.nodes])
    return Arena(lowered, paths, maps, beside, placement, persistent, live)


def _of_file(
    graph: Graph, conversion: Conversion, runtime: Runtime, instructions: str | None
) -> Arena:
    """Return the arena of a converted file: its own maps, and scratch in the order of its ops."""
    maps = tuple([Buffer(*span) for span in conversion.maps])
    beside = None
    if instructions is not None and not conversion.unknown:
        own = [Buffer(*span) for span in conversion.scratch]
        of_core = scratch_buffers(graph, instructions, conversion.steps)
        others = {buffer.first for buffer in own}  # CMSIS-NN has no kernel of its own there
        own += [buffer for buffer in of_core if buffer.first not in others]
        beside = tuple(sorted(own, key=lambda buffer: buffer.first))
    persistent = None
    if runtime.persists:
        tail = persistent_bytes(graph, len(beside or ()), conversion.tensors)
        persistent = tail + conversion.variables
    placement = place((*maps, *(beside or ())))
    paths = _paths(graph, conversion)
    return Arena(graph, paths, maps, beside, placement, persistent, most_live(maps))


def _paths(graph: Graph, conversion: Conversion) -> tuple[str, ...]:
    """Return the path of the first layer of each step; empty where an op puts nothing out."""
    paths = [""] * (max([span.last for span in conversion.maps], default=0) + 1)
    for node, step in zip(reversed(graph.nodes), reversed(conversion.steps), strict=True):
        paths[step] = node.path
    return tuple(paths)


def map_buffers(graph: Graph, map_bytes: int) -> tuple[Buffer, ...]:
    """Return a buffer for each map; what is put out lives to the end."""
    last = list(range(len(graph.nodes)))
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            last[source] = index
    for output in graph.outputs:
        last[output.node] = len(graph.nodes) - 1
    return tuple(
        Buffer(node.path, node.output.elements * map_bytes, index, last[index])
        for index, node in enumerate(graph.nodes)
    )


def scratch_buffers(
    graph: Graph, instructions: str, steps: Sequence[int] | None = None
) -> tuple[Buffer, ...]:
    """Return the scratch of each op that asks for some, needed at its step only."""
    buffers = []
    for index, node in enumerate(graph.nodes[1:], start=1):
        size = scratch(node.op, graph.input_shapes(node), node.output, instructions)
        if size:
            step = index if steps is None else steps[index]
            buffers.append(Buffer(f"scratch of {node.path}", size, step, step))
    return tuple(buffers)
