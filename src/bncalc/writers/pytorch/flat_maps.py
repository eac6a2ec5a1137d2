"""Flat maps: features without positions, which a person would leave as N × C."""

from __future__ import annotations

from bncalc.model.graph import Graph, Node
from bncalc.writers.pytorch.lines.line import Line

_POINTWISE = ("{m}({0})", "{0}")
"""Calls of what works on a map of any axes, if it is an activation or moves nothing."""
_OTHERS = {"dropout", "identity", "drop_path"}


def flattened(graph: Graph, lines: dict[int, Line]) -> dict[int, Line]:
    """Return the lines with no axes of one position put on and off between linear layers."""
    flat = _flat(graph, lines)
    written = dict(lines)
    for index in flat:
        node = graph.nodes[index]
        if node.op.word == "linear" and not node.views:
            arrives = node.inputs[0]
            is_flat = arrives in flat or not graph.nodes[arrives].output.axes
            call = "{m}({0})" if is_flat else "{m}({0}.flatten(1))"
            written[index] = lines[index]._replace(call=call)
    return written


def _flat(graph: Graph, lines: dict[int, Line]) -> set[int]:
    """Return the nodes whose maps stay flat: linear layers, and what follows them, to the end."""
    readers, end = graph.readers(), len(graph.nodes)
    flat = {end}
    for index in reversed(range(len(graph.nodes))):
        node = graph.nodes[index]
        ends_flat = all(
            reader in flat or graph.nodes[reader].op.word == "linear" for reader in readers[index]
        )
        is_features = node.output.axes and node.output.positions == 1
        if ends_flat and is_features and (_is_linear(node) or passes(node, lines.get(index))):
            flat.add(index)
    begun: set[int] = set()
    for index in sorted(flat - {end}):
        node = graph.nodes[index]
        if _is_linear(node) or node.inputs[0] in begun:
            begun.add(index)
    return begun


def _is_linear(node: Node) -> bool:
    return node.op.word == "linear" and not getattr(node.op, "each", False)


def passes(node: Node, line: Line | None) -> bool:
    """Return whether a layer works on a map of any axes, the channels on the first."""
    kept = node.op.family == "activation" or node.op.word in _OTHERS
    return line is not None and line.call in _POINTWISE and kept
