"""Liveness: which feature maps are in memory at each step, and how much they take at most.

A map lives from the step that makes it to the last step that reads it; a step needs its inputs and
its output together. Ops that rename a map share its storage, and so do those that the policy lets
write over an input which nobody needs any more.
"""

from itertools import accumulate
from typing import NamedTuple

from bncalc.analysis.assumptions import DEPLOY, Policy
from bncalc.model.graph import Graph, Node


class Storage(NamedTuple):
    """One stretch of memory: the nodes `first` to `last` hold it; `elements` is its size."""

    first: int
    last: int
    elements: int


class Liveness(NamedTuple):
    """Live elements at each step, the largest of them, and where that is."""

    storages: tuple[Storage, ...]
    live: tuple[int, ...]
    step: int

    @property
    def peak(self) -> int:
        return self.live[self.step]


def liveness(graph: Graph, policy: Policy = DEPLOY) -> Liveness:
    """Walk the graph in written order, once; return what is live at each node, for one image.

    Units: elements. Outputs that nothing reads live to the end; what runs in training only is left
    out. Time and space grow linearly with the number of nodes.
    """
    nodes, beyond = graph.nodes, len(graph.nodes)
    last = _last_readers(nodes)
    if policy.keep_input:
        last[0] = beyond
    held: list[int] = []
    first: list[int] = []
    until: list[int] = []
    sizes: list[int] = []
    for index, node in enumerate(nodes):
        shared = -1 if node.training_only else _shared(index, node, nodes, held, until, policy)
        if shared < 0:
            shared = len(sizes)
            first.append(index)
            until.append(index)
            sizes.append(0 if node.training_only else node.output.elements)
        held.append(shared)
        until[shared] = max(until[shared], last[index])
    changes = [0] * (beyond + 2)
    for begin, stop, size in zip(first, until, sizes, strict=True):
        changes[begin] += size
        changes[stop + 1] -= size
    live = tuple(accumulate(changes[:beyond]))
    storages = tuple(map(Storage, first, until, sizes))
    return Liveness(storages, live, max(range(len(live)), key=live.__getitem__))


def _last_readers(nodes: tuple[Node, ...]) -> list[int]:
    """Return for each node the last one that reads it; one beyond the end, where nothing does."""
    last = [-1] * len(nodes)
    for index, node in enumerate(nodes):
        if not node.training_only:
            for source in node.inputs:
                last[source] = index
    return [len(nodes) if reader < 0 else reader for reader in last]


def _shared(
    index: int,
    node: Node,
    nodes: tuple[Node, ...],
    held: list[int],
    until: list[int],
    policy: Policy,
) -> int:
    """Return the storage that a node may use again, or −1."""
    op = node.op
    if op.storage == "view":
        return held[node.inputs[0]]
    if op.storage == "in_place":
        allowed = {"norm": policy.norm, "act": policy.act, "join": policy.add}[op.role]
    else:
        channels = node.output.channels
        allowed = policy.depthwise and channels > 1 and getattr(op, "groups", 1) == channels
    if allowed:
        for source in node.inputs:
            free = until[held[source]] <= index
            # A depthwise convolution with a stride leaves the rest of the map's memory unused.
            had, needs = nodes[source].output.elements, node.output.elements
            if free and (had == needs or (had > needs and op.storage == "new")):
                return held[source]
    return -1
