"""Sources: which layers each layer of two models reads, and where that is not the same."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc.model.graph import Graph
from bncalc.model.registry import ACTIVATIONS
from bncalc.writers.verification import Mismatch

_MOST_SOURCES = 64
"""Of layers that read more, as those of a long chain of sums do, it is not asked."""
_MOST_NAMED = 3

Sources = frozenset[int] | None
"""The nodes that a node reads, through whatever only moves or joins; None for too many."""


def rewired(
    graphs: tuple[Graph, Graph], pairs: Iterable[tuple[int, int]]
) -> dict[int, tuple[Mismatch, ...]]:
    """Return the layers of the first graph that read other layers than their partners, by index.

    Pairs are of layers, -1 for none. A layer is left out if one that it reads has no partner: then
    that one is named. What reads a layer through another that is named already follows.
    """
    partners = {i + 1: j + 1 for i, j in pairs if i >= 0 and j >= 0} | paired_inputs(*graphs)
    theirs_paired = frozenset(partners.values())
    ours, theirs = map(_sources, graphs)
    named: frozenset[int] = frozenset()
    rows: dict[int, tuple[Mismatch, ...]] = {}
    back = {partner: node for node, partner in partners.items()}
    for node, partner in sorted(partners.items()):
        own, other = ours[node], theirs[partner]
        if own is None or other is None:
            continue
        if not (own <= partners.keys() and other <= theirs_paired):
            continue
        mapped = frozenset([partners[each] for each in own])
        differing = mapped ^ other
        if differing and _is_stop(graphs[0], node):
            left = own - {back[each] for each in other}
            names = _names(graphs[0], left), _names(graphs[1], other - mapped)
            follows = differing <= named
            row = Mismatch(graphs[0].nodes[node].path, "reads", *names, follows=follows)
            rows[node - 1] = (row,)
            named |= differing
    return rows


def paired_inputs(graph: Graph, other: Graph) -> dict[int, int]:
    """Pair the inputs of two graphs: by name if those are the same, else in their order."""
    ours, theirs = (
        {node.path: index for index, node in enumerate(each.nodes) if node.op.is_input}
        for each in (graph, other)
    )
    if ours.keys() == theirs.keys():
        return {index: theirs[path] for path, index in ours.items()}
    return dict(zip(ours.values(), theirs.values(), strict=False))


def _sources(graph: Graph) -> list[Sources]:
    """Return what each node reads: layers that learn, multiply or activate, and inputs."""
    sources: list[Sources] = []
    stops = [_is_stop(graph, index) for index in range(len(graph.nodes))]
    for node in graph.nodes:
        read: set[int] | None = set()
        for index in node.inputs:
            further = frozenset([index]) if stops[index] else sources[index]
            if further is None or read is None or len(read) + len(further) > _MOST_SOURCES:
                read = None
            else:
                read |= further
        sources.append(None if read is None else frozenset(read))
    return sources


def _is_stop(graph: Graph, index: int) -> bool:
    node = graph.nodes[index]
    op = node.op
    if op.is_input or op.word in ACTIVATIONS or op.family == "product":
        return True
    cost = op.cost(graph.input_shapes(node), node.output)
    return bool(cost.params or cost.macs)


def _names(graph: Graph, nodes: Iterable[int]) -> str | None:
    """Name a few nodes; None for none."""
    paths = [graph.nodes[index].path for index in sorted(nodes)]
    more = [f"{len(paths) - _MOST_NAMED} more"] if len(paths) > _MOST_NAMED else []
    return None if not paths else ", ".join([*paths[:_MOST_NAMED], *more])
