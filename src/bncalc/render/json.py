"""The report as a JSON document: the contract with scripts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from bncalc._version import __version__
from bncalc.analysis.comparison import Comparison
from bncalc.analysis.metric import additive, standard
from bncalc.analysis.report import REPORT_SCHEMA, Report, Section
from bncalc.loading import patterns_on_use
from bncalc.model.cost import product

with patterns_on_use():  # those of a decoder
    from json import JSONEncoder

_encoded = JSONEncoder(ensure_ascii=False).encode
_ascii = JSONEncoder().encode


def document(comparison: Comparison) -> dict[str, object]:
    """Return one document for one design or several; shapes as lists, numbers exact."""
    baseline = comparison.baseline
    return {
        "schema": REPORT_SCHEMA,
        "version": __version__,
        **baseline.assumptions.stated(),
        **baseline.assumed(),
        "baseline": baseline.name,
        "designs": [_design(report, comparison) for report in comparison.reports],
    }


def text(written: Mapping[str, object] | Sequence[object]) -> str:
    """Write a document, whatever holds no further mapping on one line: the totals, a layer."""
    return _laid_out(written, "\n") + "\n"


def _line(value: object) -> str:
    """Write a value; what cannot be printed, or is a command in a log, as JSON escapes it."""
    line = _encoded(value)
    if not line.isprintable():
        line = "".join(c if c.isprintable() else _ascii(c)[1:-1] for c in line)
    return line.replace("##", r"#\u0023") if "##" in line else line


def _laid_out(value: object, line: str) -> str:
    if isinstance(value, dict) and _any_opens(value.values()):
        items = [f"{_line(key)}: {_laid_out(item, line + ' ')}" for key, item in value.items()]
        opening, closing = "{}"
    elif _opens(value) and isinstance(value, list):
        items = [_laid_out(item, line + " ") for item in value]
        opening, closing = "[]"
    else:
        return _line(value)
    return opening + ",".join(line + " " + item for item in items) + line + closing


def _opens(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and _any_opens(value))


def _any_opens(values: Collection[object]) -> bool:
    # Of a layer none does: that is told without a call for each.
    return not {dict, list}.isdisjoint(map(type, values)) and any(map(_opens, values))


def _design(report: Report, comparison: Comparison) -> dict[str, object]:
    totals = {metric.key: metric.total(report) for metric in standard()}
    for result in report.results:
        totals |= result.of_whole()
    return {
        "name": report.name,
        **({"settings": dict(report.settings)} if report.settings else {}),
        "input": report.input,
        "output": report.output,
        **_ports(report),
        "totals": totals,
        **({"uncounted": [layer.path for layer in report.uncounted]} if report.uncounted else {}),
        "peak": _peak(report),
        "ratio": {metric.key: comparison.ratio(report, metric.key) for metric in standard()},
        "layers": list(_layers(report)),
        "parts": [_section(section) for section in report.sections],
    }


def _ports(report: Report) -> dict[str, object]:
    """Return inputs and outputs by name or path, where one shape does not say it all."""
    shown: dict[str, object] = {}
    for key, ports in (("inputs", report.inputs), ("outputs", report.outputs)):
        if len(ports) > 1 or ports[0].name is not None:
            shown[key] = {port.name or port.path: port.shape for port in ports}
    return shown


def _peak(report: Report) -> dict[str, object]:
    """Return the step of the peak and the maps that are in memory then, by the layers' paths."""
    memory = report.memory
    paths = report.paths
    maps = [{"path": paths[each.first], "bytes": each.size} for each in memory.at(memory.step)]
    return {"path": paths[memory.step], "bytes": memory.peak, "maps": maps}


def _layers(report: Report) -> Iterator[dict[str, object]]:
    """Return what there is to say of each layer: its place, its part of each total, and more."""
    amounts = {metric.key: metric.layers(report) for metric in additive() if metric.layers}
    columns = report.columns()
    for at, layer in enumerate(report.layers):
        shown: dict[str, object] = {
            "path": layer.path,
            "op": layer.op,
            "input": layer.inputs,
            "output": layer.output,
            **{key: values[at] for key, values in amounts.items()},
            "formula": product(layer.factors),
        }
        if layer.training_only:
            shown["training_only"] = True
        if not layer.counted:
            shown["counted"] = False
        if layer.stored is not None:
            shown["stored_bytes"] = layer.stored
        if layer.weights_of is not None:
            shown["weights_of"] = layer.weights_of
        yield {**shown, **{key: values[at] for key, values in columns.items()}}


def _section(part: Section) -> dict[str, object]:
    return {
        "path": part.path,
        "block": part.word,
        "output": part.output,
        "params": part.cost.params,
        "macs": part.cost.macs,
        "activations": part.cost.activations,
    }
