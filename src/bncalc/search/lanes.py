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
from bncalc.search.column import (
    LIMIT,
    Array,
    ArrayColumn,
    array_of,
    is_plain,
    kind_of,
    limits_of,
    whole,
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


def _settled(
    left: Any, right: Any, work: Callable[[Any, Any], Any], limits: Callable[..., tuple[int, int]]
) -> Any:
    """Work out a whole result whose limits follow from those of both sides, in enough bits."""
    low, high = limits(*limits_of(left), *limits_of(right))
    if low >= -LIMIT and high <= LIMIT:
        values = work(array_of(left), array_of(right))
        values = values.astype(np.int64) if values.dtype == object else values
        return kind_of(left, right)(values, low, high)
    for number in (left, right):
        if isinstance(number, ArrayColumn):
            number.tighten()
    low, high = limits(*limits_of(left), *limits_of(right))
    if low >= -LIMIT and high <= LIMIT:
        return _settled(left, right, work, limits)
    return kind_of(left, right)(
        work(array_of(left, exact=True), array_of(right, exact=True)), low, high
    )


def _floats(left: Any, right: Any, work: Callable[[Any, Any], Any]) -> ArrayColumn:
    with np.errstate(all="ignore"):  # what is not finite is refused where it arrives
        values = work(array_of(left), array_of(right))
    return kind_of(left, right)(values.astype(np.float64))


def summed(work: Work, left: Any, right: Any) -> Any:
    """Add, subtract or multiply; whole numbers stay exact."""
    right = int(right) if isinstance(right, bool) else right
    if not is_plain(right):
        return NotImplemented
    if not whole(left, right):
        return _floats(left, right, work)
    return _settled(left, right, work, _LIMITS[work])


def _product_limits(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    if a >= 0 and c >= 0:
        return a * c, b * d
    corners = (a * c, a * d, b * c, b * d)
    return min(corners), max(corners)


def divided(work: Work, left: Any, right: Any) -> Any:
    """Divide as Python's operator does, or raise to a power; whole numbers stay exact."""
    if not (is_plain(left) and is_plain(right)):
        return NotImplemented
    if work is operator.pow:
        return each(work, kind_of(left, right), array_of(left), array_of(right))
    if not right:  # designs part where it is 0 in some
        raise ZeroDivisionError("division by zero")
    if not whole(left, right):
        return _floats(left, right, work)
    if work is not operator.truediv:
        return _settled(left, right, work, _LIMITS[work])
    if max(map(abs, (*limits_of(left), *limits_of(right)))) <= 2**53:
        return _floats(left, right, work)
    values = array_of(left, exact=True) / array_of(right, exact=True)
    return kind_of(left, right)(values.astype(np.float64))


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


def each(work: Callable[..., Any], kind: type[ArrayColumn], *columns: Any) -> Any:
    """Work each design out in Python: another library differs in the last digit.

    Designs part where only some fail, or where only some give a whole number.
    """
    rows = list(zip(*[column.tolist() for column in np.broadcast_arrays(*columns)], strict=True))
    known = {row: _outcome(work, *row) for row in set(rows)}
    kinds = sorted({type(value).__name__ for value in known.values()})
    if len(kinds) > 1:
        raise Parting(np.array([kinds.index(type(known[row]).__name__) for row in rows]))
    if kinds == ["float"]:
        return kind(np.array([known[row] for row in rows]))
    if kinds == ["int"]:
        return kind.of(packed([known[row] for row in rows]))
    first = known[rows[0]]
    if isinstance(first, Exception):
        raise first
    return first


def _outcome(work: Callable[..., Any], *numbers: Any) -> Any:
    """Return what it comes to, or the error that it is."""
    try:
        return work(*numbers)
    except (ArithmeticError, ValueError) as error:
        return error


def packed(numbers: list[int]) -> Array:
    """Return whole numbers as an array, in Python's own integers where 63 bits do not do."""
    wide = max(map(abs, numbers)) > LIMIT
    return np.array(numbers, dtype=object if wide else np.int64)


def compare(left: ArrayColumn, right: Any, question: Callable[[Any, Any], Any]) -> Any:
    """Return a truth of each design, or of all where the limits settle it."""
    if not is_plain(right):
        return NotImplemented
    if whole(left, right):
        (a, b), (c, d) = limits_of(left), limits_of(right)
        if b < c or (b == c and question in (operator.le, operator.gt)):
            return bool(question(b, c))
        if d < a or (d == a and question in (operator.ge, operator.lt)):
            return bool(question(a, d))
        if a == b == c == d:
            return bool(question(a, c))
    return type(left)(np.asarray(question(array_of(left), array_of(right)), dtype=bool), 0, 1)


def extreme(
    numbers: tuple[Any, ...], choose: Callable[..., Any], each: Callable[[Any, Any], Any]
) -> Any:
    """Return the extreme of each design; designs part where only some would give a float."""
    if len({is_whole(number) for number in numbers}) > 1:
        return choose(numbers)
    answer = numbers[0]
    for number in numbers[1:]:
        if not isinstance(answer, ArrayColumn) and not isinstance(number, ArrayColumn):
            answer = choose(answer, number)
        elif not is_whole(answer):
            answer = kind_of(answer, number)(each(array_of(answer), array_of(number)))
        else:
            answer = _extreme_of_two(answer, number, choose, each)
    return answer


def _extreme_of_two(
    left: Any, right: Any, choose: Callable[..., Any], each: Callable[[Any, Any], Any]
) -> Any:
    (a, b), (c, d) = limits_of(left), limits_of(right)
    if b <= c or d <= a:
        larger = right if b <= c else left
        return larger if choose is max else (left if larger is right else right)
    return kind_of(left, right)(each(array_of(left), array_of(right)), choose(a, c), choose(b, d))
