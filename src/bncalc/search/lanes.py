"""Lanes: one number of each of many designs, which goes through the formulas as one number does."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bncalc.search.column import Array, ArrayColumn
from bncalc.search.column_arithmetic import (
    compare,
    divided,
    each,
    extreme,
    packed,
    summed,
)
from bncalc.search.evaluation import Parting
from bncalc.search.lane import Work


class Lanes(ArrayColumn):
    """A column that adds, multiplies, compares and rounds as an int or a float does."""

    __slots__ = ()

    @classmethod
    def largest(cls, numbers: tuple[Any, ...]) -> Any:
        return extreme(numbers, max, np.maximum)

    @classmethod
    def smallest(cls, numbers: tuple[Any, ...]) -> Any:
        return extreme(numbers, min, np.minimum)

    @classmethod
    def summed(cls, work: Work, left: Any, right: Any) -> Any:
        return summed(work, left, right)

    @classmethod
    def divided(cls, work: Work, left: Any, right: Any) -> Any:
        return divided(work, left, right)

    def compared(self, other: Any, order: Work) -> Any:
        return compare(self, other, order)

    def rounded(self, rounding: Callable[[Any], int]) -> Lanes:
        return _rounded(_ROUNDINGS[rounding](self.values))

    def mapped(self, function: Callable[[float], float]) -> Any:
        return each(function, Lanes, self.values)


_ROUNDINGS = {math.trunc: np.trunc, math.floor: np.floor, math.ceil: np.ceil, round: np.rint}
"""What numpy calls Python's roundings."""


def _rounded(values: Array) -> Lanes:
    if (np.abs(values) < 2.0**63).all():
        return Lanes.of(values.astype(np.int64))
    unfit = ~np.isfinite(values)
    if unfit.any() and not unfit.all():
        raise Parting(unfit)
    return Lanes.of(packed([math.trunc(value) for value in values.tolist()]))
