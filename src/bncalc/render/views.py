"""Views: a report or a comparison laid out as a table."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from bncalc.analysis.comparison import Comparison
from bncalc.analysis.metric import METRICS
from bncalc.analysis.report import Layer, Port, Report, Section
from bncalc.model.cost import product
from bncalc.named import NamedTuple
from bncalc.quantity import plural
from bncalc.render import units
from bncalc.render.columns import COMPARED, SORTABLE, ColumnReading, ReportRow, readings
from bncalc.render.notes import notes
from bncalc.render.table import Cell, Column, Row, Table


class Selection(NamedTuple):
    """Which rows of a network to show: how deep, in which order, how many."""

    depth: int | None = None
    sort: str | None = None
    top: int | None = None


def comparison_view(
    comparison: Comparison, columns: tuple[str, ...] = COMPARED, *, ratios: bool = True
) -> Table:
    """Lay designs side by side, with their inputs if these differ; the title names the baseline.

    Numbers have their `ratios` to the baseline's beside them.
    """
    if len({report.input for report in comparison.reports}) > 1 and "input" not in columns:
        columns = ("input", *columns)
    shown = readings(columns, comparison.baseline.assumptions)
    rows = []
    for report in comparison.reports:
        cells = [_compared(comparison, report, word, reading) for word, reading in shown]
        if not ratios:
            cells = [cell._replace(ratio=None) for cell in cells]
        rows.append(Row((Cell(report.name), *cells)))
    inputs = {report.input for report in comparison.reports}
    at = f" at {comparison.baseline.input}" if len(inputs) == 1 else ""
    against = f", against {comparison.baseline.name}" if len(rows) > 1 else ""
    title = f"{plural(len(rows), 'design')}{at}{against}"
    header = (Column("name", "design", "name"), *(reading.column for _, reading in shown))
    return Table(title, header, tuple(rows), tuple(notes(comparison.reports, columns)))


def _compared(comparison: Comparison, report: Report, word: str, reading: ColumnReading) -> Cell:
    """Return a design's number with its ratio to the baseline's."""
    whole = reading.whole
    number = whole(report) if whole else None
    if whole is None or report is comparison.baseline or word not in METRICS:
        return Cell(number)
    if word != "convention":
        return Cell(number, comparison.ratio(report, word))
    base = whole(comparison.baseline)  # several tools have one word
    if isinstance(number, int) and isinstance(base, int) and base:
        return Cell(number, number / base)
    return Cell(number)


def block_view(report: Report, plain: Report | None, columns: tuple[str, ...], form: str) -> Table:
    """Lay out one block layer by layer with its arithmetic, its sum and what it saves.

    `form` is the closed form of its params, if it is to be shown under the sums.
    """
    lines = [
        ReportRow(layer.path, layer.path, layer.op, at, at + 1)
        for at, layer in enumerate(report.layers)
    ]
    sums = [_sum(report)] if len(_weighted(report)) > 1 else []
    totals = report.totals
    sums.append(
        f"weight memory {units.size(totals.weight_bytes)}, peak activations "
        f"{units.size(totals.peak_activation_bytes)}, traffic {units.size(totals.traffic_bytes)}"
    )
    lines_under = ["; ".join(sums), *([_saving(report, plain)] if plain else [])]
    lines_under += [form] if form else []
    table = layered(report, lines, columns, [*lines_under, *notes((report,), (*columns, "peak"))])
    return _worked_out(table, report)


def _worked_out(table: Table, report: Report) -> Table:
    """Write the MACs of each layer as a product; machine formats keep the number."""
    at = next((i for i, column in enumerate(table.columns) if column.key == "macs"), None)
    if at is None:
        return table
    rows = []
    for row, layer in zip(table.rows, report.layers, strict=False):
        worked = Cell(_macs(layer), exact=layer.cost.macs)
        rows.append(row._replace(cells=(*row.cells[:at], worked, *row.cells[at + 1 :])))
    return table._replace(rows=(*rows, *table.rows[len(rows) :]))


def _macs(layer: Layer) -> str:
    """Work out the MACs of a layer: 16,384 · 56·56 = 51,380,224."""
    macs, weights = units.count(layer.cost.macs), prod(layer.factors)
    for shape in (layer.output, *layer.inputs):
        positions = prod(shape.space)
        if layer.factors and positions > 1 and weights * positions == layer.cost.macs:
            return f"{units.count(weights)} · {product(shape.space)} = {macs}"
    return macs


def network_view(report: Report, columns: tuple[str, ...], chosen: Selection) -> Table:
    """Lay out a network: a tree of parts with subtotals, or the costliest layers."""
    order = chosen.sort or (_costliest_by(columns) if chosen.top else None)
    lines = list(tree(report, chosen.depth)) if order is None else _ranked(report, order)
    shown = lines[: chosen.top]
    hidden = len(lines) - len(shown)
    rest = f"{plural(hidden, 'more row')} not shown; " if hidden else ""
    lines_under = [
        f"{rest}{units.si(report.totals.params)} params, {units.si(report.totals.macs)} MACs, "
        f"{units.si(report.totals.activations)} activations, "
        f"weight memory {units.size(report.totals.weight_bytes)}, "
        f"peak activations {units.size(report.totals.peak_activation_bytes)}",
        *notes((report,), (*columns, "peak", "weights")),
    ]
    return layered(report, shown, columns, lines_under)


def _costliest_by(columns: tuple[str, ...]) -> str:
    """Return by what layers are ranked: MACs, or what is shown in their place."""
    sortable = [word for word in columns if word in SORTABLE]
    return "macs" if "macs" in sortable or not sortable else sortable[0]


def layered(
    report: Report, lines: list[ReportRow], columns: tuple[str, ...], lines_under: list[str]
) -> Table:
    """Return a table with a row for each line and the total under them."""
    shown = [reading for _, reading in readings(columns, report.assumptions)]
    values = zip(*[reading.lines(report, lines) for reading in shown], strict=True)
    rows = [
        Row((Cell(line.name, exact=line.path), *map(Cell, numbers)), line.depth, line.role)
        for line, numbers in zip(lines, values, strict=True)
    ]
    wholes = [reading.whole(report) if reading.whole else None for reading in shown]
    total = (Cell("total"), *map(Cell, wholes))
    title = f"{report.name}: {_listed(report.inputs)} → {_listed(report.outputs)}"
    header = (Column("path", "layer", "name"), *(reading.column for reading in shown))
    return Table(title, header, (*rows, Row(total, role="total")), tuple(lines_under))


def _listed(ports: tuple[Port, ...]) -> str:
    """Write maps that arrive or are put out: of several, each with its name or path."""
    if len(ports) == 1 and ports[0].name is None:
        return str(ports[0].shape)
    return ", ".join(f"{port.name or port.path} {port.shape}" for port in ports)


def tree(report: Report, depth: int | None) -> Iterator[ReportRow]:
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
            yield ReportRow(name, part.path, part.word, part.start, part.stop, part.depth, "part")
            if depth is not None and part.depth + 1 >= depth:
                at = part.stop
                while following is not None and following.start < part.stop:
                    following = next(sections, None)
            else:
                open_parts.append(part)
            continue
        line = _with_attached(report.layers, at, open_parts)
        yield line
        at = line.stop


def _with_attached(layers: tuple[Layer, ...], at: int, parts: list[Section]) -> ReportRow:
    """Return a layer together with the norm and activation named after it, within open parts."""
    path = layers[at].path
    prefix = path + "."
    stop = at + 1
    while stop < len(layers) and layers[stop].path.startswith(prefix):
        stop += 1
    op = ", ".join([layer.op for layer in layers[at:stop]])
    return ReportRow(_within(path, parts), path, op, at, stop, len(parts))


def _within(path: str, parts: list[Section]) -> str:
    return path[len(parts[-1].path) + 1 :] if parts else path


def _ranked(report: Report, word: str) -> list[ReportRow]:
    lines, at = [], 0
    while at < len(report.layers):
        lines.append(_with_attached(report.layers, at, []))
        at = lines[-1].stop
    numbers = METRICS[word].along(report, [(line.start, line.stop) for line in lines])
    order = sorted(range(len(lines)), key=lambda at: -(numbers[at] or 0))
    return [lines[at] for at in order]


def _weighted(report: Report) -> list[Layer]:
    return [layer for layer in report.layers if layer.cost.params]


def _sum(report: Report) -> str:
    """Write the parameters as one sum."""
    terms = [units.count(layer.cost.params) for layer in _weighted(report)]
    if len(terms) > 12:
        terms = [*terms[:6], "…", *terms[-2:]]
    return f"params: {' + '.join(terms)} = {units.count(report.totals.params)}"


def _saving(report: Report, plain: Report) -> str:
    """Hold a block against the plain convolution, whose numbers are worked out too."""
    layer, weights = plain.layers[0], prod(plain.layers[0].factors)
    arithmetic = f"{product(layer.factors)} = {units.count(weights)}"
    if weights != plain.totals.params:
        arithmetic += f" weights, {units.count(plain.totals.params)}"
    return (
        f"the plain convolution it replaces: {arithmetic} params, "
        f"{_macs(layer)} MACs; {report.name} has "
        f"{_saved('params', report.totals.params, plain.totals.params)} and "
        f"{_saved('MACs', report.totals.macs, plain.totals.macs)}"
    )


def _saved(title: str, part: int, whole: int) -> str:
    """Write a saving as a share and as a ratio: 88.2 % fewer params (÷8.47)."""
    if part == whole:
        return f"as many {title}"
    more = "fewer" if part < whole else "more"
    share = units.percent(abs(whole - part) / whole)
    return f"{share} {more} {title} ({units.ratio(part / whole)})"
