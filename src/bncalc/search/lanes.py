"""Lanes: one number of each of many designs, which goes through the formulas as one number does."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from bncalc.search.column import Array, Column
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
from bncalc.search.parting import Split


class Lanes(Column):
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

    # Comparisons: a truth of each design, or of all

    def __lt__(self, other: Any) -> Any:
        return compare(self, other, operator.lt)

    def __le__(self, other: Any) -> Any:
        return compare(self, other, operator.le)

    def __gt__(self, other: Any) -> Any:
        return compare(self, other, operator.gt)

    def __ge__(self, other: Any) -> Any:
        return compare(self, other, operator.ge)

    def __eq__(self, other: object) -> Any:
        return True if other is self else compare(self, other, operator.eq)

    def __ne__(self, other: object) -> Any:
        return False if other is self else compare(self, other, operator.ne)

    def __and__(self, other: Any) -> Any:
        return self * other

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return self.largest((self, other))

    __ror__ = __or__
    __hash__ = object.__hash__

    # Roundings, as Python does them

    def __trunc__(self) -> Lanes:
        return self if self.whole else _rounded(np.trunc(self.values))

    def __floor__(self) -> Lanes:
        return self if self.whole else _rounded(np.floor(self.values))

    def __ceil__(self) -> Lanes:
        return self if self.whole else _rounded(np.ceil(self.values))

    def __round__(self, digits: int | None = None) -> Lanes:
        if digits is not None:
            raise TypeError("lanes are rounded to whole numbers")
        return self if self.whole else _rounded(np.rint(self.values))

    def mapped(self, function: Callable[[float], float]) -> Any:
        return each(function, Lanes, self.values)


def _rounded(values: Array) -> Lanes:
    if (np.abs(values) < 2.0**63).all():
        return Lanes.of(values.astype(np.int64))
    unfit = ~np.isfinite(values)
    if unfit.any() and not unfit.all():
        raise Split(unfit)
    return Lanes.of(packed([math.trunc(value) for value in values.tolist()]))
