"""Parts again: those that are a part beside them once more, with its weights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from bncalc.analysis.folding import owner
from bncalc.model.graph import Graph
from bncalc.writers.pytorch.lines.line import Line
from bncalc.writers.sharing import is_again
from bncalc.writers.tree import Subtree

RepeatedParts = dict[tuple[int, int], str]
"""The name of the module beside it for a part, by its first node and what follows its last."""


def parts_again(graph: Graph, lines: Mapping[int, Line], root: Subtree) -> RepeatedParts:
    """Return the parts whose module is one beside them: the same lines with the same weights."""
    again: RepeatedParts = {}
    before: dict[tuple[int, int, int], list[Subtree]] = defaultdict(list)
    for child in root.children:
        if not isinstance(child, Subtree):
            continue
        shared = [i for i in _inside(child) if graph.nodes[i].weights_of is not None][:1]
        alike = [part for index in shared for part in before[_weights(graph, child, index)]]
        other = next((part for part in alike if _is_same(graph, lines, child, part)), None)
        if other is not None:
            again[child.start, child.stop] = other.name
            continue
        for index in _inside(child):
            before[_weights(graph, child, index)].append(child)
        again |= parts_again(graph, lines, child)
    return again


def _inside(part: Subtree) -> range:
    return range(part.start, part.stop)


def _weights(graph: Graph, part: Subtree, index: int) -> tuple[int, int, int]:
    """Return the size of a part, and where in it a node has whose weights."""
    return part.stop - part.start, index - part.start, owner(graph, index)


def _is_same(graph: Graph, lines: Mapping[int, Line], branch: Subtree, earlier: Subtree) -> bool:
    """Return whether a part is an earlier one of its size once more."""
    shift = branch.start - earlier.start
    return all(lines[index] == lines[index - shift] for index in _inside(branch)) and is_again(
        graph, branch.start, branch.stop, earlier.start
    )
