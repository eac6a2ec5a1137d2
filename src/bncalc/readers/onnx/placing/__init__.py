"""How layers are placed, by family: which native op each is, from which of its inputs."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.readers.onnx.layers import Layer
from bncalc.readers.onnx.placement import Placement
from bncalc.readers.onnx.placing import functions, joining, moving, products, windows

Placer = Callable[[Placement, Layer], None]

PLACERS: dict[str, Placer] = {
    **functions.PLACERS,
    **joining.PLACERS,
    **moving.PLACERS,
    **products.PLACERS,
    **windows.PLACERS,
}
"""Placers by the word of a layer."""


def place(placement: Placement, layer: Layer) -> None:
    """Place a layer; one that nobody knows is not counted."""
    values = [placement.flow.value(place) for place in (*layer.data(placement.flow), *layer.made())]
    placer = PLACERS.get(layer.word) if all(value.dims is not None for value in values) else None
    (placer or functions.place_unknown)(placement, layer)
