"""Drawing: the designs of a batch, in the order of a grid or at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log, prod

import numpy as np

from bncalc.search.axis import Axis, Steps
from bncalc.search.column import Array
from bncalc.search.partition import column_of


def grid(axes: Sequence[Axis], start: int, stop: int) -> dict[str, Array]:
    """Return the designs from one number up to another; the last axis varies fastest."""
    numbers = np.arange(start, stop, dtype=np.int64)
    columns: dict[str, Array] = {}
    each = prod(len(axis.values) for axis in axes)
    for axis in axes:
        each //= len(axis.values)
        columns[axis.name] = taken(axis.values, numbers // each % len(axis.values))
    return columns


def at_random(axes: Sequence[Axis], count: int, seed: int, number: int) -> dict[str, Array]:
    """Return designs drawn for one batch: each value as likely as the others of its axis.

    Of an axis that is drawn by its logarithm, each factor is as likely.
    """
    generator = np.random.default_rng([seed, number])
    return {axis.name: taken(axis.values, _drawn(generator, axis, count)) for axis in axes}


def _drawn(generator: np.random.Generator, axis: Axis, count: int) -> Array:
    if not axis.by_logarithm:
        return generator.integers(0, len(axis.values), count)
    values = column_of([*axis.values]).astype(float)
    low, high = log(values[0]), log(values[-1])
    exact = np.exp(generator.uniform(low, high, count))
    places: Array = np.searchsorted(_middles(values), exact)
    return places


def likelihood(axes: Sequence[Axis], columns: Mapping[str, Array]) -> Array:
    """Return how likely designs are to be drawn, up to a factor that is the same for all."""
    likely = np.ones(len(next(iter(columns.values()))))
    for axis in axes:
        if axis.by_logarithm and len(axis.values) > 1:
            values = column_of([*axis.values]).astype(float)
            edges = [values[0], *_middles(values), values[-1]]
            shares = dict(zip(axis.values, np.diff(np.log(edges)), strict=True))
            likely *= [shares[value] for value in columns[axis.name].tolist()]
    return likely


def _middles(values: Array) -> Array:
    """Return where the nearest value changes."""
    middles: Array = (values[1:] + values[:-1]) / 2
    return middles


def taken(values: Sequence[object], places: Array) -> Array:
    """Return the values in these places of an axis."""
    if isinstance(values, Steps):
        column: Array = values.column(places)
        return column
    return column_of(values)[places]


def designs_of(columns: Mapping[str, Array]) -> list[dict[str, object]]:
    """Return columns as designs, in Python's own numbers."""
    names = list(columns)
    rows = zip(*[column.tolist() for column in columns.values()], strict=True)
    return [dict(zip(names, row, strict=True)) for row in rows]
