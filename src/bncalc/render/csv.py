"""Tables as comma-separated values: exact numbers, a column for each ratio, RFC 4180."""

from __future__ import annotations

import csv
import io

from bncalc.printable import printable
from bncalc.render.table import Table


def render(table: Table) -> str:
    """Return a header of keys and one line a row; numbers plain, bytes as bytes, paths whole.

    Where some rows sum up others, a column `row` says which are a `layer`, `part` or `total`; what
    is the same in every row stands in the last columns.
    """
    columns = [(i, column.key) for i, column in enumerate(table.columns)]
    with_ratio = {i for i, _ in columns if table.has_ratio(i)}
    with_roles = table.has_subtotals()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header = []
    for index, key in columns:
        header += [key, f"{key}_ratio"] if index in with_ratio else [key]
    header += ["row"] if with_roles else []
    same = [_data(value) for _, value in table.same]
    writer.writerow([_data(key) for key in (*header, *[key for key, _ in table.same])])
    for row in table.rows:
        line: list[object] = []
        for index, _ in columns:
            cell = row.cells[index]
            line.append(_data(cell.value if cell.exact is None else cell.exact))
            if index in with_ratio:
                line.append(cell.ratio)
        line += [row.role] if with_roles else []
        line += same
        writer.writerow(["" if value is None else value for value in line])
    return out.getvalue()


def _data(value: object) -> object:
    """Return a value that no spreadsheet runs, as they do a text that begins with a sign."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if len(text) > 1 and text[0] in _SIGNS else text


_SIGNS = "=+-@" + "".join(map(chr, (0xFF1D, 0xFF0B, 0xFF0D, 0xFF20)))
"""The second four are the same at full width, which some locales take for them."""
