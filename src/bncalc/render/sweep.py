"""A sweep as tables and as a document: designs, their front, quantiles and a histogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from bncalc._version import __version__
from bncalc.analysis.metric import METRICS
from bncalc.number import is_number
from bncalc.quantity import plural
from bncalc.render import units
from bncalc.render.columns import COLUMNS
from bncalc.render.fit import refusal_notes, refused, value_cell
from bncalc.render.notes import assumed
from bncalc.render.provenance import VERSION, in_columns, searched
from bncalc.render.table import Cell, Column, Row, Table
from bncalc.search.axis import written_value
from bncalc.search.bins import Bin
from bncalc.search.parts import description
from bncalc.search.space import Space
from bncalc.search.summary import SHARES
from bncalc.search.sweep import Counted, Sweep, unlike

_BAR = 24
"""Cells of the longest bar of a histogram."""


def designs_view(
    swept: Sweep, further: Mapping[str, Any], title: str, top: int | None = None
) -> Table:
    """Lay designs out, those with the same numbers in one row with the range of their values."""
    names = list(swept.values)
    groups = list(unlike(swept, further))
    several = any(count > 1 for _, count, _ in groups)
    rows = []
    for place, count, ranges in groups[:top]:
        cells = [_span_cell(ranges[name], _plain(swept.values[name][place])) for name in names]
        cells += [Cell(count)] if several else []
        cells += [Cell(_plain(swept.amounts[word][place])) for word in swept.space.words]
        cells += [Cell(_plain(column[place])) for column in further.values()]
        rows.append(Row(tuple(cells)))
    columns = [Column(name, name, "text") for name in names]
    columns += [Column("designs", "designs")] if several else []
    columns += [COLUMNS[word].column for word in swept.space.words]
    columns += [Column(name, name, "number") for name in further]
    hidden = len(groups) - len(rows)
    notes = [f"{plural(hidden, 'more row')} not shown"] if hidden else []
    return _table(title, columns, rows, swept, *notes)


def quantiles_view(swept: Sweep, numbers: Mapping[str, Sequence[float]]) -> Table:
    """Lay out a row for each share: what so many of the designs do not exceed, by metric."""
    columns = [Column("share", "share", "text"), *[COLUMNS[word].column for word in numbers]]
    rows = [
        Row((Cell(_share_title(share), exact=share), *map(Cell, values)))
        for share, *values in zip(SHARES, *numbers.values(), strict=True)
    ]
    title = f"{swept.space.about}: quantiles of {plural(swept.counted.wanted, 'design')}"
    return _table(title, columns, rows, swept)


def histogram_view(swept: Sweep, word: str, bins: Sequence[Bin]) -> Table:
    """Lay out how many designs have how much of one metric, the longest bar to its full width."""
    metric = METRICS[word]
    most, total = max(each.designs for each in bins), sum(each.designs for each in bins)
    rows = [
        Row(
            (
                Cell(units.amount(each.low, metric.unit, units.si), exact=each.low),
                Cell(units.amount(each.high, metric.unit, units.si), exact=each.high),
                Cell(each.designs),
                Cell(each.designs / total),
            )
        )
        for each in bins
    ]
    columns = [
        Column("from", "from", "text"),
        Column("to", "to", "text"),
        Column("designs", "designs"),
        Column("share", "share", "share", bar=_BAR * total // most),
    ]
    title = f"{swept.space.about}: {metric.title} of {plural(swept.counted.wanted, 'design')}"
    return _table(title, columns, rows, swept)


def designs_document(
    swept: Sweep, further: Mapping[str, Any], top: int | None = None
) -> dict[str, Any]:
    """Return designs as data; those with the same numbers once, with the range of their values."""
    designs = []
    for place, count, ranges in islice(unlike(swept, further), top):
        amounts = {
            METRICS[word].key: _plain(swept.amounts[word][place]) for word in swept.space.words
        }
        results = {name: _plain(column[place]) for name, column in further.items()}
        values = {name: span[0] if len(span) == 1 else [*span] for name, span in ranges.items()}
        designs.append({"values": values, "designs": count, **amounts, **results})
    return {**_found_in(swept), "designs": designs}


def quantiles_document(swept: Sweep, numbers: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Return, for each metric, its quantiles by their shares."""
    quantiles = {
        METRICS[word].key: dict(zip(map(str, SHARES), values, strict=True))
        for word, values in numbers.items()
    }
    return {**_found_in(swept), "quantiles": quantiles}


