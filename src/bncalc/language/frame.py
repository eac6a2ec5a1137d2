"""Frames: what a list of entries can see while it is assembled."""

from collections import ChainMap
from collections.abc import Mapping

from bncalc.errors import Location
from bncalc.language.evaluation import Ambiguous
from bncalc.language.scope import Scope
from bncalc.language.spec import Call, Entry
from bncalc.named import NamedTuple


class Frame(NamedTuple):
    """Values, ids, the entries that have them by their numbers, and who called.

    At the `top`, a map that nothing reads is put out.
    """

    values: Mapping[str, object]
    scope: Scope
    placed: ChainMap[int, "PlacedEntry"]
    callers: tuple[Call, ...] = ()
    top: bool = False

    def copy(self, index: str, i: int) -> "Frame":
        """Return what one copy can see: its number, and ids of its own."""
        number = Ambiguous() if index == "i" and "i" in self.values else i
        values, placed = {**self.values, index: number}, self.placed.new_child()
        return Frame(values, Scope(self.scope), placed, self.callers)

    def within(self) -> "Frame":
        """Return what a list inside of this one can see: all that there is, and ids of its own."""
        return self._replace(scope=Scope(self.scope))

    @property
    def via(self) -> tuple[tuple[str, Location], ...]:
        return tuple((caller.word, caller.location) for caller in self.callers)


class NodeRange(NamedTuple):
    """The nodes from `start` up to `stop`."""

    start: int
    stop: int


class PlacedEntry(NamedTuple):
    """An entry with an id: what it could see, the nodes that it made, whether it went wrong.

    `known` is how many ids there were before it, in its list and in those around. The frame holds
    no entries: this is one of them.
    """

    entry: Entry
    frame: Frame
    known: tuple[int, ...]
    nodes: NodeRange
    broken: bool

    def again(self, placed: ChainMap[int, "PlacedEntry"]) -> Frame:
        """Return what the entry could see, and no ids from within it."""
        scope = self.frame.scope.until(self.known)
        return self.frame._replace(scope=scope, placed=placed.new_child())
