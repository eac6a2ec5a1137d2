"""Refusal: what a form cannot express and why, said of all layers at once."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bncalc.errors import UsageError
from bncalc.model.graph import Graph, Node


def unwritable(graph: Graph, reasons: Iterable[tuple[Node, str]], form: str) -> UsageError:
    """Return what to say of nodes that a form cannot express: each op and reason on one line."""
    return UsageError(f"{graph.name} cannot be written as {form}:", grouped(reasons))


def grouped(reasons: Iterable[tuple[Node, str]]) -> list[str]:
    """Return a sentence for each op and reason, with its first node.

    Reasons that differ only in numbers are one, said with the numbers of the first node.
    """
    layers: dict[tuple[str, str], list[tuple[Node, str]]] = {}
    for node, reason in reasons:
        key = node.op.word, re.sub(r"\d+", "0", reason)
        layers.setdefault(key, []).append((node, reason))
    return [f"{_places([node for node, _ in each])}: {each[0][1]}" for each in layers.values()]


def refuse_counts(graph: Graph, form: str) -> None:
    """Raise UsageError for a network of which its file says what it costs, and not all of it."""
    if graph.counts_only:
        message = f"{graph.name} cannot be written as {form}: its file only counts it:"
        raise UsageError(message, list(graph.counts_only))


def _places(nodes: list[Node]) -> str:
    times = f" ({len(nodes)} times)" if len(nodes) > 1 else ""
    return f"{nodes[0].op.word} at {nodes[0].path}{times}"
