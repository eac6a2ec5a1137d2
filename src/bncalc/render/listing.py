"""What there is: kinds with their papers and fields, the shipped networks and devices."""

from __future__ import annotations

from collections.abc import Mapping

from bncalc._version import __version__
from bncalc.model.device import Device
from bncalc.model.fields import Field, describe
from bncalc.model.op import Block
from bncalc.render import json, units
from bncalc.render.columns import COLUMNS
from bncalc.render.table import Cell, Column, Row, Table

SCHEMA = "bncalc.list/1"


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
            Row((Cell(one.name), Cell(_default(one)), Cell(one.doc)), depth=1)
            for one in kind.fields
        ]
    note = "a field is an argument in a file and, of a block, an option of `bncalc block`"
    return Table(f"{len(kinds)} {what}", columns, tuple(rows), (note,))


def kinds_document(what: str, kinds: tuple[type[Block], ...]) -> str:
    """Return kinds and their fields as JSON."""
    found = [
        {
            "name": kind.word,
            "summary": kind.summary(),
            "paper": kind.paper,
            "fields": [_field(one) for one in kind.fields],
        }
        for kind in kinds
    ]
    return json.text({"schema": SCHEMA, "version": __version__, what: found})


def models_view(models: Mapping[str, str]) -> Table:
    """Lay out the shipped networks, a row for each family."""
    families: dict[str, list[str]] = {}
    for name, family in models.items():
        families.setdefault(family, []).append(name)
    columns = (Column("family", "family", "name"), Column("models", "models", "text"))
    rows = [Row((Cell(family), Cell(" ".join(names)))) for family, names in families.items()]
    return Table(f"{len(models)} models", columns, tuple(rows))


def models_document(models: Mapping[str, str]) -> str:
    """Return the shipped networks as JSON, each with the family whose file it is in."""
    found = [{"name": name, "family": family} for name, family in models.items()]
    return json.text({"schema": SCHEMA, "version": __version__, "models": found})


def devices_view(devices: tuple[Device, ...]) -> Table:
    """Lay out the shipped devices, below each its figures and where they come from."""
    columns = (Column("name", "name", "name"), Column("about", "about", "text"))
    rows = []
    for device in devices:
        rows.append(Row((Cell(device.name), Cell(device.description)), role="part"))
        facts = _facts(device).items()
        rows += [Row((Cell(key), Cell(text)), depth=1) for key, text in facts if text]
    return Table(f"{len(devices)} devices", columns, tuple(rows))


def _facts(device: Device) -> dict[str, str]:
    peaks = ", ".join(f"{name} {units.si(peak)}" for name, peak in device.peak.items())
    kept = {"RAM": device.reserved_ram, "flash": device.reserved_flash}
    return {
        "peak": f"{peaks} operations a second" if peaks else "",
        "bandwidth": f"{units.si(device.bandwidth)} bytes a second" if device.bandwidth else "",
        "RAM": units.size(device.ram) if device.ram else "",
        "flash": units.size(device.flash) if device.flash else "",
        "reserved": ", ".join(f"{units.size(size)} of {of}" for of, size in kept.items() if size),
        "core": device.core,
        "source": device.source,
        "note": device.note,
    }


def devices_document(devices: tuple[Device, ...]) -> str:
    """Return the shipped devices as JSON: operations and bytes a second, memory in bytes."""
    found = [one._asdict() for one in devices]
    return json.text({"schema": SCHEMA, "version": __version__, "devices": found})


def columns_view() -> Table:
    """Lay out the columns that answers may have."""
    columns = (
        Column("name", "name", "name"),
        Column("key", "in JSON and CSV", "text"),
        Column("doc", "what it is", "text"),
    )
    rows = [Row((Cell(word), Cell(one.column.key), Cell(one.doc))) for word, one in COLUMNS.items()]
    note = "`--columns params,peak,…` of show, compare and block; the layers' own are not compared"
    return Table(f"{len(rows)} columns", columns, tuple(rows), (note,))


def columns_document() -> str:
    """Return the columns that answers may have as JSON."""
    found = [
        {"name": word, "key": one.column.key, "summary": one.doc} for word, one in COLUMNS.items()
    ]
    return json.text({"schema": SCHEMA, "version": __version__, "columns": found})


def _field(one: Field) -> dict[str, object]:
    default = None if one.required else one.default
    return {
        "name": one.name,
        "required": one.required,
        "default": default,
        "values": str(one.type),
        "doc": one.doc,
    }


def _default(one: Field) -> str:
    if one.required:
        return "required"
    if one.default is None:
        return "optional"
    if one.default == "default":
        return "the file's"
    return one.default if isinstance(one.default, str) else describe(one.default)
