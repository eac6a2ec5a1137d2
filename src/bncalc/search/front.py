"""The front: designs that no other design equals or beats in everything that is compared."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

import numpy as np

from bncalc.search.column import Array

_BLOCK = 4096


def front(columns: Sequence[Array], most: Sequence[bool]) -> Array:
    """Return the places of the designs on the front, in order; of equal ones all.

    Less is better, save where `most` says otherwise. One sort, and for two or three columns one
    walk through it: the time hardly grows with the size of the front.
    """
    values = [_less_is_better(*pair) for pair in zip(columns, most, strict=True)]
    order = np.lexsort(values[::-1])
    rows = np.stack([column[order] for column in values], axis=1)
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    keeps = _WALKS.get(len(values), _of_more)(rows[fresh])[np.cumsum(fresh) - 1]
    places: Array = np.sort(order[keeps])
    return places


def _less_is_better(column: Array, most: bool) -> Array:
    """Return a column to be sorted upwards; of Python's own integers their order alone."""
    if column.dtype.kind == "O":
        column = np.unique(column, return_inverse=True)[1]
    return np.negative(column) if most else column


# Each takes different rows, sorted by the first number, then the second and so on.


def _of_one(rows: Array) -> Array:
    keeps = np.zeros(len(rows), dtype=bool)
    keeps[:1] = True
    return keeps


def _of_two(rows: Array) -> Array:
    keeps = np.ones(len(rows), dtype=bool)
    keeps[1:] = rows[1:, 1] < np.minimum.accumulate(rows[:, 1])[:-1]
    return keeps


def _of_three(rows: Array) -> Array:
    """Walk along the first number, with the steps of the front of the other two so far."""
    seconds: list[float] = []  # upwards, and so the thirds go downwards
    thirds: list[float] = []
    keeps = np.zeros(len(rows), dtype=bool)
    for place, (second, third) in enumerate(rows[:, 1:].tolist()):
        at = bisect_right(seconds, second)
        if at and thirds[at - 1] <= third:
            continue
        keeps[place] = True
        stop = at
        while stop < len(thirds) and thirds[stop] >= third:
            stop += 1
        start = at - 1 if at and seconds[at - 1] == second else at
        seconds[start:stop] = [second]
        thirds[start:stop] = [third]
    return keeps


def _of_more(rows: Array) -> Array:
    """Hold each row to those that are on the front so far: a later one beats none before it."""
    keeps = np.zeros(len(rows), dtype=bool)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        left = np.ones(len(block), dtype=bool)
        for better in rows[:start][keeps[:start]]:
            left &= ~(better <= block).all(axis=1)
        for place in np.flatnonzero(left).tolist():
            before = block[:place][keeps[start : start + place]]
            keeps[start + place] = not (before <= block[place]).all(axis=1).any()
    return keeps


_WALKS: dict[int, Callable[[Array], Array]] = {1: _of_one, 2: _of_two, 3: _of_three}
