"""Differences: layer by layer what was and what is, in rows that sum to the total."""

from collections.abc import Iterator
from pathlib import Path

from bncalc._version import __version__
from bncalc.analysis.difference import ADDITIVE, Change, Difference
from bncalc.change.explanation import Changed
from bncalc.change.reasons import Cause
from bncalc.model.op import Op
from bncalc.render import json, units
from bncalc.render.changes import Choice, Entry, because, entries
from bncalc.render.metrics import METRICS
from bncalc.render.notes import assumed
from bncalc.render.table import Cell, Column, Holds, Row, Table
from bncalc.zoo import file_of

SCHEMA = "bncalc.diff/1"
SUMMED = tuple(word for word in METRICS if METRICS[word].column.key in ADDITIVE)
"""What the rows of a difference can be about."""
_MOST_CAUSES = 8
_TOLD = ("params", "macs", "activations", "weights", "peak")


def difference_view(old: str, new: str, found: tuple[Changed, ...], choice: Choice) -> Table:
    """Lay out what changed, design by design, each a line for the whole above its layers."""
    main, beside = (METRICS[word].column for word in (choice.by, choice.beside))
    change: Holds = "bytes change" if main.holds == "bytes" else "change"
    columns = (
        Column("mark", "", "text"),
        Column("path", "layer", "name"),
        Column(f"{main.key}_old", f"{main.title} before", main.holds),
        Column(main.key, f"{main.title} now", main.holds),
        Column(f"{main.key}_change", "change", change),
        Column(f"{beside.key}_change", f"{beside.title} change", "change"),
        Column("cause", "because", "text"),
    )
    rows: list[Row] = []
    lines: list[str] = []
    for one in found:
        rows += _rows(one.difference, choice)
        lines += _notes(one, choice, several=len(found) > 1)
    return Table(
        f"{old} → {new}",
        columns,
        tuple(rows),
        (*lines, assumed(found[0].difference.report.assumptions, (choice.by, "peak"))),
    )


def _rows(found: Difference, choice: Choice) -> Iterator[Row]:
    key, beside = METRICS[choice.by].column.key, METRICS[choice.beside].column.key
    grown = [Cell(found.delta(one), remark=_growth(found, one)) for one in (key, beside)]
    whole = map(Cell, ("", found.report.name, *found.totals(key)))
    yield Row((*whole, *grown, Cell(_status(found))), role="part")
    shown, rest = _chosen(found, choice)
    for one in shown:
        numbers = _numbers(found, one.changes, key)
        moved = _sum(found, one.changes, beside)
        yield Row(tuple(map(Cell, (one.mark, one.path, *numbers, moved, because(one)))))
    if rest:
        changes = tuple(change for one in rest for change in one.changes)
        numbers, moved = _numbers(found, changes, key), _sum(found, changes, beside)
        yield Row(tuple(map(Cell, ("…", f"{len(rest)} more rows", *numbers, moved, ""))))


def _status(found: Difference) -> str:
    if found.old is None or found.new is None:
        return "new" if found.old is None else "removed"
    return "" if found.changes else "unchanged"


def _growth(found: Difference, key: str) -> str:
    """Return a growth in percent; what is new or removed has none."""
    old, new = found.totals(key)
    return units.growth(old, new) if old and new and old != new else ""


def _chosen(found: Difference, choice: Choice) -> tuple[list[Entry], list[Entry]]:
    """Return the rows to show, and those that `top` leaves out."""
    if found.old is None or found.new is None:
        return [], []
    rows = list(entries(found, choice))
    if choice.top is None:
        return rows, []
    key = METRICS[choice.by].column.key
    rows.sort(key=lambda one: -abs(_sum(found, one.changes, key)))
    return rows[: choice.top], rows[choice.top :]


def _numbers(
    found: Difference, changes: tuple[Change, ...], key: str
) -> tuple[int | None, int | None, int]:
    """Return what some layers came to, what they come to now, and by how much they have grown."""
    amounts = [found.amounts(one, key) for one in changes]
    sides = [[one for one in side if one is not None] for side in zip(*amounts, strict=True)]
    old, new = (sum(side) if side else None for side in sides)
    return old, new, (new or 0) - (old or 0)


