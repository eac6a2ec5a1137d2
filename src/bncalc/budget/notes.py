"""Notes on a check: what the base had and is not checked any more, and what was loosened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import get_args

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.metric import METRICS
from bncalc.budget.base_choice import ChosenBase
from bncalc.budget.budgets import Budget, Budgets, Level, Limit, Missing
from bncalc.budget.designs import MeasuredDesign
from bncalc.budget.past import Departure, Past
from bncalc.budget.pattern import Pattern
from bncalc.budget.verdict import Note
from bncalc.change.snapshot import Snapshot, short_label
from bncalc.model.device import Device
from bncalc.quantity import Quantity


def notes_on(
    budgets: Budgets,
    chosen: ChosenBase,
    past: Past,
    held: Sequence[tuple[Budget, Sequence[MeasuredDesign]]],
) -> tuple[Note, ...]:
    """Return what there is to say beside the checks, of the base first."""
    notes = [Note("base", remark) for remark in chosen.remarks]
    if chosen.snapshot is not None:
        notes += _of_budgets(budgets, chosen, chosen.snapshot)
        notes += _of_departures(past, chosen.snapshot, held)
    return tuple(notes)


def _of_budgets(budgets: Budgets, chosen: ChosenBase, base: Snapshot) -> Iterator[Note]:
    if chosen.budgets is None or chosen.budgets == budgets:
        return
    phrases = loosened(chosen.budgets, budgets)
    if phrases:
        yield Note(
            "loosened",
            f"{budgets.path} allows more than in {short_label(base)}: {'; '.join(phrases)}",
        )


def _of_departures(
    past: Past, base: Snapshot, held: Sequence[tuple[Budget, Sequence[MeasuredDesign]]]
) -> Iterator[Note]:
    """Say once of each design that is gone under which budgets it was."""
    budgets: dict[Departure, list[str]] = {}
    checked = {str(design.alone) for _, designs in held for design in designs}
    for budget, designs in held:
        for departure in past.departures(budget, designs):
            budgets.setdefault(departure, []).append(repr(budget.name))
    for departure, names in budgets.items():
        what = _what_became_of(departure, base, past, checked)
        yield Note(
            "gone",
            f"{departure.name} {what}; in {short_label(base)} it was under {', '.join(names)}",
        )


def _what_became_of(departure: Departure, base: Snapshot, past: Past, checked: set[str]) -> str:
    if departure.is_here:
        return "is under another budget now" if departure.name in checked else "has no budget now"
    if successor := past.successor(departure.place):
        return f"is {successor} now, under another budget"
    moved = base.moved_to(departure.place.file)
    return f"is {moved} now, which has no budget" if moved else "is gone"


_LEVELS: tuple[Level, ...] = ("off", "warn", "error")
_MISSING: tuple[Missing, ...] = get_args(Missing)
"""From the weakest to the strictest, both."""
_SIGNS = {"max": "<=", "min": ">=", "growth": "growth <="}


def loosened(old: Budgets, new: Budgets) -> tuple[str, ...]:
    """Return what the new budgets ask less of than the old, or ask otherwise, a phrase each.

    Budgets are the same if their names are. What is asked besides, or more strictly, is left out.
    """
    by_name = {budget.name: budget for budget in new.budgets}
    phrases = [*_of_the_file(old, new)]
    for budget in old.budgets:
        now = by_name.get(budget.name)
        if now is not None:
            phrases += [f"{budget.name}: {phrase}" for phrase in _of_budget(budget, now)]
        elif budget.level != "off":
            phrases.append(f"{budget.name}: the budget is gone")
    return tuple(phrases)


def _of_the_file(old: Budgets, new: Budgets) -> Iterator[str]:
    was, now = old.base, new.base
    for name, *values in zip(Assumptions._fields, old.assumptions, new.assumptions, strict=True):
        yield from _became(f"assume {name}", *values)
    yield from _became("assume input", old.input, new.input)
    yield from _became("base ref", was.ref, now.ref)
    if _MISSING.index(now.missing) < _MISSING.index(was.missing):
        yield f"base missing {was.missing} → {now.missing}"
    if now.ignore_below > was.ignore_below:
        yield f"base ignore_below {_percent(was.ignore_below)} → {_percent(now.ignore_below)}"
    required, require = _written(old.require), _written(new.require)
    for pattern in required:
        if pattern not in require and pattern[0] != "!":
            yield f"{pattern} is no longer required"
    for pattern in require:
        if pattern not in required and pattern[0] == "!":
            yield f"require {pattern} is new"


def _of_budget(old: Budget, new: Budget) -> Iterator[str]:
    if _LEVELS.index(new.level) < _LEVELS.index(old.level):
        yield f"level {old.level} → {new.level}"
    yield from _became("scope", old.scope, new.scope)
    for word, was, now in (("models", old.models, new.models), ("match", old.match, new.match)):
        if _narrower(was, now):
            yield f"{word} {_listed(was)} → {_listed(now)}"
    yield from _of_device(old.device, new.device)
    limits = {(limit.kind, limit.metric): limit for limit in new.limits}
    for limit in old.limits:
        yield from _of_limit(limit, limits.get((limit.kind, limit.metric)))


def _of_device(old: Device | None, new: Device | None) -> Iterator[str]:
    """Yield how a device differs but for its sizes, which are limits."""
    if old is None or new is None:
        return
    for what in ("name", "core", "reserved_ram", "reserved_flash"):
        of = "" if what == "name" else f" {what.replace('_', ' ')}"
        yield from _became(f"device{of}", getattr(old, what), getattr(new, what))


def _became(what: str, old: object, new: object) -> Iterator[str]:
    if old != new:
        yield f"{what} {_shown(old)} → {_shown(new)}"


def _of_limit(old: Limit, new: Limit | None) -> Iterator[str]:
    name = f"{METRICS[old.metric].name} {_SIGNS[old.kind]}"
    if old.hard is not None and _weaker(old, old.hard, new and new.hard):
        yield f"{name} {old.hard.written} → {_quantity(new and new.hard)}"
    if old.warn is not None and _weaker(old, old.warn, new and new.warn):
        yield f"{name} {old.warn.written} (warning) → {_quantity(new and new.warn)}"


def _weaker(limit: Limit, old: Quantity, new: Quantity | None) -> bool:
    if new is None or new.share != old.share:
        return True
    return new.number < old.number if limit.kind == "min" else new.number > old.number


def _narrower(old: tuple[Pattern, ...], new: tuple[Pattern, ...]) -> bool:
    """Return whether patterns may choose less than they did; none of them choose everything."""
    were, are = _written(old), _written(new)
    if not were or not are:
        return bool(are)
    kept = [pattern for pattern in are if pattern in were]
    takes_out_more = any(pattern[0] == "!" and pattern not in were for pattern in are)
    return kept != were or takes_out_more


def _written(patterns: tuple[Pattern, ...]) -> list[str]:
    return [f"{'!' if pattern.without else ''}{pattern.text}" for pattern in patterns]


def _listed(patterns: tuple[Pattern, ...]) -> str:
    return ", ".join(_written(patterns)) or "everything"


def _quantity(quantity: Quantity | None) -> str:
    return "none" if quantity is None else quantity.written


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g}%"


def _shown(value: object) -> str:
    """Write a value of an assumption as the budget file does."""
    if isinstance(value, tuple):
        return str(getattr(value, "name", None) or "x".join(map(str, value)))
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)
