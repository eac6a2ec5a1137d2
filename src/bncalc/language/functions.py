"""Functions and operators of expressions: what each does with numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import NamedTuple

from bncalc.number import divisible, is_number, is_whole, largest, smallest

MAX_EXPONENT = 64
MOST_ARGUMENTS = 500

Number = int | float


def _divide(left: Number, right: Number) -> Number:
    if is_whole(left) and is_whole(right) and left % right == 0:
        return left // right
    return left / right


def _power(base: Number, exponent: Number) -> Number:
    if abs(exponent) > MAX_EXPONENT:
        raise ValueError(f"the exponent is beyond {MAX_EXPONENT}")
    result: object = base**exponent
    if not is_number(result):
        raise ValueError("a negative number has no such root")
    return result


def _extreme(choose: Callable[..., Number]) -> Callable[..., Number]:
    def apply(*numbers: Number) -> Number:
        if not numbers:
            raise ValueError("the list is empty")
        return choose(*numbers)

    return apply


def _divisible(x: Number, divisor: Number, minimum: Number | None = None) -> Number:
    minimum = divisor if minimum is None else minimum
    if not (is_whole(divisor) and is_whole(minimum) and divisor > 0 <= minimum):
        raise ValueError(f"the divisor {divisor} and minimum {minimum} must be whole, at least 1")
    result: Number = divisible(x, divisor, minimum)
    return result


class Function(NamedTuple):
    apply: Callable[..., Number]
    least: int = 1
    most: int = 1
    spreads: bool = False  # takes several arguments, or one list of them


FUNCTIONS = {
    "min": Function(_extreme(smallest), 1, MOST_ARGUMENTS, spreads=True),
    "max": Function(_extreme(largest), 1, MOST_ARGUMENTS, spreads=True),
    "sum": Function(lambda *numbers: sum(numbers), 1, MOST_ARGUMENTS, spreads=True),
    "len": Function(lambda *items: len(items), 1, MOST_ARGUMENTS, spreads=True),
    "round": Function(round),
    "ceil": Function(math.ceil),
    "floor": Function(math.floor),
    "abs": Function(abs),
    "divisible": Function(_divisible, 2, 3),
}
ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
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
