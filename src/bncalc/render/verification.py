"""A verification laid out: what agrees, or the first rows that do not."""

from __future__ import annotations

from bncalc._version import __version__
from bncalc.model.shape import shown
from bncalc.quantity import plural
from bncalc.render import json, units
from bncalc.render.table import Cell, Column, Row, Table
from bncalc.writers.verification import Verification

_SCHEMA = "bncalc.verify/1"
_MOST = 20


def verification_view(verification: Verification) -> Table:
    """Lay out the rows that differ, the first of them where there are many."""
    name, against = verification.name, verification.against
    columns = (
        Column("path", verification.of, "name"),
        Column("what", "what", "text"),
        Column("ours", name, "text"),
        Column("theirs", against, "text"),
    )
    layers = plural(verification.compared, verification.of)
    if verification.agrees:
        title = f"{name} agrees with {against} in all {layers}"
        return Table(title, columns, (), verification.notes)
    rows = [
        Row((Cell(each.path), Cell(each.what), Cell(_text(each.ours)), Cell(_text(each.theirs))))
        for each in verification.mismatches[:_MOST]
    ]
    hidden = len(verification.mismatches) - len(rows)
    more = [f"{plural(hidden, 'more difference')} not shown"] if hidden else []
    notes = (*more, *verification.notes)
    many = units.count(len(verification.mismatches))
    title = f"{name} and {against} differ in {many} of the numbers of {layers}"
    return Table(title, columns, tuple(rows), notes)


def verification_document(verification: Verification) -> str:
    """Return the verification as JSON, every difference of it."""
    return json.text(
        {
            "schema": _SCHEMA,
            "version": __version__,
            "name": verification.name,
            "against": verification.against,
            "agrees": verification.agrees,
            f"{verification.of}s": verification.compared,
            "notes": verification.notes,
            "differences": [each._asdict() for each in verification.mismatches],
        }
    )


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return shown(value)
    return units.count(value) if isinstance(value, int) else str(value or "–")
