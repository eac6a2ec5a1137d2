"""Polynomials with a witness: the formula of a number, found by the code that works the number out.

A polynomial holds exact terms, and its `value` at one design, the witness. Arithmetic works on
both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bncalc.model.field_types import LARGEST
from bncalc.number import divisible, is_number, is_whole
from bncalc.search import terms as algebra
from bncalc.search.bounds import least, undominated
from bncalc.search.division import floor, quotient, ratio, rest
from bncalc.search.terms import ONE, Composite, Symbol, Terms, frozen
from bncalc.search.witness import Record, Witnessed, at_least, equal, terms_of, value_of

_WHOLE = ("floor", "ceiling")
"""Parts that are whole even if the number is a float, as Python's `//` of one is."""


class Derivation(Record):
    """What one formula is made of: symbols, named parts, and the conditions that were noted."""

    def symbol(self, name: str, value: int | float, *, free: bool = False) -> Polynomial:
        """Return a value that is varied: whole and at least 1, or else not below 0 or its witness.

        Of one that is `free` to be any number, that is a condition.
        """
        whole = is_whole(value)
        symbol = Symbol(len(self.values), name, min(int(whole), math.floor(value)), whole)
        self.values[symbol] = value
        terms: Terms = {((symbol, 1),): 1}
        if free:
            self.note("≥", algebra.plus(terms, {(): -symbol.least}))
            if whole:
                self.note("|", terms, ONE)
        return Polynomial(self, terms, value)

    def part(self, function: str, value: int | float, *arguments: Terms) -> Polynomial:
        """Return a named part, as a polynomial; `least` is what its arguments show it to be."""
        held = tuple([frozen(argument) for argument in arguments])
        for known in self.values:
            if isinstance(known, Composite) and (known.function, known.arguments) == (
                function,
                held,
            ):
                return Polynomial(self, {((known, 1),): 1}, value)
        low = _least(function, arguments)
        whole = function in _WHOLE or is_whole(value)
        part = Composite(1000 + len(self.values), function, held, low, whole)
        self.values[part] = value
        return Polynomial(self, {((part, 1),): 1}, value)

    def whole(self, terms: Terms) -> Any:
        """Return whole terms as a polynomial, or as the number that they come to."""
        fixed = algebra.constant(terms)
        return Polynomial(self, terms, int(self.exact(terms))) if fixed is None else int(fixed)


