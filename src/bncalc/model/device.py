"""A device: what it computes and moves in a second, and the memory that it has."""

from __future__ import annotations

from collections.abc import Mapping

from bncalc.named import NamedTuple


class Device(NamedTuple):
    """Peaks in operations per second by type (a MAC is two); bandwidth in bytes per second.

    A microcontroller has `ram` and `flash` in bytes, of which the application takes what is
    `reserved`, and a `core` whose instructions decide what a kernel needs beside its maps. What a
    device file does not say is None, or no peak.
    """

    name: str
    peak: Mapping[str, int] = {}
    bandwidth: int | None = None
    ram: int | None = None
    flash: int | None = None
    core: str = ""
    reserved_ram: int = 0
    reserved_flash: int = 0
    description: str = ""
    source: str = ""
    note: str = ""

    @property
    def sizes(self) -> tuple[tuple[str, int], ...]:
        """The most that a network may take of it, by the word of the metric."""
        sizes = (("ram", self.ram), ("flash", self.flash))
        return tuple([(word, size) for word, size in sizes if size])

    def __hash__(self) -> int:
        return hash((self.name, self.ram, self.flash))
