"""Liveness: which feature maps are in memory at each step, and how much they take at most.

A map lives from the step that makes it to the last step that reads it; a step needs its inputs and
its output together. Ops that rename a map share its storage, and so do those that the policy lets
write over an input which nobody needs any more.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate

from bncalc.analysis.assumptions import EAGER, STANDARD, Assumptions, Policy
from bncalc.analysis.report import HeldMemory, Liveness, Report, Result
from bncalc.analysis.storage import Storages
from bncalc.model.graph import Graph, Occupancy, Part
from bncalc.named import new


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
