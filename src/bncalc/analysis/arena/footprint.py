"""Footprints: what a network takes of one memory of a device, part by part."""

from __future__ import annotations

from bncalc.named import NamedTuple


class Share(NamedTuple):
    """A part of RAM or flash, in bytes; None where it is not known."""

    name: str
    size: int | None
    estimated: bool = False


class Footprint(NamedTuple):
    """What a network takes of one memory of a device, and how much of it there is."""

    memory: str
    shares: tuple[Share, ...]
    available: int | None

    @property
    def needed(self) -> int:
        """The bytes that are known to be needed: a lower limit unless it is `complete`."""
        return sum(share.size or 0 for share in self.shares)

    @property
    def complete(self) -> bool:
        return all(share.size is not None for share in self.shares)

    @property
    def left(self) -> int | None:
        """The bytes left, negative where they do not suffice; None where the size is not known."""
        return None if self.available is None else self.available - self.needed

    @property
    def fits(self) -> bool | None:
        """Whether it fits; None where what is not known decides it."""
        if self.left is None:
            return None
        if self.left < 0:
            return False
        return True if self.complete else None
