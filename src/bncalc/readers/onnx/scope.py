"""Scopes: the values that names stand for, in a graph and in the graphs around it."""

from __future__ import annotations

from collections.abc import Mapping

from bncalc.named import NamedTuple
from bncalc.readers.onnx.proto import Attribute

NONE = -1
"""The input that is left out."""


class ValueScope:
    """The places of values by name; what has no place here may have one in the graph around."""

    def __init__(self, around: ValueScope | None = None) -> None:
        self.own: dict[str, int] = {}
        self.left_out: frozenset[str] = frozenset()
        """The inputs of a function that a call of it leaves out."""
        self._around = around

    def get(self, name: str) -> int:
        scope: ValueScope | None = self
        while scope is not None:
            place = scope.own.get(name)
            if place is not None:
                return place
            scope = scope._around
        return NONE

    def places(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Return the places of several values."""
        own = tuple([self.own.get(name, NONE) for name in names])  # where nearly all are
        return tuple(map(self.get, names)) if NONE in own else own

    def lacks(self, name: str) -> bool:
        """Return whether a name should stand for a value and does not."""
        if not name or self.get(name) != NONE:
            return False
        scope: ValueScope | None = self
        while scope is not None and name not in scope.left_out:
            scope = scope._around
        return scope is None


class Frame(NamedTuple):
    """What nodes stand among: what names stand for there, and the functions' calls around them.

    `settings` are the attributes of the innermost call.
    """

    names: ValueScope
    scope: tuple[str, ...] = ()
    settings: Mapping[str, Attribute] = {}
