"""Summaries of a sweep: quantiles and a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from bncalc.named import NamedTuple
from bncalc.number import is_whole
from bncalc.search.column import Array
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


def taken(swept: Sweep, places: Array) -> Sweep:
    """Return the designs in some places."""
    return swept._replace(
        values={name: column[places] for name, column in swept.values.items()},
        amounts={name: column[places] for name, column in swept.amounts.items()},
    )
