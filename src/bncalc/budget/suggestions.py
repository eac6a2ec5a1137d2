"""Mending: each design that breaks a budget gets the single edits after which it would keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from bncalc.analysis.metric import METRICS, analyses
from bncalc.analysis.report import Report
from bncalc.budget.budgets import Budget, Budgets, Limit
from bncalc.budget.decision import over_by
from bncalc.budget.designs import MeasuredDesign
from bncalc.budget.parts import PartNumbers, paths
from bncalc.budget.verdict import Check
from bncalc.errors import BncalcError, Location
from bncalc.language.selection import SUFFIXES
from bncalc.mending.fix import Fix
from bncalc.mending.fixes import fixes
from bncalc.mending.trial import Ceiling
from bncalc.named import NamedTuple
from bncalc.opening.kinds import LANGUAGE, kind_of
from bncalc.opening.model import Overrides, request_of
from bncalc.zoo import MODELS

MOST_DESIGNS = 10
"""Fixes are looked for in no more designs of a run."""


class CheckSource(NamedTuple):
    """A check, and the budget, limit and design that it comes of."""

    check: Check
    budget: Budget
    limit: Limit
    design: MeasuredDesign


def mended(
    held: Iterable[CheckSource], budgets: Budgets, progress: Callable[[int, int], None]
) -> tuple[Check, ...]:
    """Return the checks, those that are broken with the fixes that there are.

    Fixes are looked for in YAML files alone, and not in those that are shipped.
    """
    held = list(held)
    failed = [each for each in held if each.check.status == "fail"]
    broken = {each.design.key: each.design for each in failed}
    answers: dict[int, tuple[Fix, ...] | None] = {}
    designs = [design for design in broken.values() if _is_file(design)][:MOST_DESIGNS]
    for number, design in enumerate(designs):
        progress(number, len(designs))
        own = [k for k, each in enumerate(held) if each.design.key == design.key and _binds(each)]
        answers.update(zip(own, _fixes(design, [held[k] for k in own], budgets), strict=True))
    return tuple([_with(each, answers.get(k)) for k, each in enumerate(held)])


def _with(held: CheckSource, fixes: tuple[Fix, ...] | None) -> Check:
    """Return a check with the fixes that were found, or with why none were looked for."""
    others = held.check.status == "fail" and kind_of(held.design.alone.path) != LANGUAGE
    unmended = (
        "none is looked for: only files in bncalc's own language can be edited" if others else ""
    )
    return held.check._replace(fixes=fixes, unmended=unmended)


def _is_file(design: MeasuredDesign) -> bool:
    path = design.alone.path
    return path not in MODELS and path.lower().endswith(SUFFIXES)


def _binds(held: CheckSource) -> bool:
    """Return whether a check has a hard bound that an edit has to keep."""
    check = held.check
    return held.limit.hard is not None and check.bound is not None and check.status != "skip"


def _fixes(
    design: MeasuredDesign, held: list[CheckSource], budgets: Budgets
) -> tuple[tuple[Fix, ...] | None, ...]:
    ignored = budgets.base.ignore_below
    bounds = [_bound(each, ignored) for each in held]
    rules = dict.fromkeys((each.budget, each.limit) for each in held)
    bounds += [
        _bound_of_new_parts(budget, limit, set(paths(budget, design.version.report)))
        for budget, limit in rules
        if budget.scope != "model" and limit.kind != "growth"
    ]
    overrides = Overrides(input=budgets.input)
    assumptions = design.version.report.assumptions
    try:
        request = request_of(design.alone, overrides)
        answers = fixes(request, assumptions, tuple(bounds), changed=_changed(held))
    except BncalcError:  # the file is not what it was a moment ago
        return (None,) * len(held)
    return answers[: len(held)]


def _changed(held: Iterable[CheckSource]) -> set[Location]:
    """Return the places of the values to blame."""
    reasons = [each.check.why for each in held if each.check.why is not None]
    return {cause.location for why in reasons for cause in why.causes}


def _bound(held: CheckSource, ignore_below: Fraction) -> Ceiling:
    """Return the limit as what a number may be at most: by how much it is over, and zero."""
    check, limit = held.check, held.limit
    path, metric, base = check.subject.path, check.metric, check.base

    def over(report: Report) -> int | None:
        amount = PartNumbers(report).amount(metric, path)
        if amount is None:
            return None
        if limit.kind == "growth":
            assert base is not None, "growth without a base has no bound"
            return over_by(limit, amount._replace(whole=base), ignore_below)
        return over_by(limit, amount)

    return Ceiling(_in_words(limit, path), over, 0, analyses([METRICS[metric]]))


def _bound_of_new_parts(budget: Budget, limit: Limit, seen: set[str]) -> Ceiling:
    """Return the limit for parts that an edit can bring, beside those that checks have seen."""

    def over(report: Report) -> int:
        numbers = PartNumbers(report)
        new = [path for path in paths(budget, report) if path not in seen]
        amounts = [numbers.amount(limit.metric, path) for path in new]
        return max([over_by(limit, amount) for amount in amounts if amount], default=0)

    return Ceiling("", over, 0)


def _in_words(limit: Limit, path: str) -> str:
    """Return a limit in a few words: `head MACs <= 4M`."""
    assert limit.hard is not None
    sign = ">=" if limit.kind == "min" else "<="
    words = (path, METRICS[limit.metric].name, "growth" if limit.kind == "growth" else "", sign)
    return " ".join(filter(None, (*words, limit.hard.written)))
