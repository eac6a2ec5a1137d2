"""Bounds: what terms are at least in every design, as far as their signs show it."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc.search import terms as algebra
from bncalc.search.terms import Exact, Monomial, Terms


def never_below(terms: Terms, limit: Exact | float) -> bool:
    """Return whether the terms are at least `limit` in every design, as far as the signs show it.

    m² − 2mn + n² is not recognised.
    """
    return _shows(terms, limit) or _shows(_without_floors(terms), limit)


def _shows(terms: Terms, limit: Exact | float) -> bool:
    """Return whether the signs show it: each atom is its least value and what is not negative.

    Where no factor is negative then, the constant is the least there is.
    """
    total: dict[Monomial, Exact] = {}
    for monomial, factor in terms.items():
        if any(power < 0 for _, power in monomial):
            total[monomial] = factor
            continue
        spread: Terms = {(): factor}
        for atom, power in monomial:
            for _ in range(power):
                spread = algebra.product(spread, {((atom, 1),): 1, (): atom.least})
        total = algebra.plus(total, spread)
    return total.pop((), 0) >= limit and all(factor >= 0 for factor in total.values())


def _without_floors(terms: Terms) -> Terms:
    """Return what is not above the terms: ⌊a / b⌋ is at least (a − b + 1) / b, at most a / b."""
    low: Terms = {}
    for monomial, factor in terms.items():
        part = monomial[0][0] if len(monomial) == 1 and monomial[0][1] == 1 else None
        if part is None or not algebra.is_floor(part):
            low = algebra.plus(low, {monomial: factor})
            continue
        number, by = dict(part.arguments[0]), algebra.constant(dict(part.arguments[1]))
        assert isinstance(by, int)
        bound = algebra.plus(number, {(): by - 1}, -1) if factor > 0 else number
        low = algebra.plus(low, bound, algebra.quotient(factor, by))
    return low


def least(terms: Terms) -> int:
    """Return what terms without a negative factor are at least; 0 of others."""
    if any(factor < 0 for factor in terms.values()):
        return 0
    lowest = {
        monomial: a for monomial, a in terms.items() if all(power > 0 for _, power in monomial)
    }
    return int(algebra.evaluated(lowest, lambda atom: atom.least))


def undominated(several: Iterable[Terms]) -> list[Terms]:
    """Return the terms of which no others are never below them: what a maximum can be."""
    kept: list[Terms] = []
    for terms in several:
        if any(never_below(algebra.plus(other, terms, -1), 0) for other in kept):
            continue
        kept = [other for other in kept if not never_below(algebra.plus(terms, other, -1), 0)]
        kept.append(terms)
    return kept
