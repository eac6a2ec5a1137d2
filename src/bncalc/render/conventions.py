"""The totals of other tools: a row for each tool and network, a column for each term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bncalc._version import __version__
from bncalc.analysis.conventions import TERMS, Account, Accounts
from bncalc.render.table import Cell, Column, Row, Table

_SCHEMA = "bncalc.conventions/1"
_DESIGN = (Column("model", "model", "name"), Column("input", "input", "text"))


def accounts_view(designs: Sequence[Accounts]) -> Table:
    """Lay the totals out; columns that no tool uses are omitted, as is a single network's name."""
    several = len(designs) > 1
    everyone = [account for design in designs for account in design.tools]
    used = [i for i in range(len(TERMS)) if any(account.terms[i] for account in everyone)]
    columns = (
        *(_DESIGN if several else ()),
        Column("tool", "tool", "name"),
        Column("total", "total"),
        Column("unit", "unit", "text"),
        *(Column(TERMS[i], TERMS[i]) for i in used),
        Column("version", "version", "text"),
    )
    rows = []
    for design in designs:
        for number, account in enumerate(design.tools):
            named = _named(design, is_first=number == 0) if several else ()
            rows.append(Row((*named, *_cells(account, used))))
    first = designs[0]
    about = f"{len(designs)} models" if several else f"{first.name} at {first.input}"
    notes = (
        "each total is the sum of its terms; in FLOPs the core counts twice",
        *(line for design in designs for line in _missing(design, several)),
    )
    return Table(f"{about}, batch {first.batch}", columns, tuple(rows), notes, spare=("input",))


def _named(design: Accounts, *, is_first: bool) -> tuple[Cell, ...]:
    """Return whose row it is: people read it once, in the first row."""
    cells = (design.name, str(design.input))
    return tuple([Cell(text if is_first else "", exact=text) for text in cells])


def _cells(account: Account, used: Sequence[int]) -> tuple[Cell, ...]:
    convention = account.convention
    terms = [Cell(account.terms[i] or None) for i in used]
    first = (Cell(convention.name), Cell(account.total), Cell(convention.unit))
    return (*first, *terms, Cell(convention.version))


def _missing(design: Accounts, several: bool) -> Iterator[str]:
    """Say which ops of a network a tool's total is without, as nobody has observed them."""
    of = f" for {design.name}" if several else ""
    for account in design.tools:
        if account.unobserved:
            total = f"the total of {account.convention.name}{of}"
            ops = ", ".join(account.unobserved)
            yield f"{total} leaves out {ops}: what it counts there has not been observed"


def accounts_document(designs: Sequence[Accounts]) -> dict[str, object]:
    """Return the totals as data, every term of each."""
    return {
        "schema": _SCHEMA,
        "version": __version__,
        "batch": designs[0].batch,
        "designs": [
            {
                "name": design.name,
                "input": design.input,
                "conventions": list(map(_account, design.tools)),
            }
            for design in designs
        ],
    }


def _account(account: Account) -> dict[str, object]:
    convention = account.convention
    return {
        "tool": convention.name,
        "tool_version": convention.version,
        "source": convention.source,
        "unit": convention.unit,
        "total": account.total,
        "terms": dict(zip(TERMS, account.terms, strict=True)),
        "unobserved": account.unobserved,
    }
