"""What there is: kinds with their papers and fields, the shipped networks and devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bncalc._version import __version__
from bncalc.model.device import Device
from bncalc.model.fields import Field, describe
from bncalc.model.op import Block
from bncalc.opening.about import About
from bncalc.quantity import plural
from bncalc.render import units
from bncalc.render.columns import COLUMNS
from bncalc.render.table import Cell, Column, Row, Table
from bncalc.zoo import MODELS
from bncalc.zoo.figures import PublishedFigures

_SCHEMA = "bncalc.list/1"


def kinds_view(what: str, kinds: tuple[type[Block], ...]) -> Table:
    """Lay out kinds, below each its fields; `what` they are in the plural."""
    columns = (
        Column("name", "name", "name"),
        Column("default", "default", "text"),
        Column("doc", "about", "text"),
    )
    rows = []
    for kind in kinds:
        about = f"{kind.summary()} {kind.paper}".strip()
        rows.append(Row((Cell(kind.word), Cell(None), Cell(about)), role="part"))
        rows += [
            Row((Cell(field.name), Cell(_default(field)), Cell(field.doc)), depth=1)
            for field in kind.fields
        ]
    note = "a field is an argument in a file and, of a block, an option of `bncalc block`"
    title = plural(len(kinds), what.removesuffix("s"), what)
    return Table(title, columns, tuple(rows), (note,), spare=("default",))


def kinds_document(what: str, kinds: tuple[type[Block], ...]) -> dict[str, object]:
    """Return kinds and their fields as data."""
    listed = [
        {
            "name": kind.word,
            "summary": kind.summary(),
            "paper": kind.paper,
            "fields": [_field(field) for field in kind.fields],
        }
        for kind in kinds
    ]
    return {"schema": _SCHEMA, "version": __version__, what: listed}


def models_view(figures: Mapping[str, PublishedFigures]) -> Table:
    """Lay out the shipped networks with what they come to."""
    columns = (
        Column("name", "model", "text"),  # to be typed: a text is never cut, as a name may be
        Column("params", "params"),
        Column("macs", "MACs"),
        Column("family", "file", "text"),
    )
    rows = [
        Row(
            (Cell(name), Cell(numbers.params), Cell(numbers.macs), Cell(f"zoo:{MODELS[name]}.yaml"))
        )
        for name, numbers in figures.items()
    ]
    note = "`bncalc list models NAME` has papers and variables, `bncalc show NAME --source` YAML"
    return Table(plural(len(rows), "model"), columns, tuple(rows), (note,))


def models_document(figures: Mapping[str, PublishedFigures]) -> dict[str, object]:
    """Return the shipped networks as data, each with the family whose file it is in."""
    models = [
        {"name": name, "family": MODELS[name], **numbers._asdict()}
        for name, numbers in figures.items()
    ]
    return {"schema": _SCHEMA, "version": __version__, "models": models}


def models_about_view(models: tuple[About, ...], figures: Mapping[str, PublishedFigures]) -> Table:
    """Lay out some networks, below each its paper, its figures and its variables."""
    columns = (Column("name", "name", "name"), Column("about", "about", "text"))
    rows = []
    for model in models:
        rows.append(Row((Cell(model.name), Cell(model.description)), role="part"))
        numbers = figures[model.name]
        facts = {
            "source": model.source,
            "file": f"zoo:{model.family}.yaml",
            "input": str(model.input),
            "params": units.count(numbers.params),
            "MACs": units.count(numbers.macs),
            **{f"@{name}=": _value(value) for name, value in model.variables.items()},
        }
        rows += [Row((Cell(key), Cell(text)), depth=1) for key, text in facts.items()]
    note = f"a variable is set after the name: {models[0].name}{_setting(models[0])}"
    title = f"{len(models)} of {plural(len(figures), 'model')}"
    return Table(title, columns, tuple(rows), (note,))


def models_about_document(
    models: tuple[About, ...], figures: Mapping[str, PublishedFigures]
) -> dict[str, object]:
    """Return some networks as data, with their papers, figures and variables."""
    listed = [{**model._asdict(), **figures[model.name]._asdict()} for model in models]
    return {"schema": _SCHEMA, "version": __version__, "models": listed}


def _value(value: object) -> str:
    """Write a value as a setting has it: 3,4,6,3."""
    if isinstance(value, (list, tuple)):
        return ",".join(map(_value, value))
    return str(value)


def _setting(model: About) -> str:
    return next((f"@{name}={_value(value)}" for name, value in model.variables.items()), "@320")


def devices_view(devices: tuple[Device, ...]) -> Table:
    """Lay out the shipped devices, below each its figures and where they come from."""
    columns = (Column("name", "name", "name"), Column("about", "about", "text"))
    rows = []
    for device in devices:
        rows.append(Row((Cell(device.name), Cell(device.description)), role="part"))
        facts = _facts(device).items()
        rows += [Row((Cell(key), Cell(text)), depth=1) for key, text in facts if text]
    return Table(plural(len(devices), "device"), columns, tuple(rows))


def _facts(device: Device) -> dict[str, str]:
    peaks = ", ".join(f"{name} {units.si(peak)}" for name, peak in device.peak.items())
    kept = {"RAM": device.reserved_ram, "flash": device.reserved_flash}
    return {
        "peak": f"{peaks} operations per second" if peaks else "",
        "bandwidth": f"{units.si(device.bandwidth)} bytes per second" if device.bandwidth else "",
        "RAM": units.size(device.ram) if device.ram else "",
        "flash": units.size(device.flash) if device.flash else "",
        "reserved": ", ".join(f"{units.size(size)} of {of}" for of, size in kept.items() if size),
        "core": device.core,
        "source": device.source,
        "note": device.note,
    }


def devices_document(devices: tuple[Device, ...]) -> dict[str, object]:
    """Return the shipped devices as data: operations and bytes per second, memory in bytes."""
    listed = [device._asdict() for device in devices]
    return {"schema": _SCHEMA, "version": __version__, "devices": listed}


def columns_view(words: Iterable[str]) -> Table:
    """Lay out the columns that answers may have."""
    columns = (
        Column("name", "name", "name"),
        Column("key", "in JSON and CSV", "text"),
        Column("doc", "what it is", "text"),
    )
    readings = [(word, COLUMNS[word]) for word in words]
    rows = [Row((Cell(word), Cell(each.column.key), Cell(each.doc))) for word, each in readings]
    note = "`--columns params,peak,…` of show, compare and block; the layers' own are not compared"
    return Table(plural(len(rows), "column"), columns, tuple(rows), (note,), spare=("key",))


def columns_document(words: Iterable[str]) -> dict[str, object]:
    """Return the columns that answers may have as data."""
    columns = [
        {"name": word, "key": COLUMNS[word].column.key, "summary": COLUMNS[word].doc}
        for word in words
    ]
    return {"schema": _SCHEMA, "version": __version__, "columns": columns}


def _field(field: Field) -> dict[str, object]:
    default = None if field.required else field.default
    return {
        "name": field.name,
        "required": field.required,
        "default": default,
        "values": str(field.type),
        "doc": field.doc,
    }


def _default(field: Field) -> str:
    if field.required:
        return "required"
    if field.default is None:
        return "optional"
    if field.default == "default":
        return "the file's"
    return field.default if isinstance(field.default, str) else describe(field.default)
