"""Functions and operators of expressions: what each does with numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from bncalc.named import NamedTuple
from bncalc.number import Plural, divisible, is_number, is_whole, largest, mapped, smallest

MAX_EXPONENT = 64
MOST_ARGUMENTS = 500
MAX_ITEMS = 10_000
"""A list holds no more values, those of lists within it counted."""

RealNumber = int | float


def _divide(left: RealNumber, right: RealNumber) -> RealNumber:
    if is_whole(left) and is_whole(right) and left % right == 0:
        return left // right
    return left / right


def _power(base: RealNumber, exponent: RealNumber) -> RealNumber:
    if abs(exponent) > MAX_EXPONENT:
        raise ValueError(f"the exponent is beyond {MAX_EXPONENT}")
    result: object = base**exponent
    if not is_number(result):
        raise ValueError("a negative number has no such root")
    return result


def _extreme(choose: Callable[..., RealNumber]) -> Callable[..., RealNumber]:
    def apply(*numbers: RealNumber) -> RealNumber:
        if not numbers:
            raise ValueError("the list is empty")
        return choose(*numbers)

    return apply


def _divisible(x: RealNumber, divisor: RealNumber, minimum: RealNumber | None = None) -> RealNumber:
    if x <= 0:
        raise ValueError(f"{x} has no multiple to be rounded to; it must be above 0")
    minimum = divisor if minimum is None else minimum
    if not (is_whole(divisor) and is_whole(minimum) and divisor > 0 <= minimum):
        raise ValueError(f"the divisor {divisor} and minimum {minimum} must be whole, at least 1")
    result: RealNumber = divisible(x, divisor, minimum)
    return result


def _log(x: RealNumber, base: RealNumber = math.e) -> RealNumber:
    if not (x > 0 and base > 0 and base != 1):
        raise ValueError(f"{x} has no logarithm to this base")
    if base == math.e:
        return mapped(math.log, x)
    return mapped(math.log, x) / mapped(math.log, base)


def _root(x: RealNumber) -> RealNumber:
    if x < 0:
        raise ValueError(f"{x} has no square root")
    return mapped(math.sqrt, x)


class Function(NamedTuple):
    apply: Callable[..., RealNumber]
    least: int = 1
    most: int = 1
    spreads: bool = False  # takes several arguments, or one list of them


FUNCTIONS = {
    "min": Function(_extreme(smallest), 1, MOST_ARGUMENTS, spreads=True),
    "max": Function(_extreme(largest), 1, MOST_ARGUMENTS, spreads=True),
    "sum": Function(lambda *numbers: sum(numbers), 1, MOST_ARGUMENTS, spreads=True),
    "round": Function(round),
    "ceil": Function(math.ceil),
    "floor": Function(math.floor),
    "abs": Function(abs),
    "divisible": Function(_divisible, 2, 3),
    "log": Function(_log, 1, 2),
    "sqrt": Function(_root),
    "exp": Function(lambda x: mapped(math.exp, x)),
}


class ListFunction(NamedTuple):
    apply: Callable[..., Any]
    least: int = 1
    most: int = 1


def leaves(value: object) -> int:
    """Return how many values a list holds, and the lists within it."""
    return sum(map(leaves, value)) if isinstance(value, tuple) else 1


def _list(value: object) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        raise TypeError
    return value


def _range(*numbers: Any) -> tuple[int, ...]:
    if not all(map(is_whole, numbers)):
        raise ValueError("it needs whole numbers")
    items = range(*map(operator.index, numbers))
    if len(items) > MAX_ITEMS:
        raise ValueError(f"more than {MAX_ITEMS:,} numbers")
    return tuple(items)


def _unique(items: object) -> tuple[Any, ...]:
    if not any(isinstance(item, Plural) for item in _list(items)):
        return tuple(dict.fromkeys(_list(items)))
    different: list[Any] = []
    for item in _list(items):  # compared and not hashed: numbers of many designs may be equal
        if item not in different:
            different.append(item)
    return tuple(different)


def _count(items: object, value: object) -> int:
    return _list(items).count(value)


def _position(items: object, value: object) -> int:
    if value not in _list(items):
        raise ValueError("it is not in the list")
    return _list(items).index(value)


def _joined(left: object, right: object) -> tuple[Any, ...]:
    joined = _list(left) + _list(right)
    if leaves(joined) > MAX_ITEMS:
        raise ValueError
    return joined


def _repeated(left: Any, right: Any) -> tuple[Any, ...]:
    items, times = (left, right) if isinstance(left, tuple) else (right, left)
    if not is_whole(times) or times < 0 or leaves(items) * times > MAX_ITEMS:
        raise ValueError
    return _list(items) * operator.index(times)


OF_LISTS = {
    "len": ListFunction(lambda items: len(_list(items))),
    "range": ListFunction(_range, 1, 3),
    "unique": ListFunction(_unique),
    "sorted": ListFunction(lambda items: tuple(sorted(_list(items)))),
    "reversed": ListFunction(lambda items: _list(items)[::-1]),
    "count": ListFunction(_count, 2, 2),
    "index": ListFunction(_position, 2, 2),
}
LISTS: dict[str, Callable[..., Any]] = {"+": _joined, "*": _repeated}
ARITHMETIC: dict[str, Callable[[RealNumber, RealNumber], RealNumber]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": _power,
}
ORDER: dict[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
