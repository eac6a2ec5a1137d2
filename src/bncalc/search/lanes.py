"""Lanes: one number of each of many designs, which goes through the formulas as one number does.

Whole numbers carry limits that they are known to lie in. A comparison which these settle costs
nothing, and a product that could pass 63 bits is worked out in Python's own integers: no result
wraps. Where Python needs one answer and the designs differ, `Split` says which of them agree.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from bncalc.number import Plural, is_whole

Array = np.ndarray[Any, Any]
_LIMIT = 2**63 - 1


class Split(BaseException):
    """Raised where designs part: those with equal `keys` still go together.

    No ordinary exception, because what rejects a value catches ValueError and TypeError.
    """

    def __init__(self, keys: Array) -> None:
        self.keys = keys
        super().__init__()


class Lanes(Plural):
    """A number of each design. `low` and `high` hold for all of them where they are whole."""

    __slots__ = ("_multiples", "high", "low", "values", "whole")

    def __init__(self, values: Array, low: int = -_LIMIT, high: int = _LIMIT) -> None:
        self.values = values
        self.whole = values.dtype.kind != "f"
        self.low = low
        self.high = high
        self._multiples: dict[int, Any] = {}

    @classmethod
    def of(cls, values: Array) -> Lanes:
        """Return lanes with the limits that their values have; of floats, with none."""
        if values.dtype.kind == "f":
            return cls(values)
        lanes = cls(values.astype(np.int64) if values.dtype.kind in "iub" else values)
        lanes._tighten()
        return lanes

    @classmethod
    def largest(cls, numbers: tuple[Any, ...]) -> Any:
        return _extreme(numbers, max, np.maximum)

    @classmethod
    def smallest(cls, numbers: tuple[Any, ...]) -> Any:
        return _extreme(numbers, min, np.minimum)

    # Arithmetic

    def __add__(self, other: Any) -> Any:
        return _sum(self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return _difference(self, other)

    def __rsub__(self, other: Any) -> Any:
        return _difference(other, self)

    def __mul__(self, other: Any) -> Any:
        if type(other) is not int:
            return _product(self, other)
        known = self._multiples.get(other)  # the same map is asked for its elements many times
        if known is None:
            known = self._multiples[other] = _product(self, other)
        return known

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> Any:
        return _quotient(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _quotient(other, self)

    def __mod__(self, other: Any) -> Any:
        return _rest(self, other)

    def __rmod__(self, other: Any) -> Any:
        return _rest(other, self)

    def __truediv__(self, other: Any) -> Any:
        return _ratio(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _ratio(other, self)

    def __pow__(self, other: Any) -> Any:
        return _power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return _power(other, self)

    def __neg__(self) -> Any:
        return 0 - self if self.whole else Lanes(-self.values)

    def __pos__(self) -> Lanes:
        return self

    def __abs__(self) -> Any:
        return self.largest((self, -self))

    # Comparisons: a truth of each design, or of all

    def __lt__(self, other: Any) -> Any:
        return _compared(self, other, operator.lt)

    def __le__(self, other: Any) -> Any:
        return _compared(self, other, operator.le)

    def __gt__(self, other: Any) -> Any:
        return _compared(self, other, operator.gt)

    def __ge__(self, other: Any) -> Any:
        return _compared(self, other, operator.ge)

    def __eq__(self, other: object) -> Any:
        return True if other is self else _compared(self, other, operator.eq)

    def __ne__(self, other: object) -> Any:
        return False if other is self else _compared(self, other, operator.ne)

    def __and__(self, other: Any) -> Any:
        return self * other

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return self.largest((self, other))

    __ror__ = __or__
    __hash__ = object.__hash__

    # One answer

    def __bool__(self) -> bool:
        if self.whole and (self.low > 0 or self.high < 0):
            return True
        truths = self.values != 0
        answer = bool(truths[0])
        if (truths == answer).all():
            return answer
        raise Split(truths)

    def __index__(self) -> int:
        if not self.whole:
            raise TypeError("a float is no index")
        return int(self._one())

    def __int__(self) -> int:
        return int(self._one())

    def __float__(self) -> float:
        return float(self._one())

    def _one(self) -> Any:
        first = self.values[0]
        if (self.values == first).all():
            return first
        raise Split(self.values)

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

    def mapped(self, function: Callable[[float], float]) -> Lanes:
        """Return what Python makes of each: another library differs in the last digit."""
        known = {value: function(value) for value in set(self.values.tolist())}
        return Lanes(np.array([known[value] for value in self.values.tolist()]))

    # In messages, which are written before anybody knows whether they are needed

    def __repr__(self) -> str:
        return "…"

    def __format__(self, spec: str) -> str:
        return "…"

    def _tighten(self) -> None:
        self.low, self.high = int(self.values.min()), int(self.values.max())


def _whole(left: Any, right: Any) -> bool:
    """Return whether two numbers are both whole."""
    return (type(left) is int or (type(left) is Lanes and left.whole)) and (
        type(right) is int or (type(right) is Lanes and right.whole)
    )


def _is_number(number: object) -> bool:
    kind = type(number)
    return kind is int or kind is Lanes or kind is float


def _limits(number: Any) -> tuple[int, int]:
    """Return the limits of a whole number."""
    return (number.low, number.high) if isinstance(number, Lanes) else (number, number)


def _array(number: Any, *, exact: bool = False) -> Any:
    """Return what numpy calculates with; `exact` asks for Python's own integers."""
    values = number.values if isinstance(number, Lanes) else number
    if isinstance(values, np.ndarray):
        if exact:
            return values.astype(object)
        return values.astype(np.int64) if values.dtype.kind == "b" else values
    return values


