"""Partition on plain lanes: designs worked out together without numpy, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bncalc.number import is_number
from bncalc.search.evaluation import DesignValues, MeasureDesigns, Refusals, in_parts
from bncalc.search.plain_lanes import PlainLanes

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
            columns = [_column(number, len(part)) for number in numbers]
            for place, row in zip(part, zip(*columns, strict=True), strict=True):
                answers[place] = row
    return answers, refusals


def _alike(designs: Sequence[DesignValues], part: Sequence[int]) -> list[Sequence[int]]:
    """Return designs apart where they differ in something that is no number, or in its kind."""
    return _parted(part, [tuple(map(_kind, designs[place].values())) for place in part])


def _kind(value: object) -> object:
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


def _column(number: Any, count: int) -> list[Any]:
    return number.values if isinstance(number, PlainLanes) else [number] * count
