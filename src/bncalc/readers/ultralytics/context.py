"""The context of a row: the net, the scale and what the file says of the whole model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from bncalc.model.net import Net, Tensor
from bncalc.named import NamedTuple
from bncalc.readers.ultralytics.arguments import RowArguments
from bncalc.readers.ultralytics.rows import Anchors
from bncalc.readers.ultralytics.scale import ModelScale

RowMaps = Tensor | tuple[Tensor, ...]


class Context(NamedTuple):
    """What a module needs to know beside its row.

    `repeats` are those of the row for a module that repeats within, else 1. `separable` says that
    class branches of heads are depthwise separable, as in files since YOLO11; `anchors` are those
    of YOLOv5's own files.
    """

    net: Net
    scale: ModelScale
    numbers: Mapping[str, object]
    separable: bool
    anchors: Anchors | None
    repeats: int = 1

    def width(self, given: RowArguments) -> int:
        """Return the output channels as built, of the argument `c2`."""
        return self.scale.channels(given.whole("c2", least=1))

    def number(self, name: str, default: int) -> int:
        """Return a whole number that the file says of the model."""
        value = self.numbers.get(name, default)
        return value if type(value) is int else default


RowPlacer = Callable[[Context, Any, RowArguments], RowMaps]
"""Context, the maps that arrive, arguments → the maps that are put out.

What arrives is a tuple of maps; at a module that takes forks some of them are tuples.
"""


class Module(NamedTuple):
    """A word of rows: how it is placed, and what its arguments are called, in their order.

    One that does not repeat within is placed so often in a row. One that `takes` forks takes the
    several maps of a row as one source.
    """

    place: RowPlacer
    arguments: str = ""
    repeats_within: bool = False
    takes: Literal["one", "several", "forks"] = "one"
