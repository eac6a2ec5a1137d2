"""Division of polynomials: exact where it comes out, else a named part such as ⌊a / b⌋."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bncalc.search import terms as algebra
from bncalc.search.terms import ONE, Terms
from bncalc.search.witness import terms_of, value_of

if TYPE_CHECKING:
    from bncalc.search.polynomial import Derivation, Polynomial


def ratio(left: Polynomial, right: Any) -> Any:
    """Return a fraction of two numbers."""
    value = left.value / value_of(right)
    exact = algebra.over(left.terms, terms_of(right))
    if exact is None:
        return left.derivation.part("ratio", value, left.terms, terms_of(right))
    return left.having(exact, value)


def rest(left: Polynomial, right: Any) -> Any:
    """Return what is left over; nothing where it was noted that the right side divides."""
    derivation, divisor = left.derivation, terms_of(right)
    value = left.value % value_of(right)
    exact = algebra.over(left.terms, divisor)
    if exact is not None and (algebra.is_whole(exact) or derivation.divides(divisor, left.terms)):
        return 0
    return derivation.part("rest", value, left.terms, divisor)


def quotient(left: Polynomial, right: Any) -> Any:
    """Return how many times the right side goes into the left, rounded down."""
    derivation, divisor = left.derivation, terms_of(right)
    value = left.value // value_of(right)
    exact = algebra.over(left.terms, divisor)
    if exact is not None and (algebra.is_whole(exact) or derivation.divides(divisor, left.terms)):
        return left.having(exact, value)
    by = algebra.constant(divisor)
    if isinstance(by, int) and left.whole:
        return floor(derivation, left.terms, by)
    if left.whole and left.terms.get(()) == -1:  # ⌊(h − 1) / s⌋ + 1 is ⌈h / s⌉
        return derivation.part("ceiling", value + 1, algebra.plus(left.terms, ONE), divisor) - 1
    return derivation.part("floor", value, left.terms, divisor)


def floor(derivation: Derivation, terms: Terms, by: int) -> Any:
    """Return ⌊terms / by⌋, what divides taken out of it."""
    outside, inside, below = algebra.settled(terms, by)
    if algebra.constant(inside) is not None:
        return derivation.whole(outside)
    value = derivation.exact(inside) // below
    part = derivation.part("floor", value, inside, {(): below})
    return derivation.whole(algebra.plus(outside, part.terms))
