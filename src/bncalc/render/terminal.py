"""Tables for the terminal, and for a pipe: coloured or plain, as wide as there is room."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
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
        if not (self.has_colours and text):
            return text
        codes = ";".join(_CODES[style] for style in styles if style)
        return f"\x1b[{codes}m{text}\x1b[0m" if codes else text


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


StyledText = tuple[str, str]
"""A text and its style."""
StyledLine = tuple[StyledText, ...]


def _body(sheet: Sheet, screen: Screen) -> Iterator[str]:
    """Yield the titles of the columns, a rule, and the rows; nothing if there are none."""
    table = sheet.table
    if sheet.rows:
        yield from _titles(sheet, screen)
        yield "─" * sheet.width
    drawn = zip(
        *[_column(sheet, index, screen) for index in range(len(table.columns))], strict=True
    )
    for row in table.rows:
        if row.role == "heading":
            yield from _across(text(row.cells[0], table.columns[0]), screen, "bold")
            continue
        if row.role == "total":
            yield ""
        yield from _joined(next(drawn), sheet.widths)


def _titles(sheet: Sheet, screen: Screen) -> Iterator[str]:
    cells = []
    for column, width in zip(sheet.table.columns, sheet.widths, strict=True):
        lines = titles(column, stacked=sheet.stacked, room=width)
        cells.append([_set(((line, ""),), column, width, screen, "bold") for line in lines])
    high = max(map(len, cells), default=0)
    pairs = zip(cells, sheet.widths, strict=True)
    return _joined([[" " * width] * (high - len(c)) + c for c, width in pairs], sheet.widths)


def _column(sheet: Sheet, index: int, screen: Screen) -> Iterator[list[str]]:
    """Yield the lines of each cell of a column, each of them as wide as the column."""
    column, width, stacked = sheet.table.columns[index], sheet.widths[index], sheet.stacked
    for row, value in zip(sheet.rows, sheet.texts[index], strict=True):
        lines = _lines(row.cells[index], value, row, column, width, stacked)
        style = _STYLES[row.role]
        yield [_set(line, column, width, screen, style) for line in lines]


def _lines(
    cell: Cell, value: str, row: Row, column: Column, width: int, stacked: bool
) -> list[StyledLine]:
    """Return the lines of a cell, each within the width of its column."""
    if column.holds == "name":
        indent = " " * min(2 * row.depth, width // 2)
        return [((indent + cut(value, width - len(indent)), ""),)]
    if column.holds == "text":
        return [((line, cell.tone),) for line in folded(value, width)]
    if column.bar:
        number, bar = barred(cell, value, column)
        return [((number, cell.tone), (bar, "bar"))]
    whole = ((value, cell.tone),)
    beside = note(cell)
    if not beside:
        return [whole]
    style = cell.tone if cell.ratio is None else "good" if cell.ratio < 1 else "bad"
    return [whole, ((beside, style),)] if stacked else [(*whole, (f" ({beside})", style))]


def _set(line: StyledLine, column: Column, width: int, screen: Screen, style: str) -> str:
    """Return a line as wide as its column: texts to the left, numbers to the right."""
    drawn = "".join([piece for piece, _ in line])
    room = " " * (width - breadth(drawn))
    if screen.has_colours:
        drawn = "".join([screen.paint(piece, style, tone) for piece, tone in line])
    return drawn + room if column.is_text or column.bar else room + drawn


def _joined(cells: Sequence[list[str]], widths: Sequence[int]) -> Iterator[str]:
    """Yield the lines of a row: its cells side by side."""
    gap = " " * GAP
    for at in range(max(map(len, cells), default=0)):
        pairs = zip(cells, widths, strict=True)
        drawn = [lines[at] if at < len(lines) else " " * width for lines, width in pairs]
        yield gap.join(drawn).rstrip()
