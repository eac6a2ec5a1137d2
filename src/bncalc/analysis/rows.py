"""Rows: a report as flat dicts, for data frames and whatever else takes records."""

from __future__ import annotations

from bncalc.analysis.metric import additive
from bncalc.analysis.report import Report


def whole(report: Report) -> dict[str, object]:
    """Return a design's name, and its numbers by their JSON keys."""
    return {"name": report.name, **{key: _flat(value) for key, value in report.numbers().items()}}


def layers(report: Report) -> list[dict[str, object]]:
    """Return a dict for each layer: what it is, its shapes as text, its numbers by their keys."""
    columns = {metric.key: metric.layers(report) for metric in additive() if metric.layers}
    columns |= report.columns()
    return [
        {
            "path": layer.path,
            "op": layer.op,
            "input": ", ".join(map(str, layer.inputs)),
            "output": str(layer.output),
            **{key: _flat(values[at]) for key, values in columns.items()},
            "formula": "·".join(map(str, layer.factors)),
            "training_only": layer.training_only,
        }
        for at, layer in enumerate(report.layers)
    ]


def _flat(value: object) -> object:
    return str(value) if isinstance(value, tuple) else value
