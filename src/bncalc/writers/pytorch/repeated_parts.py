"""Parts again: those that are a part beside them once more, with its weights."""

from __future__ import annotations

from collections.abc import Mapping

from bncalc.model.graph import Graph
from bncalc.writers.pytorch.lines.line import Line
from bncalc.writers.sharing import is_again
from bncalc.writers.tree import Subtree

RepeatedParts = dict[tuple[int, int], str]
"""The name of the module beside it for a part, by its first node and what follows its last."""


def parts_again(graph: Graph, lines: Mapping[int, Line], root: Subtree) -> RepeatedParts:
    """Return the parts whose module is one beside them: the same lines with the same weights."""
    again: RepeatedParts = {}
    before: list[Subtree] = []
    for child in root.children:
        if not isinstance(child, Subtree):
            continue
        other = next((part for part in before if _is_same(graph, lines, child, part)), None)
        if other is not None:
            again[child.start, child.stop] = other.name
        else:
            before.append(child)
            again |= parts_again(graph, lines, child)
    return again


def _is_same(graph: Graph, lines: Mapping[int, Line], branch: Subtree, earlier: Subtree) -> bool:
    inside = range(branch.start, branch.stop)
    if len(inside) != earlier.stop - earlier.start:
        return False
    shift = branch.start - earlier.start
    return (
        any(graph.nodes[index].weights_of is not None for index in inside)
        and all(lines[index] == lines[index - shift] for index in inside)
        and is_again(graph, branch.start, branch.stop, earlier.start)
    )
