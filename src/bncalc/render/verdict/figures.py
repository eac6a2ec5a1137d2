"""The numbers of a check as people read them: exact, or rounded and never into a lie."""

from __future__ import annotations

from fractions import Fraction

from bncalc import quantity
from bncalc.analysis.metric import METRICS
from bncalc.budget.verdict import RULES, Check
from bncalc.render import units


def exact(number: int, metric: str) -> str:
    """Write a number of a metric to the last digit."""
    return quantity.exact(number, METRICS[metric].quantity)


def signed(number: int, metric: str) -> str:
    """Write a change to the last digit, with its sign."""
    return units.signed(number, METRICS[metric].quantity)


def short(number: int, check: Check) -> str:
    """Write a number for a table; bytes rounded where that keeps it on its side of the limit."""
    rounded = _amount(number, check)
    if check.bound is None or number == check.bound or _amount(check.bound, check) != rounded:
        return rounded
    return exact(number, check.metric)


def value(check: Check) -> str:
    """Write the number of a check for a table; a question mark where it is not known."""
    return "?" if check.known is None else short(check.known, check)


def change(check: Check) -> tuple[str, str]:
    """Return the change against the base, and the same in percent; both empty without a base."""
    if check.base is None:
        return "", ""
    delta = check.value - check.base
    if delta == 0:
        return "unchanged", ""
    return f"{units.sign(delta)}{_amount(abs(delta), check)}", relative(delta, check.base)


def relative(delta: int, base: int) -> str:
    """Write a change in percent of the base: +24.1 %; nothing where the base is nothing."""
    return units.growth(base, base + delta) if base and delta else ""


def limit(check: Check) -> str:
    """Write what is allowed, for a table."""
    if check.bound is None:
        return ""
    kind = RULES[check.rule].name
    if kind == "share":
        return check.written
    if kind == "growth":
        if check.written.endswith("%"):
            return f"+{check.written}"
        return f"+{_amount(check.bound - (check.base or 0), check)}"
    shown = _amount(check.bound, check)
    return f"≥ {shown}" if kind == "least" else shown


def _amount(number: int, check: Check) -> str:
    return units.amount(number, METRICS[check.metric].quantity)


def used(check: Check) -> str:
    """Return how much of what is allowed is used, in percent; empty where that says nothing."""
    part, whole = _used(check)
    return units.share(part, whole) if whole else ""


def used_share(check: Check) -> Fraction:
    """Return the same as a number, 0 where it says nothing."""
    part, whole = _used(check)
    return Fraction(part, whole) if whole else Fraction(0)


def _used(check: Check) -> tuple[int, int]:
    """Return how much is used of how much: of the limit, or of the growth that is allowed."""
    kind = RULES[check.rule].name
    if check.bound is None or kind == "least":
        return 0, 0
    start = (check.base or 0) if kind == "growth" else 0
    return max(0, check.value - start), max(0, check.bound - start)
