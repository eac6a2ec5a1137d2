"""A sweep: the batches of a space, each a pure function of the space, its seed and a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from bncalc.analysis.metric import by_key
from bncalc.calls import public
from bncalc.errors import refuse_other
from bncalc.frames import Framed
from bncalc.named import NamedTuple
from bncalc.number import is_number, refuse_unwhole
from bncalc.search.arrays import np
from bncalc.search.column import Array
from bncalc.search.costing import Costing
from bncalc.search.draw import designs_of
from bncalc.search.evaluation import Refusal, Refusals
from bncalc.search.partition import NumberColumns, all_at_once
from bncalc.search.space import Space


class Counted(NamedTuple):
    """What became of the designs that were drawn; the rest are those that are wanted."""

    drawn: int = 0
    excluded: int = 0
    """Those that a condition leaves out."""
    refused: int = 0
    """Those that cannot be built."""
    beyond: int = 0
    """Those beyond the limits."""

    def plus(self, other: Counted) -> Counted:
        """Return the sum of two counts."""
        return Counted(*map(sum, zip(self, other, strict=True)))

    @property
    def wanted(self) -> int:
        return self.drawn - self.excluded - self.refused - self.beyond


class Batch(NamedTuple):
    """The designs of a batch that are wanted: what varies, and their numbers, by name."""

    number: int
    values: Mapping[str, Array]
    amounts: Mapping[str, Array]
    counted: Counted
    refusals: tuple[Refusal, ...]
    gaps: tuple[str, ...] = ()
    """What the numbers leave out."""


class _Sweep(NamedTuple):
    space: Space
    values: Mapping[str, Array]
    amounts: Mapping[str, Array]
    counted: Counted
    refusals: tuple[Refusal, ...]
    is_grid: bool
    remarks: tuple[str, ...] = ()


class Sweep(_Sweep, Framed):
    """All designs of a space that are wanted, in the order of their numbers.

    The `remarks` say what the numbers leave out, and how the designs were chosen, if they are not
    all that are wanted.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<Sweep of {self.space.about}: {self.size:,} designs>"

    def designs(self) -> list[dict[str, Any]]:
        """Return what varies of each design, in Python's own numbers."""
        return designs_of(self.values)

    def rows(self) -> list[dict[str, Any]]:
        """Return a flat dict for each design: what varies, and its numbers by their JSON keys."""
        columns = self._frame()
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    @property
    def numbers(self) -> dict[str, Array]:
        """What varies and is a number in every design."""
        return {
            name: column
            for name, column in self.values.items()
            if all(map(is_number, column.tolist()))
        }

    def _frame(self) -> dict[str, list[Any]]:
        """Return what varies and the numbers, by name and JSON key, in Python's own numbers."""
        columns = {**self.values, **by_key(self.amounts)}
        return {key: column.tolist() for key, column in columns.items()}

    @property
    def size(self) -> int:
        """How many designs there are."""
        return len(next(iter(self.values.values())))


SomeDesigns = TypeVar("SomeDesigns", Batch, Sweep)


def at_places(designs: SomeDesigns, places: Array) -> SomeDesigns:
    """Return the designs in some places."""
    return designs._replace(
        values={name: column[places] for name, column in designs.values.items()},
        amounts={word: column[places] for word, column in designs.amounts.items()},
    )


def batch_of(space: Space, number: int) -> Batch:
    """Work one batch out."""
    return costed(space, space.costing(), number, space.drawn(number))


def costed(space: Space, costing: Costing, number: int, drawn: Mapping[str, Array]) -> Batch:
    """Work out designs that were drawn, and keep those that are wanted."""
    conditions = _fulfilling(space, costing, drawn)
    kept = conditions.columns[0] > 0
    excluded = int((conditions.built & ~kept).sum())
    columns = {name: column[kept] for name, column in drawn.items()}
    if not kept.any():
        amounts = {word: np.zeros(0, dtype=np.int64) for word in space.measured}
        counted = Counted(len(kept), excluded, len(kept) - excluded)
        return Batch(number, columns, amounts, counted, tuple(conditions.refusals.listed()))
    numbers = all_at_once(costing, columns, len(costing.metrics))
    amounts = dict(zip(space.measured, numbers.columns, strict=True))
    wanted = numbers.built.copy()
    for limit in space.limits:
        wanted &= np.asarray(limit.excess(amounts[limit.word]) <= 0, dtype=bool)
    refused = int((~numbers.built).sum()) + int((~conditions.built).sum())
    beyond = int((numbers.built & ~wanted).sum())
    return Batch(
        number,
        {name: column[wanted] for name, column in columns.items()},
        {word: amounts[word][wanted] for word in space.measured},
        Counted(len(kept), excluded, refused, beyond),
        merged(conditions.refusals.listed(), numbers.refusals.listed()),
        tuple(costing.gaps),
    )


