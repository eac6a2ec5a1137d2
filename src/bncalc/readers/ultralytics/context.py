"""The context of a row: the net, the scale and what the file says of the whole model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bncalc.errors import ShapeError
from bncalc.model.net import Net, Tensor
from bncalc.named import NamedTuple
from bncalc.readers.ultralytics.scale import Scale

Maps = Tensor | tuple[Tensor, ...]
Kind = TypeVar("Kind")


class Context(NamedTuple):
    """What a module needs to know beside its row.

    `separable` says that class branches of heads are depthwise separable, as in files since YOLO11;
    `anchors` are those of YOLOv5's own files.
    """

    net: Net
    scale: Scale
    numbers: Mapping[str, object]
    separable: bool
    anchors: int

    def width(self, given: Arguments) -> int:
        """Return the output channels as built; those of a row are its first argument."""
        return self.scale.channels(given.whole(0))

    def number(self, name: str, default: int) -> int:
        """Return a whole number that the file says of the model."""
        value = self.numbers.get(name, default)
        return value if type(value) is int else default


class Arguments:
    """The arguments of a row by position; a name stands for a number that the file gives."""

    def __init__(self, values: tuple[object, ...], context: Context) -> None:
        self._values = [
            context.numbers.get(value, value) if isinstance(value, str) else value
            for value in values
        ]

    def __len__(self) -> int:
        return len(self._values)

    def whole(self, index: int, default: int | None = None) -> int:
        """Return a whole number of at least 0; raise ShapeError for anything else."""
        value = self._at(index, default)
        if type(value) is int and value >= 0:
            return value
        raise ShapeError(f"argument {index + 1} is {value!r}; it must be a whole number")

    def flag(self, index: int, default: bool) -> bool:
        """Return true or false; a number is true unless it is 0."""
        return bool(self._at(index, default))

    def ratio(self, index: int, default: float) -> float:
        """Return a number above 0."""
        value = self._at(index, default)
        if type(value) in (int, float) and value > 0:  # type: ignore[operator]
            return value  # type: ignore[return-value]  # a number, as was asked
        raise ShapeError(f"argument {index + 1} is {value!r}; it must be a number above 0")

    def wholes(self, index: int, default: tuple[int, ...] | None = None) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        value = self._at(index, default)
        if isinstance(value, tuple) and all(type(each) is int for each in value):
            return value
        raise ShapeError(f"argument {index + 1} is {value!r}; it must be a list of whole numbers")

    def _at(self, index: int, default: object) -> object:
        value = self._values[index] if index < len(self._values) else None
        return default if value is None else value
