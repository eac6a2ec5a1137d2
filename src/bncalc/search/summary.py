"""Summaries of a sweep: quantiles, and some of its designs."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from bncalc.search.column import Array
from bncalc.search.sweep import Sweep

SHARES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)


def quantiles(column: Array, shares: Sequence[float] = SHARES) -> list[int | float]:
    """Return numbers that so large a share of the column does not exceed: numbers that occur."""
    ordered = rising(column)
    return [ordered[max(0, ceil(share * len(ordered)) - 1)] for share in shares]


def rising(column: Array) -> Sequence[int | float]:
    """Return the numbers of a column in rising order, each read as Python's own."""
    ordered = np.sort(column)
    return ordered.tolist() if ordered.dtype == object else ordered.data


def taken(swept: Sweep, places: Array) -> Sweep:
    """Return the designs in some places."""
    return swept._replace(
        values={name: column[places] for name, column in swept.values.items()},
        amounts={name: column[places] for name, column in swept.amounts.items()},
    )
