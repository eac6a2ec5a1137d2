"""`bncalc list`: what there is."""

from enum import StrEnum
from typing import Annotated

import typer


class What(StrEnum):
    """What can be listed."""

    blocks = "blocks"
    ops = "ops"
    models = "models"
    devices = "devices"


def list_(
    what: Annotated[What, typer.Argument(help="What to list.", show_default=False)],
) -> None:
    """List the block kinds with their papers and fields, the ops, the shipped models or devices."""
    from bncalc.cli.answer import deliver

    if what is What.models:
        lines = _models()
    elif what is What.devices:
        lines = _devices()
    else:
        from bncalc.model.registry import BLOCKS, OPS

        lines = _kinds(BLOCKS if what is What.blocks else OPS)
    deliver("\n".join(lines) + "\n")


def _models() -> list[str]:
    from bncalc.zoo import MODELS

    families: dict[str, list[str]] = {}
    for name, family in MODELS.items():
        families.setdefault(family, []).append(name)
    return [f"{family}: {' '.join(names)}" for family, names in families.items()]


def _devices() -> list[str]:
    from bncalc.analysis.assumptions import BYTES
    from bncalc.devices import DEVICES
    from bncalc.language.device import open_device
    from bncalc.render import units

    lines = []
    for one in [open_device(name, BYTES) for name in DEVICES]:
        peaks = ", ".join(f"{name} {units.si(peak)}" for name, peak in one.peak.items())
        lines += [
            f"{one.name}: {one.description}",
            f"    operations a second: {peaks}",
            f"    bytes a second: {units.si(one.bandwidth)}",
            f"    source: {one.source}",
        ]
        lines += [f"    note: {one.note}"] if one.note else []
    return lines


def _kinds(words: dict[str, str]) -> list[str]:
    from bncalc.model.registry import find

    lines = []
    for word in words:
        kind = find(word)
        lines.append(f"{word}: {kind.summary()}")
        if kind.paper:
            lines.append(f"    {kind.paper}")
        for one in kind.fields:
            default = "required" if one.required else _default(one.default)
            lines.append(f"    {one.name} ({default}): {one.doc}")
    return lines


def _default(value: object) -> str:
    from bncalc.model.fields import describe

    if value is None:
        return "optional"
    return "the file's default" if value == "default" else f"default {describe(value)}"
