"""Deployment: whether a network fits a microcontroller, RAM and flash each taken apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bncalc.analysis.arena.arena import Arena, arena
from bncalc.analysis.arena.flash import Footprint, Share, flash_footprint
from bncalc.analysis.arena.patches import Patched, patch, patch_to_fit
from bncalc.analysis.arena.placement import place
from bncalc.analysis.arena.runtime import ConverterPadding, Runtime, padding_of, runtime_of
from bncalc.analysis.arena.scratch import instructions_of
from bncalc.analysis.assumptions import DTYPES, Patches
from bncalc.analysis.report import Peak, Report, Result
from bncalc.errors import UsageError
from bncalc.model.device import Device
from bncalc.model.graph import Graph


@dataclass(frozen=True, slots=True)
class Deployment(Result):
    """A network on a device under a runtime."""

    device: Device
    runtime: Runtime
    padding: ConverterPadding
    arena: Arena
    ram: Footprint
    flash: Footprint
    patched: Patched | None = None

    @property
    def fits(self) -> bool | None:
        """Whether it fits both memories; None where what is not known decides it."""
        both = (self.ram.fits, self.flash.fits)
        return False if False in both else None if None in both else True

    @property
    def verdict(self) -> str:
        """Whether it fits, in words; empty if no device is assumed."""
        if not self.device.name:
            return ""
        return {True: "fits", False: "does not fit", None: "may fit"}[self.fits]

    @property
    def unknown(self) -> str:
        """What of its RAM is not known, and why; empty where all of it is."""
        if self.ram.complete:
            return ""
        conversion = self.arena.graph.conversion
        if conversion is not None and conversion.unknown:
            return f"the scratch of {', '.join(conversion.unknown)} is not known"
        why = "without a device"
        if self.runtime.scratch == "not known":
            why = f"under {self.runtime.name}"
        elif instructions_of(self.device.core):
            why = "for maps of this type"
        elif self.device.core:
            why = f"on {self.device.core}"
        return f"the scratch of its kernels is not known {why}"

    @property
    def fullest(self) -> Peak:
        """The step at which the arena is fullest, and what lies in it then."""
        step, arena = self.arena.step, self.arena
        held = {buffer.name: buffer.size for buffer, _ in arena.placement.at(step)}
        return Peak(arena.paths[step], held)

    def of_whole(self) -> Mapping[str, object]:
        return {
            "ram_bytes": self.ram.needed,
            "deployment": {
                "fits": self.fits,
                "ram": _document(self.ram),
                "flash": _document(self.flash),
                "patches": None if self.patched is None else self.patched._asdict(),
                "arena": [
                    {**buffer._asdict(), "offset": offset} for buffer, offset in self.arena.placed()
                ],
            },
        }

    def assumed(self) -> Mapping[str, object]:
        return {
            "device": self.device.name,
            "runtime": self.runtime.name,
            "converted_padding": None if self.arena.graph.conversion else self.padding,
        }


def deployment_result(graph: Graph, report: Report) -> Deployment:
    """Return what a network takes of the device assumed, or of one of which nothing is known."""
    assumed, target = report.assumptions, report.assumptions.target
    return deploy(
        graph,
        assumed.device or Device(""),
        runtime_of(target.runtime),
        padding=padding_of(target.padding),
        patches=target.patches,
        dtype=target.dtype,
        activation_dtype=assumed.activation_dtype,
    )


def deploy(
    graph: Graph,
    device: Device,
    runtime: Runtime,
    *,
    padding: ConverterPadding = "same",
    patches: Patches | None = None,
    dtype: str = "int8",
    activation_dtype: str | None = None,
) -> Deployment:
    """Return what a network takes of a device's RAM and flash. Units: bytes, for one image.

    Raises UsageError for patches that a runtime does not run, or that cannot be.
    """
    maps = activation_dtype or dtype
    taken = arena(
        graph, runtime, instructions=instructions_of(device.core), dtype=maps, padding=padding
    )
    reserved = Share("reserved", device.reserved_ram)
    free = None if device.ram is None else device.ram - device.reserved_ram
    patched = None if patches is None else _patched(taken, runtime, patches, free, DTYPES[maps])
    ram = Footprint("RAM", (*_ram(taken, runtime, patched), reserved), device.ram)
    flash = flash_footprint(taken.graph, device, runtime, DTYPES[dtype])
    return Deployment(device, runtime, padding, taken, ram, flash, patched)


def _patched(
    taken: Arena, runtime: Runtime, patches: Patches, most: int | None, map_bytes: int
) -> Patched:
    if runtime.plans:
        message = f"{runtime.name} places whole maps and runs no patches; give --runtime inplace"
        raise UsageError(message)
    if patches.grid:
        return patch(taken.graph, runtime.policy, patches.grid, patches.layers, map_bytes=map_bytes)
    if most is None:
        raise UsageError(
            "--patch auto needs a device with RAM; give --device, or a grid such as 4x4"
        )
    return patch_to_fit(taken.graph, runtime.policy, most, map_bytes=map_bytes)


def _document(footprint: Footprint) -> dict[str, object]:
    return {
        "fits": footprint.fits,
        "available": footprint.available,
        "needed": footprint.needed,
        "complete": footprint.complete,
        "parts": {share.name: share.size for share in footprint.shares},
    }


def _ram(taken: Arena, runtime: Runtime, patched: Patched | None) -> tuple[Share, ...]:
    maps = place(taken.maps).size if runtime.plans else taken.most_live
    if patched is not None:
        maps = patched.peak_with_image
    shares = [Share("maps", maps)]
    if runtime.scratch != "none":
        known = taken.scratch is not None and runtime.scratch == "cmsis-nn"
        shares.append(Share("scratch", taken.head - maps if known else None))
    if runtime.persists:
        shares.append(Share("persistent", taken.persistent, estimated=True))
    return tuple(shares)
