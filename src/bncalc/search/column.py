"""Columns: a number of each design, and the limits that whole ones are known to lie in."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from bncalc.search.evaluation import Parting
from bncalc.search.lane import Lane

Array = np.ndarray[Any, Any]
LIMIT = 2**63 - 1


class ArrayColumn(Lane):
    """A number of each design. `low` and `high` hold for all of them where they are whole."""

    __slots__ = ("_multiples", "high", "low", "values", "whole")

    def __init__(self, values: Array, low: int = -LIMIT, high: int = LIMIT) -> None:
        self.values = values
        self.whole = values.dtype.kind != "f"
        self.low = low
        self.high = high
        self._multiples: dict[int, Any] = {}

    @classmethod
    def of(cls, values: Array) -> Self:
        """Return a column with the limits that their values have; of floats, with none."""
        if values.dtype.kind == "f":
            return cls(values)
        column = cls(values.astype(np.int64) if values.dtype.kind in "iub" else values)
        column.tighten()
        return column

    @property
    def limits(self) -> tuple[int, int]:
        return self.low, self.high

    # One answer

    def __bool__(self) -> bool:
        if self.whole and (self.low > 0 or self.high < 0):
            return True
        truths = self.values != 0
        answer = bool(truths[0])
        if (truths == answer).all():
            return answer
        raise Parting(truths)

    def common(self) -> Any:
        first = self.values[0]
        if (self.values == first).all():
            return first
        raise Parting(self.values)

    def tighten(self) -> None:
        """Take the limits that the values have."""
        self.low, self.high = int(self.values.min()), int(self.values.max())


def whole(left: Any, right: Any) -> bool:
    """Return whether two numbers are both whole."""
    return (type(left) is int or (isinstance(left, ArrayColumn) and left.whole)) and (
        type(right) is int or (isinstance(right, ArrayColumn) and right.whole)
    )


def is_plain(number: object) -> bool:
    """Return whether it is an int, a float or a column; a truth is none of them."""
    kind = type(number)
    return kind is int or kind is float or isinstance(number, ArrayColumn)


def array_of(number: Any, *, exact: bool = False) -> Any:
    """Return what numpy calculates with; `exact` asks for Python's own integers."""
    values = number.values if isinstance(number, ArrayColumn) else number
    if isinstance(values, np.ndarray):
        if exact:
            return values.astype(object)
        return values.astype(np.int64) if values.dtype.kind == "b" else values
    return values
