"""Formulas derived for tests, and what their texts say."""

from typing import Any

from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.metric import METRICS
from bncalc.search.costing import Costing
from bncalc.search.formula import DerivedFormula, formula, witness_of
from bncalc.search.subject import subject_of

WORDS = ("params", "macs", "peak", "traffic", "training")


def derived(
    model: str, *names: str, words: tuple[str, ...] = WORDS, **asked: Any
) -> DerivedFormula:
    costing = Costing(subject_of(model), STANDARD, [METRICS[word] for word in words])
    return formula(costing, witness_of(costing, {**dict.fromkeys(names), **asked}))


def line(text: str, title: str) -> str:
    """Return the right side of an equation of the text."""
    lines = [each for each in text.splitlines() if each.startswith(f"{title} ")]
    return lines[0].partition("= ")[2]
