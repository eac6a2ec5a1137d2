"""The totals of other tools: a row for each, a column for each term."""

from __future__ import annotations

from collections.abc import Iterator

from bncalc._version import __version__
from bncalc.analysis.conventions import COLUMNS, Account
from bncalc.model.shape import Shape
from bncalc.render import json
from bncalc.render.table import Cell, Column, Row, Table

SCHEMA = "bncalc.conventions/1"


def accounts_view(name: str, input: Shape, batch: int, accounts: tuple[Account, ...]) -> Table:
    """Lay the totals out; columns that no tool uses are omitted."""
    used = [i for i in range(len(COLUMNS)) if any(account.terms[i] for account in accounts)]
    columns = (
        Column("tool", "tool", "name"),
        Column("total", "total"),
        Column("unit", "unit", "text"),
        *(Column(COLUMNS[i], COLUMNS[i]) for i in used),
        Column("version", "version", "text"),
    )
    rows = []
    for account in accounts:
        convention = account.convention
        terms = [Cell(account.terms[i] or None) for i in used]
        first = (Cell(convention.name), Cell(account.total), Cell(convention.unit))
        rows.append(Row((*first, *terms, Cell(convention.version))))
    notes = (
        "each total is the sum of its terms; in FLOPs the core counts twice",
        *_missing(accounts),
    )
    return Table(f"{name} at {input}, batch {batch}", columns, tuple(rows), notes)


def _missing(accounts: tuple[Account, ...]) -> Iterator[str]:
    """Say which ops of the network a tool's total is without, as nobody has observed them."""
    for account in accounts:
        if account.unobserved:
            yield f"{account.convention.name}: not observed: {', '.join(account.unobserved)}"


def accounts_document(name: str, input: Shape, batch: int, accounts: tuple[Account, ...]) -> str:
    """Return the totals as JSON, every term of each."""
    document = {
        "schema": SCHEMA,
        "version": __version__,
        "name": name,
        "input": input,
        "batch": batch,
        "conventions": [
            {
                "tool": account.convention.name,
                "tool_version": account.convention.version,
                "source": account.convention.source,
                "unit": account.convention.unit,
                "total": account.total,
                "terms": dict(zip(COLUMNS, account.terms, strict=True)),
                "unobserved": account.unobserved,
            }
            for account in accounts
        ],
    }
    return json.text(document)
