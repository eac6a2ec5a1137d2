"""Composing: lists of entries are placed one after the other, with all that they hold."""

from collections import ChainMap
from collections.abc import Iterator
from contextlib import nullcontext

from bncalc.language.bounding import MAX_DEPTH, NetworkTooLarge
from bncalc.language.frame import Frame, NodeRange, PlacedEntry
from bncalc.language.grammar import CONDITION
from bncalc.language.nesting import Nesting
from bncalc.language.placing import Unbuilt
from bncalc.language.scope import Maps
from bncalc.language.spec import (
    GATHERED,
    Call,
    Entry,
    EntryContent,
    Formula,
    Group,
    Join,
    SameAs,
    Spec,
)
from bncalc.model.net import Tensor
from bncalc.model.registry import find


class Composing(Nesting):
    """Places entries in one net.

    Through them flow maps: what an entry puts out is what the next takes, unless it says `from`.
    """

    ends: set[int]
    """The nodes whose maps are put out where nothing reads them."""
    numbers: Iterator[int]
    """The numbers of entries that have ids."""

    # Lists of entries

    def entries(self, entries: tuple[Entry, ...], maps: Maps, frame: Frame) -> Maps:
        for entry in entries:
            start, known, problems = len(self.net), frame.scope.known(), len(self.problems)
            maps = self.attempt(entry, maps, frame)
            if frame.top:
                self.ends.update(x.node for x in maps.tensors)
            if entry.id is not None:
                if frame.scope.has(entry.id):
                    self.report(entry.location, f"the id {entry.id!r} is used twice", frame)
                made, broken = NodeRange(start, len(self.net)), len(self.problems) > problems
                number, seen = next(self.numbers), frame._replace(placed=ChainMap())
                frame.placed[number] = PlacedEntry(entry, seen, known, made, broken)
                frame.scope.bind(entry.id, maps, number)
                if entry.gathered:
                    copies = maps.tensors if maps.copies is None else maps.copies
                    frame.scope.bind(f"{entry.id}{GATHERED}", Maps(copies))
            if maps.copies is not None:
                maps = maps._replace(copies=None)
        return maps

    def attempt(self, entry: Entry, before: Maps, frame: Frame) -> Maps:
        """Place an entry, or a stand-in where that fails."""
        inputs = before.tensors
        try:
            if not self.holds(entry, inputs, frame):
                return self.otherwise(entry, before, frame)
            inputs = self.inputs(entry, inputs, frame)
            self.bound(entry, frame)
            return self.repeated(entry, before, inputs, frame)
        except Unbuilt:
            x, names = self.stand_in(entry, inputs[0]), self.names_of(entry)
            return Maps((x,) * max(1, len(names)), names)

    def holds(self, entry: Entry, before: tuple[Tensor, ...], frame: Frame) -> bool:
        """Return whether the condition of an entry holds for what arrives at it.

        That is what it says `from`, if it is there: an entry that is left out may name what is not.
        """
        if entry.condition is None:
            return True
        named = frame.scope.find(entry.sources[0].id) if entry.sources else None
        arriving = named.maps.tensors if named else before
        arriving = arriving or before  # of a first copy there are none
        return bool(self.value(entry.condition, CONDITION, arriving, frame))

    def names_of(self, entry: Entry) -> tuple[str, ...]:
        """Return the names of what an entry of an own block puts out."""
        call = entry.what
        if not isinstance(call, Call) or not isinstance(call.kind, Spec):
            return ()
        return tuple([output.id for output in call.kind.definitions[call.word].outputs])

    def otherwise(self, entry: Entry, before: Maps, frame: Frame) -> Maps:
        """Place what takes the place of an entry, from the same maps; one has its id, too."""
        if not entry.otherwise:
            return before._replace(copies=())
        if entry.sources and entry.otherwise[0].sources is None:
            before = Maps(self.inputs(entry, before.tensors, frame))
        if len(entry.otherwise) == 1 and entry.otherwise[0].id is None:
            other = entry.otherwise[0]._replace(id=entry.id, gathered=entry.gathered)
            return self.attempt(other, before, frame)
        return self.entries(entry.otherwise, before, frame)

    def inputs(self, entry: Entry, before: tuple[Tensor, ...], frame: Frame) -> tuple[Tensor, ...]:
        if entry.sources is None:
            return before
        found = [self.bound_to(each.id, each.location, frame) for each in entry.sources]
        maps = [each.maps for each in found if each is not None]
        if len(maps) < len(found):
            raise Unbuilt
        tensors = tuple([x for each in maps for x in each.tensors])
        if not tensors:
            none = f"no copy of {entry.sources[0].copies_of} comes before this"
            right = "write another map beside it, or `if: =i > 0`"
            self.report(entry.sources[0].location, f"{none}; {right}", frame)
            raise Unbuilt
        return tensors

    # One entry

    def place(
        self, what: EntryContent, inputs: tuple[Tensor, ...], frame: Frame, name: str | None
    ) -> Maps:
        self.depth += 1
        try:
            self.deepest = max(self.deepest, self.depth)
            return self.placed(what, inputs, frame, name)
        finally:
            self.depth -= 1

    def placed(
        self, what: EntryContent, inputs: tuple[Tensor, ...], frame: Frame, name: str | None
    ) -> Maps:
        if self.depth > MAX_DEPTH:
            message = f"the parts of the network are nested more than {MAX_DEPTH:,} deep"
            self.report(what.location, message, frame)
            raise NetworkTooLarge
        if isinstance(what, Join):
            return self.join(what, Maps(inputs), frame, name)
        if isinstance(what, Group):
            return self.group(what, Maps(inputs), frame, name)
        if isinstance(what, SameAs):
            return self.again(what, inputs, frame, name)
        if what.broken or what.kind is None:
            raise Unbuilt
        if isinstance(what.kind, Formula):
            return self.computed(what, what.kind, inputs, frame, name)
        if isinstance(what.kind, Spec):
            return self.own(what, what.kind, inputs, frame, name)
        return Maps((self.kind(what, what.kind, inputs, frame, name),))

    def again(
        self, what: SameAs, inputs: tuple[Tensor, ...], frame: Frame, name: str | None
    ) -> Maps:
        """Place an earlier entry once more, with its weights."""
        found = self.bound_to(what.id, what.location, frame, placed=True)
        placed = frame.placed.get(found.placed) if found and found.placed is not None else None
        if placed is None or placed.broken:
            raise Unbuilt
        with self.weights_of(placed.nodes, what.location):
            entry = placed.entry._replace(id=name)
            return self.repeated(entry, Maps(inputs), inputs, placed.again(frame.placed))

    def join(self, what: Join, arriving: Maps, frame: Frame, name: str | None) -> Maps:
        if len(what.branches) < 2:
            raise Unbuilt
        with self.net.part(what.word, name):
            ends: list[Tensor] = []
            for number, branch in enumerate(what.branches, start=1):
                if not branch and len(arriving.tensors) > 1:
                    self.report(what.location, _several(what.word, len(arriving.tensors)), frame)
                    raise Unbuilt
                within = frame.within()._replace(top=False)
                with self.net.part("branch", f"branch{number}"):
                    ends += self.entries(branch, arriving, within).tensors
                frame.scope.close(within.scope, None)
            kind = find(what.word)
            call = Call(what.word, kind, {}, what.location, ready=kind())
            return self.place(call, tuple(ends), frame, None)

    def group(self, what: Group, arriving: Maps, frame: Frame, name: str | None) -> Maps:
        inner, is_stage = frame.within(), what.word == "stage"
        training = nullcontext() if is_stage else self.net.training_only()
        with self.net.part(what.word, name), training:
            maps = self.entries(what.layers, arriving, inner)
        frame.scope.close(inner.scope, name)
        return maps if is_stage else arriving


def _several(word: str, count: int) -> str:
    """Say why a branch cannot be empty where several maps arrive."""
    right = f"write `{word}: {{from: [a, b]}}` to join them, or `from` in each branch"
    return f"an empty branch passes its input on, but {count} maps arrive here; {right}"
