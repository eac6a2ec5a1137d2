"""Differences: layer by layer what was and what is, in rows that sum to the total."""

from collections.abc import Iterator

from bncalc._version import __version__
from bncalc.analysis.changes import Change
from bncalc.analysis.difference import Difference
from bncalc.analysis.metric import METRICS, additive, standard
from bncalc.change.explanation import Changed, FoldedNorms
from bncalc.model.op import Op
from bncalc.quantity import Unit, plural
from bncalc.render import units
from bncalc.render.changes import ChangeFilter, ChangeRow, because, entries
from bncalc.render.notes import assumed
from bncalc.render.table import Cell, Column, Holds, Row, Table

_SCHEMA = "bncalc.diff/1"
_HOLDS: dict[Unit, tuple[Holds, Holds]] = {
    "count": ("count", "change"),
    "bytes": ("bytes", "bytes change"),
}
"""What columns of an amount and of its change hold, by its unit."""
_MOST_CAUSES = 8
_SOME = 3
_SUMMARY = ("params", "macs", "activations", "weights", "peak")


def difference_view(
    old: str, new: str, designs: tuple[Changed, ...], choice: ChangeFilter
) -> Table:
    """Lay out what changed, design by design, each a line for the whole above its layers."""
    main, beside = METRICS[choice.by], METRICS[choice.beside]
    holds, change = _HOLDS[main.quantity]
    columns = (
        Column("mark", "", "text"),
        Column("path", "layer", "name"),
        Column(f"{main.key}_old", f"{main.title} before", holds),
        Column(main.key, f"{main.title} now", holds),
        Column(f"{main.key}_change", f"{main.title} change", change),
        Column(f"{beside.key}_change", f"{beside.title} change", "change"),
        Column("cause", "because", "text"),
    )
    rows: list[Row] = []
    lines: list[str] = []
    for design in designs:
        rows += _rows(design.difference, choice)
        lines += _notes(design, choice, several=len(designs) > 1)
    return Table(
        f"{old} → {new}",
        columns,
        tuple(rows),
        (*lines, assumed(designs[0].difference.report.assumptions, (choice.by, "peak"))),
        spare=(f"{main.key}_old", main.key, f"{beside.key}_change"),
    )


def _rows(difference: Difference, choice: ChangeFilter) -> Iterator[Row]:
    by, beside = choice.by, choice.beside
    grown = [
        Cell(difference.delta(word), remark=_growth(difference, word)) for word in (by, beside)
    ]
    whole = map(Cell, ("", difference.report.name, *difference.totals(by)))
    yield Row((*whole, *grown, Cell(_status(difference))), role="part")
    shown, rest = _chosen(difference, choice)
    for entry in shown:
        numbers = _numbers(difference, entry.changes, by)
        moved = _sum(difference, entry.changes, beside)
        cause = because(difference, entry)
        yield Row(tuple(map(Cell, (entry.mark, entry.path, *numbers, moved, cause))))
    if rest:
        changes = tuple(change for entry in rest for change in entry.changes)
        numbers, moved = _numbers(difference, changes, by), _sum(difference, changes, beside)
        yield Row(tuple(map(Cell, ("…", plural(len(rest), "more row"), *numbers, moved, ""))))


def _status(difference: Difference) -> str:
    if difference.old is None or difference.new is None:
        return "new" if difference.old is None else "removed"
    return "unchanged" if difference.is_empty else ""


def _growth(difference: Difference, word: str) -> str:
    """Return a growth in percent; what is new or removed has none."""
    old, new = difference.totals(word)
    return units.growth(old, new) if old and new and old != new else ""


def _chosen(
    difference: Difference, choice: ChangeFilter
) -> tuple[list[ChangeRow], list[ChangeRow]]:
    """Return the rows to show, and those that `top` leaves out."""
    if difference.old is None or difference.new is None:
        return [], []
    rows = list(entries(difference, choice))
    if choice.top is None:
        return rows, []
    rows.sort(key=lambda entry: -abs(_sum(difference, entry.changes, choice.by)))
    return rows[: choice.top], rows[choice.top :]


def _numbers(
    difference: Difference, changes: tuple[Change, ...], word: str
) -> tuple[int | None, int | None, int]:
    """Return what some layers came to, what they come to now, and by how much they have grown."""
    amounts = [difference.amounts(change, word) for change in changes]
    sides = [[each for each in side if each is not None] for side in zip(*amounts, strict=True)]
    old, new = (sum(side) if side else None for side in sides)
    return old, new, (new or 0) - (old or 0)


