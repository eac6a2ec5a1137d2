"""What 1 % more of each value costs, as a table and as a document."""

from __future__ import annotations

from typing import Any

from bncalc._version import __version__
from bncalc.analysis.metric import METRICS, by_key
from bncalc.model.fields import describe
from bncalc.render import units
from bncalc.render.notes import assumed
from bncalc.render.provenance import VERSION, in_columns
from bncalc.render.table import Cell, Column, Row, Table
from bncalc.search.sensitivity import Sensitivity


def view(answer: Sensitivity) -> Table:
    """Lay out a row for each value: by how many percent each number grows."""
    columns = (
        Column("value", "1 % more of", "name"),
        Column("now", "now", "text"),
        *[Column(METRICS[word].key, METRICS[word].title, "text") for word in answer.amounts],
    )
    rows = []
    for row in answer.rows:
        cells = [Cell(_percent(share), exact=share) for share in row.elasticities.values()]
        rows.append(Row((Cell(row.name), Cell(describe(row.present)), *cells)))
    now = [
        f"{METRICS[word].title} {units.amount(amount, METRICS[word].unit, units.si)}"
        for word, amount in answer.amounts.items()
    ]
    note = "to first order, with no width rounded to whole or divisible channels"
    resting = assumed(answer.assumptions, answer.amounts)
    same = in_columns("; ".join([answer.title, *answer.gaps, resting]), None)
    notes = (f"now {', '.join(now)}", note, *answer.gaps, f"{resting}; {VERSION}")
    return Table(answer.title, columns, tuple(rows), notes, same=same)


def document(answer: Sensitivity) -> dict[str, Any]:
    """Return the elasticities as data."""
    return {
        "schema": "bncalc.sensitivity/1",
        "version": __version__,
        **answer.assumptions.stated(),
        "name": answer.title,
        "now": by_key(answer.amounts),
        "values": [
            {"name": row.name, "now": row.present, **by_key(row.elasticities)}
            for row in answer.rows
        ],
        "remarks": [*answer.gaps],
    }


def _percent(share: float | None) -> str:
    return "" if share is None else f"{units.sign(share)}{abs(share):.3f} %"
