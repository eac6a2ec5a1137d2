"""Division of polynomials: exact where it comes out, else a named part such as ⌊a / b⌋."""

from __future__ import annotations

from typing import Any

from bncalc.number import is_whole
from bncalc.search import terms as algebra
from bncalc.search.terms import ONE, Terms
from bncalc.search.witness import Record, Witnessed, terms_of, value_of


def ratio(left: Witnessed, right: Any) -> Any:
    """Return a fraction of two numbers."""
    value = left.value / value_of(right)
    exact = algebra.over(left.terms, terms_of(right))
    if exact is None:
        return left.record.part("ratio", value, left.terms, terms_of(right))
    return left.having(exact, value)


def rest(left: Witnessed, right: Any) -> Any:
    """Return what is left over; nothing where it was noted that the right side divides."""
    record, divisor = left.record, terms_of(right)
    value = left.value % value_of(right)
    exact = algebra.over(left.terms, divisor)
    if exact is not None and (algebra.is_whole(exact) or record.divides(divisor, left.terms)):
        return 0
    return record.part("rest", value, left.terms, divisor)


def quotient(left: Witnessed, right: Any) -> Any:
    """Return how many times the right side goes into the left, rounded down."""
    record, divisor = left.record, terms_of(right)
    value = left.value // value_of(right)
    exact = algebra.over(left.terms, divisor)
    if exact is not None and (algebra.is_whole(exact) or record.divides(divisor, left.terms)):
        return left.having(exact, value)
    by = algebra.constant(divisor)
    if isinstance(by, int) and is_whole(left.value):
        return floor(record, left.terms, by)
    if is_whole(left.value) and left.terms.get(()) == -1:  # ⌊(h − 1) / s⌋ + 1 is ⌈h / s⌉
        return record.part("ceiling", value + 1, algebra.plus(left.terms, ONE), divisor) - 1
    return record.part("floor", value, left.terms, divisor)


def floor(record: Record, terms: Terms, by: int) -> Any:
    """Return ⌊terms / by⌋, what divides taken out of it; ⌊−x / d⌋ as −⌊(x + d − 1) / d⌋."""
    outside, inside, below = algebra.settled(terms, by)
    if algebra.constant(inside) is not None:
        return record.whole(outside)
    is_below = all(factor < 0 for monomial, factor in inside.items() if monomial)
    if is_below and algebra.is_whole(inside):
        above = floor(record, algebra.plus({(): below - 1}, inside, -1), below)
        return record.whole(algebra.plus(outside, terms_of(above), -1))
    value = record.exact(inside) // below
    part = record.part("floor", value, inside, {(): below})
    return record.whole(algebra.plus(outside, part.terms))