def _settled(
    left: Any, right: Any, work: Callable[[Any, Any], Any], limits: Callable[..., tuple[int, int]]
) -> Any:
    """Work out a whole result whose limits follow from those of both sides, in enough bits."""
    low, high = limits(*_limits(left), *_limits(right))
    if low >= -_LIMIT and high <= _LIMIT:
        values = work(_array(left), _array(right))
        values = values.astype(np.int64) if values.dtype == object else values
        return Lanes(values, low, high)
    for number in (left, right):
        if isinstance(number, Lanes):
            number._tighten()
    low, high = limits(*_limits(left), *_limits(right))
    if low >= -_LIMIT and high <= _LIMIT:
        return _settled(left, right, work, limits)
    return Lanes(work(_array(left, exact=True), _array(right, exact=True)), low, high)


def _floats(left: Any, right: Any, work: Callable[[Any, Any], Any]) -> Lanes:
    with np.errstate(all="ignore"):  # what is not finite is refused where it arrives
        values = work(_array(left), _array(right))
    return Lanes(values.astype(np.float64))


def _sum(left: Any, right: Any) -> Any:
    right = int(right) if isinstance(right, bool) else right
    if not _is_number(right):
        return NotImplemented
    if type(right) is int and right == 0:
        return left
    if not _whole(left, right):
        return _floats(left, right, operator.add)
    return _settled(left, right, operator.add, lambda a, b, c, d: (a + c, b + d))


def _difference(left: Any, right: Any) -> Any:
    if not (_is_number(left) and _is_number(right)):
        return NotImplemented
    if not _whole(left, right):
        return _floats(left, right, operator.sub)
    return _settled(left, right, operator.sub, lambda a, b, c, d: (a - d, b - c))


def _product(left: Any, right: Any) -> Any:
    if isinstance(right, bool):
        return left if right else 0
    if not _is_number(right):
        return NotImplemented
    if type(right) is int and right == 1:
        return left
    if not _whole(left, right):
        return _floats(left, right, operator.mul)
    return _settled(left, right, operator.mul, _product_limits)


