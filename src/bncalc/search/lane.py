"""A lane: what a number of many designs does, however their numbers are kept."""

from __future__ import annotations

import math
import operator
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from bncalc.number import Plural, is_number, is_whole

Work = Callable[[Any, Any], Any]
"""What Python's module `operator` calls a sign between two numbers."""


class Lane(Plural):
    """A number of each design. It compares, rounds and gives one answer as an int or float does."""

    __slots__ = ()

    _multiples: dict[int, Any]

    @classmethod
    @abstractmethod
    def summed(cls, work: Work, left: Any, right: Any) -> Any:
        """Return a sum, a difference or a product of each design, the left side a lane."""

    @classmethod
    @abstractmethod
    def divided(cls, work: Work, left: Any, right: Any) -> Any:
        """Return a quotient, a rest, a ratio or a power of each design, one side a lane."""

    @classmethod
    @abstractmethod
    def extreme(cls, numbers: tuple[Any, ...], choose: Callable[..., Any]) -> Any:
        """Return the largest or smallest number of each design; all are whole, or all floats."""

    @property
    @abstractmethod
    def limits(self) -> tuple[Any, Any]:
        """What the numbers are at least and at most; if they are whole, no less than known."""

    @abstractmethod
    def truths(self, order: Work, other: Any) -> Any:
        """Return a truth of each design."""

    @abstractmethod
    def rounded(self, rounding: Callable[[Any], int]) -> Any:
        """Return the floats of the designs as the whole numbers that a rounding makes of them."""

    @abstractmethod
    def common(self) -> Any:
        """Return the number that all designs have; split where they differ."""

    # Arithmetic

    def __add__(self, other: Any) -> Any:
        other = int(other) if isinstance(other, bool) else other
        return self if type(other) is int and not other else self.summed(operator.add, self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self.summed(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, bool):
            return self if other else 0
        if type(other) is not int:
            return self.summed(operator.mul, self, other)
        if other == 1:
            return self
        known = self._multiples.get(other)  # the same map is asked for its elements many times
        if known is None:
            known = self._multiples[other] = self.summed(operator.mul, self, other)
        return known

    __rmul__ = __mul__

    def __neg__(self) -> Any:
        return self * -1

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.largest((self, -self))

    def __floordiv__(self, other: Any) -> Any:
        if type(other) is int and other == 1 and self.whole:
            return self
        return self.divided(operator.floordiv, self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self.divided(operator.floordiv, other, self)

    def __mod__(self, other: Any) -> Any:
        if type(other) is int and other == 1 and self.whole:
            return 0
        return self.divided(operator.mod, self, other)

    def __rmod__(self, other: Any) -> Any:
        return self.divided(operator.mod, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.divided(operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.divided(operator.truediv, other, self)

    def __pow__(self, other: Any) -> Any:
        return self.divided(operator.pow, self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.divided(operator.pow, other, self)

    # Comparisons

    @classmethod
    def largest(cls, numbers: tuple[Any, ...]) -> Any:
        return cls.extreme(numbers, max) if _are_alike(numbers) else max(numbers)

    @classmethod
    def smallest(cls, numbers: tuple[Any, ...]) -> Any:
        return cls.extreme(numbers, min) if _are_alike(numbers) else min(numbers)

    def compared(self, other: Any, order: Work) -> Any:
        """Return a truth of each design, or that of all where the limits settle it."""
        if not is_number(other):
            return NotImplemented
        if self.whole and is_whole(other):
            truth = _settled(order, self.limits, limits_of(other))
            if truth is not None:
                return truth
        return self.truths(order, other)

    def __lt__(self, other: Any) -> Any:
        return self.compared(other, operator.lt)

    def __le__(self, other: Any) -> Any:
        return self.compared(other, operator.le)

    def __gt__(self, other: Any) -> Any:
        return self.compared(other, operator.gt)

    def __ge__(self, other: Any) -> Any:
        return self.compared(other, operator.ge)

    def __eq__(self, other: object) -> Any:
        return True if other is self else self.compared(other, operator.eq)

    def __ne__(self, other: object) -> Any:
        return False if other is self else self.compared(other, operator.ne)

    __hash__ = object.__hash__

    # One answer

    def __index__(self) -> int:
        if not self.whole:
            raise TypeError("a float is not an index")
        return int(self.common())

    def __int__(self) -> int:
        return int(self.common())

    def __float__(self) -> float:
        return float(self.common())

    # Roundings, as Python does them

    def __trunc__(self) -> Any:
        return self if self.whole else self.rounded(math.trunc)

    def __floor__(self) -> Any:
        return self if self.whole else self.rounded(math.floor)

    def __ceil__(self) -> Any:
        return self if self.whole else self.rounded(math.ceil)

    def __round__(self, digits: int | None = None) -> Any:
        if digits is not None:
            raise TypeError("lanes are rounded to whole numbers")
        return self if self.whole else self.rounded(round)


def limits_of(number: Any) -> tuple[Any, Any]:
    """Return the limits of a whole number."""
    return number.limits if isinstance(number, Lane) else (number, number)


def outcome(work: Callable[..., Any], *numbers: Any) -> Any:
    """Return what it comes to, or the error that it is."""
    try:
        return work(*numbers)
    except (ArithmeticError, ValueError) as error:
        return error


def _are_alike(numbers: tuple[Any, ...]) -> bool:
    """Return whether an extreme is of one kind in all designs; they part where it is not."""
    return len({is_whole(number) for number in numbers}) == 1


def _settled(order: Work, left: tuple[Any, Any], right: tuple[Any, Any]) -> bool | None:
    """Return a truth that follows from what both sides are at least and at most, if it does."""
    (a, b), (c, d) = left, right
    if b < c or (b == c and order in (operator.le, operator.gt)):
        return bool(order(b, c))
    if d < a or (d == a and order in (operator.ge, operator.lt)):
        return bool(order(a, d))
    return bool(order(a, c)) if a == b == c == d else None
