"""Polynomials with a witness: the formula of a number, found by the code that works the number out.

A polynomial holds exact terms, and its `value` at one design, the witness. Arithmetic works on
both. Where the code asks a question (`if mid == cin`), the witness answers; unless the answer is
the same for every design, it is noted as a condition under which the formula holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from bncalc.model.fields import LARGEST
from bncalc.named import NamedTuple
from bncalc.number import Plural, divisible, is_number, is_whole
from bncalc.search import terms as algebra
from bncalc.search.terms import ONE, Atom, Exact, Frozen, Part, Symbol, Terms, frozen

_SMALLEST = 1e-15
"""What a fraction that is more than 0 is at least, as far as the proof of a question goes."""


class Condition(NamedTuple):
    """A statement that the witness decided: first > 0, ≥ 0, = 0 or ≠ 0, by its sign.

    With the sign `|`, second divides first; with `∤` it does not.
    """

    sign: str
    first: Frozen
    second: Frozen = ()


class Derivation:
    """What one formula is made of: symbols, named parts, and the conditions that were noted."""

    def __init__(self) -> None:
        self.values: dict[Atom, int | float] = {}
        self.conditions: dict[Condition, None] = {}

    def symbol(self, name: str, value: int | float) -> Polynomial:
        """Return a value that is varied: whole and at least 1, or else not below 0."""
        whole = is_whole(value)
        symbol = Symbol(len(self.values), name, 1 if whole and value >= 1 else 0, whole)
        self.values[symbol] = value
        return Polynomial(self, {((symbol, 1),): 1}, value)

    def part(self, function: str, value: int | float, *arguments: Terms) -> Polynomial:
        """Return a named part, as a polynomial; `least` is what its arguments show it to be."""
        held = tuple([frozen(argument) for argument in arguments])
        for known in self.values:
            if isinstance(known, Part) and (known.function, known.arguments) == (function, held):
                return Polynomial(self, {((known, 1),): 1}, value)
        low = _least(function, arguments)
        part = Part(1000 + len(self.values), function, held, low, is_whole(value))
        self.values[part] = value
        return Polynomial(self, {((part, 1),): 1}, value)

    def whole(self, terms: Terms) -> Any:
        """Return whole terms as a polynomial, or as the number that they come to."""
        fixed = algebra.constant(terms)
        return Polynomial(self, terms, int(self.exact(terms))) if fixed is None else int(fixed)

    def exact(self, terms: Terms) -> Exact:
        """Return what terms come to at the witness."""
        total: Exact = algebra.evaluated(terms, lambda atom: algebra.exact(self.values[atom]))
        return total

    def note(self, sign: str, first: Terms, second: Terms | None = None) -> None:
        """Note a condition."""
        self.conditions[Condition(sign, frozen(first), frozen(second or {}))] = None

    def divides(self, second: Terms, first: Terms) -> bool:
        """Return whether it was noted that the second number divides the first."""
        return Condition("|", frozen(first), frozen(second)) in self.conditions


class Polynomial(Plural):
    """Exact `terms`, and the plain number that the code would have in their place."""

    __slots__ = ("derivation", "terms", "value", "whole")

    def __init__(self, derivation: Derivation, terms: Terms, value: int | float) -> None:
        self.derivation = derivation
        self.terms = terms
        self.value = value
        self.whole = is_whole(value)

    @classmethod
    def largest(cls, numbers: tuple[Any, ...]) -> Any:
        return _extreme("max", max, numbers)

    @classmethod
    def smallest(cls, numbers: tuple[Any, ...]) -> Any:
        return _extreme("min", min, numbers)

    def mapped(self, function: Callable[[float], float]) -> Any:
        return self.derivation.part(function.__name__, function(self.value), self.terms)

    def divisible(self, divisor: int, minimum: int) -> Any:
        value = divisible(self.value, divisor, minimum)
        return self.derivation.part("divisible", value, self.terms, {(): divisor}, {(): minimum})

    # Arithmetic

    def __add__(self, other: Any) -> Any:
        other = int(other) if isinstance(other, bool) else other
        if not is_number(other):
            return NotImplemented
        sums = algebra.plus(self.terms, terms_of(other))
        return self._having(sums, self.value + value_of(other))

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
        return self._having(products, self.value * value_of(other))

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
        return _ratio(self, other) if is_number(other) else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        return _ratio(self._constant(other), self)

    def __floordiv__(self, other: Any) -> Any:
        return _quotient(self, other) if is_number(other) else NotImplemented

    def __rfloordiv__(self, other: Any) -> Any:
        return _quotient(self._constant(other), self)

    def __mod__(self, other: Any) -> Any:
        return _rest(self, other) if is_number(other) else NotImplemented

    def __rmod__(self, other: Any) -> Any:
        return _rest(self._constant(other), self)

    # Questions, which the witness answers

    def __lt__(self, other: Any) -> Any:
        return not _at_least(self, other) if is_number(other) else NotImplemented

    def __le__(self, other: Any) -> Any:
        return _at_least(other, self) if is_number(other) else NotImplemented

    def __gt__(self, other: Any) -> Any:
        return not _at_least(other, self) if is_number(other) else NotImplemented

    def __ge__(self, other: Any) -> Any:
        return _at_least(self, other) if is_number(other) else NotImplemented

    def __eq__(self, other: object) -> Any:
        return _equal(self, other) if is_number(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return not _equal(self, other) if is_number(other) else NotImplemented

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return not _equal(self, 0)

    def __index__(self) -> int:
        if not self.whole:
            raise TypeError("a fraction is no index")
        return int(self)

    def __int__(self) -> int:
        _equal(self, self.value)
        return int(self.value)

    def __float__(self) -> float:
        _equal(self, self.value)
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

    def __repr__(self) -> str:
        return "…"

    def __format__(self, spec: str) -> str:
        return "…"

    def _rounded(self, function: str, work: Callable[[int | float], int]) -> Any:
        derivation, value = self.derivation, work(self.value)
        if self.whole or algebra.is_whole(self.terms) or derivation.divides(ONE, self.terms):
            return Polynomial(derivation, self.terms, value)
        if function == "floor":
            return _floor(derivation, self.terms, 1)
        return derivation.part(function, value, self.terms)

    def _constant(self, number: int | float) -> Polynomial:
        return Polynomial(self.derivation, terms_of(number), number)

    def _having(self, terms: Terms, value: int | float) -> Any:
        """Return other terms, or the plain number where nothing in them varies."""
        if algebra.constant(terms) is not None:
            return value
        return Polynomial(self.derivation, terms, value)


def _least(function: str, arguments: tuple[Terms, ...]) -> int:
    """Return what a named part is at least, as its arguments show; sizes are never negative."""
    lows = [algebra.least(argument) for argument in arguments]
    if function == "floor" and isinstance(by := algebra.constant(arguments[1]), int):
        return lows[0] // by
    return {"ceil": lows[0], "ceiling": lows[0] and 1, "divisible": lows[-1], "max": max(lows)}.get(
        function, 0
    )


def terms_of(number: Any) -> Terms:
    """Return the terms of a polynomial or a plain number; of a float, as it is written."""
    if isinstance(number, Polynomial):
        return number.terms
    return algebra.tidy({(): algebra.exact(number)})


def value_of(number: Any) -> int | float:
    """Return a number at the witness."""
    plain: int | float = number.value if isinstance(number, Polynomial) else number
    return plain


def _derivation_of(*numbers: Any) -> Derivation:
    return next(number.derivation for number in numbers if isinstance(number, Polynomial))


def _at_least(left: Any, right: Any) -> bool:
    """Return whether left ≥ right; note the answer unless every design gives the same."""
    answer = value_of(left) >= value_of(right)
    difference = algebra.plus(terms_of(left), terms_of(right), -1)
    if not answer:
        difference = algebra.product(difference, {(): -1})
    more = 0 if answer else (1 if algebra.is_whole(difference) else _SMALLEST)
    if not (answer and _is_limit(difference)) and not algebra.never_below(difference, more):
        _derivation_of(left, right).note("≥" if answer else ">", difference)
    return answer


def _is_limit(difference: Terms) -> bool:
    """Return whether it says no more than that a number is one that may be written."""
    return difference.get((), 0) >= LARGEST or (
        difference.get((), 0) >= 10_000 and sorted(difference.values())[:-1] == [-1]
    )


def _equal(left: Any, right: Any) -> bool:
    difference = algebra.plus(terms_of(left), terms_of(right), -1)
    if algebra.constant(difference) is not None:
        return not difference
    answer = value_of(left) == value_of(right)
    opposite = algebra.product(difference, {(): -1})
    if not answer and any(algebra.never_below(d, _SMALLEST) for d in (difference, opposite)):
        return False
    derivation = _derivation_of(left, right)
    rest = _rest_alone(difference)
    if rest is None:
        derivation.note("=" if answer else "≠", difference)
    else:
        derivation.note("|" if answer else "∤", *map(dict, rest.arguments))
    return answer


def _rest_alone(terms: Terms) -> Part | None:
    """Return the rest of a division, where the terms are that and nothing else."""
    atoms = [atom for monomial in terms for atom, _ in monomial]
    if len(terms) == len(atoms) == 1 and isinstance(atoms[0], Part):
        return atoms[0] if atoms[0].function == "rest" else None
    return None


def _ratio(left: Polynomial, right: Any) -> Any:
    value = left.value / value_of(right)
    exact = algebra.over(left.terms, terms_of(right))
    if exact is None:
        return left.derivation.part("ratio", value, left.terms, terms_of(right))
    return left._having(exact, value)


def _rest(left: Polynomial, right: Any) -> Any:
    derivation, divisor = left.derivation, terms_of(right)
    value = left.value % value_of(right)
    exact = algebra.over(left.terms, divisor)
    if exact is not None and (algebra.is_whole(exact) or derivation.divides(divisor, left.terms)):
        return 0
    return derivation.part("rest", value, left.terms, divisor)


def _quotient(left: Polynomial, right: Any) -> Any:
    derivation, divisor = left.derivation, terms_of(right)
    value = left.value // value_of(right)
    exact = algebra.over(left.terms, divisor)
    if exact is not None and (algebra.is_whole(exact) or derivation.divides(divisor, left.terms)):
        return left._having(exact, value)
    by = algebra.constant(divisor)
    if isinstance(by, int) and left.whole:
        return _floor(derivation, left.terms, by)
    if left.whole and left.terms.get(()) == -1:  # ⌊(h − 1) / s⌋ + 1 is ⌈h / s⌉
        return derivation.part("ceiling", value + 1, algebra.plus(left.terms, ONE), divisor) - 1
    return derivation.part("floor", value, left.terms, divisor)


def _floor(derivation: Derivation, terms: Terms, by: int) -> Any:
    """Return ⌊terms / by⌋, what divides taken out of it."""
    outside, inside, below = algebra.settled(terms, by)
    if algebra.constant(inside) is not None:
        return derivation.whole(outside)
    value = derivation.exact(inside) // below
    part = derivation.part("floor", value, inside, {(): below})
    return derivation.whole(algebra.plus(outside, part.terms))


def _extreme(function: str, choose: Callable[..., Any], numbers: tuple[Any, ...]) -> Any:
    """Return the one number that every design has as its extreme, or the extreme as a part."""
    sign = 1 if function == "max" else -1
    signed = [algebra.product(terms_of(number), {(): sign}) for number in numbers]
    kept = [algebra.product(terms, {(): sign}) for terms in algebra.undominated(signed)]
    value = choose([value_of(number) for number in numbers])
    derivation = _derivation_of(*numbers)
    if len(kept) > 1:
        return derivation.part(function, value, *sorted(kept, key=frozen_key))
    fixed = algebra.constant(kept[0])
    return Polynomial(derivation, kept[0], value) if fixed is None else value


def frozen_key(terms: Terms) -> tuple[object, ...]:
    """Return where terms stand among others: those of the highest powers first."""
    return tuple([algebra.sort_key(monomial) for monomial, _ in frozen(terms)])
