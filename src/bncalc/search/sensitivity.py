"""Sensitivity: by how many percent each number grows with 1 % more of each value.

It is the elasticity of the closed form at the present design, with what is rounded taken as if it
were not: a width of 16.4 channels counts as such.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from bncalc.analysis.assumptions import Assumptions
from bncalc.errors import BncalcError, UsageError
from bncalc.model.fields import describe
from bncalc.named import NamedTuple
from bncalc.number import is_number, is_whole
from bncalc.search.costing import Costing
from bncalc.search.polynomial import Derivation
from bncalc.search.subject import need_symbols
from bncalc.search.terms import Atom, Composite, Terms, evaluated
from bncalc.search.witness import terms_of


class Elasticity(NamedTuple):
    """A value, and the elasticity of each metric, by word; None of a metric that is 0."""

    name: str
    present: int | float
    elasticities: Mapping[str, float | None]


class Sensitivity(NamedTuple):
    """A row for each number that can vary, and the numbers now, by the word of their metric."""

    title: str
    rows: tuple[Elasticity, ...]
    amounts: Mapping[str, int]
    assumptions: Assumptions
    gaps: tuple[str, ...] = ()


def sensitivity(costing: Costing, names: tuple[str, ...] = ()) -> Sensitivity:
    """Return what 1 % more of each value costs; of those named, else of all that are numbers.

    Raises UsageError for one that is named and is no number, or not one that can grow, and for
    values of a model in another format, through which no symbols go.
    """
    words = [metric.word for metric in costing.metrics]
    amounts = dict(zip(words, costing({}), strict=True))
    asked = names or varying(costing)
    need_symbols(costing.subject, asked)
    rows = [_row(costing, name, words) for name in asked]
    for name, row in zip(names, rows, strict=False):
        if row is None:
            present = describe(costing.now.get(name))
            raise UsageError(
                f"--vary {name}: {name} is {present}, and 1 % more of that has no meaning"
            )
    kept = [row for row in rows if row is not None and (names or any(row.elasticities.values()))]
    title, gaps = costing.subject.title, tuple(costing.gaps)
    return Sensitivity(title, tuple(kept), amounts, costing.assumptions, gaps)


def varying(costing: Costing) -> tuple[str, ...]:
    """Return the numbers that can vary; of the sizes of a square map the one for all.

    A stride, groups, or what else is 1 has nothing that grows by 1 %, save the batch.
    """
    numbers = [name for name, value in costing.now.items() if _varies(name, value)]
    single = {"h", "w", "d"} if "size" in numbers else set()
    return tuple([name for name in numbers if name not in single])


def _varies(name: str, value: object) -> bool:
    if not is_number(value) or value <= 0:
        return False
    return name == "batch" or not (is_whole(value) and value == 1)


def _row(costing: Costing, name: str, words: list[str]) -> Elasticity | None:
    present = costing.now.get(name)
    if not is_number(present):
        return None
    derivation = Derivation()
    try:
        answers = costing({name: derivation.symbol(name, present)})
    except BncalcError:
        return None
    slopes = _Slopes(derivation)
    return Elasticity(
        name,
        present,
        {
            word: slopes.elasticity(terms_of(answer), float(present))
            for word, answer in zip(words, answers, strict=True)
        },
    )


class _Slopes:
    """Derivatives by the one symbol of a derivation, at its witness."""

    def __init__(self, derivation: Derivation) -> None:
        self._values = derivation.values

    def elasticity(self, terms: Terms, present: float) -> float | None:
        """Return the percent by which terms grow with 1 % more."""
        total = self.value(terms)
        return present * self.slope(terms) / total if total else None

    def value(self, terms: Terms) -> float:
        total: float = evaluated(terms, lambda atom: float(self._values[atom]))
        return float(total)

    def slope(self, terms: Terms) -> float:
        total = 0.0
        for monomial, factor in terms.items():
            product = self.value({monomial: factor})
            for atom, power in monomial:
                value = float(self._values[atom])
                if value:
                    total += product * power * self._of(atom) / value
        return total

    def _of(self, atom: Atom) -> float:
        if not isinstance(atom, Composite):
            return 1.0
        arguments = [dict(argument) for argument in atom.arguments]
        values, slopes = map(self.value, arguments), map(self.slope, arguments)
        return _derivative(atom.function, list(values), list(slopes))


def _derivative(function: str, values: list[float], slopes: list[float]) -> float:
    """Return the derivative of a part, from the values and slopes of its arguments."""
    first, slope = values[0], slopes[0]
    if function in ("floor", "ceiling", "ratio"):
        return (slope * values[1] - first * slopes[1]) / values[1] ** 2
    if function in ("max", "min"):
        choose = max if function == "max" else min
        reached = choose(values)  # where two meet, more of the value follows the one beyond
        return choose([s for v, s in zip(values, slopes, strict=True) if v == reached])
    if function == "power":
        power: float = first ** values[1]
        return power * (slopes[1] * math.log(first) + values[1] * slope / first)
    factors = {"log": 1 / first, "sqrt": 0.5 / abs(first) ** 0.5, "rest": 0.0} if first else {}
    return slope * (math.exp(first) if function == "exp" else factors.get(function, 1.0))
