"""Witnesses: exact terms with their value at one design, and the questions that it answers.

Where the code asks a question (`if mid == cin`), the witness answers; unless the answer is the same
for every design, it is noted as a condition under which the formula holds.
"""

from __future__ import annotations

from typing import Any

from bncalc.model.field_types import LARGEST
from bncalc.named import NamedTuple
from bncalc.number import Plural
from bncalc.search import terms as algebra
from bncalc.search.bounds import never_below
from bncalc.search.terms import Atom, Composite, Exact, Frozen, Terms, frozen

_SMALLEST = 1e-15
"""What a fraction that is more than 0 is at least, as far as the proof of a question goes."""


class Condition(NamedTuple):
    """A statement that the witness decided: first > 0, ≥ 0, = 0 or ≠ 0, by its sign.

    With the sign `|`, second divides first; with `∤` it does not.
    """

    sign: str
    first: Frozen
    second: Frozen = ()


class Record:
    """What the atoms of one formula come to at the witness, and the conditions that were noted."""

    def __init__(self) -> None:
        self.values: dict[Atom, int | float] = {}
        self.conditions: dict[Condition, None] = {}

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

    def part(self, function: str, value: int | float, *arguments: Terms) -> Any:
        """Return a named part of the formula, such as ⌊a / b⌋, as a number."""
        raise NotImplementedError

    def whole(self, terms: Terms) -> Any:
        """Return whole terms as a number, a plain one where nothing in them varies."""
        raise NotImplementedError


class Witnessed(Plural):
    """Exact `terms`, and the plain number that the code would have in their place."""

    __slots__ = ("terms", "value")

    terms: Terms
    value: int | float

    @property
    def record(self) -> Record:
        """The formula that it is part of."""
        raise NotImplementedError

    def having(self, terms: Terms, value: int | float) -> Any:
        """Return other terms, or the plain number where nothing in them varies."""
        raise NotImplementedError


def terms_of(number: Any) -> Terms:
    """Return the terms of a polynomial or a plain number; of a float, as it is written."""
    if isinstance(number, Witnessed):
        return number.terms
    return algebra.tidy({(): algebra.exact(number)})


def value_of(number: Any) -> int | float:
    """Return a number at the witness."""
    plain: int | float = number.value if isinstance(number, Witnessed) else number
    return plain


def at_least(left: Any, right: Any) -> bool:
    """Return whether left ≥ right; note the answer unless every design gives the same."""
    answer = value_of(left) >= value_of(right)
    difference = algebra.plus(terms_of(left), terms_of(right), -1)
    if not answer:
        difference = algebra.product(difference, {(): -1})
    more = 0 if answer else (1 if algebra.is_whole(difference) else _SMALLEST)
    if not (answer and _is_limit(difference)) and not never_below(difference, more):
        _record_of(left, right).note("≥" if answer else ">", difference)
    return answer


def _is_limit(difference: Terms) -> bool:
    """Return whether it says no more than that a number is one that may be written."""
    return difference.get((), 0) >= LARGEST or (
        difference.get((), 0) >= 10_000 and sorted(difference.values())[:-1] == [-1]
    )


def equal(left: Any, right: Any) -> bool:
    """Return whether both are the same; note the answer unless every design gives the same."""
    difference = algebra.plus(terms_of(left), terms_of(right), -1)
    if algebra.constant(difference) is not None:
        return not difference
    answer = value_of(left) == value_of(right)
    opposite = algebra.product(difference, {(): -1})
    if not answer and any(never_below(d, _SMALLEST) for d in (difference, opposite)):
        return False
    record = _record_of(left, right)
    rest = _rest_alone(difference)
    if rest is None:
        record.note("=" if answer else "≠", difference)
    else:
        record.note("|" if answer else "∤", *map(dict, rest.arguments))
    return answer


def _rest_alone(terms: Terms) -> Composite | None:
    """Return the rest of a division, where the terms are that and nothing else."""
    atoms = [atom for monomial in terms for atom, _ in monomial]
    if len(terms) == len(atoms) == 1 and isinstance(atoms[0], Composite):
        return atoms[0] if atoms[0].function == "rest" else None
    return None


def _record_of(*numbers: Any) -> Record:
    return next(number.record for number in numbers if isinstance(number, Witnessed))
