"""Tables in GitHub's Markdown."""

from __future__ import annotations

import re

from bncalc.printable import printable
from bncalc.render.table import Table, full

_LINK = re.compile(r"((?<!\w)@|:(?=//)|\bwww(?=\.)|#(?=\d)|\bGH(?=-\d))", re.IGNORECASE)
_NOTHING = "&#8203;"  # a space of no width: what Renovate puts into names on GitHub
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def render(table: Table) -> str:
    """Return the table in Markdown; what has a meaning there is escaped."""
    lines = [f"**{escape(table.title)}**", "", *grid(table)]
    if table.notes:
        lines += ["", *(escape(line) + "  " for line in table.notes)]
    return "\n".join(lines) + "\n"


def grid(table: Table) -> list[str]:
    """Return only the lines of the table: two for its header, one for a row."""
    left = [column.is_text for column in table.columns]
    lines = [_line([escape(column.title) for column in table.columns])]
    lines.append(_line([":--" if is_left else "--:" for is_left in left]))
    for row in table.rows:
        cells = []
        for cell, column in zip(row.cells, table.columns, strict=True):
            shown = escape(full(cell, column))
            if column.holds == "name":
                shown = "&nbsp;&nbsp;" * row.depth + shown
            cells.append(f"**{shown}**" if row.role == "total" and shown else shown)
        lines.append(_line(cells))
    return lines


def escape(text: str, *, links: bool = False) -> str:
    """Return the text so that Markdown shows it as it is, on one line.

    A name links to no page and calls no one, unless its `links` are wanted.
    """
    text = _SPECIAL.sub(r"\\\1", printable(text))
    return text if links else _LINK.sub(rf"\1{_NOTHING}", text)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