class Polynomial(Witnessed):
    """Exact `terms`, and the plain number that the code would have in their place."""

    __slots__ = ("derivation", "whole")

    def __init__(self, derivation: Derivation, terms: Terms, value: int | float) -> None:
        self.derivation = derivation
        self.terms = terms
        self.value = value
        self.whole = is_whole(value)

    @property
    def record(self) -> Derivation:
        return self.derivation

    @classmethod
    def largest(cls, numbers: tuple[Any, ...]) -> Any:
        return _extreme("max", max, numbers)

    @classmethod
    def smallest(cls, numbers: tuple[Any, ...]) -> Any:
        return _extreme("min", min, numbers)

    def mapped(self, function: Callable[[float], float]) -> Any:
        return self.derivation.part(function.__name__, function(self.value), self.terms)

    def divisible(self, divisor: int, minimum: int) -> Any:
        if algebra.is_multiple(self.terms, divisor) and least(self.terms) >= minimum:
            return self
        value = divisible(self.value, divisor, minimum)
        return self.derivation.part("divisible", value, self.terms, {(): divisor}, {(): minimum})

    # Arithmetic

    def __add__(self, other: Any) -> Any:
        other = int(other) if isinstance(other, bool) else other
        if not is_number(other):
            return NotImplemented
        sums = algebra.plus(self.terms, terms_of(other))
        return self.having(sums, self.value + value_of(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + -other if is_number(other) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return -self + other if is_number(other) else NotImplemented

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, bool):
            return self if other else 0
        if not is_number(other):
            return NotImplemented
        products = algebra.product(self.terms, terms_of(other))
        return self.having(products, self.value * value_of(other))

    __rmul__ = __mul__

    def __neg__(self) -> Any:
        return self * -1

    def __pos__(self) -> Polynomial:
        return self

    def __abs__(self) -> Any:
        return self if self >= 0 else -self

    def __pow__(self, other: Any) -> Any:
        if type(other) is not int or other < 0:
            value = self.value ** value_of(other)
            return self.derivation.part("power", value, self.terms, terms_of(other))
        power: Any = 1
        for _ in range(other):
            power = self * power
        return power

    def __rpow__(self, other: Any) -> Any:
        return self.derivation.part("power", other**self.value, terms_of(other), self.terms)

    def __truediv__(self, other: Any) -> Any:
        return ratio(self, other) if is_number(other) else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        return ratio(self._constant(other), self)

    def __floordiv__(self, other: Any) -> Any:
        return quotient(self, other) if is_number(other) else NotImplemented

    def __rfloordiv__(self, other: Any) -> Any:
        return quotient(self._constant(other), self)

    def __mod__(self, other: Any) -> Any:
        return rest(self, other) if is_number(other) else NotImplemented

    def __rmod__(self, other: Any) -> Any:
        return rest(self._constant(other), self)

    # Questions, which the witness answers

    def __lt__(self, other: Any) -> Any:
        return not at_least(self, other) if is_number(other) else NotImplemented

    def __le__(self, other: Any) -> Any:
        return at_least(other, self) if is_number(other) else NotImplemented

    def __gt__(self, other: Any) -> Any:
        return not at_least(other, self) if is_number(other) else NotImplemented

    def __ge__(self, other: Any) -> Any:
        return at_least(self, other) if is_number(other) else NotImplemented

    def __eq__(self, other: object) -> Any:
        return equal(self, other) if is_number(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return not equal(self, other) if is_number(other) else NotImplemented

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return not equal(self, 0)

    def __index__(self) -> int:
        if not self.whole:
            raise TypeError("a fraction is not an index")
        return int(self)

    def __int__(self) -> int:
        equal(self, self.value)
        return int(self.value)

    def __float__(self) -> float:
        equal(self, self.value)
        return float(self.value)

    # Roundings

    def __trunc__(self) -> Any:
        return self.__floor__() if self >= 0 else -(-self).__floor__()

    def __floor__(self) -> Any:
        return self._rounded("floor", math.floor)

    def __ceil__(self) -> Any:
        return self._rounded("ceil", math.ceil)

    def __round__(self, digits: int | None = None) -> Any:
        return self._rounded("round", round)

    def _rounded(self, function: str, work: Callable[[int | float], int]) -> Any:
        derivation, value = self.derivation, work(self.value)
        if self.whole or algebra.is_whole(self.terms) or derivation.divides(ONE, self.terms):
            return Polynomial(derivation, self.terms, value)
        if function == "floor":
            return floor(derivation, self.terms, 1)
        return derivation.part(function, value, self.terms)

    def _constant(self, number: int | float) -> Polynomial:
        return Polynomial(self.derivation, terms_of(number), number)

    def having(self, terms: Terms, value: int | float) -> Any:
        """Return other terms, or the plain number where nothing in them varies."""
        if algebra.constant(terms) is not None:
            return value
        return Polynomial(self.derivation, terms, value)


def _least(function: str, arguments: tuple[Terms, ...]) -> int:
    """Return what a named part is at least, as its arguments show; sizes are never negative.

    What is left to round of a size, after the whole parts of a quotient, is none: ⌊−v/2⌋ is below.
    """
    lows = [least(argument) for argument in arguments]
    if function == "floor" and isinstance(by := algebra.constant(arguments[1]), int):
        is_below = any(factor < 0 for factor in arguments[0].values())
        return -LARGEST if is_below else lows[0] // by
    return {"ceil": lows[0], "ceiling": lows[0] and 1, "divisible": lows[-1], "max": max(lows)}.get(
        function, 0
    )


def _extreme(function: str, choose: Callable[..., Any], numbers: tuple[Any, ...]) -> Any:
    """Return the one number that every design has as its extreme, or the extreme as a part."""
    sign = 1 if function == "max" else -1
    signed = [algebra.product(terms_of(number), {(): sign}) for number in numbers]
    kept = [algebra.product(terms, {(): sign}) for terms in undominated(signed)]
    value = choose([value_of(number) for number in numbers])
    derivation = next(each.derivation for each in numbers if isinstance(each, Polynomial))
    if len(kept) > 1:
        return derivation.part(function, value, *sorted(kept, key=frozen_key))
    fixed = algebra.constant(kept[0])
    return Polynomial(derivation, kept[0], value) if fixed is None else value


def frozen_key(terms: Terms) -> tuple[object, ...]:
    """Return where terms stand among others: those of the highest powers first."""
    return tuple([algebra.sort_key(monomial) for monomial, _ in frozen(terms)])
