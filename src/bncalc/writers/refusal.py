"""Refusal: what a form has no words for, said of all layers at once."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc.errors import UsageError
from bncalc.model.graph import Graph, Node
from bncalc.quantity import plural


def unwritable(graph: Graph, nodes: Iterable[Node], form: str) -> UsageError:
    """Return what to say of nodes that a form has no words for: each op, and where it is."""
    paths: dict[str, list[str]] = {}
    for node in nodes:
        paths.setdefault(node.op.word, []).append(node.path)
    ops = ", ".join([f"{word} ({_places(places)})" for word, places in paths.items()])
    return UsageError(f"{graph.name} cannot be written as {form}, which cannot express {ops}")


def _places(paths: list[str]) -> str:
    first, *others = paths
    return f"{first} and {plural(len(others), 'more layer')}" if others else first
