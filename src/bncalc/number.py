"""Numbers: an int, a float, or one value that stands for the numbers of many designs at once.

Formulas are written once. An int passes through them, and so does a `Plural`: an array with a
number of each design, or a polynomial. Nothing asks a value for its type; it asks here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeGuard

from bncalc.errors import UsageError


class Plural:
    """A number of many designs. It adds, multiplies, compares, rounds and truncates as one does.

    Where Python needs a single answer (a truth, an index) and the designs differ, it raises.
    """

    __slots__ = ()

    whole: bool
    """Whether it stands for whole numbers, as an int does and a float does not."""

    @classmethod
    def largest(cls, numbers: tuple[Any, ...]) -> Any:
        """Return the largest of numbers, some of them plural, for each design."""
        raise NotImplementedError

    @classmethod
    def smallest(cls, numbers: tuple[Any, ...]) -> Any:
        """Return the smallest of numbers, some of them plural, for each design."""
        raise NotImplementedError

    def mapped(self, function: Callable[[float], float]) -> Any:
        """Return a function of `math` of each design's number."""
        raise NotImplementedError

    def divisible(self, divisor: int, minimum: int) -> Any:
        """Return what `divisible` below makes of it."""
        return _divisible(self, divisor, minimum)

    # In messages, which are written before anybody knows whether they are needed

    def __repr__(self) -> str:
        return "…"

    def __format__(self, spec: str) -> str:
        return "…"


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a number; true and false are none."""
    kind = type(value)
    if kind is int or kind is float:
        return True
    return isinstance(value, int | float | Plural) and kind is not bool


def is_whole(value: object) -> TypeGuard[int]:
    """Return whether a value is a whole number by its kind: 2 is, 2.0 is not."""
    kind = type(value)
    if kind is int:
        return True
    if isinstance(value, Plural):
        return value.whole
    return isinstance(value, int) and kind is not bool


def refuse_unwhole(name: str, value: object, least: int = 1) -> None:
    """Raise UsageError for a value that is no whole number, or too small a one."""
    if not (is_whole(value) and value >= least):
        raise UsageError(f"{name} is {value!r}; it must be a whole number of at least {least}")


def largest(*numbers: Any) -> Any:
    """Return the largest number; the first of several that are equal."""
    for kind in {type(number) for number in numbers}:
        if issubclass(kind, Plural):
            return kind.largest(numbers)
    return max(numbers)


def smallest(*numbers: Any) -> Any:
    """Return the smallest number; the first of several that are equal."""
    for kind in {type(number) for number in numbers}:
        if issubclass(kind, Plural):
            return kind.smallest(numbers)
    return min(numbers)


def mapped(function: Callable[[float], float], x: float) -> float:
    """Return a function of `math` of a number, for each design as for one."""
    result: float = x.mapped(function) if isinstance(x, Plural) else function(x)
    return result


def divisible(x: Any, divisor: int, minimum: int) -> Any:
    """Round to a multiple, never below nine tenths: make_divisible of the MobileNet authors."""
    if isinstance(x, Plural):
        return x.divisible(divisor, minimum)
    return _divisible(x, divisor, minimum)


def _divisible(x: Any, divisor: int, minimum: int) -> Any:
    nearest = (2 * x + divisor) // 2 if is_whole(x) else math.trunc(x + divisor / 2)
    rounded = largest(minimum, nearest // divisor * divisor)
    return rounded + divisor * (rounded < 0.9 * x)
