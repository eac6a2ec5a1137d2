"""Repeating: the copies of an entry, each after the one before."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from bncalc.errors import Location
from bncalc.language.bounding import Bounding
from bncalc.language.evaluation import names_copy
from bncalc.language.frame import Frame, NodeRange
from bncalc.language.grammar import REPEAT
from bncalc.language.placing import Unbuilt
from bncalc.language.scope import Maps
from bncalc.language.spec import GATHERED, Entry, EntryContent
from bncalc.language.stamping import Stamp
from bncalc.model.field_types import Integer
from bncalc.model.net import Tensor
from bncalc.number import is_whole

_REPEAT = REPEAT._replace(type=Integer(0, 100_000))
"""A literal 0 is a mistake; a computed 0, as in `=extra`, omits the entry."""
_MOST_GATHERED = 1_000
"""As many copies can be read together: each may read all before it."""


class Repeating(Bounding):
    """Places copies of entries in one net."""

    counting: bool
    """Whether one copy stands for several alike."""

    @abstractmethod
    def place(
        self, what: EntryContent, inputs: tuple[Tensor, ...], frame: Frame, name: str | None
    ) -> Maps:
        """Place what an entry is, once."""

    def repeated(
        self, entry: Entry, before: Maps, inputs: tuple[Tensor, ...], frame: Frame
    ) -> Maps:
        """Place the copies of an entry; without any, what comes next follows the entry before.

        A copy takes what the copy before puts out, in place of the first input or of all of them.
        """
        if entry.repeat is None:
            return self.place(entry.what, inputs, frame, entry.id)
        count = self.value(entry.repeat, _REPEAT, inputs, frame)
        if not is_whole(count):
            raise Unbuilt
        if count == 0:
            return before._replace(copies=())
        if entry.gathered and count > _MOST_GATHERED:
            most = f"`{entry.id}{GATHERED}` takes at most {_MOST_GATHERED:,} copies"
            self.report(entry.repeat.location, f"repeat is {count:,}; {most}", frame)
            raise Unbuilt
        with self.net.part(entry.what.word, entry.id):
            return self.copies(entry, count, inputs, frame)

    def copies(self, entry: Entry, count: int, inputs: tuple[Tensor, ...], frame: Frame) -> Maps:
        """Place copies one by one, until one finds what the copy before it found."""
        first = NodeRange(len(self.net), len(self.net))
        is_numbered = entry.gathered or names_copy(entry.what, entry.number)
        maps, i = Maps(inputs), 0
        made: list[Tensor] = []
        while i < count:
            what = entry.first if i == 0 and entry.first else entry.what
            self.bound(entry, frame)
            arrived = maps
            # Ids within a copy are its own: the next copy has them again.
            copy, weights = frame.copy(entry.number, i), first if i else None
            if entry.gathered:
                copy.scope.bind(f"{entry.id}{GATHERED}", Maps(tuple(made)))
            taken = _taken(maps, inputs)
            with self.weights_of(weights, entry.shared):
                begun = self.begin()
                maps = self.place(what, taken, copy, str(i))
            first = first if i else NodeRange(begun.mark.nodes, len(self.net))
            i += 1
            made += self.gathered(entry, maps, frame)
            if i > 1 and not is_numbered:
                if self.counting and self.alike(arrived, maps):
                    self.net.count(begun.mark.nodes, count - i + 1)
                    break
                if self.same(arrived, maps) and all(x.node >= first.start for x in arrived.tensors):
                    stamp = self.stamp(begun, taken, maps, len(frame.callers))
                    if stamp is not None and self.is_repeatable(entry, stamp, count - i):
                        left = range(i, count)
                        return self.further(entry, stamp, left, (maps, inputs), frame, first)
        return maps._replace(copies=tuple(made)) if entry.gathered else maps

    def gathered(self, entry: Entry, maps: Maps, frame: Frame) -> tuple[Tensor, ...]:
        """Return the map of a copy where something reads those of all; report several."""
        if entry.gathered and len(maps.tensors) > 1:
            several = f"and its copies put out {len(maps.tensors)}: {', '.join(maps.names)}"
            message = f"`{entry.id}{GATHERED}` takes one map of each copy, {several}"
            self.report(entry.location, message, frame)
            raise Unbuilt
        return maps.tensors if entry.gathered else ()

    def is_repeatable(self, entry: Entry, stamp: Stamp, times: int) -> bool:
        """Return whether what a copy made would be the same so many times more.

        Weights of the first copy have been found to fit.
        """
        return entry.shared is not None or self.net.repeats(stamp.made, times)

    def further(
        self,
        entry: Entry,
        stamp: Stamp,
        numbers: range,
        arriving: tuple[Maps, tuple[Tensor, ...]],
        frame: Frame,
        first: NodeRange,
    ) -> Maps:
        """Place the copies that are left, all like the one before; `first` is what copy 0 made."""
        maps, inputs = arriving
        if stamp.is_empty:
            return maps
        made = stamp.made
        self.bound(entry, frame, made.size * len(numbers))
        if entry.shared or len(maps.tensors) > 1 or stamp.doubts or stamp.problem:
            for i in numbers:
                with self.weights_of(first, entry.shared):
                    maps = self.press(stamp, _taken(maps, inputs), str(i), frame.callers)
            return maps
        begun = len(self.net) - made.start
        self.note_again(
            stamp, range(begun, begun + made.size * len(numbers), made.size), frame.callers
        )
        return Maps((self.net.row(made, list(map(str, numbers))),), stamp.names)

    def weights_of(
        self, nodes: NodeRange | None, at: Location | None
    ) -> AbstractContextManager[None]:
        """Give what is placed within the weights of some nodes, if it says so at a place."""
        return nullcontext() if nodes is None or at is None else self._sharing(nodes, at)

    @contextmanager
    def _sharing(self, nodes: NodeRange, at: Location) -> Iterator[None]:
        self.sharing.append(at)
        try:
            with self.net.sharing(*nodes):
                yield
        finally:
            self.sharing.pop()

    def alike(self, maps: Maps, others: Maps) -> bool:
        """Return whether the same costs as much after some maps as after others."""
        pairs = zip(maps.tensors, others.tensors, strict=False)
        return len(maps.tensors) == len(others.tensors) and all(
            x.shape == y.shape and self.net.keeps(x) == self.net.keeps(y) for x, y in pairs
        )

    def same(self, maps: Maps, others: Maps) -> bool:
        """Return whether the same is made after some maps as after others."""
        pairs = zip(maps.tensors, others.tensors, strict=False)
        return len(maps.tensors) == len(others.tensors) and all(
            x.shape == y.shape and self.doubts.get(x.node) == self.doubts.get(y.node)
            for x, y in pairs
        )


def _taken(maps: Maps, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return what a copy takes: all that the copy before puts out, or it and the other inputs."""
    return maps.tensors if len(maps.tensors) > 1 else (*maps.tensors, *inputs[1:])
