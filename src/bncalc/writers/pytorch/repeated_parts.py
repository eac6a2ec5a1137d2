"""Parts again: those that are a part beside them once more, with its weights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bncalc.analysis.folding import owner
from bncalc.model.graph import Graph
from bncalc.named import NamedTuple
from bncalc.writers.pytorch.lines.line import Line
from bncalc.writers.sharing import is_again
from bncalc.writers.tree import Span, Subtree, span

RepeatedParts = Mapping[Span, str]
"""The name of the module beside it for a part, by its nodes."""
Calls = Mapping[Span, tuple[Subtree, Subtree]]
"""Parts that are others once more, each with the first of them, by their nodes."""


class UniqueParts(NamedTuple):
    """The parts of a network, and which of them are only calls of a module beside them.

    All calls of a module give as many maps, be it that nothing reads some of them.
    """

    root: Subtree
    again: RepeatedParts


def unique_parts(graph: Graph, lines: Mapping[int, Line], root: Subtree) -> UniqueParts:
    """Return the parts whose module is one beside them: the same lines with the same weights."""
    calls = _calls(graph, lines, root)
    ends = _Ends(calls)
    for part, original in calls.values():
        for each in (part, original):
            ends.give(each, each.gives)
    names = {nodes: original.name for nodes, (_, original) in calls.items()}
    return UniqueParts(ends.with_all(root), names)


class _Ends:
    """Which maps modules give in any of their calls, and with them the parts that make those."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._given: dict[int, set[int]] = defaultdict(set)  # by the identity of the first call

    def give(self, part: Subtree, nodes: Iterable[int]) -> None:
        """Note that a part gives the maps of these nodes of its own."""
        original = self._original(part)
        places = {original.start + node - part.start for node in nodes}
        new = places - self._given[id(original)]
        self._given[id(original)] |= new
        for child in original.children if new else ():
            if isinstance(child, Subtree) and not new.isdisjoint(_inside(child)):
                self.give(child, new.intersection(_inside(child)))

    def with_all(self, part: Subtree) -> Subtree:
        """Return a part in which each call of a module gives as many maps as any other."""
        children = [
            self.with_all(child) if isinstance(child, Subtree) else child for child in part.children
        ]
        original = self._original(part)
        given = {part.start + node - original.start for node in self._given[id(original)]}
        gives = tuple(sorted(given.union(part.gives))) if given else part.gives
        return part._replace(children=tuple(children), gives=gives)

    def _original(self, part: Subtree) -> Subtree:
        call, original = self._calls.get(span(part), (part, part))
        return original if call is part else part


def _calls(graph: Graph, lines: Mapping[int, Line], root: Subtree) -> Calls:
    calls: dict[Span, tuple[Subtree, Subtree]] = {}
    before: dict[tuple[int, int, int], list[Subtree]] = defaultdict(list)
    for child in root.children:
        if not isinstance(child, Subtree):
            continue
        shared = [i for i in _inside(child) if graph.nodes[i].weights_of is not None][:1]
        alike = [part for index in shared for part in before[_weights(graph, child, index)]]
        other = next((part for part in alike if _is_same(graph, lines, child, part)), None)
        if other is not None:
            calls[span(child)] = child, other
            continue
        for index in _inside(child):
            before[_weights(graph, child, index)].append(child)
        calls |= _calls(graph, lines, child)
    return calls


def _inside(part: Subtree) -> range:
    return range(part.start, part.stop)


def _weights(graph: Graph, part: Subtree, index: int) -> tuple[int, int, int]:
    """Return the size of a part, and where in it a node has whose weights."""
    return part.stop - part.start, index - part.start, owner(graph, index)


def _is_same(graph: Graph, lines: Mapping[int, Line], branch: Subtree, earlier: Subtree) -> bool:
    """Return whether a part is an earlier one of its size once more."""
    shift = branch.start - earlier.start
    return (
        all(lines[index] == lines[index - shift] for index in _inside(branch))
        and is_again(graph, branch.start, branch.stop, earlier.start)
        and _taken(graph, branch) == _taken(graph, earlier)
    )


def _taken(graph: Graph, part: Subtree) -> list[int]:
    """Return which of the maps that a part takes each of its nodes reads, in order."""
    sources = [source for i in _inside(part) for source in graph.nodes[i].inputs]
    return [part.takes.index(each) for each in sources if each in part.takes]
