"""Lanes: one number of each of many designs, which goes through the formulas as one number does."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bncalc.search.column import Array, ArrayColumn
from bncalc.search.column_arithmetic import (
    add,
    compare,
    divide,
    each,
    extreme,
    multiply,
    packed,
    power,
    ratio,
    remainder,
    subtract,
)
from bncalc.search.parting import Parting


class Lanes(ArrayColumn):
    """A column that adds, multiplies, compares and rounds as an int or a float does."""

    __slots__ = ()

    @classmethod
    def largest(cls, numbers: tuple[Any, ...]) -> Any:
        return extreme(numbers, max, np.maximum)

    @classmethod
    def smallest(cls, numbers: tuple[Any, ...]) -> Any:
        return extreme(numbers, min, np.minimum)

    # Arithmetic

    def __add__(self, other: Any) -> Any:
        return add(self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        return subtract(other, self)

    def __mul__(self, other: Any) -> Any:
        if type(other) is not int:
            return multiply(self, other)
        known = self._multiples.get(other)  # the same map is asked for its elements many times
        if known is None:
            known = self._multiples[other] = multiply(self, other)
        return known

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Any:
        return divide(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return divide(other, self)

    def __mod__(self, other: Any) -> Any:
        return remainder(self, other)

    def __rmod__(self, other: Any) -> Any:
        return remainder(other, self)

    def __truediv__(self, other: Any) -> Any:
        return ratio(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return ratio(other, self)

    def __pow__(self, other: Any) -> Any:
        return power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return power(other, self)

    def __neg__(self) -> Any:
        return 0 - self if self.whole else Lanes(-self.values)

    def __pos__(self) -> Lanes:
        return self

    def __abs__(self) -> Any:
        return self.largest((self, -self))

    def compared(self, other: Any, order: Callable[[Any, Any], Any]) -> Any:
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
