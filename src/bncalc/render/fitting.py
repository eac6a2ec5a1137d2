"""A table fitted to a screen: texts folded, names cut, numbers rounded, columns left out."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.named import NamedTuple
from bncalc.printable import printable
from bncalc.render import units
from bncalc.render.breadth import breadth, broadest_word, folded
from bncalc.render.table import Cell, Column, Row, Table, note, text

GAP = 2
_LEAST = 16
"""Letters of a name, or of a text, that stay in any case."""
_ROUNDED = 10**6


class Sheet(NamedTuple):
    """A table, what its cells say and how wide its columns are; if `stacked`, ratios are below.

    `texts` are by column, a text for each of the `rows`: those that are no headings.
    """

    table: Table
    rows: tuple[Row, ...]
    texts: tuple[list[str], ...]
    widths: tuple[int, ...]
    stacked: bool = False

    @property
    def width(self) -> int:
        return sum(self.widths) + GAP * (len(self.widths) - 1)


def fitted(table: Table, room: int | None, *, exact: bool = False) -> Sheet:
    """Fit a table to some room, doing no more to it than is needed.

    In turn: ratios go under their numbers and texts are folded at words, names are cut from the
    left, numbers of a million and more are rounded unless they are to be `exact`, and columns are
    left out: those that the table can spare, then others from the right. What was rounded or left
    out is said in a note; what is left is rounded only if it still must be.
    """
    sheet = _natural(table, stacked=False)
    if room is None or sheet.width <= room:
        return sheet
    kept, sheet = table, _least_rounded(table, room, exact=exact)
    while sheet.width > room:  # one column always fits
        kept = _without_one(kept)
        sheet = _least_rounded(kept, room, exact=exact)
    left_out = tuple([column for column in table.columns if column not in kept.columns])
    return sheet._replace(table=_noted(sheet.table, left_out))


def _least_rounded(table: Table, room: int, *, exact: bool) -> Sheet:
    """Return a table that is folded and cut, its numbers rounded only if they must be."""
    sheet = _squeezed(table, room)
    return sheet if exact or sheet.width <= room else _squeezed(_rounded(table), room)


def _natural(table: Table, *, stacked: bool) -> Sheet:
    """Return each column as wide as its widest cell; headings stand across them."""
    rows = tuple([row for row in table.rows if row.role != "heading"])
    texts, widths = [], []
    for index, column in enumerate(table.columns):
        cells = [row.cells[index] for row in rows]
        values = [text(cell, column) for cell in cells]
        if column.holds == "name":
            pieces = ["  " * row.depth + value for row, value in zip(rows, values, strict=True)]
        else:
            pieces = _unfolded(cells, values, column, stacked)
        texts.append(values)
        widths.append(max(map(breadth, [*titles(column, stacked=stacked), *pieces])))
    return Sheet(table, rows, tuple(texts), tuple(widths), stacked)


def titles(column: Column, *, stacked: bool, room: int = 0) -> list[str]:
    """Return the lines of a column's title: where it may be `stacked`, as many as there must be."""
    title = printable(column.title)
    if not stacked:
        return [title]
    return folded(title, room or max(map(breadth, title.split()), default=0))


def _unfolded(
    cells: Sequence[Cell], values: Sequence[str], column: Column, stacked: bool
) -> list[str]:
    """Return the lines of cells before anything is folded or cut."""
    pairs = zip(cells, values, strict=True)
    if column.bar:
        return ["".join(barred(cell, value, column)) for cell, value in pairs]
    pieces = []
    for cell, value in pairs:
        beside = note(cell)
        if not beside:
            pieces.append(value)
        else:
            pieces += [value, beside] if stacked else [f"{value} ({beside})"]
    return pieces


def barred(cell: Cell, value: str, column: Column) -> tuple[str, str]:
    """Return a share as a number and as a bar."""
    if not isinstance(cell.value, float):
        return "", ""
    bar = units.bar(cell.value, column.bar)
    return f"{value:>7}{' ' if bar else ''}", bar


def _squeezed(table: Table, room: int) -> Sheet:
    """Fold texts as far as words allow, then cut names, as far as the room asks for."""
    sheet = _natural(table, stacked=True)
    widths = [min(width, room) for width in sheet.widths]
    for holds in ("text", "name"):
        least = {i: _least(sheet, i) for i, c in enumerate(table.columns) if c.holds == holds}
        over = sum(widths) + GAP * (len(widths) - 1) - room
        while over > 0 and (able := [i for i in least if widths[i] > least[i]]):
            widths[max(able, key=widths.__getitem__)] -= 1
            over -= 1
    return sheet._replace(widths=tuple(widths))


def _least(sheet: Sheet, index: int) -> int:
    """Return the least width of a column: of texts that of the broadest word."""
    column = sheet.table.columns[index]
    if column.holds == "name":
        return _LEAST
    return max([_LEAST, *map(broadest_word, [column.title, *sheet.texts[index]])])


def _rounded(table: Table) -> Table:
    """Return the table with large numbers as 1.85 G, which a note says."""
    rows = [
        row._replace(cells=tuple(map(_rounded_cell, row.cells, table.columns)))
        for row in table.rows
    ]
    note = "numbers of a million and more are rounded; --exact shows every digit"
    return table._replace(rows=tuple(rows), notes=(*table.notes, note))


def _rounded_cell(cell: Cell, column: Column) -> Cell:
    value = cell.value
    if not isinstance(value, int) or abs(value) < _ROUNDED:
        return cell
    if column.holds == "count":
        return cell._replace(value=units.short(value))
    if column.holds == "change":
        return cell._replace(value=f"{units.sign(value)}{units.short(abs(value))}")
    return cell


def _without_one(table: Table) -> Table:
    """Return the table without the column that is wanted least."""
    keys = [column.key for column in table.columns]
    at = next((keys.index(key) for key in table.spare if key in keys), len(keys) - 1)
    rows = [row._replace(cells=(*row.cells[:at], *row.cells[at + 1 :])) for row in table.rows]
    columns = (*table.columns[:at], *table.columns[at + 1 :])
    return table._replace(columns=columns, rows=tuple(rows))


def _noted(table: Table, left_out: tuple[Column, ...]) -> Table:
    if not left_out:
        return table
    titles = ", ".join(column.title or column.key for column in left_out)
    note = f"columns without room: {titles}; a wider terminal or --format csv shows them"
    return table._replace(notes=(*table.notes, note))
