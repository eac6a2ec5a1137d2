"""Substitution: what an operation does, done by others that come to the same."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.readers.onnx.inference import Inference
from bncalc.readers.onnx.proto import NodeProto
from bncalc.readers.onnx.scope import ValueScope

NameScope = tuple[str, ...]


def substitute(
    inference: Inference,
    node: NodeProto,
    scope: NameScope,
    op: str,
    places: Sequence[int],
    outputs: int = 1,
    **attributes: object,
) -> list[int]:
    """Do another operation in place of a node's; return the places of its outputs."""
    made = tuple([f"{op} {index}" for index in range(outputs)])
    names = ValueScope()
    inference.operation(node._replace(op=op, outputs=made), tuple(places), names, scope, attributes)
    return [names.get(name) for name in made]
