"""Summaries of a sweep: quantiles, a histogram, and results of one's own joined to the designs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from math import ceil

import numpy as np

from bncalc.errors import UsageError
from bncalc.language.scalar import number_of
from bncalc.named import NamedTuple
from bncalc.number import is_whole
from bncalc.search.lanes import Array
from bncalc.search.sweep import Sweep

SHARES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)


def quantiles(column: Array, shares: Sequence[float] = SHARES) -> list[int | float]:
    """Return numbers that so large a share of the column does not exceed: numbers that occur."""
    ordered = np.sort(column)
    places = [max(0, ceil(share * len(ordered)) - 1) for share in shares]
    numbers: list[int | float] = ordered[places].tolist()
    return numbers


class Bar(NamedTuple):
    """How many designs have a number from `low` up to `high`; the last bar has its high end too."""

    low: int | float
    high: int | float
    designs: int


def histogram(column: Array, bars: int = 20) -> list[Bar]:
    """Return bars of one width over a column; fewer where it has few different numbers."""
    ordered = np.sort(column)
    low, high = ordered[[0, -1]].tolist()
    if is_whole(low):
        bars = min(bars, high - low + 1)
        edges = [low + (high - low) * at // bars for at in range(bars)]
    else:
        bars = bars if high > low else 1
        edges = [low + (high - low) * at / bars for at in range(bars)]
    places = [*[int(np.searchsorted(ordered, edge)) for edge in edges], len(ordered)]
    return [
        Bar(edges[at], edges[at + 1] if at + 1 < bars else high, places[at + 1] - places[at])
        for at in range(bars)
    ]


def joined(swept: Sweep, text: str, name: str) -> tuple[Sweep, dict[str, Array]]:
    """Return the designs that a table of results is about, and its further columns.

    The table is CSV; columns that are called like what varies say which design a row is about.
    Raises UsageError for a table without such columns, or with two rows about one design.
    """
    rows = list(csv.DictReader(io.StringIO(text)))
    header = list(rows[0]) if rows else []
    keys = [column for column in header if column in swept.values]
    further = [column for column in header if column not in swept.values]
    if not keys or not further:
        names = ", ".join(swept.values)
        raise UsageError(f"--join {name}: a column for what varies ({names}) and one for a result")
    results = _by_design(rows, keys, further, name)
    table = zip(*[swept.values[key].tolist() for key in keys], strict=True)
    matched = [(place, results[row]) for place, row in enumerate(table) if row in results]
    places = np.array([place for place, _ in matched], dtype=np.int64)
    columns = {
        column: np.array([values[at] for _, values in matched], dtype=float)
        for at, column in enumerate(further)
    }
    return taken(swept, places), columns


def taken(swept: Sweep, places: Array) -> Sweep:
    """Return the designs in some places."""
    return swept._replace(
        values={name: column[places] for name, column in swept.values.items()},
        amounts={name: column[places] for name, column in swept.amounts.items()},
    )


def _by_design(
    rows: Sequence[Mapping[str, str]], keys: Sequence[str], further: Sequence[str], name: str
) -> dict[tuple[object, ...], list[float]]:
    results: dict[tuple[object, ...], list[float]] = {}
    for number, row in enumerate(rows, start=2):
        design = tuple([number_of((row[key] or "").strip()) for key in keys])
        if design in results:
            raise UsageError(f"{name}:{number}: a second row about the same design")
        try:
            results[design] = [float(row[column]) for column in further]
        except (TypeError, ValueError):
            raise UsageError(f"{name}:{number}: a result is a number") from None
    return results
