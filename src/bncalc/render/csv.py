"""Tables as comma-separated values: exact numbers, a column for each ratio, RFC 4180."""

from __future__ import annotations

import csv
import io

from bncalc.printable import printable
from bncalc.render.table import Table


def render(table: Table) -> str:
    """Return a header of keys and one line a row; numbers plain, bytes as bytes, paths whole.

    Where some rows sum up others, a last column `row` says which are a `layer`, `part` or `total`.
    """
    columns = [(i, c) for i, c in enumerate(table.columns) if c.holds != "bar"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header = []
    for index, column in columns:
        header += [column.key, f"{column.key}_ratio"] if table.has_ratio(index) else [column.key]
    writer.writerow([*header, "row"] if table.has_subtotals() else header)
    for row in table.rows:
        line: list[object] = []
        for index, _ in columns:
            cell = row.cells[index]
            line.append(_data(cell.value if cell.exact is None else cell.exact))
            if table.has_ratio(index):
                line.append(cell.ratio)
        if table.has_subtotals():
            line.append(row.role)
        writer.writerow(["" if value is None else value for value in line])
    return out.getvalue()


def _data(value: object) -> object:
    """Return a value that no spreadsheet runs, as they do a text that begins with a sign."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if len(text) > 1 and text[0] in "=+-@" else text
