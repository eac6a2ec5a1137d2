"""Liveness: which feature maps are in memory at each step, and how much they take at most.

A map lives from the step that makes it to the last step that reads it; a step needs its inputs and
its output together. Ops that rename a map share its storage, and so do those that the policy lets
write over an input which nobody needs any more.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import accumulate

from bncalc.analysis.assumptions import EAGER, STANDARD, Assumptions, Policy
from bncalc.analysis.report import HeldMemory, Liveness, Report, Result
from bncalc.model.graph import Graph, Occupancy, Part
from bncalc.model.op import Op
from bncalc.model.shape import Shape
from bncalc.named import new

_ROLES = ("norm", "act", "function", "add", "multiply")


_NEW = -1
"""A storage of its own, where no earlier one is taken."""


class Storages:
    """Gives the nodes storages, one after the other; auxiliary heads run in training alone.

    `of` holds each node's storage. A storage is made at the node `first` and may be read up to the
    node `last`, one beyond the end where its map is put out; `sizes` are elements of one image.
    """

    def __init__(self, graph: Graph, policy: Policy, *, training: bool = False) -> None:
        self.of: list[int] = []
        self.first: list[int] = []
        self.last: list[int] = []
        self.sizes: list[int] = []
        ops, sources, self._shapes, _, only, *_ = zip(*graph.nodes, strict=True)
        runs = [training or not alone for alone in only]
        readers = _last_readers(sources, runs)
        held = [output.node for output in graph.outputs]
        held += graph.inputs if policy.hold_input else ()
        for index in held:
            readers[index] = len(graph.nodes)
        self._left = zip(ops, sources, self._shapes, runs, readers, strict=True)
        self._in_place = {role for role in _ROLES if getattr(policy, role)}
        self._depthwise = policy.depthwise

    def place(self, *, fresh: bool = False, keep: Container[int] = ()) -> int:
        """Return the storage of the next node: new, or that of an input it may write over.

        `fresh` asks for a new one; what is in `keep` is not written over.
        """
        op, sources, shape, runs, reader = next(self._left)
        last = self.last
        storage = self._taken(op, sources, shape, keep) if runs and not fresh else _NEW
        if storage == _NEW:
            storage = len(last)
            self.first.append(len(self.of))
            last.append(reader)
            self.sizes.append(shape.elements if runs and not op.is_weights else 0)
        elif last[storage] < reader:
            last[storage] = reader
        self.of.append(storage)
        return storage

    def _taken(self, op: Op, sources: tuple[int, ...], needs: Shape, keep: Container[int]) -> int:
        """Return the storage of an input that the next node hands on or writes over, or `_NEW`."""
        kind = op.storage
        if kind == "view":
            return self.of[sources[0]] if sources else _NEW
        if kind == "in_place":
            if op.role not in self._in_place:
                return _NEW
        elif not (self._depthwise and op.is_depthwise(needs)):
            return _NEW
        index = len(self.of)
        for source in sources:
            storage = self.of[source]
            if self.last[storage] <= index and storage not in keep:
                # A depthwise convolution with a stride leaves the rest of its input unused.
                had = self._shapes[source]
                if had is needs or _fits(needs.elements, had.elements, kind):
                    return storage
        return _NEW


def _last_readers(sources: Sequence[tuple[int, ...]], runs: Sequence[bool]) -> list[int]:
    """Return for each node the last that reads it: itself where nothing does."""
    last = list(range(len(sources)))
    for index, read in enumerate(sources):
        if runs[index]:
            for source in read:
                last[source] = index
    return last


def _fits(needs: int, had: int, storage: str) -> bool:
    return had == needs or (had > needs and storage == "new")


def liveness(graph: Graph, assumptions: Assumptions = STANDARD) -> Liveness:
    """Walk the graph in written order, once; return what is live at each node.

    Units: bytes, for the batch and the type assumed. Outputs live to the end;
    what runs in training only is left out. Time and space grow linearly with the number of nodes.
    """
    policy, beyond = assumptions.memory_policy, len(graph.nodes)
    if graph.lifetimes and policy[1:] == EAGER[1:]:
        storages = [_occupied(memory, assumptions) for memory in graph.lifetimes]
    else:
        storages = _planned(graph, policy, assumptions.batch * assumptions.map_bytes)
        storages += _workspaces(graph, assumptions) if policy.workspace else []
    changes = [0] * (beyond + 2)
    for begin, stop, size in storages:
        changes[begin] += size
        changes[stop + 1] -= size
    return Liveness(tuple(storages), tuple(accumulate(changes[:beyond])))


def _occupied(memory: Occupancy, assumptions: Assumptions) -> HeldMemory:
    each = (memory.width or assumptions.map_bytes) * (1 if memory.shared else assumptions.batch)
    return HeldMemory(memory.first, memory.last, memory.elements * each)


def _planned(graph: Graph, policy: Policy, each: int) -> list[HeldMemory]:
    """Return the storages of a graph's maps, as a policy has them; `each` element takes as much."""
    maps = Storages(graph, policy)
    for _ in graph.nodes:
        maps.place()
    until = maps.last
    held = _held_by_parts(graph, maps) if policy.hold_parts else []
    held += _held_by_layers(graph) if policy.hold_layers else []
    for source, stop in held:
        until[maps.of[source]] = max(until[maps.of[source]], stop)
    sizes = [size * each for size in maps.sizes]
    return [new(HeldMemory, each) for each in zip(maps.first, until, sizes, strict=True)]


class Live(Result):
    """What is live at each layer, in bytes."""

    __slots__ = ("layers",)

    def __init__(self, layers: tuple[int, ...]) -> None:
        self.layers = layers

    def of_layers(self) -> Mapping[str, Sequence[object]]:
        return {"live_bytes": self.layers}


def live_result(graph: Graph, report: Report) -> Live:
    """Return what is live at each layer, for a report."""
    return Live(report.memory.live[1:])


def _held_by_parts(graph: Graph, maps: Storages) -> list[tuple[int, int]]:
    """Return maps that are read within a part they are not made in, each with the part's end.

    A module's caller and its frame hold what it was called with until it returns.
    """
    held = []
    open_parts: list[Part] = []
    parts = iter(graph.parts)
    following = next(parts, None)
    for index, node in enumerate(graph.nodes):
        while open_parts and open_parts[-1].stop <= index:
            open_parts.pop()
        while following is not None and following.start == index:
            open_parts.append(following)
            following = next(parts, None)
        for source in node.inputs:
            for part in open_parts:  # the outermost comes first
                if part.start > maps.first[maps.of[source]]:
                    held.append((source, part.stop - 1))
                    break
    return held


def _held_by_layers(graph: Graph) -> list[tuple[int, int]]:
    """Return the inputs of layers that a norm or activation belongs to, each with the last of it.

    So it is where a convolution and what follows it are one module.
    """
    held = []
    layer = graph.nodes[0]
    for index, node in enumerate(graph.nodes):
        if node.path.startswith(layer.path + "."):
            held += [(source, index) for source in layer.inputs]
        else:
            layer = node
    return held


def _workspaces(graph: Graph, assumptions: Assumptions) -> list[HeldMemory]:
    """Return what each step makes beside its output and drops at once: statistics and indices."""
    workspaces = []
    for index, node in enumerate(graph.nodes[1:], start=1):
        size = node.op.kept(graph.input_shapes(node), node.output).beside(assumptions.batch)
        if size and not node.training_only:
            workspaces.append(HeldMemory(index, index, size))
    return workspaces
