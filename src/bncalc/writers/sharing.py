"""Sharing: what is there once more: nodes with their weights, or items of a longer list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bncalc.model.graph import Graph

Item = TypeVar("Item")


def is_again(graph: Graph, start: int, stop: int, earlier: int) -> bool:
    """Return whether nodes are those from an earlier one on, once more and with their weights."""
    shift = start - earlier
    inside = range(start, stop)
    for index in inside:
        node, before = graph.nodes[index], graph.nodes[index - shift]
        if node.op != before.op or len(node.inputs) != len(before.inputs):
            return False
        pairs = zip(node.inputs, before.inputs, strict=True)
        if any(x in inside and x - shift != y for x, y in pairs):
            return False
        owner = index - shift if before.weights_of is None else before.weights_of
        if node.weights_of != owner and learns(graph, index):
            return False
    return True


def learns(graph: Graph, index: int) -> bool:
    """Return whether a node has params or buffers."""
    node = graph.nodes[index]
    cost = node.op.cost(graph.input_shapes(node), node.output)
    return bool(cost.params or cost.buffers)


def fed(graph: Graph) -> set[int]:
    """Return the nodes that some node that learns reads, at once or through others."""
    nodes: set[int] = set()
    for index in reversed(range(len(graph.nodes))):
        if index in nodes or learns(graph, index):
            nodes.update(graph.nodes[index].inputs)
    return nodes


def matched(
    longer: Sequence[Item], shorter: Sequence[Item], same: Callable[[Item, Item], bool]
) -> tuple[int | None, ...] | None:
    """Return which item of a shorter list each one of a longer is, None for one that it has not.

    Of a list that is not the longer one with gaps return None.
    """
    places: list[int | None] = []
    at = 0
    for item in longer:
        is_there = at < len(shorter) and same(item, shorter[at])
        places.append(at if is_there else None)
        at += is_there
    return tuple(places) if at == len(shorter) else None
