"""Stretches: nodes of a flat network that belong together, found by what reads what."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from bncalc.model.graph import Graph, Node
from bncalc.model.ops.convolution import Conv, Weighted
from bncalc.model.ops.foreign import Foreign
from bncalc.model.registry import ACTIVATIONS, NORMS
from bncalc.named import NamedTuple

StretchForm = tuple[tuple[Hashable, ...], ...]
"""For each node its kind, and the places of those that it reads."""

_LONGEST = 400
"""More nodes than these are no block."""
_SHORTCUT = 3
"""As many nodes a shortcut has at most: a pool, a convolution and its norm."""


class Stretch(NamedTuple):
    """A layer with its norm and activation, or a block: the nodes `start` up to `stop`.

    `form` is what it is but for sizes, a shortcut and the join with it. A block has a `word`;
    `shortcut` are its nodes that lie beside the others.
    """

    start: int
    stop: int
    form: StretchForm
    word: str = ""
    shortcut: frozenset[int] = frozenset()
    learns: bool = True
    """Whether it holds a product."""


def word_of(node: Node) -> str:
    """Return the word by which a node is written."""
    if isinstance(node.op, Foreign):
        return "custom"
    is_depthwise = type(node.op) is Conv and node.op.groups == node.output.channels > 1
    return "depthwise" if is_depthwise else node.op.word


class Wiring:
    """Which nodes of a graph read which, and which stretches that makes."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = graph.nodes
        self.readers = graph.readers()

    def layers(self) -> list[Stretch]:
        """Return each layer but inputs, with the norm and the activation after it."""
        layers, at = [], 1
        while at < len(self.nodes):
            stop = at + 1
            if not self.nodes[at].op.is_input and isinstance(self.nodes[at].op, Weighted):
                stop += self._follows(stop, NORMS)
                stop += self._follows(stop, ACTIVATIONS)
            learns = self.nodes[at].op.family == "product"
            layers.append(Stretch(at, stop, self.form(at, stop), learns=learns))
            at = stop
        return layers

    def _follows(self, index: int, words: Sequence[str] | dict[str, str]) -> bool:
        """Return whether a node is of a word, and nothing else reads what it reads."""
        if index >= len(self.nodes) or self.readers[index - 1] != [index]:
            return False
        op = self.nodes[index].op
        return op.word in words and not isinstance(op, Foreign)

    def sources(self, start: int, stop: int) -> set[int]:
        """Return the maps from outside that a stretch reads."""
        inside = range(start, stop)
        return {x for i in inside for x in self.nodes[i].inputs if x < start}

    def is_closed(self, start: int, stop: int) -> bool:
        """Return whether one map arrives, and nothing outside reads any but the last."""
        inner = range(start, stop - 1)
        return len(self.sources(start, stop)) == 1 and all(
            reader < stop for index in inner for reader in self.readers[index]
        )

    def follows(self, start: int, stop: int) -> bool:
        """Return whether a stretch reads what the node before it gives, which no other reads."""
        readers = self.readers[start - 1]
        return self.sources(start, stop) == {start - 1} and all(x < stop for x in readers)

    def blocks(self) -> Iterator[Stretch]:
        """Return for each join the shortest stretch that ends in it and takes one map."""
        for join, node in enumerate(self.nodes):
            if len(set(node.inputs)) > 1:
                start = self._begin(join)
                if start is not None:
                    yield self._block(start, join)

    def _begin(self, join: int) -> int | None:
        """Return where the stretch begins that makes all that a join reads out of one map."""
        wanted, at = set(self.nodes[join].inputs), join
        while len(wanted) > 1:
            at -= 1
            node = self.nodes[at]
            if node.op.is_input or max(self.readers[at], default=join + 1) > join:
                return None
            if join - at > _LONGEST or at not in wanted:
                return None
            wanted.remove(at)
            wanted.update(node.inputs)
        return at if wanted and max(wanted) < at else None

    def _block(self, start: int, join: int) -> Stretch:
        stop = join + 1 + self._follows(join + 1, ACTIVATIONS)
        adds = self.nodes[join].op.word == "add"
        shortcut = self._shortcut(start, join) if adds else frozenset()
        last = join if adds else stop
        word = "residual" if adds else "block"
        return Stretch(start, stop, self.form(start, last, shortcut), word, shortcut)

    def _shortcut(self, start: int, join: int) -> frozenset[int]:
        """Return the nodes of the shorter of two ways to a sum, none if it has none of its own."""
        ways = [self._way(start, source) for source in self.nodes[join].inputs]
        if len(ways) != 2 or ways[0] & ways[1]:
            return frozenset()
        shorter = min(ways, key=len)
        return shorter if len(shorter) <= _SHORTCUT else frozenset()

    def _way(self, start: int, end: int) -> frozenset[int]:
        way, waiting = set(), [end]
        while waiting:
            index = waiting.pop()
            if index >= start and index not in way:
                way.add(index)
                waiting += self.nodes[index].inputs
        return frozenset(way)

    def form(self, start: int, stop: int, without: frozenset[int] = frozenset()) -> StretchForm:
        """Return what nodes are but for sizes, and how each reads the others."""
        own = [index for index in range(start, stop) if index not in without]
        places = {index: place for place, index in enumerate(own)}
        return tuple(
            [
                (_kind(self.nodes[i]), *[places.get(x, -1) for x in self.nodes[i].inputs])
                for i in own
            ]
        )


def _kind(node: Node) -> Hashable:
    """Return what a node is: its word, and whether it looks at more than one position."""
    wide = any(size > 1 for size in getattr(node.op, "kernel", ()))
    return node.op.word if isinstance(node.op, Foreign) else word_of(node), wide
