"""Layout: what parts of one class have in common, and which others are the same with gaps."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import product

from bncalc.named import NamedTuple
from bncalc.writers.sharing import matched

Ref = tuple[int, int]
"""A map in a part: (-1, i) is the i-th that arrives, (position, j) the j-th that a child gives."""
MANY = -1
"""What a part takes that joins all maps that arrive, however many: (-1, 0) are all of them."""


class LayoutItem(NamedTuple):
    """A child of a part: what it is but for values of arguments, and what it reads."""

    form: Hashable
    sources: tuple[Ref, ...]


class Layout(NamedTuple):
    """The children of a part in running order, and which of their maps it gives.

    `ties` names those within that have the weights of others.
    """

    takes: int
    items: tuple[LayoutItem, ...]
    gives: tuple[Ref, ...]
    ties: Hashable = ()

    @property
    def joins(self) -> int | None:
        """The position of the child that joins however many maps arrive."""
        if self.takes != MANY:
            return None
        return [item.sources for item in self.items].index(((-1, 0),))

    def last_uses(self) -> dict[Ref, int]:
        """Return the last position that reads each map; beyond all of them for what is given."""
        last: dict[Ref, int] = {}
        for position, item in enumerate(self.items):
            last.update(dict.fromkeys(item.sources, position))
        return last | dict.fromkeys(self.gives, len(self.items))


class Run(NamedTuple):
    """Children in a chain that some parts do not have: `passes` is the map that goes by then."""

    start: int
    stop: int
    passes: Ref

    @property
    def gives(self) -> Ref:
        return (self.stop - 1, 0)


class Alignment(NamedTuple):
    """Where each child of a layout stands in a shorter one, None where it has none."""

    positions: tuple[int | None, ...]
    runs: tuple[Run, ...] = ()


def align(longer: Layout, shorter: Layout) -> Alignment | None:
    """Return how a layout is another without some runs of its children; None where it is not."""
    takes = (longer.takes, 1) if longer.takes == MANY else (longer.takes,)
    if shorter.takes not in takes or longer.ties != shorter.ties:
        return None
    positions = matched(longer.items, shorter.items, lambda item, other: item.form == other.form)
    if positions is None:
        return None
    gaps = [list(_passing(longer, start, stop)) for start, stop in _gaps(positions)]
    for runs in product(*gaps):
        if _agree(longer, shorter, positions, runs):
            return Alignment(positions, runs)
    return None


def _gaps(positions: tuple[int | None, ...]) -> Iterator[tuple[int, int]]:
    start = None
    for position, at in enumerate((*positions, -1)):
        if at is None:
            start = position if start is None else start
        elif start is not None:
            yield start, position
            start = None


def _passing(layout: Layout, start: int, stop: int) -> Iterator[Run]:
    """Return a stretch as the runs that it may be: a chain of which nothing but its end is read."""
    inside = range(start, stop)
    for position in inside[1:]:
        within = [ref for ref in layout.items[position].sources if ref[0] in inside]
        if within != [(position - 1, 0)]:
            return
    after = [ref for item in layout.items[stop:] for ref in item.sources] + list(layout.gives)
    if any(ref[0] in inside and ref != (stop - 1, 0) for ref in after):
        return
    later = {ref for item in layout.items[start + 1 : stop] for ref in item.sources}
    for ref in dict.fromkeys(layout.items[start].sources):
        if ref not in later:
            yield Run(start, stop, ref)


def _agree(
    longer: Layout, shorter: Layout, positions: tuple[int | None, ...], runs: tuple[Run, ...]
) -> bool:
    """Return whether all that is there reads the same, a run's map being what passes it by."""
    passed = {run.gives: run.passes for run in runs}

    def here(ref: Ref) -> Ref | None:
        while ref in passed:
            ref = passed[ref]
        if ref[0] < 0:
            return ref
        at = positions[ref[0]]
        return None if at is None else (at, ref[1])

    for item, at in zip(longer.items, positions, strict=True):
        if at is not None and tuple(map(here, item.sources)) != shorter.items[at].sources:
            return False
    return tuple(map(here, longer.gives)) == shorter.gives