def _sum(difference: Difference, changes: tuple[Change, ...], word: str) -> int:
    return sum([difference.grown(change, word) for change in changes])


# What is said below the table


def _notes(design: Changed, choice: ChangeFilter, *, several: bool) -> Iterator[str]:
    difference = design.difference
    prefix = f"{difference.report.name}: " if several else ""
    if len(design.causes) > _MOST_CAUSES:
        yield f"{prefix}{len(design.causes)} written values changed; --format json has them"
    else:
        for cause in design.causes:
            place = f"was {cause.was}" if cause.was else cause.location
            yield f"{prefix}changed {cause.field} {cause.old} → {cause.new} ({place})"
    if difference.old is None or difference.new is None:
        return
    if not difference.changes:
        yield from (prefix + note for note in _names(difference))
        return
    folded = design.folded and design.folded()
    if folded is not None:
        yield prefix + _folded(folded)
    yield prefix + ", ".join(_change(difference, word) for word in _SUMMARY if word != choice.by)
    main = METRICS[choice.by]
    total = units.signed(difference.delta(choice.by), main.unit)
    number = len(difference.layers) - len(difference.changes)
    same = plural(number, "layer is unchanged", "layers are unchanged")
    yield f"{prefix}{same}. Total {main.title} {total} = the sum of the rows."
    yield from (prefix + note for note in _names(difference))


def _folded(folded: FoldedNorms) -> str:
    left = (
        plural(folded.left, "layer differs", "layers differ") if folded.left else "no layer differs"
    )
    return f"{folded.name} has its batch norms folded into its layers; with --fold-norm {left}"


def _names(difference: Difference) -> Iterator[str]:
    """Say how many layers differ only in their names, and some of them; of inputs, their order.

    Of outputs it says which are others.
    """
    if difference.put_out:
        old, new, _ = difference.put_out
        yield f"other maps are put out: {old or 'none'} → {new or 'none'}"
    if difference.reordered:
        yield f"the inputs are in another order now: {', '.join(difference.reordered)}"
    renamed = difference.renamed
    if not renamed:
        return
    some = [f"{change.old.path} → {change.path}" for change in renamed[:_SOME] if change.old]
    more = ", … (--all shows each)" if len(renamed) > _SOME else ""
    differ = plural(len(renamed), "layer differs", "layers differ")
    yield f"{differ} only in the name: {', '.join(some)}{more}"


def _change(difference: Difference, word: str) -> str:
    """Write a total: MACs 300,774,272 → 311,449,472 (+3.5 %)."""
    metric = METRICS[word]
    old, new = difference.totals(word)
    if old == new:
        return f"{metric.title} unchanged"
    before, now = (units.amount(number or 0, metric.unit) for number in (old, new))
    return f"{metric.title} {before} → {now} ({units.growth(old or 0, new or 0)})"


# JSON


def difference_document(old: str, new: str, designs: tuple[Changed, ...]) -> dict[str, object]:
    """Return one document: every layer that changed, with its numbers before and now."""
    return {
        "schema": _SCHEMA,
        "version": __version__,
        **designs[0].difference.report.assumptions.stated(),
        "old": old,
        "new": new,
        "designs": [_design(design) for design in designs],
    }


def _design(design: Changed) -> dict[str, object]:
    difference = design.difference
    status = "new" if difference.old is None else "removed" if difference.new is None else None
    return {
        "name": difference.report.name,
        "status": status or ("unchanged" if difference.is_empty else "changed"),
        "totals": {metric.key: _sides(*difference.totals(metric.key)) for metric in standard()},
        "causes": [cause.stated() for cause in design.causes],
        "layers": [_layer(difference, change) for change in difference.changes],
        "renamed": [
            {"old_path": change.old and change.old.path, "path": change.path}
            for change in difference.renamed
        ],
        **({"outputs": _sides(*difference.put_out[:2])} if difference.put_out else {}),
    }


def _layer(difference: Difference, change: Change) -> dict[str, object]:
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
        **{metric.key: _sides(*difference.amounts(change, metric.key)) for metric in additive()},
    }


def _plain(value: object) -> object:
    """Return a field's value as JSON can hold it: an op with its arguments is a text."""
    return str(value) if isinstance(value, Op) else value


def _sides(old: object, new: object) -> dict[str, object]:
    sides = {"old": old, "new": new}
    numbers = [value or 0 for value in (old, new) if value is None or type(value) is int]
    if len(numbers) < 2 or old is new is None:
        return sides
    return {**sides, "change": numbers[1] - numbers[0]}
