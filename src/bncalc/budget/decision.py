"""The decision: one number against its limit, in whole numbers and exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from bncalc.budget.budgets import Limit
from bncalc.budget.verdict import Status
from bncalc.named import NamedTuple
from bncalc.quantity import Quantity


class Decision(NamedTuple):
    """What came of it, the bound that decided, as a whole number and as written, and why not."""

    rule: str
    status: Status
    bound: int | None
    written: str
    reason: str = ""


class Amount(NamedTuple):
    """A number, and what percentages are of: the number of the model, or for growth the base's."""

    value: int
    whole: int


def decide(limit: Limit, sides: Amount, ignore_below: Fraction = Fraction(0)) -> Decision:
    """Hold a number to a limit: `fail` beyond the hard one, `warn` beyond the other."""
    decided = None
    levels: tuple[tuple[Quantity | None, Status], ...] = (
        (limit.warn, "warn"),
        (limit.hard, "fail"),
    )
    for quantity, status in levels:
        if quantity is None:
            continue
        bound = _bound(limit, quantity, sides.whole, ignore_below)
        broken = sides.value < bound if limit.kind == "min" else sides.value > bound
        if broken or decided is None or decided.status == "pass":
            rule = _rule(limit, quantity)
            decided = Decision(rule, status if broken else "pass", bound, quantity.written)
    assert decided is not None
    return decided


def over_by(limit: Limit, sides: Amount, ignore_below: Fraction = Fraction(0)) -> int:
    """Return by how much a number is beyond the hard limit: at most zero where it is kept."""
    assert limit.hard is not None
    bound = _bound(limit, limit.hard, sides.whole, ignore_below)
    return bound - sides.value if limit.kind == "min" else sides.value - bound


def worse(limit: Limit, now: Amount, before: Amount, ignore_below: Fraction) -> bool:
    """Tell whether a number is farther on the wrong side of its limit than it was in the base."""
    is_share = any(bound.share for bound in (limit.hard, limit.warn) if bound)
    then, here = (
        Fraction(amount.value, amount.whole or 1) if is_share else Fraction(amount.value)
        for amount in (before, now)
    )
    change = then - here if limit.kind == "min" else here - then
    return change > 0 and change >= ignore_below * then


def _bound(limit: Limit, quantity: Quantity, whole: int, ignore_below: Fraction) -> int:
    """Return the whole number that decides: the largest that passes, of `min` the smallest."""
    exact = quantity.of(whole)
    if limit.kind == "min":
        return ceil(exact)
    if limit.kind == "max":
        return floor(exact)
    unchanged = ceil(ignore_below * whole) - 1  # what is smaller counts as no change
    return whole + max(floor(exact), unchanged)


def _rule(limit: Limit, quantity: Quantity) -> str:
    if limit.kind == "growth":
        return "BN201"
    if limit.kind == "min":
        return "BN103"
    return "BN102" if quantity.share else "BN101"
