"""Views: a report or a comparison laid out as a table."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.comparison import Comparison
from bncalc.analysis.report import Layer, Report, Section
from bncalc.model.cost import Cost
from bncalc.model.shape import Shape
from bncalc.render import units
from bncalc.render.metrics import COMPARED, LAYERS, SHOWN, TOTALS
from bncalc.render.table import Cell, Column, Row, Table

_FLOPS = "FLOPs = 2 × MACs + elementwise"


class Selection(NamedTuple):
    """Which rows of a network to show: how deep, in which order, how many."""

    depth: int | None = None
    sort: str | None = None
    top: int | None = None


def formula(factors: tuple[int, ...]) -> str:
    """Write a product as textbooks do: 256·3·3·256."""
    return "·".join(map(str, factors))


def comparison_view(comparison: Comparison, columns: tuple[str, ...] = COMPARED) -> Table:
    """Lay designs side by side, the baseline named in the title."""
    shown = [TOTALS[word] for word in columns]
    rows = []
    for report in comparison.reports:
        is_baseline = report is comparison.baseline
        cells = [Cell(report.name)]
        for column in shown:
            ratio = None if is_baseline else comparison.ratio(report, column.key)
            cells.append(Cell(getattr(report.totals, column.key), ratio))
        rows.append(Row(tuple(cells)))
    inputs = {report.input for report in comparison.reports}
    at = f" at {comparison.baseline.input}" if len(inputs) == 1 else ""
    many = "1 design" if len(rows) == 1 else f"{len(rows)} designs"
    title = f"{many}{at}, against {comparison.baseline.name}"
    header = (Column("name", "design", "name"), *shown)
    return Table(title, header, tuple(rows), _notes(comparison.baseline.assumptions, columns))


def block_view(report: Report, plain: Report | None) -> Table:
    """Lay out one block layer by layer with its arithmetic, its sum and what it saves."""
    columns = (
        Column("path", "layer", "name"),
        LAYERS["output"],
        LAYERS["formula"],
        *(LAYERS[word] for word in ("params", "macs")),
    )
    rows = [_arithmetic_row(one, columns, report.cost.macs) for one in report.layers]
    total = Row(
        tuple(
            Cell(
                {
                    "path": "total",
                    "output": str(report.output),
                    "formula": None,
                    "params": report.totals.params,
                    "macs": report.totals.macs,
                }[column.key]
            )
            for column in columns
        ),
        role="total",
    )
    notes = [_sum(report)] if len(_weighted(report)) > 1 else []
    if plain is not None:
        notes.append(_saving(report, plain))
    notes += [
        f"weight memory {units.size(report.totals.weight_bytes)}"
        f", peak activations {units.size(report.totals.peak_activation_bytes)}"
        f", traffic {units.size(report.totals.traffic_bytes)}",
        *_notes(report.assumptions, ("params", "peak")),
    ]
    title = f"{report.name}: {report.input} → {report.output}"
    return Table(title, columns, (*rows, total), tuple(notes))


def _arithmetic_row(layer: Layer, columns: tuple[Column, ...], whole: int) -> Row:
    """Lay out a layer with its weights worked out: 256·1·1·64 = 16,384."""
    row = _layer_row(layer, layer.path, 0, columns, whole)
    if not layer.factors:
        return row
    product = f"{formula(layer.factors)} = {units.count(prod(layer.factors))}"
    cells = [
        Cell(product) if column.key == "formula" else cell
        for cell, column in zip(row.cells, columns, strict=True)
    ]
    return row._replace(cells=tuple(cells))


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
    arithmetic = f"{formula(factors)} = {units.count(weights)}"
    if weights != plain.totals.params:
        arithmetic += f" weights, {units.count(plain.totals.params)}"
    return (
        f"the plain convolution it replaces: {arithmetic} params ({report.name}: {params}), "
        f"{units.count(plain.totals.macs)} MACs ({macs})"
    )


def network_view(
    report: Report, columns: tuple[str, ...] = SHOWN, selection: Selection | None = None
) -> Table:
    """Lay out a network: a tree of parts with subtotals, or the costliest layers."""
    chosen = selection or Selection()
    shown = (Column("path", "layer", "name"), *(LAYERS[word] for word in columns))
    if chosen.sort is None:
        rows = _tree(report, shown, chosen.depth)
    else:
        rows = _ranked(report, shown, chosen.sort)
    hidden = len(rows) - chosen.top if chosen.top is not None else 0
    rows = rows[: chosen.top] if hidden > 0 else rows
    cells = _cells(
        "total", report.input, report.output, report.cost, (), 0, shown, report.cost.macs
    )
    totals = [
        Cell(report.totals.traffic_bytes) if column.key == "traffic_bytes" else cell
        for cell, column in zip(cells, shown, strict=True)
    ]
    rows.append(Row(tuple(totals), role="total"))
    notes = [f"{hidden} more rows not shown"] if hidden > 0 else []
    notes += [
        f"{units.si(report.totals.params)} params, {units.si(report.totals.macs)} MACs, "
        f"{units.si(report.totals.activations)} activations, "
        f"weight memory {units.size(report.totals.weight_bytes)}, "
        f"peak activations {units.size(report.totals.peak_activation_bytes)}",
        *_notes(report.assumptions, (*columns, "peak")),
    ]
    title = f"{report.name}: {report.input} → {report.output}"
    return Table(title, shown, tuple(rows), tuple(notes))


def _tree(report: Report, columns: tuple[Column, ...], depth: int | None) -> list[Row]:
    """Walk parts and layers in running order; a part deeper than `depth` shows as one row."""
    rows: list[Row] = []
    sections = iter(report.sections)
    following = next(sections, None)
    open_parts: list[Section] = []
    at, whole = 0, report.cost.macs
    while at < len(report.layers):
        while open_parts and open_parts[-1].stop <= at:
            open_parts.pop()
        if following is not None and following.start == at:
            part, following = following, next(sections, None)
            rows.append(_section_row(part, _within(part.path, open_parts), columns, report))
            if depth is not None and part.depth + 1 >= depth:
                at = part.stop
                while following is not None and following.start < part.stop:
                    following = next(sections, None)
            else:
                open_parts.append(part)
            continue
        layer, at = _with_attached(report.layers, at)
        name = _within(layer.path, open_parts)
        rows.append(_layer_row(layer, name, len(open_parts), columns, whole))
    return rows


def _with_attached(layers: tuple[Layer, ...], at: int) -> tuple[Layer, int]:
    """Return a layer together with the norm and activation named after it, and what comes next."""
    layer = layers[at]
    prefix = layer.path + "."
    at += 1
    while at < len(layers) and layers[at].path.startswith(prefix):
        one, at = layers[at], at + 1
        layer = layer._replace(
            op=f"{layer.op}, {one.op}",
            output=one.output,
            cost=layer.cost + one.cost,
            traffic=layer.traffic + one.traffic,
        )
    return layer, at


def _merged(layers: tuple[Layer, ...]) -> list[Layer]:
    found, at = [], 0
    while at < len(layers):
        layer, at = _with_attached(layers, at)
        found.append(layer)
    return found


def _within(path: str, parts: list[Section]) -> str:
    return path[len(parts[-1].path) + 1 :] if parts else path


def _ranked(report: Report, columns: tuple[Column, ...], key: str) -> list[Row]:
    if key == "traffic":
        layers = sorted(_merged(report.layers), key=lambda one: -one.traffic)
    else:
        layers = sorted(_merged(report.layers), key=lambda one: -getattr(one.cost, key))
    return [_layer_row(one, one.path, 0, columns, report.cost.macs) for one in layers]


def _layer_row(layer: Layer, name: str, depth: int, columns: tuple[Column, ...], whole: int) -> Row:
    first = layer.inputs[0] if layer.inputs else layer.output
    cells = _cells(
        name,
        first,
        layer.output,
        layer.cost,
        layer.factors,
        layer.traffic,
        columns,
        whole,
        layer.op,
    )
    return Row(tuple(cells), depth)


def _section_row(part: Section, name: str, columns: tuple[Column, ...], report: Report) -> Row:
    first = report.layers[part.start].inputs[0]
    cells = _cells(
        name, first, part.output, part.cost, (), part.traffic, columns, report.cost.macs, part.word
    )
    return Row(tuple(cells), part.depth, "part")


def _cells(
    name: str,
    input: Shape,
    output: Shape,
    cost: Cost,
    factors: tuple[int, ...],
    traffic: int,
    columns: tuple[Column, ...],
    whole: int,
    op: str = "",
) -> list[Cell]:
    params = cost.params
    values = {
        "path": name,
        "op": op,
        "input": str(input),
        "output": str(output),
        "formula": formula(factors) or None,
        "params": params,
        "macs": cost.macs,
        "share": units.bar(cost.macs, whole),
        "activations": cost.activations,
        "weight_bytes": None,
        "traffic_bytes": traffic,
        "buffers": cost.buffers,
        "elementwise": cost.elementwise,
        "flops": cost.flops,
    }
    return [Cell(values[column.key]) for column in columns]


def _notes(assumptions: Assumptions, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Say what the numbers rest on."""
    types = assumptions.dtype
    if assumptions.activation_dtype not in (None, assumptions.dtype):
        types = f"{types} weights, {assumptions.activation_dtype} maps"
    parts = [f"convention: bncalc, batch {assumptions.batch}, {types}"]
    if "peak" in columns:
        parts.append(f"memory policy: {assumptions.policy.name}")
    if "flops" in columns:
        parts.append(_FLOPS)
    return ("; ".join(parts),)