def _product_limits(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    if a >= 0 and c >= 0:
        return a * c, b * d
    corners = (a * c, a * d, b * c, b * d)
    return min(corners), max(corners)


def _refuse_zero(divisor: Any) -> None:
    """Raise as Python does where the divisor is 0, and split where it is of some designs."""
    if not divisor:
        raise ZeroDivisionError("division by zero")


def _quotient(left: Any, right: Any) -> Any:
    if not (_is_number(left) and _is_number(right)):
        return NotImplemented
    if type(right) is int and right == 1 and _whole(left, right):
        return left
    _refuse_zero(right)
    if not _whole(left, right):
        return _floats(left, right, operator.floordiv)
    return _settled(left, right, operator.floordiv, _quotient_limits)


def _quotient_limits(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    if c > 0:
        return min(a // c, a // d), max(b // c, b // d)
    most = max(abs(a), abs(b))
    return -most, most


def _rest(left: Any, right: Any) -> Any:
    if not (_is_number(left) and _is_number(right)):
        return NotImplemented
    if type(right) is int and right == 1 and _whole(left, right):
        return 0
    _refuse_zero(right)
    if not _whole(left, right):
        return _floats(left, right, operator.mod)
    return _settled(left, right, operator.mod, _rest_limits)


def _rest_limits(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    if c > 0:
        return 0, min(d - 1, b) if a >= 0 else d - 1
    most = max(abs(c), abs(d))
    return -most, most


def _ratio(left: Any, right: Any) -> Any:
    if not (_is_number(left) and _is_number(right)):
        return NotImplemented
    _refuse_zero(right)
    if _whole(left, right) and max(map(abs, (*_limits(left), *_limits(right)))) > 2**53:
        values = _array(left, exact=True) / _array(right, exact=True)
        return Lanes(values.astype(np.float64))
    return _floats(left, right, operator.truediv)


def _power(left: Any, right: Any) -> Any:
    """Raise each base to its exponent in Python: another library differs in the last digit."""
    if not (_is_number(left) and _is_number(right)):
        return NotImplemented
    bases, exponents = np.broadcast_arrays(_array(left), _array(right))
    pairs = list(zip(bases.tolist(), exponents.tolist(), strict=True))
    known = {pair: _raised(*pair) for pair in set(pairs)}
    kinds = sorted({type(value).__name__ for value in known.values()})
    if len(kinds) > 1:
        raise Split(np.array([kinds.index(type(known[pair]).__name__) for pair in pairs]))
    if kinds == ["float"]:
        return Lanes(np.array([known[pair] for pair in pairs]))
    if kinds == ["int"]:
        return Lanes.of(_packed([known[pair] for pair in pairs]))
    first = known[pairs[0]]
    if isinstance(first, ArithmeticError):
        raise first
    return first


def _raised(base: Any, exponent: Any) -> Any:
    """Return a power, or the error that it is."""
    try:
        return base**exponent
    except ArithmeticError as error:
        return error


def _packed(numbers: list[int]) -> Array:
    """Return whole numbers as an array, in Python's own integers where 63 bits do not do."""
    wide = max(map(abs, numbers)) > _LIMIT
    return np.array(numbers, dtype=object if wide else np.int64)


def _compared(left: Lanes, right: Any, compare: Callable[[Any, Any], Any]) -> Any:
    if not _is_number(right):
        return NotImplemented
    if _whole(left, right):
        (a, b), (c, d) = _limits(left), _limits(right)
        if b < c or (b == c and compare in (operator.le, operator.gt)):
            return bool(compare(b, c))
        if d < a or (d == a and compare in (operator.ge, operator.lt)):
            return bool(compare(a, d))
        if a == b == c == d:
            return bool(compare(a, c))
    return Lanes(np.asarray(compare(_array(left), _array(right)), dtype=bool), 0, 1)


def _rounded(values: Array) -> Lanes:
    if (np.abs(values) < 2.0**63).all():
        return Lanes.of(values.astype(np.int64))
    unfit = ~np.isfinite(values)
    if unfit.any() and not unfit.all():
        raise Split(unfit)
    return Lanes.of(_packed([math.trunc(value) for value in values.tolist()]))


def _extreme(
    numbers: tuple[Any, ...], choose: Callable[..., Any], each: Callable[[Any, Any], Any]
) -> Any:
    """Return the extreme of each design; designs part where only some would give a float."""
    if len({is_whole(number) for number in numbers}) > 1:
        return choose(numbers)
    answer = numbers[0]
    for number in numbers[1:]:
        if not isinstance(answer, Lanes) and not isinstance(number, Lanes):
            answer = choose(answer, number)
        elif not is_whole(answer):
            answer = Lanes(each(_array(answer), _array(number)))
        else:
            answer = _extreme_of_two(answer, number, choose, each)
    return answer


def _extreme_of_two(
    left: Any, right: Any, choose: Callable[..., Any], each: Callable[[Any, Any], Any]
) -> Any:
    (a, b), (c, d) = _limits(left), _limits(right)
    if b <= c or d <= a:
        larger = right if b <= c else left
        return larger if choose is max else (left if larger is right else right)
    return Lanes(each(_array(left), _array(right)), choose(a, c), choose(b, d))
