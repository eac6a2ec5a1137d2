"""Findings that say the same of many layers, put together: people read them once."""

from __future__ import annotations

from itertools import chain

from bncalc.budget.verdict import RULES, Check, Verdict

_FEW = 3
"""Layers that are named; more are counted."""


def gathered(verdict: Verdict) -> Verdict:
    """Return the verdict with one check for all operations of a kind that are not counted.

    A few of a kind stay as they are, each with its place.
    """
    alike: dict[Check, list[Check]] = {}
    for check in verdict.checks:
        alike.setdefault(_what_it_says(check), []).append(check)
    return verdict._replace(checks=tuple(chain.from_iterable(map(_together, alike.values()))))


def _what_it_says(check: Check) -> Check:
    """Return a check without its layer, if it is one that says the same of each."""
    if RULES[check.rule].name != "uncounted":
        return check
    return check._replace(subject=check.subject._replace(path=""), location=check.budget_location)


def _together(checks: list[Check]) -> list[Check]:
    if len(checks) <= _FEW:
        return checks
    subject = checks[0].subject
    names = ", ".join([check.subject.path for check in checks[:_FEW]])
    path = f"{names} and {len(checks) - _FEW:,} more"
    return [checks[0]._replace(subject=subject._replace(path=path))]
