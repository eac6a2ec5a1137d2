"""What comes first: the worst."""

from __future__ import annotations

from fractions import Fraction

from bncalc.budget.verdict import RULES, Check, Status, Verdict

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
