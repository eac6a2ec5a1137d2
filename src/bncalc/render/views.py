"""Views: a report or a comparison laid out as a table."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from bncalc.analysis.comparison import Comparison
from bncalc.analysis.metric import METRICS
from bncalc.analysis.report import Layer, Report, Section
from bncalc.model.cost import product
from bncalc.render import units
from bncalc.render.columns import COLUMNS, COMPARED, SHOWN, WORKED_OUT, Line
from bncalc.render.notes import notes
from bncalc.render.table import Cell, Column, Row, Table


class Selection(NamedTuple):
    """Which rows of a network to show: how deep, in which order, how many."""

    depth: int | None = None
    sort: str | None = None
    top: int | None = None


def comparison_view(comparison: Comparison, columns: tuple[str, ...] = COMPARED) -> Table:
    """Lay designs side by side, the baseline named in the title."""
    shown = [COLUMNS[word] for word in columns]
    rows = []
    for report in comparison.reports:
        is_baseline = report is comparison.baseline
        cells = [Cell(report.name)]
        for word, reading in zip(columns, shown, strict=True):
            ratio = None if is_baseline or word not in METRICS else comparison.ratio(report, word)
            cells.append(Cell(reading.whole(report) if reading.whole else None, ratio))
        rows.append(Row(tuple(cells)))
    inputs = {report.input for report in comparison.reports}
    at = f" at {comparison.baseline.input}" if len(inputs) == 1 else ""
    many = "1 design" if len(rows) == 1 else f"{len(rows)} designs"
    title = f"{many}{at}, against {comparison.baseline.name}"
    header = (Column("name", "design", "name"), *(one.column for one in shown))
    return Table(title, header, tuple(rows), tuple(notes(comparison.reports, columns)))


def block_view(
    report: Report, plain: Report | None, columns: tuple[str, ...] = WORKED_OUT
) -> Table:
    """Lay out one block layer by layer with its arithmetic, its sum and what it saves."""
    lines = [Line(one.path, one.path, one.op, i, i + 1) for i, one in enumerate(report.layers)]
    lines_under = [_sum(report)] if len(_weighted(report)) > 1 else []
    if plain is not None:
        lines_under.append(_saving(report, plain))
    lines_under += [
        f"weight memory {units.size(report.totals.weight_bytes)}"
        f", peak activations {units.size(report.totals.peak_activation_bytes)}"
        f", traffic {units.size(report.totals.traffic_bytes)}",
        *notes((report,), (*columns, "peak")),
    ]
    return layered(report, lines, columns, lines_under)


def network_view(
    report: Report, columns: tuple[str, ...] = SHOWN, selection: Selection | None = None
) -> Table:
    """Lay out a network: a tree of parts with subtotals, or the costliest layers."""
    chosen = selection or Selection()
    if chosen.sort is None:
        lines = list(tree(report, chosen.depth))
    else:
        lines = _ranked(report, chosen.sort)
    hidden = len(lines) - chosen.top if chosen.top is not None else 0
    lines = lines[: chosen.top] if hidden > 0 else lines
    lines_under = [f"{hidden} more rows not shown"] if hidden > 0 else []
    lines_under += [
        f"{units.si(report.totals.params)} params, {units.si(report.totals.macs)} MACs, "
        f"{units.si(report.totals.activations)} activations, "
        f"weight memory {units.size(report.totals.weight_bytes)}, "
        f"peak activations {units.size(report.totals.peak_activation_bytes)}",
        *notes((report,), (*columns, "peak")),
    ]
    return layered(report, lines, columns, lines_under)


def layered(
    report: Report, lines: list[Line], columns: tuple[str, ...], lines_under: list[str]
) -> Table:
    """Return a table with a row for each line and the total under them."""
    shown = [COLUMNS[word] for word in columns]
    values = zip(*[reading.lines(report, lines) for reading in shown], strict=True)
    rows = [
        Row((Cell(line.name, exact=line.path), *map(Cell, numbers)), line.depth, line.role)
        for line, numbers in zip(lines, values, strict=True)
    ]
    wholes = [reading.whole(report) if reading.whole else None for reading in shown]
    total = (Cell("total"), *map(Cell, wholes))
    title = f"{report.name}: {report.input} → {report.output}"
    header = (Column("path", "layer", "name"), *(one.column for one in shown))
    return Table(title, header, (*rows, Row(total, role="total")), tuple(lines_under))


def tree(report: Report, depth: int | None) -> Iterator[Line]:
    """Walk parts and layers in running order; a part deeper than `depth` shows as one row."""
    sections = iter(report.sections)
    following = next(sections, None)
    open_parts: list[Section] = []
    at = 0
    while at < len(report.layers):
        while open_parts and open_parts[-1].stop <= at:
            open_parts.pop()
        if following is not None and following.start == at:
            part, following = following, next(sections, None)
            name = _within(part.path, open_parts)
            yield Line(name, part.path, part.word, part.start, part.stop, part.depth, "part")
            if depth is not None and part.depth + 1 >= depth:
                at = part.stop
                while following is not None and following.start < part.stop:
                    following = next(sections, None)
            else:
                open_parts.append(part)
            continue
        line = _with_attached(report.layers, at)
        yield line._replace(name=_within(line.path, open_parts), depth=len(open_parts))
        at = line.stop


def _with_attached(layers: tuple[Layer, ...], at: int) -> Line:
    """Return a layer together with the norm and activation named after it."""
    layer = layers[at]
    prefix = layer.path + "."
    stop = at + 1
    while stop < len(layers) and layers[stop].path.startswith(prefix):
        stop += 1
    op = ", ".join([one.op for one in layers[at:stop]])
    return Line(layer.path, layer.path, op, at, stop)


def _within(path: str, parts: list[Section]) -> str:
    return path[len(parts[-1].path) + 1 :] if parts else path


def _ranked(report: Report, word: str) -> list[Line]:
    lines, at = [], 0
    while at < len(report.layers):
        lines.append(_with_attached(report.layers, at))
        at = lines[-1].stop
    numbers = METRICS[word].along(report, [(line.start, line.stop) for line in lines])
    order = sorted(range(len(lines)), key=lambda at: -(numbers[at] or 0))
    return [lines[at] for at in order]


def _weighted(report: Report) -> list[Layer]:
    return [one for one in report.layers if one.cost.params]


def _sum(report: Report) -> str:
    """Write the parameters as one sum."""
    terms = [units.count(one.cost.params) for one in _weighted(report)]
    if len(terms) > 12:
        terms = [*terms[:6], "…", *terms[-2:]]
    return f"params: {' + '.join(terms)} = {units.count(report.totals.params)}"


def _saving(report: Report, plain: Report) -> str:
    params = units.ratio(report.totals.params / plain.totals.params)
    macs = units.ratio(report.totals.macs / plain.totals.macs)
    factors = plain.layers[0].factors
    weights = prod(factors)
    arithmetic = f"{product(factors)} = {units.count(weights)}"
    if weights != plain.totals.params:
        arithmetic += f" weights, {units.count(plain.totals.params)}"
    return (
        f"the plain convolution it replaces: {arithmetic} params ({report.name}: {params}), "
        f"{units.count(plain.totals.macs)} MACs ({macs})"
    )
