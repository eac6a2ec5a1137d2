"""Summaries of a column: its numbers in order, and quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from bncalc.search.column import Array

SHARES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)


def quantiles(column: Array, shares: Sequence[float] = SHARES) -> list[int | float]:
    """Return numbers that so large a share of the column does not exceed: numbers that occur."""
    ordered = rising(column)
    return [ordered[max(0, ceil(share * len(ordered)) - 1)] for share in shares]


def rising(column: Array) -> Sequence[int | float]:
    """Return the numbers of a column in rising order, each read as Python's own."""
    ordered = np.sort(column)
    return ordered.tolist() if ordered.dtype == object else ordered.data
