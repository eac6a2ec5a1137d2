"""A lane: what a number of many designs does, however their numbers are kept."""

from __future__ import annotations

import math
import operator
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from bncalc.number import Plural

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

    @abstractmethod
    def compared(self, other: Any, order: Work) -> Any:
        """Return a truth of each design, or the one of all."""

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
