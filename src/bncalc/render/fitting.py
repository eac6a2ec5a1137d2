"""A table fitted to a screen: texts folded, names cut, numbers rounded, columns left out."""

from __future__ import annotations

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
    """A table and the width of each column; if `stacked`, ratios are under the numbers."""

    table: Table
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
    out is said in a note.
    """
    sheet = Sheet(table, tuple(_natural(table, stacked=False)))
    if room is None or sheet.width <= room:
        return sheet
    sheet = _squeezed(table, room)
    if sheet.width > room and not exact:
        sheet = _squeezed(_rounded(table), room)
    kept = sheet.table
    while sheet.width > room and len(sheet.widths) > 1:
        sheet = _squeezed(_without_one(sheet.table), room)
    left_out = tuple([column for column in kept.columns if column not in sheet.table.columns])
    return sheet._replace(table=_noted(sheet.table, left_out))


def _natural(table: Table, *, stacked: bool) -> list[int]:
    """Return the width of the widest cell of each column; headings stand across them."""
    rows = [row for row in table.rows if row.role != "heading"]
    widths = []
    for index, column in enumerate(table.columns):
        pieces = titles(column, stacked=stacked)
        for row in rows:
            pieces += _unfolded(row.cells[index], row, column, stacked)
        widths.append(max(map(breadth, pieces), default=0))
    return widths


def titles(column: Column, *, stacked: bool, room: int = 0) -> list[str]:
    """Return the lines of a column's title: where it may be `stacked`, as many as there must be."""
    title = printable(column.title)
    if not stacked:
        return [title]
    return folded(title, room or max(map(breadth, title.split()), default=0))


def _unfolded(cell: Cell, row: Row, column: Column, stacked: bool) -> tuple[str, ...]:
    """Return the lines of a cell before anything is folded or cut."""
    value, beside = text(cell, column), note(cell)
    if column.holds == "name":
        return ("  " * row.depth + value,)
    if column.bar:
        return ("".join(barred(cell, column)),)
    if not beside:
        return (value,)
    return (value, beside) if stacked else (f"{value} ({beside})",)


def barred(cell: Cell, column: Column) -> tuple[str, str]:
    """Return a share as a number and as a bar."""
    if not isinstance(cell.value, float):
        return "", ""
    bar = units.bar(cell.value, column.bar)
    return f"{text(cell, column):>7}{' ' if bar else ''}", bar


def _squeezed(table: Table, room: int) -> Sheet:
    """Fold texts as far as words allow, then cut names, as far as the room asks for."""
    widths = [min(width, room) for width in _natural(table, stacked=True)]
    for holds in ("text", "name"):
        least = {
            i: _least(table, i) for i, column in enumerate(table.columns) if column.holds == holds
        }
        over = sum(widths) + GAP * (len(widths) - 1) - room
        while over > 0 and (able := [i for i in least if widths[i] > least[i]]):
            widths[max(able, key=widths.__getitem__)] -= 1
            over -= 1
    return Sheet(table, tuple(widths), stacked=True)


def _least(table: Table, index: int) -> int:
    """Return the least width of a column: of texts that of the broadest word."""
    column = table.columns[index]
    if column.holds == "name":
        return _LEAST
    cells = [row.cells[index] for row in table.rows if row.role != "heading"]
    texts = [text(cell, column) for cell in cells]
    return max([_LEAST, *map(broadest_word, [column.title, *texts])])


def _rounded(table: Table) -> Table:
    """Return the table with large numbers as 1.85 G; a note says so if there are any."""
    rows, is_any = [], False
    for row in table.rows:
        cells = tuple(map(_rounded_cell, row.cells, table.columns))
        is_any = is_any or cells != row.cells
        rows.append(row._replace(cells=cells))
    if not is_any:
        return table
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
    note = f"no room for {titles}; a wider terminal or --format csv shows all"
    return table._replace(notes=(*table.notes, note))
