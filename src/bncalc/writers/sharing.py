"""Sharing: nodes that are earlier ones once more, with their weights."""

from __future__ import annotations

from bncalc.model.graph import Graph


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
