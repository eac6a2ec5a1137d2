"""A lane: what a number of many designs does, however their numbers are kept."""

from __future__ import annotations

import math
import operator
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from bncalc.number import Plural


class Lane(Plural):
    """A number of each design. It compares, rounds and gives one answer as an int or float does."""

    __slots__ = ()

    @abstractmethod
    def compared(self, other: Any, order: Callable[[Any, Any], Any]) -> Any:
        """Return a truth of each design, or the one of all."""

    @abstractmethod
    def rounded(self, rounding: Callable[[Any], int]) -> Any:
        """Return the floats of the designs as the whole numbers that a rounding makes of them."""

    @abstractmethod
    def common(self) -> Any:
        """Return the number that all designs have; split where they differ."""

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
