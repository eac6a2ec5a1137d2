"""Reasons: the layers and the written values that made a number what it is, as data."""

from __future__ import annotations

from bncalc.errors import Location
from bncalc.named import NamedTuple


class LayerChange(NamedTuple):
    """What one layer had in the base and has now; None where it was not, or is no more."""

    path: str
    old: int | None
    new: int | None

    @property
    def delta(self) -> int:
        return (self.new or 0) - (self.old or 0)


class Cause(NamedTuple):
    """A value in the file that was changed: `head.conv.out`, from what to what, and where.

    One that is written no more is placed where its neighbour is; `was` is its own place.
    """

    field: str
    old: str
    new: str
    location: Location
    was: Location | None = None

    def stated(self) -> dict[str, object]:
        """Return what documents say of it."""
        own = {"field": self.field, "old": self.old, "new": self.new}
        return {**own, "location": self.location._asdict()}


class Why(NamedTuple):
    """What made the difference: every layer whose number changed, largest first, and the causes.

    Without a base `layers` are the largest layers, and `causes` is empty. Of a peak they are the
    maps in memory, and `at` is the layer at which it is.
    """

    layers: tuple[LayerChange, ...]
    causes: tuple[Cause, ...] = ()
    at: str = ""
