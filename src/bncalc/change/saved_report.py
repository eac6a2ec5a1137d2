"""A JSON report of ours, read back into reports."""

from __future__ import annotations

import json
from collections.abc import Callable

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.report import REPORT_SCHEMA, HeldMemory, Layer, Liveness, Port, Report, Totals
from bncalc.change.snapshot import Absent
from bncalc.change.version import Place, Version
from bncalc.disk import DISK
from bncalc.errors import UsageError
from bncalc.model.cost import Cost
from bncalc.model.fields import describe
from bncalc.model.shape import Shape
from bncalc.opening.name import ModelName

_MAX_BYTES = 256 * 1024 * 1024
"""About a million layers."""


class SavedReport:
    """A snapshot of numbers: a JSON report, such as `bncalc compare … --format json` writes."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.label = path
        self._reports: dict[Assumptions, dict[str, Report]] = {}

    def before(self, name: ModelName, now: Version, also: tuple[str, ...] = ()) -> Version:
        reports, title = self._measured(now), now.report.name
        # `compare` puts the file before a name that several files share.
        keys = (f"{name.file}#{title}", title)
        part = next((key for key in keys if key in reports), None) or self._set_alike(keys, now)
        return self.version(Place("", part or title), now, also)

    def _set_alike(self, keys: tuple[str, ...], now: Version) -> str | None:
        """Return the design of another name with the same settings and input, if there is one.

        Raises UsageError if the design is there only with others: its numbers are of another net.
        """
        bare = {key.partition("@")[0] for key in keys}
        reports = self._measured(now)
        others = [name for name in reports if name.partition("@")[0] in bare]
        for name in others:
            report = reports[name]
            if (report.settings, report.input) == (now.report.settings, now.report.input):
                return name
        if others:
            wanted = now.report.name
            raise UsageError(f"{self.path} has {others[0]}, which cannot be compared with {wanted}")
        return None

    def origin(self, name: ModelName) -> str:
        return ""

    def version(self, place: Place, now: Version, also: tuple[str, ...] = ()) -> Version:
        if also:
            analyses = ", ".join(also)
            raise UsageError(f"{self.path} holds no {analyses} memory; name a git ref as base")
        report = self._measured(now).get(place.part)
        if report is None:
            raise Absent(f"{place.part} is not in {self.path}")
        given = now.model.given_input if now.model else None
        if given is not None and report.input != now.report.input:
            raise UsageError(f"{self.path} has {report.name} at {report.input}, not at --input")
        return Version(report)

    def files(self, covers: Callable[[str], bool]) -> tuple[str, ...]:
        return ("",)

    def parts(self, file: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for reports in self._reports.values() for name in reports))

    def moved_to(self, file: str) -> str | None:
        return None

    def name(self, file: str) -> str:
        return ""

    def _measured(self, now: Version) -> dict[str, Report]:
        assumptions = now.report.assumptions
        if assumptions not in self._reports:
            self._reports[assumptions] = read_document(self.path, assumptions)
        return self._reports[assumptions]


def read_document(path: str, assumptions: Assumptions) -> dict[str, Report]:
    """Return the designs of a report by name; raise UsageError for one that rests on other things.

    Its layers have no fields: a document holds numbers and no network.
    """
    try:
        document = json.loads(DISK.read(path, _MAX_BYTES).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON: {error}") from None
    if not isinstance(document, dict) or document.get("schema") != REPORT_SCHEMA:
        made = "`bncalc compare … --format json` writes one"
        raise UsageError(f"{path} is not a report ({REPORT_SCHEMA}); {made}")
    _same_assumptions(path, document, assumptions)
    try:
        reports = [_report(design, assumptions) for design in document["designs"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{path} is not a complete report: {error!r}") from None
    return {report.name: report for report in reports}


def _same_assumptions(path: str, document: dict[str, object], assumptions: Assumptions) -> None:
    for key, value in assumptions.stated().items():
        if document.get(key) != value:
            theirs, ours = describe(document.get(key)), describe(value)
            raise UsageError(f"{path} was made with {key} {theirs}, and not {ours}")


def _report(design: dict[str, object], assumptions: Assumptions) -> Report:
    totals = _mapping(design["totals"])
    numbers = {name: _whole(totals[name]) for name in Totals._fields}
    layers = tuple(_layer(_mapping(layer)) for layer in _list(design["layers"]))
    inputs, settings = _ports(design, "input", "in"), _mapping(design.get("settings", {}))
    return Report(
        name=str(design["name"]),
        inputs=inputs,
        outputs=_ports(design, "output", layers[-1].path),
        layers=layers,
        parts=(),
        cost=sum((layer.cost for layer in layers), Cost()),
        totals=Totals(**numbers),
        memory=_peak(_mapping(design["peak"]), [inputs[0].path, *(layer.path for layer in layers)]),
        assumptions=assumptions,
        settings=tuple([(name, _setting(value)) for name, value in settings.items()]),
    )


def _setting(value: object) -> object:
    return tuple(map(_setting, value)) if isinstance(value, list) else value


def _ports(design: dict[str, object], key: str, path: str) -> tuple[Port, ...]:
    """Return the maps that arrive or are put out; a document names them where there are several."""
    named = design.get(f"{key}s")
    if named is None:
        return (Port(path, _shape(design[key])),)
    return tuple([Port(name, _shape(shape), name) for name, shape in _mapping(named).items()])


def _peak(peak: dict[str, object], paths: list[str]) -> Liveness:
    """Return what a document tells of memory: the step of the peak, and no other."""
    step = paths.index(str(peak["path"]))
    maps = map(_mapping, _list(peak["maps"]))
    storages = [
        HeldMemory(paths.index(str(held["path"])), step, _whole(held["bytes"])) for held in maps
    ]
    live = [0] * len(paths)
    live[step] = _whole(peak["bytes"])
    return Liveness(tuple(storages), tuple(live))


def _layer(layer: dict[str, object]) -> Layer:
    counts = {name: _whole(layer[name]) for name in ("buffers", "macs", "elementwise")}
    formula = str(layer["formula"])
    return Layer(
        path=str(layer["path"]),
        op=str(layer["op"]),
        inputs=tuple(map(_shape, _list(layer["input"]))),
        output=_shape(layer["output"]),
        cost=Cost(_whole(layer["params"]), activations=_whole(layer["activations"]), **counts),
        factors=tuple(map(int, formula.split("·"))) if formula else (),
        traffic=_whole(layer["traffic_bytes"]),
        training_only=layer.get("training_only") is True,
        weights_of=str(layer["weights_of"]) if "weights_of" in layer else None,
        counted=layer.get("counted") is not False,
        stored=_whole(layer["stored_bytes"]) if "stored_bytes" in layer else None,
    )


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a whole number")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return value


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is not a mapping")
    return value


def _shape(value: object) -> Shape:
    return Shape(*map(_whole, _list(value)))
