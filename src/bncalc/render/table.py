"""A table as data: columns that know what they hold, rows that know what they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from bncalc.named import NamedTuple
from bncalc.printable import printable
from bncalc.render import units

Holds = Literal[
    "text", "name", "count", "bytes", "number", "seconds", "share", "change", "bytes change"
]
Tone = Literal["", "good", "warning", "bad"]


class Column(NamedTuple):
    """A column: `key` is its name in machine formats, `title` the one that people read.

    On a terminal a share, a number from 0 to 1, has a bar of at most `bar` cells beside it.
    """

    key: str
    title: str
    holds: Holds = "count"
    bar: int = 0

    @property
    def is_text(self) -> bool:
        return self.holds in ("text", "name")


class Cell(NamedTuple):
    """A value, and where the table compares, its ratio to the baseline or another remark on it.

    `tone` adds colour where there is any, and never says what the text does not. `exact` is what
    machine formats write where people read something shorter.
    """

    value: object
    ratio: float | None = None
    remark: str = ""
    tone: Tone = ""
    exact: object = None


class Row(NamedTuple):
    """Cells in the order of the columns. `depth` indents the name; a `total` sums up.

    A `heading` stands over the rows below it and has only its first cell.
    """

    cells: tuple[Cell, ...]
    depth: int = 0
    role: Literal["layer", "part", "total", "heading"] = "layer"


class Table(NamedTuple):
    """What a renderer gets. Notes stand under the table and say what the numbers rest on.

    Where it is captioned, a document has it as a table of its own, to refer to by its label.
    What is the `same` in every row, CSV repeats in further columns; elsewhere a note says it.
    A screen that has no room for all columns gives up the `spare` ones first, by their keys.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    is_captioned: bool = False
    label: str = ""
    same: tuple[tuple[str, object], ...] = ()
    spare: tuple[str, ...] = ()

    def has_subtotals(self) -> bool:
        """Return whether some rows sum up others that are there too, under a total of all."""
        return {"total", "part"} <= {row.role for row in self.rows}

    def has_ratio(self, index: int) -> bool:
        return any(row.cells[index].ratio is not None for row in self.rows)


_WHOLE: dict[Holds, Callable[[int], str]] = {
    "bytes": units.size,
    "count": units.count,
    "change": units.signed,
    "bytes change": partial(units.signed, unit="bytes"),
}


def text(cell: Cell, column: Column) -> str:
    """Write a value for people, without its ratio; numbers whole."""
    value = cell.value
    if value is None:
        return ""
    if column.holds in _WHOLE and isinstance(value, int):
        return _WHOLE[column.holds](value)
    if column.holds == "seconds" and isinstance(value, float):
        return units.duration(value)
    if column.holds == "share" and isinstance(value, float):
        return units.percent(value)
    if isinstance(value, float):
        return f"{value:,.4g}"
    return printable(str(value))


def note(cell: Cell) -> str:
    """Write a cell's ratio or remark; nothing where it is the same as the baseline."""
    shown = cell.remark if cell.ratio is None else units.ratio(cell.ratio)
    return "" if shown == "=" else shown


def full(cell: Cell, column: Column) -> str:
    """Write a value and its ratio on one line."""
    value, beside = text(cell, column), note(cell)
    return f"{value} ({beside})" if beside else value
