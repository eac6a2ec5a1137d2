"""A sweep as tables and as a document: designs, their front, quantiles and a histogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bncalc.analysis.metric import METRICS
from bncalc.model.fields import describe
from bncalc.render import units
from bncalc.render.columns import COLUMNS
from bncalc.render.fit import refusal_notes, refused
from bncalc.render.table import Cell, Column, Row, Table
from bncalc.search.parts import description
from bncalc.search.space import Space
from bncalc.search.summary import SHARES, Bar
from bncalc.search.sweep import Counted, Sweep, unlike


def designs_view(
    swept: Sweep, further: Mapping[str, Any], title: str, top: int | None = None
) -> Table:
    """Lay designs out, those with the same numbers in one row with the range of their values."""
    names = list(swept.values)
    groups = list(unlike(swept, further))
    several = any(count > 1 for _, count, _ in groups)
    rows = []
    for place, count, ranges in groups[:top]:
        cells = [_range(*ranges[name]) for name in names]
        cells += [Cell(count)] if several else []
        cells += [Cell(_plain(swept.amounts[word][place])) for word in swept.space.words]
        cells += [Cell(_plain(column[place])) for column in further.values()]
        rows.append(Row(tuple(cells)))
    columns = [Column(name, name, "text") for name in names]
    columns += [Column("designs", "designs")] if several else []
    columns += [COLUMNS[word].column for word in swept.space.words]
    columns += [Column(name, name, "number") for name in further]
    hidden = len(groups) - len(rows)
    notes = [f"{hidden:,} more rows not shown"] if hidden else []
    return Table(title, tuple(columns), tuple(rows), (*notes, *sweep_notes(swept)))


def quantiles_view(swept: Sweep, numbers: Mapping[str, Sequence[int]]) -> Table:
    """Lay out, for each metric, the number that so large a share of the designs does not exceed."""
    shares = [Column(f"p{100 * share:g}", _share_title(share), "text") for share in SHARES]
    rows = []
    for word, values in numbers.items():
        write = units.size if METRICS[word].unit == "bytes" else units.si
        cells = [Cell(write(value), exact=value) for value in values]
        rows.append(Row((Cell(METRICS[word].title), *cells)))
    title = f"{_title(swept.space)}: quantiles of {swept.counted.wanted:,} designs"
    columns = (Column("metric", "metric", "name"), *shares)
    return Table(title, columns, tuple(rows), tuple(sweep_notes(swept)))


def histogram_view(swept: Sweep, word: str, bars: Sequence[Bar]) -> Table:
    """Lay out how many designs have how much of one metric."""
    metric = METRICS[word]
    write = units.size if metric.unit == "bytes" else units.si
    most, total = max(bar.designs for bar in bars), sum(bar.designs for bar in bars)
    rows = [
        Row(
            (
                Cell(write(bar.low), exact=bar.low),
                Cell(write(bar.high), exact=bar.high),
                Cell(bar.designs),
                Cell(units.bar(bar.designs / most, 40), exact=bar.designs / total),
            )
        )
        for bar in bars
    ]
    columns = (
        Column("from", "from", "text"),
        Column("to", "to", "text"),
        Column("designs", "designs"),
        Column("share", "", "text"),
    )
    title = f"{_title(swept.space)}: {metric.title} of {swept.counted.wanted:,} designs"
    return Table(title, columns, tuple(rows), tuple(sweep_notes(swept)))


def document(swept: Sweep, further: Mapping[str, Any]) -> dict[str, Any]:
    """Return designs as data; those with the same numbers once, with the range of their values."""
    designs = []
    for place, count, ranges in unlike(swept, further):
        amounts = {
            METRICS[word].key: _plain(swept.amounts[word][place]) for word in swept.space.words
        }
        results = {name: _plain(column[place]) for name, column in further.items()}
        values = {name: low if low == high else [low, high] for name, (low, high) in ranges.items()}
        designs.append({"values": values, "designs": count, **amounts, **results})
    return {
        "schema": "bncalc.sweep/1",
        "space": description(swept.space),
        "counted": {**swept.counted._asdict(), "wanted": swept.counted.wanted},
        "refused": [refused(refusal) for refusal in swept.refusals],
        "designs": designs,
    }


def title_of(swept: Sweep, what: str = "") -> str:
    """Return what a table of designs is about."""
    return f"{_title(swept.space)}{what}"


def sweep_notes(swept: Sweep) -> list[str]:
    """Say what became of all designs, and by what the same ones are had again."""
    return [
        counted_line(swept.counted, swept.space),
        *refusal_notes(swept.refusals, swept.counted.drawn),
        about(swept.space),
    ]


def counted_line(counted: Counted, space: Space) -> str:
    """Say how many designs there are, and what became of the others."""
    drawn = "the whole grid" if space.sample is None else "drawn at random"
    parts = [f"{counted.drawn:,} designs, {drawn}"]
    named = (
        (counted.excluded, "left out by a condition"),
        (counted.refused, "cannot be built"),
        (counted.beyond, "beyond the limits"),
    )
    parts += [f"{count:,} {what}" for count, what in named if count]
    return "; ".join(parts)


def about(space: Space) -> str:
    """Say what was swept, in a line: with the seed and the version it gives the same again."""
    data = description(space)
    varied = ", ".join([f"{name} {written}" for name, written in data["vary"].items()])
    seed = "" if space.sample is None else f"; seed {space.seed}"
    return f"{varied}{seed}; bncalc {data['version']}"


def _title(space: Space) -> str:
    return f"{space.title}: {' × '.join([axis.name for axis in space.axes])}"


def _share_title(share: float) -> str:
    return {0.0: "least", 0.5: "median", 1.0: "most"}.get(share, f"{100 * share:g} %")


def _range(low: object, high: object) -> Cell:
    if low == high:
        return Cell(describe(low), exact=low)
    return Cell(f"{describe(low)} to {describe(high)}")


def _plain(value: Any) -> Any:
    """Return a number of an array as Python's own."""
    return value.item() if hasattr(value, "item") else value
