"""Conditions: what must hold for a formula, in the fewest and plainest statements."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, lcm

from bncalc.named import NamedTuple
from bncalc.search import terms as algebra
from bncalc.search.bounds import never_below
from bncalc.search.terms import Atom, Composite, Terms
from bncalc.search.witness import Condition


class Requirement(NamedTuple):
    """Two sides and the sign between them: ≥ > ≤ < = ≠, or | and ∤ (left divides right)."""

    left: Terms
    sign: str
    right: Terms


def statements(conditions: Iterable[Condition]) -> list[Requirement]:
    """Return what conditions say, leaving out what follows from another one."""
    reduced = list(dict.fromkeys(map(_reduced, conditions)))
    return [
        _statement(condition)
        for place, condition in enumerate(reduced)
        if not any(
            _implies(other, condition) and not (at > place and _implies(condition, other))
            for at, other in enumerate(reduced)
            if at != place
        )
    ]


def _reduced(condition: Condition) -> Condition:
    """Return a condition in its smallest whole factors, without what both sides share."""
    if condition.sign in "|∤":
        return condition
    condition = _without_rounding(condition)
    terms = dict(condition.first)
    factors = terms.values()
    most = gcd(*[factor.numerator for factor in factors])
    scale = algebra.quotient(lcm(*[factor.denominator for factor in factors]), most)
    shared = algebra.shared(terms) if len(terms) > 1 else ()
    inverse = tuple([(atom, -power) for atom, power in shared if atom.least > 0])
    least = algebra.frozen(algebra.product(terms, {inverse: scale}))
    if condition.sign in "=≠" and least[0][1] < 0:  # 64 − x = 0 says what x − 64 = 0 does
        least = algebra.frozen(algebra.product(dict(least), {(): -1}))
    return condition._replace(first=least)


def _without_rounding(condition: Condition) -> Condition:
    """Return ⌈x⌉ ≥ k as x > k − 1 and ⌊x / d⌋ ≥ k as x ≥ k·d, which say the same.

    And ⌈x⌉ ≠ 0 as x > 0 if x is not below.
    """
    terms = dict(condition.first)
    atom = next((monomial[0][0] for monomial in terms if len(monomial) == 1), None)
    if not isinstance(atom, Composite) or set(terms) - {((atom, 1),), ()}:
        return condition
    factor, below = terms[((atom, 1),)], terms.get((), 0)
    rounded, *divisor = map(dict, atom.arguments)
    is_up = atom.function == "ceil"
    if is_up and condition.sign == "≠" and not below and never_below(rounded, 0):
        return Condition(">", algebra.frozen(rounded))
    if condition.sign != "≥" or factor < 0:
        return condition
    if is_up:
        return Condition(">", algebra.frozen(algebra.plus(rounded, {(): 1 + below // factor})))
    by = algebra.constant(divisor[0]) if atom.function == "floor" else None
    if not isinstance(by, int):
        return condition
    return condition._replace(
        first=algebra.frozen(algebra.plus(rounded, {(): below // factor * by}))
    )


def _implies(given: Condition, condition: Condition) -> bool:
    if given.sign == condition.sign == "|" and given.second == condition.second:
        times = algebra.over(dict(condition.first), dict(given.first))
        return times is not None and isinstance(algebra.constant(times), int)
    if given.sign == "=":
        return _settles(dict(given.first), condition)
    if given.sign not in "≥>":
        return False
    if condition.sign == "≠":
        return _is_positive_with(dict(condition.first), dict(given.first))
    if condition.sign not in "≥>":
        return False
    more = algebra.plus(dict(condition.first), dict(given.first), -1)
    slack = 1 if condition.sign == ">" and given.sign == "≥" else 0
    return never_below(more, slack)


def _settles(terms: Terms, condition: Condition) -> bool:
    """Return whether a·x − b = 0, by which x has one value, leaves nothing open in a condition."""
    atoms = algebra.atoms_in(terms)
    single = len(atoms) == 1 and set(terms) <= {(), *[((atom, 1),) for atom in atoms]}
    sides = [dict(condition.first), dict(condition.second)]
    others = set[Atom]().union(*map(algebra.atoms_in, sides)) - atoms
    return single and all(isinstance(atom, Composite) for atom in others)


def _is_positive_with(terms: Terms, given: Terms) -> bool:
    """Return whether x ≠ 0 follows from a·x − b ≥ 0, b above 0."""
    single = len(terms) == 1 and () not in terms
    if not single or not given.get((), 0) < 0:
        return False
    (needed,) = [dict(monomial) for monomial in terms]
    return all(
        factor > 0 and needed.items() <= dict(monomial).items()
        for monomial, factor in given.items()
        if monomial
    )


def _statement(condition: Condition) -> Requirement:
    """Return both sides of a condition, what is taken away put on the other side."""
    if condition.sign in "|∤":
        return Requirement(dict(condition.second), condition.sign, dict(condition.first))
    terms = dict(condition.first)
    left = {monomial: factor for monomial, factor in terms.items() if factor > 0}
    right = {monomial: -factor for monomial, factor in terms.items() if factor < 0}
    sign = condition.sign
    if not any(left):  # 5 > x reads better as x < 5
        left, right, sign = right, left, {"≥": "≤", ">": "<"}.get(sign, sign)
    return Requirement(left, sign, right)