def _fulfilling(space: Space, costing: Costing, drawn: Mapping[str, Array]) -> NumberColumns:
    """Say with 1 or 0 which designs fulfil all conditions; of some that cannot be said."""
    count = len(next(iter(drawn.values())))
    if not space.conditions:
        return NumberColumns(
            (np.ones(count, dtype=np.int64),), np.ones(count, dtype=bool), Refusals()
        )

    def fulfils(values: Mapping[str, Any]) -> list[Any]:
        values = costing.settled(values)
        return [int(all(condition.holds(values) for condition in space.conditions))]

    return all_at_once(fulfils, drawn, 1)


@public
def sweep(space: Space, workers: int = 1) -> Sweep:
    """Work out all designs of a space in so many processes; raise UsageError for an impossible one.

    The answer is the same for any number of them.
    """
    from bncalc.search.batches import executing, in_order

    if not isinstance(space, Space):
        refuse_other("sweep", "a space, such as space('resnet50', vary={'width': None})", space)
    refuse_unwhole("workers", workers)
    space.refuse()
    space.costing()
    with executing(workers, None) as (executor, hands):
        work = partial(batch_of, space)
        return together(space, in_order(work, range(space.batches), executor, hands))


def together(space: Space, batches: Iterable[Batch]) -> Sweep:
    """Put batches together, in whatever order they come."""
    ordered = sorted(batches, key=lambda batch: batch.number)
    counted = Counted()
    for batch in ordered:
        counted = counted.plus(batch.counted)
    names = [axis.name for axis in space.axes]
    return Sweep(
        space,
        {name: _joined([batch.values[name] for batch in ordered]) for name in names},
        {word: _joined([batch.amounts[word] for batch in ordered]) for word in space.measured},
        counted,
        merged(*[batch.refusals for batch in ordered]),
        space.sample is None,
        tuple(dict.fromkeys(chain.from_iterable([batch.gaps for batch in ordered]))),
    )


def merged(*several: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Put the reasons of batches together: those that differ in numbers alone are one."""
    refusals = Refusals()
    for refusal in chain.from_iterable(several):
        refusals.put(refusal)
    return tuple(refusals.listed())


def _joined(columns: list[Array]) -> Array:
    kinds = {column.dtype.kind for column in columns}
    if "O" in kinds and len(kinds) > 1:
        columns = [column.astype(object) for column in columns]
    return np.concatenate(columns)


def unlike(
    swept: Sweep, further: Mapping[str, Array]
) -> Iterator[tuple[int, int, dict[str, tuple[Any, ...]]]]:
    """Return designs with different numbers, in their order.

    Each is the place of the first with these numbers, how many there are, and what varies among
    them: the lowest and the highest of numbers, all of anything else.
    """
    places: dict[tuple[Any, ...], list[int]] = {}
    columns_held = [*swept.amounts.values(), *further.values()]
    rows = zip(*[column.tolist() for column in columns_held], strict=True)
    for place, row in enumerate(rows):
        places.setdefault(row, []).append(place)
    columns = {name: column.tolist() for name, column in swept.values.items()}
    for alike in places.values():
        ranges = {
            name: _span([column[place] for place in alike]) for name, column in columns.items()
        }
        yield alike[0], len(alike), ranges


def _span(values: list[Any]) -> tuple[Any, ...]:
    different = tuple(dict.fromkeys(values))
    if len(different) > 1 and all(map(is_number, different)):
        return min(different), max(different)
    return different
