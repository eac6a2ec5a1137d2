"""Lanes: a number of each of many designs, which goes through formulas as one number does.

Each operation is for all designs at once, and none wraps: a comparison that limits settle costs
nothing, and a product that could pass 63 bits is worked out in Python's own integers.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from bncalc.number import is_whole
from bncalc.search.column import LIMIT, Array, ArrayColumn, array_of, is_plain, whole
from bncalc.search.evaluation import Parting
from bncalc.search.lane import Work, limits_of, outcome


class Lanes(ArrayColumn):
    """A column that adds, multiplies, compares and rounds as an int or a float does."""

    __slots__ = ()

    @classmethod
    def summed(cls, work: Work, left: Any, right: Any) -> Any:
        right = int(right) if isinstance(right, bool) else right
        if not is_plain(right):
            return NotImplemented
        if not whole(left, right):
            return _floats(left, right, work)
        return _bounded(left, right, work, _LIMITS[work])

    @classmethod
    def divided(cls, work: Work, left: Any, right: Any) -> Any:
        if not (is_plain(left) and is_plain(right)):
            return NotImplemented
        if work is operator.pow:
            return _each(work, array_of(left), array_of(right))
        if not right:  # designs part where it is 0 in some
            raise ZeroDivisionError("division by zero")
        if not whole(left, right):
            return _floats(left, right, work)
        if work is not operator.truediv:
            return _bounded(left, right, work, _LIMITS[work])
        if max(map(abs, (*limits_of(left), *limits_of(right)))) <= 2**53:
            return _floats(left, right, work)
        values = array_of(left, exact=True) / array_of(right, exact=True)
        return cls(values.astype(np.float64))

    @classmethod
    def extreme(cls, numbers: tuple[Any, ...], choose: Callable[..., Any]) -> Any:
        answer = numbers[0]
        for number in numbers[1:]:
            if isinstance(answer, Lanes) or isinstance(number, Lanes):
                answer = _extreme(answer, number, choose)
            else:
                answer = choose(answer, number)
        return answer

    def truths(self, order: Work, other: Any) -> Lanes:
        return Lanes(np.asarray(order(array_of(self), array_of(other)), dtype=bool), 0, 1)

    def rounded(self, rounding: Callable[[Any], int]) -> Lanes:
        values = _ROUNDINGS[rounding](self.values)
        if (np.abs(values) < 2.0**63).all():
            return Lanes.of(values.astype(np.int64))
        unfit = ~np.isfinite(values)
        if unfit.any() and not unfit.all():
            raise Parting(unfit)
        return Lanes.of(packed([math.trunc(value) for value in values.tolist()]))

    def mapped(self, function: Callable[[float], float]) -> Any:
        return _each(function, self.values)


_ROUNDINGS = {math.trunc: np.trunc, math.floor: np.floor, math.ceil: np.ceil, round: np.rint}
"""What numpy calls Python's roundings."""


def _bounded(left: Any, right: Any, work: Work, limits: Callable[..., tuple[int, int]]) -> Lanes:
    """Work out a whole result whose limits follow from those of both sides, in enough bits."""
    low, high = limits(*limits_of(left), *limits_of(right))
    if low >= -LIMIT and high <= LIMIT:
        values = work(array_of(left), array_of(right))
        return Lanes(values.astype(np.int64) if values.dtype == object else values, low, high)
    for number in (left, right):
        if isinstance(number, ArrayColumn):
            number.tighten()
    low, high = limits(*limits_of(left), *limits_of(right))
    if low >= -LIMIT and high <= LIMIT:
        return _bounded(left, right, work, limits)
    return Lanes(work(array_of(left, exact=True), array_of(right, exact=True)), low, high)


def _floats(left: Any, right: Any, work: Work) -> Lanes:
    with np.errstate(all="ignore"):  # what is not finite is refused where it arrives
        values = work(array_of(left), array_of(right))
    return Lanes(values.astype(np.float64))


def _product_limits(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    if a >= 0 and c >= 0:
        return a * c, b * d
    corners = (a * c, a * d, b * c, b * d)
    return min(corners), max(corners)


def _quotient_limits(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    if c > 0:
        return min(a // c, a // d), max(b // c, b // d)
    most = max(abs(a), abs(b))
    return -most, most


def _rest_limits(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    if c > 0:
        return 0, min(d - 1, b) if a >= 0 else d - 1
    most = max(abs(c), abs(d))
    return -most, most


_LIMITS: dict[Work, Callable[..., tuple[int, int]]] = {
    operator.add: lambda a, b, c, d: (a + c, b + d),
    operator.sub: lambda a, b, c, d: (a - d, b - c),
    operator.mul: _product_limits,
    operator.floordiv: _quotient_limits,
    operator.mod: _rest_limits,
}
"""What a result is at least and at most, of the limits of both sides."""


def _each(work: Callable[..., Any], *columns: Any) -> Any:
    """Work each design out in Python: another library differs in the last digit.

    Designs part where only some fail, or where only some give a whole number.
    """
    rows = list(zip(*[column.tolist() for column in np.broadcast_arrays(*columns)], strict=True))
    known = {row: outcome(work, *row) for row in set(rows)}
    kinds = sorted({type(value).__name__ for value in known.values()})
    if len(kinds) > 1:
        raise Parting(np.array([kinds.index(type(known[row]).__name__) for row in rows]))
    if kinds == ["float"]:
        return Lanes(np.array([known[row] for row in rows]))
    if kinds == ["int"]:
        return Lanes.of(packed([known[row] for row in rows]))
    first = known[rows[0]]
    if isinstance(first, Exception):
        raise first
    return first


def packed(numbers: list[int]) -> Array:
    """Return whole numbers as an array, in Python's own integers where 63 bits do not do."""
    wide = max(map(abs, numbers)) > LIMIT
    return np.array(numbers, dtype=object if wide else np.int64)


def _extreme(left: Any, right: Any, choose: Callable[..., Any]) -> Any:
    """Return the extreme of two numbers, of which one or both are lanes."""
    larger_or_smaller = np.maximum if choose is max else np.minimum
    if not is_whole(left):
        return Lanes(larger_or_smaller(array_of(left), array_of(right)))
    (a, b), (c, d) = limits_of(left), limits_of(right)
    if b <= c or d <= a:
        larger = right if b <= c else left
        return larger if choose is max else (left if larger is right else right)
    values = larger_or_smaller(array_of(left), array_of(right))
    return Lanes(values, choose(a, c), choose(b, d))