def _sum(found: Difference, changes: tuple[Change, ...], key: str) -> int:
    return sum(found.grown(one, key) for one in changes)


# What is said below the table


def _notes(one: Changed, choice: Choice, *, several: bool) -> Iterator[str]:
    found = one.difference
    prefix = f"{found.report.name}: " if several else ""
    if len(one.causes) > _MOST_CAUSES:
        yield f"{prefix}{len(one.causes)} written values changed; --format json has them"
    else:
        yield from (f"{prefix}changed {_blame(cause)}" for cause in one.causes)
    if found.old is None or found.new is None or not found.changes:
        return
    yield prefix + ", ".join(_told(found, word) for word in _TOLD if word != choice.by)
    column = METRICS[choice.by].column
    total = units.signed(found.delta(column.key), is_bytes=column.holds == "bytes")
    as_were = f"{len(found.layers) - len(found.changes)} layers are as they were"
    yield f"{prefix}{as_were}. Total {column.title} {total} = the sum of the rows."


def _blame(cause: Cause) -> str:
    place, path = cause.location, Path(cause.location.path)
    if path.parent == Path(file_of("resnet50")).parent:
        place = place._replace(path=path.name)  # shipped: wherever that is on this machine
    return f"{cause.field} {cause.old} → {cause.new} ({place})"


def _told(found: Difference, word: str) -> str:
    """Write a total: MACs 300,774,272 → 311,449,472 (+3.5 %)."""
    column = METRICS[word].column
    old, new = found.totals(column.key)
    if old == new:
        return f"{column.title} unchanged"
    sides = units.size if column.holds == "bytes" else units.count
    return (
        f"{column.title} {sides(old or 0)} → {sides(new or 0)} ({units.growth(old or 0, new or 0)})"
    )


# JSON


def difference_document(old: str, new: str, found: tuple[Changed, ...]) -> str:
    """Return one document: every layer that changed, with its numbers before and now."""
    document = {
        "schema": SCHEMA,
        "version": __version__,
        **json.assumed(found[0].difference.report.assumptions),
        "old": old,
        "new": new,
        "designs": [_design(one) for one in found],
    }
    return json.text(document)


def _design(one: Changed) -> dict[str, object]:
    found = one.difference
    status = "new" if found.old is None else "removed" if found.new is None else None
    totals = {name: _sides(*found.totals(name)) for name in found.report.totals._fields}
    return {
        "name": found.report.name,
        "status": status or ("changed" if found.changes else "unchanged"),
        "totals": totals,
        "causes": [
            {
                "field": cause.field,
                "old": cause.old,
                "new": cause.new,
                "location": cause.location._asdict(),
            }
            for cause in one.causes
        ],
        "layers": [_layer(found, change) for change in found.changes],
    }


def _layer(found: Difference, change: Change) -> dict[str, object]:
    old, new = change.old, change.new
    return {
        "path": change.path,
        "old_path": old and old.path,
        "change": {"+": "added", "-": "removed", "~": "changed"}[change.mark],
        "follows": change.follows,
        "op": _sides(old and old.op, new and new.op),
        "input": _sides(old and old.inputs, new and new.inputs),
        "output": _sides(old and old.output, new and new.output),
        "fields": {name: _sides(_plain(a), _plain(b)) for name, a, b in change.fields},
        **{name: _sides(*found.amounts(change, name)) for name in ADDITIVE},
    }


def _plain(value: object) -> object:
    """Return a field's value as JSON can hold it: an op with its arguments is a text."""
    return str(value) if isinstance(value, Op) else value


def _sides(old: object, new: object) -> dict[str, object]:
    sides = {"old": old, "new": new}
    numbers = [one or 0 for one in (old, new) if one is None or type(one) is int]
    if len(numbers) < 2 or old is new is None:
        return sides
    return {**sides, "change": numbers[1] - numbers[0]}
