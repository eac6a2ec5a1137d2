"""Plain lanes: the numbers of some designs in a list, for as many as numpy would not pay for.

Each number is worked out as it is alone. numpy takes longer to load than this takes for hundreds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any

from bncalc.number import is_number, is_whole
from bncalc.search.evaluation import DesignValues, MeasureDesigns, Parting, Refusals, in_parts
from bncalc.search.lane import Lane, Work, outcome


class PlainLanes(Lane):
    """A number of each design: all of them whole, or all of them floats."""

    __slots__ = ("_limits", "_multiples", "values", "whole")

    def __init__(self, values: list[Any], whole: bool) -> None:
        self.values = values
        self.whole = whole
        self._limits: tuple[Any, Any] | None = None
        self._multiples: dict[int, PlainLanes] = {}

    @classmethod
    def extreme(cls, numbers: tuple[Any, ...], choose: Callable[..., Any]) -> Any:
        lanes = [number for number in numbers if isinstance(number, PlainLanes)]
        plain = [number for number in numbers if not isinstance(number, PlainLanes)]
        columns = [each.values for each in lanes]
        if plain:
            columns.append([choose(plain)] * len(columns[0]))
        return cls(list(map(choose, zip(*columns, strict=True))), lanes[0].whole)

    def mapped(self, function: Callable[[float], float]) -> Any:
        return _lanes(function, self.values)

    @classmethod
    def summed(cls, work: Work, left: Any, right: Any) -> Any:
        if not _is_operand(right):
            return NotImplemented
        whole = left.whole and (isinstance(right, bool) or is_whole(right))
        try:
            return cls(list(map(work, *_columns(left, right))), whole)
        except OverflowError:
            return _lanes(work, *_columns(left, right))

    @classmethod
    def divided(cls, work: Work, left: Any, right: Any) -> Any:
        if not (_is_operand(left) and _is_operand(right)):
            return NotImplemented
        return _lanes(work, *_columns(left, right))

    @property
    def limits(self) -> tuple[Any, Any]:
        if self._limits is None:
            self._limits = min(self.values), max(self.values)
        return self._limits

    # One answer

    def __bool__(self) -> bool:
        if all(self.values):
            return True
        if not any(self.values):
            return False
        raise Parting([bool(value) for value in self.values])

    def common(self) -> Any:
        if len(set(self.values)) == 1:
            return self.values[0]
        raise Parting(self.values)

    def truths(self, order: Work, other: Any) -> PlainLanes:
        return PlainLanes(list(map(order, *_columns(self, other))), whole=True)

    def rounded(self, rounding: Callable[[Any], int]) -> Any:
        return _lanes(rounding, self.values)


def _lanes(work: Callable[..., Any], *columns: Iterable[Any]) -> Any:
    """Work each design out; split where some fail, or where only some give a whole number."""
    rows = list(zip(*columns, strict=True))
    try:
        values = [work(*row) for row in rows]
    except (ArithmeticError, ValueError):
        _split_by([type(outcome(work, *row)) for row in rows])
        raise
    _split_by([*map(type, values)])
    kind = type(values[0])
    return PlainLanes(values, kind is int) if kind in (int, float) else values[0]


def _split_by(kinds: list[type]) -> None:
    """Split where designs have results of several kinds."""
    different = list(dict.fromkeys(kinds))
    if len(different) > 1:
        raise Parting([different.index(kind) for kind in kinds])


def _columns(left: Any, right: Any) -> tuple[Iterable[Any], Iterable[Any]]:
    """Return both numbers of each design; one of all of them for as many as the other has."""
    if not isinstance(left, PlainLanes):
        return repeat(left, len(right.values)), right.values
    if not isinstance(right, PlainLanes):
        return left.values, repeat(right, len(left.values))
    return left.values, right.values


def _is_operand(number: object) -> bool:
    return is_number(number) or isinstance(number, bool)


_TOGETHER = 10_000
"""Designs that are worked out at once: memory stays constant however many there are."""


def rows(
    measured: MeasureDesigns, designs: Sequence[DesignValues]
) -> tuple[list[tuple[Any, ...] | None], Refusals]:
    """Return the numbers of each design, None for what cannot be built; and the reasons."""
    refusals = Refusals()
    answers: list[tuple[Any, ...] | None] = [None] * len(designs)

    def values_at(part: Sequence[int]) -> dict[str, Any]:
        columns = {name: [designs[place][name] for place in part] for name in designs[0]}
        return {name: _value(column) for name, column in columns.items()}

    for start in range(0, len(designs), _TOGETHER):
        parts = _alike(designs, range(start, min(start + _TOGETHER, len(designs))))
        for part, numbers in in_parts(measured, parts, values_at, _parted, refusals):
            columns = [x.values if isinstance(x, PlainLanes) else [x] * len(part) for x in numbers]
            for place, row in zip(part, zip(*columns, strict=True), strict=True):
                answers[place] = row
    return answers, refusals


def _alike(designs: Sequence[DesignValues], part: Sequence[int]) -> list[Sequence[int]]:
    """Return designs apart where they differ in something that is no number, or in its kind."""
    return _parted(part, [tuple(map(_key, designs[place].values())) for place in part])


def _key(value: object) -> object:
    return type(value) if is_number(value) else (type(value), value)


def _parted(part: Sequence[int], keys: Iterable[object]) -> list[Sequence[int]]:
    """Return the designs in parts with equal keys, so that the first are worked out first."""
    parts: dict[object, list[int]] = {}
    for place, key in zip(part, keys, strict=True):
        parts.setdefault(key, []).append(place)
    return [*reversed(parts.values())]


def _value(column: list[Any]) -> Any:
    """Return lanes, or the plain value where all designs have the same."""
    first = column[0]
    if all(value == first for value in column):
        return first
    return PlainLanes(column, type(first) is int)
