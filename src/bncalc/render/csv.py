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
    columns = [(i, column.key) for i, column in enumerate(table.columns)]
    with_ratio = {i for i, _ in columns if table.has_ratio(i)}
    with_roles = table.has_subtotals()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header = []
    for index, key in columns:
        header += [key, f"{key}_ratio"] if index in with_ratio else [key]
    writer.writerow([*header, "row"] if with_roles else header)
    for row in table.rows:
        line: list[object] = []
        for index, _ in columns:
            cell = row.cells[index]
            line.append(_data(cell.value if cell.exact is None else cell.exact))
            if index in with_ratio:
                line.append(cell.ratio)
        if with_roles:
            line.append(row.role)
        writer.writerow(["" if value is None else value for value in line])
    return out.getvalue()


def _data(value: object) -> object:
    """Return a value that no spreadsheet runs, as they do a text that begins with a sign."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if len(text) > 1 and text[0] in "=+-@" else text
