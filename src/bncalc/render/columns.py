"""The columns that a table may have: every metric, and what else there is to say of layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.metric import METRICS
from bncalc.analysis.report import Report
from bncalc.render.column_reading import (
    ColumnReading,
    ReportRow,
    each,
    field_of,
    field_of_whole,
    input_of,
    of_metric,
    op_of,
    output_of,
    own_field,
    shares_of_macs,
    shares_of_peak,
    verdict_of,
    wall_of,
    wall_of_whole,
    weights_worked_out,
)
from bncalc.render.table import Column
from bncalc.synonyms import meant

COLUMNS = {
    "op": ColumnReading("what the layer or part is", Column("op", "op", "text"), each(op_of)),
    "input": ColumnReading(
        "the input map",
        Column("input", "input", "text"),
        each(input_of),
        lambda report: report.input,
    ),
    "output": ColumnReading(
        "the output map",
        Column("output", "output", "text"),
        each(output_of),
        lambda report: report.output,
    ),
    **{
        field: ColumnReading(doc, Column(field, field, "text"), each(own_field(field)))
        for field, doc in (
            ("kernel", "the layer's kernel"),
            ("stride", "the layer's stride"),
            ("padding", "the layer's padding"),
        )
    },
    "formula": ColumnReading(
        "the arithmetic of the weights, as in textbooks",
        Column("formula", "weights", "text"),
        each(weights_worked_out),
    ),
    "share": ColumnReading(
        "the share of all MACs", Column("share", "of MACs", "share", bar=8), shares_of_macs
    ),
    **{word: of_metric(metric) for word, metric in METRICS.items()},
    "live": ColumnReading(
        "live bytes as a share of the peak; names the maps that make it",
        Column("live_share", "of the peak", "share", bar=16),
        shares_of_peak,
        analysis="live",
    ),
    "wall": ColumnReading(
        "what limits it on the --device: compute or memory",
        Column("wall", "wall", "text"),
        each(wall_of),
        wall_of_whole,
        "roofline",
    ),
    "fits": ColumnReading(
        "whether the design fits the RAM and flash of the --device",
        Column("fits", "verdict", "text"),
        each(lambda report, line: None),
        verdict_of,
        "deployment",
    ),
    "rf": ColumnReading(
        METRICS["rf"].doc,
        Column("receptive_field", "field", "text"),
        each(field_of),
        field_of_whole,
        "receptive_field",
    ),
}
"""By the word that `--columns` takes; the JSON key is understood too."""


def readings(words: Iterable[str], assumptions: Assumptions) -> list[tuple[str, ColumnReading]]:
    """Return some columns by their words; of conventions one for each tool that is asked for."""
    chosen: list[tuple[str, ColumnReading]] = []
    for word in words:
        if word == "convention":
            tools = range(len(assumptions.conventions))
            chosen += [(word, _of_tool(at, assumptions.conventions)) for at in tools]
        else:
            chosen.append((word, COLUMNS[word]))
    return chosen


def _of_tool(at: int, names: tuple[str, ...]) -> ColumnReading:
    """Return the column of one tool, named after what it calls its numbers."""
    from bncalc.analysis.conventions import CONVENTIONS, Tallies

    def lines(report: Report, lines: Sequence[ReportRow]) -> Sequence[object]:
        amounts = report.result(Tallies).tools[at].layers
        return [sum(amounts[line.start : line.stop]) for line in lines]

    def whole(report: Report) -> object:
        return report.result(Tallies).tools[at].total

    tool = CONVENTIONS[names[at]]
    key = "convention_total" if len(names) == 1 else f"{tool.name}_total"
    column = Column(key, f"{tool.unit} ({tool.name})")
    return ColumnReading(COLUMNS["convention"].doc, column, lines, whole, "convention")


OF_DESIGNS = tuple(word for word, reading in COLUMNS.items() if reading.whole)
"""What designs can be compared by."""
SORTABLE = tuple(
    word
    for word, metric in METRICS.items()
    if (metric.layers or metric.stretch) and metric.unit != "positions"
)
"""What the layers of a network can be sorted by."""


def column_word(name: str) -> str:
    """Return the word of a column by its word, its key or what others call it, else the name."""
    if name in COLUMNS:
        return name
    keys = {reading.column.key: word for word, reading in COLUMNS.items()}
    keys |= {metric.key: word for word, metric in METRICS.items()}
    return keys.get(name) or meant(name, COLUMNS) or name


def needs(words: Iterable[str]) -> tuple[str, ...]:
    """Return the analyses that some columns come from."""
    analyses = [COLUMNS[word].analysis for word in words]
    return tuple(dict.fromkeys(filter(None, analyses)))


COMPARED = ("params", "macs", "activations", "weights", "peak")
SHOWN = ("output", "params", "macs", "share")
MEMORY = ("output", "peak", "live", "saved")
WORKED_OUT = ("output", "formula", "params", "macs")
SPARE = ("activations", "share", "weights", "peak", "formula", "params", "macs")
"""Of those that are shown where nothing is chosen, the ones that a narrow screen gives up first."""
DEFAULT = {"designs": COMPARED, "network": SHOWN, "block": WORKED_OUT}
"""What is shown where nothing is chosen."""
