"""Notes on a check: what the base had and is not checked any more, and what was loosened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bncalc.budget.base_choice import ChosenBase
from bncalc.budget.budgets import Budget, Budgets
from bncalc.budget.designs import MeasuredDesign
from bncalc.budget.loosening import loosened
from bncalc.budget.past import Departure, Past
from bncalc.budget.verdict import Note
from bncalc.change.snapshot import Snapshot, short_label


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
