"""Tables for the terminal, and for a pipe: coloured or plain, never a number cut."""

from __future__ import annotations

import io
import os
from itertools import groupby
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from bncalc.printable import printable
from bncalc.render.table import Column, Row, Table, full, note, text

_NATURAL = 10_000
_LEAST_NAME = 12
_GAP = 2
_STYLES = {"layer": "", "part": "bold", "total": "bold"}
_TONES = {"": "", "good": "green", "warning": "yellow", "bad": "red"}


def render(table: Table, stream: TextIO) -> str:
    """Return the table as the stream can show it: its width, and colour where it has any."""
    console = _console(stream)
    with console.capture() as captured:
        draw(table, console, wrap_notes=stream.isatty())
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def draw(table: Table, console: Console, *, wrap_notes: bool = True) -> None:
    """Print the table: ratios beside the numbers where there is room, under them where not."""
    screen = console.width
    wide = _width(table, one_line=True, names=True) <= screen
    console.print(Text(printable(table.title), style="bold"))
    # What does not fit, the terminal wraps; a number is never cut.
    console.width = max(screen, _width(table, one_line=wide))
    if any(row.role == "heading" for row in table.rows):
        _draw_under_headings(table, console, one_line=wide)
    else:
        console.print(_drawn(table, one_line=wide))
    console.width = screen
    for line in table.notes:
        console.print(Text(printable(line), style="dim"), soft_wrap=not wrap_notes)


def fits(table: Table, stream: TextIO) -> bool:
    """Tell whether a stream has room for every row on one line."""
    return _width(table, one_line=True, names=True) <= _console(stream).width


def _draw_under_headings(table: Table, console: Console, *, one_line: bool) -> None:
    """Print the column titles once, then what each heading stands over, all in the same columns."""
    widths = _fitted(table, _widths(table, one_line=one_line), console.width)
    if any(row.role != "heading" for row in table.rows):
        console.print(_drawn(table._replace(rows=()), one_line=one_line, widths=widths))
    for are_headings, rows in groupby(table.rows, key=lambda row: row.role == "heading"):
        if are_headings:
            for row in rows:
                console.print(Text(text(row.cells[0], table.columns[0]), style="bold"))
        else:
            part = table._replace(rows=tuple(rows))
            console.print(_drawn(part, one_line=one_line, widths=widths))


def _fitted(table: Table, widths: list[int], room: int) -> list[int]:
    """Return the widths of columns with texts folded as far as the room asks for."""
    over = sum(widths) + _GAP * (len(widths) - 1) - room
    fitted = list(widths)
    for index, column in enumerate(table.columns):
        if column.holds in ("name", "text") and over > 0:
            fitted[index] = max(min(widths[index], _LEAST_NAME), widths[index] - over)
            over -= widths[index] - fitted[index]
    return fitted


def _console(stream: TextIO) -> Console:
    terminal = stream.isatty()
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdigit() and int(columns) else None
    if width is None and not terminal:
        width = _NATURAL
    console = Console(file=io.StringIO() if not terminal else stream, width=width, highlight=False)
    return console


def _width(table: Table, *, one_line: bool, names: bool = False) -> int:
    """Return the width that the table takes; text may be folded unless `names` must be whole."""
    total = _GAP * (len(table.columns) - 1) + _pad(table)
    for column, widest in zip(table.columns, _widths(table, one_line=one_line), strict=True):
        folds = column.holds in ("name", "text") and not names
        total += min(widest, _LEAST_NAME) if folds else widest
    return total


def _pad(table: Table) -> int:
    """Return the room that Rich keeps behind a last column of text, in place of a letter.

    Under headings every column is given its width, and nothing but the pad is lost.
    """
    headings = any(row.role == "heading" for row in table.rows)
    return int(table.columns[-1].holds in ("name", "text") and not headings)


def _widths(table: Table, *, one_line: bool) -> list[int]:
    """Return the width of the widest cell of each column; headings stand across them."""
    rows = [row for row in table.rows if row.role != "heading"]
    found = []
    for index, column in enumerate(table.columns):
        pieces = [column.title] if one_line else column.title.split()
        for row in rows:
            cell = row.cells[index]
            indent = "  " * row.depth if column.holds == "name" else ""
            shown = full(cell, column), note(cell)
            pieces += [indent + shown[0]] if one_line else [indent + text(cell, column), shown[1]]
        found.append(max(map(cell_len, pieces), default=0))
    return found


def _drawn(table: Table, *, one_line: bool, widths: list[int] | None = None) -> RichTable:
    """Lay the rows out; with given widths they are a part of a table, titles without rows too."""
    drawn = RichTable(
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        show_header=widths is None or not table.rows,
    )
    given = [None] * len(table.columns) if widths is None else widths
    for column, width in zip(table.columns, given, strict=True):
        left = column.holds in ("text", "name", "bar")
        title = column.title if one_line else column.title.replace(" ", "\n")
        drawn.add_column(
            Text(title),
            justify="left" if left else "right",
            no_wrap=column.holds not in {"name", "text"},
            overflow="fold",
            width=width,
            min_width=_least(table, column) if widths is None else None,
        )
    for row in table.rows:
        if row.role == "total" and row is table.rows[-1]:
            drawn.add_section()
        drawn.add_row(*_cells(row, table.columns, one_line), style=_STYLES[row.role])
    return drawn


def _least(table: Table, column: Column) -> int | None:
    """Return the width that a name keeps on a narrow screen, folded where it is longer."""
    if column.holds not in ("name", "text"):
        return None
    index = table.columns.index(column)
    names = (text(row.cells[index], column) for row in table.rows)
    return min(_LEAST_NAME, max(map(cell_len, names), default=0))


def _cells(row: Row, columns: tuple[Column, ...], one_line: bool) -> list[Text]:
    found = []
    for cell, column in zip(row.cells, columns, strict=True):
        if column.holds == "name":
            found.append(Text("  " * row.depth + text(cell, column)))
            continue
        value, ratio = text(cell, column), note(cell)
        shown = Text(value, style="cyan" if column.holds == "bar" else _TONES[cell.tone])
        if ratio and ratio != "=":
            style = _TONES[cell.tone]
            if cell.ratio is not None:
                style = "green" if cell.ratio < 1 else "red"
            shown.append(" " if one_line else "\n")
            shown.append(f"({ratio})" if one_line else ratio, style=style)
        found.append(shown)
    return found
