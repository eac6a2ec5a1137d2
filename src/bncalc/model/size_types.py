"""Types of fields that hold sizes: one for each axis of a map, axes by their names, an input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bncalc.model.field_types import LARGEST, Either, FieldType, Integer
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple

MOST_AXES = 3
"""A map has at most so many axes of positions: depth, height, width."""
_SIZE = (Integer(0), Integer(1))
"""One size, by the least that it may be."""


class ByAxis(NamedTuple):
    """A whole number for all axes, or a list of one for each: [height, width].

    It is held as written, (3,) or (3, 5): how many axes there are is known where a map arrives.
    With `ends` the list may also have two for each axis: [top, bottom, left, right].
    """

    least: int = 1
    ends: bool = False

    def accept(self, value: object) -> object:
        each = _SIZE[self.least]
        if isinstance(value, (list, tuple)):
            if not 1 <= len(value) <= self._most:
                raise ValueError
            return tuple([each.accept(size) for size in value])
        return (each.accept(value),)

    def schema(self) -> dict[str, Any]:
        each = _SIZE[self.least].schema()
        listed = {"type": "array", "items": each, "minItems": 1, "maxItems": self._most}
        return {"anyOf": [each, listed]}

    @property
    def _most(self) -> int:
        return MOST_AXES * (1 + self.ends)

    def __str__(self) -> str:
        both = ", or two for each: [top, bottom, left, right]" if self.ends else ""
        return f"{_SIZE[self.least]}, or one for each axis: [height, width]{both}"


class Axes(NamedTuple):
    """Axes of a map by their names, or counted from 0, the channels: one of them, or a list.

    They are held by number, which counts from the last axis for names; `positions` are all but the
    channels, and `length` is the one axis of a sequence. Letters are what expressions call sizes.
    """

    def accept(self, value: object) -> object:
        names = value if isinstance(value, (list, tuple)) else (value,)
        if not names:
            raise ValueError
        return tuple([_NAMED[name] if name in _NAMED else _AXIS.accept(name) for name in names])

    def schema(self) -> dict[str, Any]:
        named: dict[str, Any] = {"enum": [*AXES, *range(1 + MOST_AXES)]}
        return {"anyOf": [named, {"type": "array", "items": named, "minItems": 1}]}

    def __str__(self) -> str:
        return f"{', '.join(AXES)}, a number from 0, or a list of these"


POSITIONS = "positions"
LENGTH = "length"
AXES: Mapping[str, int | str] = {
    "channels": 0,
    POSITIONS: POSITIONS,
    LENGTH: LENGTH,
    "depth": -3,
    "height": -2,
    "width": -1,
}
_NAMED = {**AXES, "c": 0, "cin": 0, "d": -3, "h": -2, "w": -1}


_AXIS = Integer(-MOST_AXES, MOST_AXES)


def is_by_axis(type: FieldType, *, ends: bool = False) -> bool:
    """Return whether a field of a type can hold a size for each axis, or for each end of it."""
    if isinstance(type, Either):
        return any(is_by_axis(member, ends=ends) for member in type.types)
    return isinstance(type, ByAxis) and type.ends >= ends


class InputShape:
    """The shape of an input: a list of its channels and the size of each axis, or 3x224x224.

    A list may be text, for on a command line everything is.
    """

    def accept(self, value: object) -> object:
        if isinstance(value, str):
            listed = value.startswith("[") and value.endswith("]")
            parts = (value[1:-1] if listed else value).replace("x", ",").split(",")
            value = [int(part) for part in parts if part.strip().isdecimal()]
            if len(value) != len(parts):
                raise ValueError
        if isinstance(value, (list, tuple)) and 1 <= len(value) <= 1 + MOST_AXES:
            return Shape(*[Integer().accept(size) for size in value])  # type: ignore[arg-type]
        raise ValueError

    def schema(self) -> dict[str, Any]:
        size = Integer().schema()
        sizes = {"type": "array", "items": size, "minItems": 1, "maxItems": 1 + MOST_AXES}
        return {"anyOf": [sizes, {"type": "string", "pattern": r"^\d+([x,]\d+){0,3}$"}]}

    def __str__(self) -> str:
        sizes = f"channels and 0 to {MOST_AXES} sizes, each from 1 to {LARGEST:,}"
        return f"[channels, height, width], or {sizes}"
