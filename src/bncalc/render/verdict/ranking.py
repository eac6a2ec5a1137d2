"""What comes first: the worst; what says the same of many layers is put together."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain

from bncalc.budget.verdict import RULES, Check, Status, Verdict
from bncalc.quantity import first_few

_WORST_FIRST: dict[Status, int] = {"fail": 0, "warn": 1, "skip": 2, "pass": 3}


def severity(status: Status) -> int:
    """Return a key that sorts what is worst to the front."""
    return _WORST_FIRST[status]


def outcome(verdict: Verdict) -> Status:
    """Return what the verdict comes to: the worst; `skip` if nothing was checked at all."""
    if verdict.failed:
        return "fail"
    if verdict.count("warn"):
        return "warn"
    return "pass" if verdict.count("pass") else "skip"


def is_news(check: Check) -> bool:
    """Return whether a check did not pass, or is about a number that changed."""
    changed = check.base is not None and check.base != check.value
    return check.status != "pass" or changed


def news(verdict: Verdict) -> list[Check]:
    """Return what did not pass or changed, the worst first."""
    return sorted(filter(is_news, verdict.checks), key=lambda check: severity(check.status))


def findings(verdict: Verdict) -> list[Check]:
    """Return what failed and then what was warned of, each by how far it is beyond its bound."""
    checks = [check for check in verdict.checks if check.status in ("fail", "warn")]
    return sorted(checks, key=lambda check: (severity(check.status), _within(check)))


def _within(check: Check) -> Fraction:
    """Return how far a number is within its bound, in parts of the bound; negative is beyond."""
    if check.bound is None:
        return Fraction(0)
    within = check.bound - check.value
    if RULES[check.rule].name == "least":
        within = -within
    return Fraction(within, max(abs(check.bound), 1))


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
    path = first_few([check.subject.path for check in checks], _FEW)
    return [checks[0]._replace(subject=checks[0].subject._replace(path=path))]
