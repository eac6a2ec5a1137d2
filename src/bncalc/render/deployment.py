"""A deployment laid out: whether a network fits, and what RAM and flash are made of."""

from __future__ import annotations

from collections.abc import Iterator

from bncalc.analysis.arena.deployment import Deployment
from bncalc.analysis.arena.flash import Footprint, Share
from bncalc.analysis.report import Report
from bncalc.mending.fix import Fix
from bncalc.model.shape import shown
from bncalc.quantity import plural
from bncalc.render import units
from bncalc.render.notes import types
from bncalc.render.table import Cell, Column, Row, Table

_COLUMNS = (Column("part", "part", "name"), Column("bytes", "bytes"), Column("size", "", "text"))
_WORDS = {
    "maps": "feature maps",
    "scratch": "kernel scratch",
    "persistent": "persistent data",
    "file": "rest of the file",
    "reserved": "reserved for the application",
}


def deployment_view(report: Report, edits: tuple[Fix, ...] | None) -> Table:
    """Lay out what a network takes of a device, the verdict in the title."""
    deployment = report.result(Deployment)
    rows = [row for footprint in (deployment.ram, deployment.flash) for row in _rows(footprint)]
    notes = (*_peak(deployment), *_patches(deployment, report), *_edits(deployment, edits))
    notes = (*notes, _rests(report))
    verdict = _verdict(report.name, deployment)
    return Table(verdict, _COLUMNS, tuple(rows), notes, same=_same(report, deployment))


def _same(report: Report, deployment: Deployment) -> tuple[tuple[str, object], ...]:
    """Return the verdict, and what it rests on, as a file of numbers has it."""
    return (
        ("name", report.name),
        ("device", deployment.device.name or None),
        ("fits", deployment.verdict or None),
        ("runtime", deployment.runtime.name),
        ("dtype", report.assumptions.dtype),
        ("activation_dtype", report.assumptions.stated()["activation_dtype"]),
        ("converted_padding", deployment.assumed()["converted_padding"]),
    )


def _verdict(name: str, deployment: Deployment) -> str:
    held = f"{deployment.verdict} {deployment.device.name}"
    held = held if deployment.verdict else f"under {deployment.runtime.name}"
    return f"{name} {held}: {_needed(deployment.ram)}; {_needed(deployment.flash)}"


def _needed(footprint: Footprint) -> str:
    least = "" if footprint.complete else "at least "
    needed = f"{footprint.memory} {least}{units.size(footprint.needed)}"
    if footprint.available is None or footprint.left is None:
        return needed
    rest = f"{units.size(abs(footprint.left))} {'left' if footprint.left >= 0 else 'too much'}"
    return f"{needed} of {units.size(footprint.available)}, {rest}"


def _rows(footprint: Footprint) -> Iterator[Row]:
    word, total = footprint.memory, Cell(footprint.needed)
    text = Cell(units.size(footprint.needed) + ("" if footprint.complete else " at least"))
    yield Row((Cell(word, exact=word.lower()), total, text), role="part")
    for share in footprint.shares:
        name = Cell(_WORDS.get(share.name, share.name), exact=f"{word.lower()}/{share.name}")
        yield Row((name, Cell(share.size), Cell(_size(share))), depth=1)


def _size(share: Share) -> str:
    if share.size is None:
        return "not known"
    return units.size(share.size) + (" estimated" if share.estimated else "")


def _peak(deployment: Deployment) -> Iterator[str]:
    if deployment.patched is None and deployment.runtime.plans:
        arena = deployment.arena
        held = sorted(arena.placement.at(arena.step), key=lambda pair: pair[1])
        maps = ", ".join(f"{buffer.name} {buffer.size:,} at {offset:,}" for buffer, offset in held)
        yield f"the arena is fullest at {arena.paths[arena.step]} (bytes at offset): {maps}"


def _patches(deployment: Deployment, report: Report) -> Iterator[str]:
    patched = deployment.patched
    if patched is not None:
        added = patched.macs - patched.whole_macs
        yield (
            f"patches {shown(patched.grid)} over {plural(patched.layers, 'convolution')}: "
            f"{units.size(patched.stage)} + the image {units.size(patched.image)}, "
            f"the rest {units.size(patched.rest)}; "
            f"{units.growth(report.totals.macs, report.totals.macs + added)} MACs"
        )


def _edits(deployment: Deployment, edits: tuple[Fix, ...] | None) -> Iterator[str]:
    if edits is None:
        return
    short = [memory for memory in (deployment.ram, deployment.flash) if (memory.left or 0) < 0]
    if all(len(edit.meets) < len(short) for edit in edits):
        yield f"no single edit that was tried makes {'both' if len(short) > 1 else 'it'} fit"
    for edit in edits:
        part = f"{edit.meets[0]} " if len(edit.meets) < len(short) else ""
        new = f"{edit.field} {edit.bound} {edit.new}"
        yield f"{part}would fit with {new} (now {edit.old}), {edit.location}"


def _rests(report: Report) -> str:
    deployment = report.result(Deployment)
    runtime = [f"runtime {deployment.runtime.name}"]
    if deployment.device.core:
        runtime.append(deployment.device.core)
    if deployment.arena.graph.conversion is not None:
        return ", ".join(["as in the file", *runtime])
    parts = [*types(report.assumptions), *runtime]
    return f"{', '.join(parts)}; padding {deployment.padding}; batch 1"
