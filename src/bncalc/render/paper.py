"""Tables as papers have them: numbers in one unit, under a caption."""

from __future__ import annotations

from collections.abc import Mapping

from bncalc.analysis.metric import METRICS, metric_called
from bncalc.errors import UsageError, hint_for, refuse_unknown
from bncalc.named import NamedTuple
from bncalc.render.table import Cell, Column, Table

_SCALES = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_DIGITS = 3
"""What the least number of a column keeps."""
_MOST_DECIMALS = 9


class Style(NamedTuple):
    """What a call wants of a table. `units` are letters by the key of a column, or for all: ""."""

    units: Mapping[str, str] = {}
    caption: str = ""
    label: str = ""


def units_of(text: str) -> dict[str, str]:
    """Read G, or params=M,macs=G; raise UsageError for what is no unit or no column."""
    counts = [metric for metric in METRICS.values() if metric.unit == "count"]
    units = {}
    for part in text.split(","):
        name, equals, letter = part.strip().rpartition("=")
        refuse_unknown(f"--unit {text}: unknown unit", letter, _SCALES)
        metric = metric_called(name, counts) if equals else None
        if equals and metric is None:
            hint = hint_for(name, [metric.word for metric in counts])
            raise UsageError(f"--unit {text}: {name!r} is not a column of counts{hint}")
        units[metric.key if metric else ""] = letter
    return units


def styled(table: Table, style: Style) -> Table:
    """Return the table in a style; machine formats keep whole numbers.

    Beside a caption, what the title said becomes a note.

    Raises UsageError for a unit of a number that is in no column.
    """
    _refuse_unused(table, style.units)
    for index, column in enumerate(table.columns):
        letter = _letter(column.key, style.units)
        if letter and column.holds == "count":
            table = _scaled(table, index, letter)
    if style.caption:
        titles = [table.title] if table.title else []
        table = table._replace(title=style.caption, notes=(*titles, *table.notes))
    return table._replace(label=style.label, is_captioned=bool(style.caption or style.label))


def _refuse_unused(table: Table, units: Mapping[str, str]) -> None:
    keys = [column.key for column in table.columns if column.holds == "count"]
    for key, letter in units.items():
        if not any(_letter(column, {key: letter}) for column in keys):
            asked = f"{key}={letter}" if key else letter
            raise UsageError(f"--unit {asked}: no column here holds {key or 'counts'}")


def _letter(key: str, units: Mapping[str, str]) -> str:
    """Return the unit of a column; other tools' totals have that of MACs."""
    key = key.removesuffix("_old")
    of_tool = units.get("convention_total", units.get("macs")) if key.endswith("_total") else None
    return units.get(key) or of_tool or units.get("", "")


def _scaled(table: Table, index: int, letter: str) -> Table:
    """Write a column of counts in a unit, all of them to as many decimals."""
    scale, column = _SCALES[letter], table.columns[index]
    numbers = [row.cells[index].value for row in table.rows if index < len(row.cells)]
    least = min(
        (abs(number) for number in numbers if isinstance(number, int) and number), default=0
    )
    decimals = _decimals(least, scale)

    def cell(cell: Cell) -> Cell:
        if not isinstance(cell.value, int):
            return cell
        return cell._replace(value=f"{cell.value / scale:,.{decimals}f}", exact=cell.value)

    rows = [
        row._replace(cells=(*row.cells[:index], cell(row.cells[index]), *row.cells[index + 1 :]))
        if index < len(row.cells)
        else row
        for row in table.rows
    ]
    columns = (*table.columns[:index], _titled(column, letter), *table.columns[index + 1 :])
    return table._replace(columns=columns, rows=tuple(rows))


def _decimals(least: int, scale: int) -> int:
    """Return how many decimals the least number of a column needs to keep its digits."""
    if not least:
        return 0
    decimals = 0
    while least * 10**decimals < scale * 10 ** (_DIGITS - 1) and decimals < _MOST_DECIMALS:
        decimals += 1
    return decimals


def _titled(column: Column, letter: str) -> Column:
    """Say the unit in a title, after the tool if it has one: params (M), FLOPs (calflops, G)."""
    title, bracket, _ = column.title.rpartition(")")
    said = f"{title}, {letter})" if bracket else f"{column.title} ({letter})"
    return column._replace(title=said)