def histogram_document(swept: Sweep, word: str, bins: Sequence[Bin]) -> dict[str, Any]:
    """Return how many designs have how much of one metric."""
    return {**_found_in(swept), "histogram": {METRICS[word].key: [each._asdict() for each in bins]}}


def _found_in(swept: Sweep) -> dict[str, Any]:
    """Return what all documents say: the space, and what became of its designs."""
    return {
        "schema": "bncalc.sweep/1",
        "version": __version__,
        "space": description(swept.space),
        "counted": {**swept.counted._asdict(), "wanted": swept.counted.wanted},
        "refused": [refused(refusal) for refusal in swept.refusals],
        "remarks": [*swept.remarks],
    }


def _table(
    title: str, columns: Sequence[Column], rows: Sequence[Row], swept: Sweep, *notes: str
) -> Table:
    space = swept.space
    seed = None if space.sample is None else space.seed
    about = "; ".join([_written(space), *swept.remarks])
    same = in_columns(f"{space.title}: {about}", seed)
    return Table(title, tuple(columns), tuple(rows), (*notes, *sweep_notes(swept)), same=same)


def title_of(swept: Sweep, what: str = "") -> str:
    """Return what a table of designs is about."""
    return f"{swept.space.about}{what}"


def sweep_notes(swept: Sweep) -> list[str]:
    """Say what became of all designs, and by what the same ones are had again."""
    return [
        counted_line(swept.counted, is_grid=swept.is_grid),
        *swept.remarks,
        *refusal_notes(swept.refusals, swept.counted.drawn),
        about(swept.space),
    ]


def counted_line(counted: Counted, *, is_grid: bool) -> str:
    """Say how many designs there are; what cannot be built is said with its reasons."""
    drawn = "the whole grid" if is_grid else "drawn at random"
    parts = [f"{plural(counted.drawn, 'design')}, {drawn}"]
    named = ((counted.excluded, "left out by a condition"), (counted.beyond, "beyond the limits"))
    parts += [f"{count:,} {what}" for count, what in named if count]
    return "; ".join(parts)


def about(space: Space) -> str:
    """Say what was swept, on one line: with the seed and the version it gives the same again."""
    seed = [] if space.sample is None else [f"seed {space.seed}"]
    return "; ".join([_written(space), *seed, VERSION])


def _written(space: Space) -> str:
    found_in = searched(space.axes, space.rules, space.conditions, space.limits)
    varied = [axis.name for axis in space.axes]
    return f"{found_in}; {assumed(space.assumptions, space.measured, varied)}"


def _share_title(share: float) -> str:
    return {0.0: "least", 0.5: "median", 1.0: "most"}.get(share, f"{100 * share:g} %")


def _span_cell(values: tuple[Any, ...], first: object) -> Cell:
    """Return the values of designs with the same numbers; in machine formats the first alone."""
    if len(values) == 1:
        return value_cell(first)
    return value_cell(first)._replace(value=span(values))


def span(values: tuple[Any, ...]) -> str:
    """Write what varies among designs with the same numbers: 0.99 to 1.0."""
    return (" to " if is_number(values[0]) else ", ").join(map(written_value, values))


def _plain(value: Any) -> Any:
    """Return a number of an array as Python's own."""
    return value.item() if hasattr(value, "item") else value
