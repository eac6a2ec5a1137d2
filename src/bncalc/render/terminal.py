"""Tables for the terminal, and for a pipe: coloured or plain, as wide as there is room."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from typing import TextIO

from bncalc.named import NamedTuple
from bncalc.printable import printable
from bncalc.render.breadth import breadth, cut, folded
from bncalc.render.fitting import GAP, Sheet, barred, fitted, titles
from bncalc.render.table import Cell, Column, Row, Table, note, text

_CODES = {"bold": "1", "dim": "2", "bad": "31", "good": "32", "warning": "33", "bar": "36"}
_STYLES = {"layer": "", "part": "bold", "total": "bold", "heading": "bold"}


class Screen(NamedTuple):
    """What a stream can show: its width, none if that has no end, and colours."""

    width: int | None
    has_colours: bool = False

    def paint(self, text: str, *styles: str) -> str:
        """Return a text in its styles, as far as the screen can show them."""
        codes = ";".join(_CODES[style] for style in styles if style)
        return f"\x1b[{codes}m{text}\x1b[0m" if codes and text and self.has_colours else text


def screen_of(stream: TextIO) -> Screen:
    """Return what a stream can show; `COLUMNS` and `NO_COLOR` have the last word."""
    is_terminal = stream.isatty()
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() and len(columns) < 6 and int(columns) else None
    if width is None and is_terminal:
        width = shutil.get_terminal_size().columns
    return Screen(width, is_terminal and not os.environ.get("NO_COLOR") and _has_colours())


def _has_colours() -> bool:
    if sys.platform == "win32":  # the old console shows the codes as they are
        return bool(os.environ.get("WT_SESSION") or os.environ.get("TERM"))
    return os.environ.get("TERM", "dumb") not in ("dumb", "unknown")


def render(table: Table, stream: TextIO, *, exact: bool = False) -> str:
    """Return the table as the stream can show it: its width, and colour if it has any."""
    return draw(table, screen_of(stream), exact=exact)


def prose(text: str, stream: TextIO) -> str:
    """Return lines of text folded to the stream's width; `  why  what` hangs under its second."""
    room = screen_of(stream).width
    if room is None:
        return f"{text}\n"
    shown = []
    for line in text.splitlines():
        label = re.match(r"\s+\S+\s+", line)
        start = label[0] if label and len(label[0]) < room // 2 else ""
        hang = len(start) or 2
        first, *rest = folded(line[len(start) :], room - hang)
        shown += [start + first, *(" " * hang + piece for piece in rest)]
    return "\n".join(shown) + "\n"


def fits(table: Table, stream: TextIO) -> bool:
    """Tell whether a stream has room for every row on one line."""
    room = screen_of(stream).width
    return room is None or fitted(table, None).width <= room


def draw(table: Table, screen: Screen, *, exact: bool = False) -> str:
    """Return the table as a screen can show it."""
    sheet = fitted(table, screen.width, exact=exact)
    drawn = [*_across(table.title, screen, "bold"), *_body(sheet, screen)]
    for line in sheet.table.notes:
        drawn += _across(line, screen, "dim")
    return "\n".join(drawn) + "\n"


def _across(line: str, screen: Screen, style: str) -> list[str]:
    """Return a text that stands across the columns, folded to the screen."""
    line = printable(line)
    pieces = [line] if screen.width is None else folded(line, screen.width)
    return [screen.paint(piece, style) for piece in pieces]


def _body(sheet: Sheet, screen: Screen) -> Iterator[str]:
    """Yield the titles of the columns, a rule, and the rows; nothing if there are none."""
    rows = sheet.table.rows
    if any(row.role != "heading" for row in rows):
        yield from _titles(sheet, screen)
        yield "─" * sheet.width
    for row in rows:
        if row.role == "heading":
            yield from _across(text(row.cells[0], sheet.table.columns[0]), screen, "bold")
            continue
        if row.role == "total" and row is rows[-1]:
            yield ""
        yield from _joined(
            [
                _lines(cell, row, column, width, sheet.stacked)
                for cell, column, width in zip(
                    row.cells, sheet.table.columns, sheet.widths, strict=True
                )
            ],
            sheet,
            screen,
            _STYLES[row.role],
        )


Piece = tuple[str, str]
"""A text and its style."""
Line = tuple[Piece, ...]


def _titles(sheet: Sheet, screen: Screen) -> Iterator[str]:
    cells: list[list[Line]] = []
    for column, width in zip(sheet.table.columns, sheet.widths, strict=True):
        lines = titles(column, stacked=sheet.stacked, room=width)
        cells.append([((line, ""),) for line in lines])
    high = max(map(len, cells), default=0)
    above: Line = ()
    return _joined([[above] * (high - len(cell)) + cell for cell in cells], sheet, screen, "bold")


def _lines(cell: Cell, row: Row, column: Column, width: int, stacked: bool) -> list[Line]:
    """Return the lines of a cell, each within the width of its column."""
    if column.holds == "name":
        indent = " " * min(2 * row.depth, width // 2)
        return [((indent + cut(text(cell, column), width - len(indent)), ""),)]
    if column.holds == "text":
        return [((line, cell.tone),) for line in folded(text(cell, column), width)]
    if column.bar:
        number, bar = barred(cell, column)
        return [((number, cell.tone), (bar, "bar"))]
    value = ((text(cell, column), cell.tone),)
    beside = note(cell)
    if not beside:
        return [value]
    style = cell.tone if cell.ratio is None else "good" if cell.ratio < 1 else "bad"
    return [value, ((beside, style),)] if stacked else [(*value, (f" ({beside})", style))]


def _joined(cells: list[list[Line]], sheet: Sheet, screen: Screen, style: str) -> Iterator[str]:
    """Yield the lines of a row: its cells side by side, texts to the left, numbers to the right."""
    for at in range(max(map(len, cells), default=0)):
        drawn = ""
        room = 0
        for shown, column, width in zip(cells, sheet.table.columns, sheet.widths, strict=True):
            pieces = shown[at] if at < len(shown) else ()
            used = sum([breadth(piece) for piece, _ in pieces])
            before = 0 if column.is_text or column.bar else width - used
            if used:
                painted = [screen.paint(piece, style, tone) for piece, tone in pieces]
                drawn += "".join([" " * (room + before), *painted])
                room = width - used - before + GAP
            else:
                room += width + GAP
        yield drawn
