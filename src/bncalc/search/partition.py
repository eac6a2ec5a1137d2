"""Partition: many designs worked out at once, in as few parts as the code needs answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from bncalc.named import NamedTuple
from bncalc.number import is_number
from bncalc.search.column import Array
from bncalc.search.evaluation import DesignValues, MeasureDesigns, Refusals, in_parts
from bncalc.search.lanes import Lanes

Columns = Mapping[str, Array]
"""What is varied, by name: a value of each design."""


def columns_of(designs: Sequence[DesignValues]) -> Columns:
    """Return the values of designs by name; those that are not numbers as Python's own."""
    return {name: column_of([values[name] for values in designs]) for name in designs[0]}


def column_of(values: Sequence[object]) -> Array:
    """Return a column of numbers where all values are: whole, or else all of them floats."""
    if all(map(is_number, values)):
        return np.array(values)
    column = np.empty(len(values), dtype=object)
    column[:] = list(values)
    return column


class NumberColumns(NamedTuple):
    """A column for each number, in the order of the designs; `built` says which have any."""

    columns: tuple[Array, ...]
    built: Array
    refusals: Refusals


def all_at_once(measured: MeasureDesigns, columns: Columns, numbers: int) -> NumberColumns:
    """Return so many numbers of each design.

    Those that differ in something that is no number, or where the code asks for one answer, go
    separately. A number beyond 63 bits makes its column one of Python's own integers.
    """
    count = len(next(iter(columns.values())))
    built = np.zeros(count, dtype=bool)
    results = [np.zeros(count, dtype=np.int64) for _ in range(numbers)]
    refusals = Refusals()
    parts = _alike(columns, np.arange(count))
    values_at = partial(_values, columns)
    for at, answers in in_parts(measured, parts, values_at, _parted, refusals):
        built[at] = True
        results = [_filled(*pair, at) for pair in zip(results, answers, strict=True)]
    return NumberColumns(tuple(results), built, refusals)


def _alike(columns: Columns, at: Array) -> list[Array]:
    """Return designs with the same values in all columns that hold no numbers."""
    parts = [at]
    for column in columns.values():
        if column.dtype.kind == "O":
            known: dict[Any, int] = {}
            kinds = [(type(value), value) for value in column.tolist()]  # true is not 1
            keys = np.array([known.setdefault(kind, len(known)) for kind in kinds])
            parts = [smaller for part in parts for smaller in _parted(part, keys[part])]
    return parts


def _parted(at: Array, keys: Array) -> list[Array]:
    """Return the designs in parts with equal keys, so that the first are worked out first."""
    if keys.dtype == bool:
        return [at[~keys], at[keys]]
    order = np.argsort(keys, kind="stable")
    ends = np.flatnonzero(np.diff(keys[order])) + 1
    return [np.sort(at[part]) for part in np.split(order, ends)][::-1]


def _values(columns: Columns, at: Array) -> dict[str, Any]:
    """Return what the designs of a part have: lanes, or plain where all have the same."""
    return {name: _value(column[at]) for name, column in columns.items()}


def _value(values: Array) -> Any:
    if values.dtype.kind == "O":
        return values[0]
    return values[0].item() if (values == values[0]).all() else Lanes.of(values)


def _filled(column: Array, answer: Any, at: Array) -> Array:
    values: Any = answer.values if isinstance(answer, Lanes) else answer
    kind = np.asarray(values).dtype.kind
    if kind == "u":  # an integer of 64 bits, and what is beyond is an object
        kind = "O"
    if kind != column.dtype.kind and kind in "Of":
        column = column.astype(object if "O" in (kind, column.dtype.kind) else np.float64)
    column[at] = values
    return column


def rows(numbers: NumberColumns) -> Sequence[tuple[int, ...] | None]:
    """Return the numbers of each design, None for what cannot be built."""
    each = zip(*[column.tolist() for column in numbers.columns], strict=True)
    return [row if built else None for row, built in zip(each, numbers.built.tolist(), strict=True)]
