"""Branches: the one that a condition takes, or both where the data decides."""

from __future__ import annotations

from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.scope import NONE, ValueScope
from bncalc.readers.onnx.scoped_node import ScopedNode


def branch(node: ScopedNode) -> bool:
    """Write out the branch of an `If` that its condition takes, or those that it may take."""
    condition = node.numbers(0)
    if not condition:
        return _either(node)
    node.give(_run(node, "then" if condition[0] else "else"))
    return True


def _run(node: ScopedNode, which: str) -> list[int]:
    graph, within = node.graph(f"{which}_branch"), ValueScope(node.names)
    node.inference.run(graph, within, node.scope, node.settings)
    return [within.get(output.name) for output in graph.outputs]


def _either(node: ScopedNode) -> bool:
    """Write out both branches, or the one that takes what arrives; the node joins them."""
    inference, count = node.inference, len(node.proto.outputs)
    places, mark = [node.place(0)], inference.mark()
    for which in ("then", "else"):
        start = inference.mark()
        try:
            outputs = _run(node, which)
        except Damaged:
            outputs = []
        if NONE in outputs or len(outputs) < count:
            if not inference.spend(len(inference.steps) - start[1]):
                inference.forget(mark)
                return False
            inference.forget(start)
        else:
            places += outputs[:count]
    if len(places) == 1:
        return False
    inference.operation(node.proto, tuple(places), node.names, node.scope, {})
    return True
