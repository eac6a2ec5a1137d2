"""Formulas: what a subject costs in terms of the values that vary, and under which conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bncalc.analysis.assumptions import Assumptions
from bncalc.errors import UsageError, hint_for
from bncalc.model.fields import describe
from bncalc.named import NamedTuple
from bncalc.number import is_number
from bncalc.search import terms as algebra
from bncalc.search.conditions import Requirement, statements
from bncalc.search.costing import Costing
from bncalc.search.polynomial import Derivation
from bncalc.search.subject import need_symbols
from bncalc.search.terms import Atom, Symbol, Terms
from bncalc.search.witness import terms_of

_TYPICAL = {"mid": 64, "out": 256}
"""Where a formula is derived for a field that has no value of its own."""


class DerivedFormula(NamedTuple):
    """The terms of each metric, by its word; `witness` are the values at which they were found.

    `atoms` are the values that vary and then the parts that are worked out from them.
    """

    title: str
    witness: Mapping[str, int | float]
    terms: Mapping[str, Terms]
    numbers: Mapping[str, int]
    conditions: tuple[Requirement, ...]
    atoms: tuple[Atom, ...]
    assumptions: Assumptions
    gaps: tuple[str, ...] = ()


def formula(costing: Costing, witness: Mapping[str, int | float]) -> DerivedFormula:
    """Derive formulas at a witness; raise the error that the design itself would raise.

    Raises UsageError for values of a model in another format, through which no symbols go.
    """
    need_symbols(costing.subject, witness)
    derivation = Derivation()
    free = costing.subject.variables
    symbols = {
        name: derivation.symbol(name, value, free=name in free) for name, value in witness.items()
    }
    answers = costing(symbols)
    words = [metric.word for metric in costing.metrics]
    numbers = costing(witness)
    terms = {word: terms_of(answer) for word, answer in zip(words, answers, strict=True)}
    conditions = tuple(statements(derivation.conditions))
    return DerivedFormula(
        title=costing.subject.title,
        witness=witness,
        terms=terms,
        numbers=dict(zip(words, numbers, strict=True)),
        conditions=conditions,
        atoms=_used(derivation, terms, conditions),
        assumptions=costing.assumptions,
        gaps=tuple(costing.gaps),
    )


def _used(
    derivation: Derivation, terms: Mapping[str, Terms], conditions: Iterable[Requirement]
) -> tuple[Atom, ...]:
    """Return the values that vary, and the parts that anything is made of."""
    sides = [side for condition in conditions for side in (condition.left, condition.right)]
    used = set[Atom]().union(*map(algebra.atoms_in, [*terms.values(), *sides]))
    return tuple([atom for atom in derivation.values if isinstance(atom, Symbol) or atom in used])


def witness_of(costing: Costing, asked: Mapping[str, object]) -> dict[str, int | float]:
    """Return where to derive a formula: what is asked for, else what the subject has now.

    Raises UsageError for what the subject has not, and for what is not a number.
    """
    witness: dict[str, int | float] = {}
    now, title = costing.now, costing.subject.title
    for name, value in asked.items():
        if name not in now:
            hint = hint_for(name, now)
            raise UsageError(f"--vary {name}: {title} has no such value{hint}")
        present = now[name] if value is None else value
        present = _TYPICAL.get(name) if present is None else present
        if isinstance(now[name], (list, tuple)):
            seen = f"is {describe(now[name])}, not a number"
            right = f"vary one of them: --vary '{name}[0]'"
            if name == "input" and "size" in now:  # which sets as many rows as columns
                right = "vary all of its sizes: --vary size"
            raise UsageError(f"--vary {name}: {name} {seen}; {right}")
        if present is None:
            right = f"give a number at which to derive the formula: --vary {name}=64"
            raise UsageError(f"--vary {name}: {name} has no value of its own; {right}")
        if not is_number(present):
            seen = describe(present)
            raise UsageError(f"--vary {name}: {name} is {seen}; a formula takes only numbers")
        witness[name] = present
    return witness
