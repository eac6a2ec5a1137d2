"""Ties: layers with the weights of one in another part, which the part around both gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bncalc.model.graph import Graph
from bncalc.named import NamedTuple
from bncalc.writers.pytorch.lines.line import Line
from bncalc.writers.tree import Leaf, Subtree

TiedNames = tuple[str, ...]
_STATES = {"bias", "gain"}
"""What a module has besides its weight, if its arguments say so."""


class Tie(NamedTuple):
    """A layer and the owner of its weights: their nodes, and their names from the part down."""

    node: int
    owner: int
    names: tuple[TiedNames, TiedNames]


class Ties:
    """Which layers are tied in which part; `is_plain` tells of parts that have no class."""

    def __init__(
        self,
        graph: Graph,
        lines: Mapping[int, Line],
        is_again: Callable[[Subtree], bool],
        is_plain: Callable[[Subtree], bool],
    ) -> None:
        self._graph, self._lines = graph, lines
        self._is_again, self._is_plain = is_again, is_plain
        self._parts: dict[int, tuple[Subtree, ...]] = {}
        self._names: dict[int, TiedNames] = {}
        self._depths: dict[int, int] = {}
        self._of: dict[int, list[Tie]] = {}

    def find(self, root: Subtree) -> None:
        """Find the ties of all parts of a network."""
        self._walk(root, (root,), ())
        for node in self._parts:
            owner = self._graph.nodes[node].owner
            if owner is not None and self.called(node) is None:
                part = self._around(node, owner)
                depth = self._depths[id(part)]
                names = (self._names[node][depth:], self._names[owner][depth:])
                self._of.setdefault(id(part), []).append(Tie(node, owner, names))

    def of(self, part: Subtree) -> list[Tie]:
        """Return the ties between layers that lie in different parts within a part."""
        return self._of.get(id(part), [])

    def depth(self, part: Subtree) -> int:
        """Return how many names lead to a part."""
        return self._depths[id(part)]

    def called(self, node: int) -> int | None:
        """Return the owner beside a layer whose module it calls; None if it has its own."""
        owner = self._graph.nodes[node].owner
        if owner is None or node not in self._parts:
            return None
        beside = self._parts[node][-1] is self._parts[owner][-1]
        return owner if beside and self._is_same_module(node, owner) else None

    def shared(self, tie: Tie) -> tuple[str, ...]:
        """Return what is given of the owner's module: all of it, or its states if steps differ."""
        if self._is_same_module(tie.node, tie.owner):
            return ("",)
        if learned := self._lines[tie.node].learned:
            return tuple([f".{name}" for name, _ in learned])
        others = [
            name for name, value in self._lines[tie.node].arguments if name in _STATES and value
        ]
        return (".weight", *[f".{name}" for name in others])

    def _is_same_module(self, node: int, owner: int) -> bool:
        ours, theirs = self._lines[node], self._lines[owner]
        is_same = (ours.module, ours.arguments) == (theirs.module, theirs.arguments)
        return is_same and not ours.learned  # else some of its numbers are its own

    def _walk(self, branch: Subtree, parts: tuple[Subtree, ...], names: TiedNames) -> None:
        self._depths[id(branch)] = len(names)
        for child in branch.children:
            within = (*names, child.name)
            if isinstance(child, Leaf):
                self._parts[child.node], self._names[child.node] = parts, within
            elif not self._is_again(child):
                self._walk(child, parts if self._is_plain(child) else (*parts, child), within)

    def _around(self, node: int, owner: int) -> Subtree:
        """Return the innermost part that holds both layers."""
        pairs = zip(self._parts[node], self._parts[owner], strict=False)
        return [ours for ours, theirs in pairs if ours is theirs][-1]
