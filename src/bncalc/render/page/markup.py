"""Markup: HTML elements as text, everything that is the user's escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bncalc.printable import printable
from bncalc.render.table import Cell, Column, Table, note
from bncalc.render.table import text as written


def text(value: str) -> str:
    """Return a text of the user's as HTML."""
    return escape(printable(value))


def element(name: str, *content: str, **attributes: str | int | bool) -> str:
    """Return an element around HTML; `class_` is written class, `data_value` data-value."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{text(str(value))}"')
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{''.join(content)}</{name}>"


def section(title: str, *content: str, id: str) -> str:
    """Return a section with its heading."""
    heading = element("h2", text(title), id=f"{id}-title")
    return element("section", heading, *content, aria_labelledby=f"{id}-title", id=id) + "\n"


def figure(picture: str) -> str:
    """Return a drawing that scrolls sideways where the page is narrow."""
    return element("figure", picture, tabindex=0) + "\n"


def table(laid_out: Table) -> str:
    """Return a table as its view lays it out, the notes under it."""
    head = element(
        "tr", *(element("th", text(c.title), scope="col", **_side(c)) for c in laid_out.columns)
    )
    rows = []
    for row in laid_out.rows:
        cells = [*_cells(row.cells, laid_out.columns, row.depth)]
        rows.append(element("tr", *cells, class_=row.role))
    body = element("thead", head) + element("tbody", "\n".join(rows))
    notes = "".join(element("p", text(line), class_="note") for line in laid_out.notes)
    wide = element(
        "div",
        element("table", body),
        class_="wide",
        tabindex=0,
        role="region",
        aria_label=laid_out.title,
    )
    return wide + notes + "\n"


def _cells(cells: tuple[Cell, ...], columns: tuple[Column, ...], depth: int) -> Iterator[str]:
    for index, (cell, column) in enumerate(zip(cells, columns, strict=True)):
        shown = text(written(cell, column))
        if beside := note(cell):
            shown += " " + element("small", text(beside))
        if index:
            yield element("td", shown, **_side(column))
        else:
            yield element("th", shown, scope="row", class_=f"depth{min(depth, 6)}")


def _side(column: Column) -> dict[str, str | int | bool]:
    return {} if column.is_text else {"class_": "number"}
