"""A verification laid out: what agrees, or the first rows that do not."""

from __future__ import annotations

from bncalc._version import __version__
from bncalc.model.shape import shown
from bncalc.quantity import plural
from bncalc.render import units
from bncalc.render.table import Cell, Column, Row, Table
from bncalc.writers.verification import TOTAL, Mismatch, Verification

_SCHEMA = "bncalc.verify/1"
_MOST = 20
_LONGEST_TITLE = 16
"""Longer names stand in the title alone, in their order, so that both columns have room."""


def verification_view(verification: Verification) -> Table:
    """Lay out the rows that differ, the first of them where there are many."""
    name, against = verification.name, verification.against
    own = [each for each in verification.mismatches if not each.follows]
    following = [each for each in verification.mismatches if each.follows]
    if not _layers(own):
        own, following = [*own, *following], []
    renamed = any(each.there for each in own[:_MOST])
    is_long = max(map(len, (name, against))) > _LONGEST_TITLE
    ours, theirs = ("first", "second") if is_long else (name, against)
    columns = (
        Column("path", verification.of, "text"),
        *([Column("there", "there", "text")] if renamed else []),
        Column("what", "what", "text"),
        Column("ours", ours, "text"),
        Column("theirs", theirs, "text"),
    )
    layers = plural(verification.compared, verification.of)
    if verification.agrees:
        whole = (
            f"the one {verification.of} compared" if verification.compared == 1 else f"all {layers}"
        )
        title = f"{name} agrees with {against} in {whole}"
        return Table(title, columns, (), verification.notes)
    rows = [_row(each, renamed) for each in own[:_MOST]]
    hidden = len(own) - len(rows)
    more = [f"{plural(hidden, 'more difference')} not shown"] if hidden else []
    if following:
        others = plural(_layers(following), f"further {verification.of}")
        more.append(f"numbers of {others} differ only because their inputs do")
    notes = (*more, *verification.notes)
    where, all_of = plural(_layers(own), verification.of), units.count(verification.compared)
    title = f"{name} and {against} differ in {where}; {all_of} were compared"
    return Table(title, columns, tuple(rows), notes, spare=("there",))


def _layers(mismatches: list[Mismatch]) -> int:
    """Count the layers that differ; the totals are none."""
    return len({each.path for each in mismatches} - {TOTAL})


def _row(mismatch: Mismatch, renamed: bool) -> Row:
    _, what, ours, theirs, there, _ = mismatch
    paths = [mismatch.path, there or ""] if renamed else [mismatch.path]
    return Row(tuple(map(Cell, (*paths, what, _text(ours), _text(theirs)))))


def verification_document(verification: Verification) -> dict[str, object]:
    """Return the verification as data, every difference of it."""
    return {
        "schema": _SCHEMA,
        "version": __version__,
        "name": verification.name,
        "against": verification.against,
        "agrees": verification.agrees,
        f"{verification.of}s": verification.compared,
        "notes": verification.notes,
        "differences": [each._asdict() for each in verification.mismatches],
    }


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return shown(value)
    return units.count(value) if isinstance(value, int) else str(value or "–")
