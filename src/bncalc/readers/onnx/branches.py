"""Branches: the one that a condition takes, or both where the data decides."""

from __future__ import annotations

from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.inference import Inference
from bncalc.readers.onnx.proto import Attribute, GraphProto, NodeProto
from bncalc.readers.onnx.scope import NONE, ValueScope
from bncalc.readers.onnx.substitution import NameScope
from bncalc.readers.onnx.value import Numbers


def branch(inference: Inference, node: NodeProto, names: ValueScope, scope: NameScope) -> bool:
    """Write out the branch of an `If` that its condition takes, or those that it may take."""
    condition = numbers(inference, names, node, 0)
    if not condition:
        return _either(inference, node, names, scope)
    outputs = _run(inference, node, "then" if condition[0] else "else", names, scope)
    names.own.update(zip(node.outputs, outputs, strict=False))
    return True


def _run(
    inference: Inference, node: NodeProto, which: str, names: ValueScope, scope: NameScope
) -> list[int]:
    graph, within = graph_in(node, f"{which}_branch"), ValueScope(names)
    inference.run(graph, within, scope)
    return [within.get(output.name) for output in graph.outputs]


def _either(inference: Inference, node: NodeProto, names: ValueScope, scope: NameScope) -> bool:
    """Write out both branches, or the one that takes what arrives; the node joins them."""
    places, mark = [names.get(node.inputs[0])], inference.mark()
    for which in ("then", "else"):
        start = inference.mark()
        try:
            outputs = _run(inference, node, which, names, scope)
        except Damaged:
            outputs = []
        if NONE in outputs or len(outputs) < len(node.outputs):
            if not inference.spend(len(inference.steps) - start[1]):
                inference.forget(mark)
                return False
            inference.forget(start)
        else:
            places += outputs[: len(node.outputs)]
    if len(places) == 1:
        return False
    inference.operation(node, tuple(places), names, scope, {})
    return True


def numbers(inference: Inference, names: ValueScope, node: NodeProto, index: int) -> Numbers | None:
    """Return the numbers of an input that are known without any data."""
    place = names.get(node.inputs[index]) if index < len(node.inputs) else NONE
    return None if place == NONE else inference.values[place].numbers


def graph_in(node: NodeProto, name: str) -> GraphProto:
    """Return a graph that a node holds."""
    graph = node.attributes.get(name, Attribute()).value
    if not isinstance(graph, GraphProto):
        raise Damaged(node.at, f"{node.op} {node.name!r} has no graph {name!r}")
    return graph
