"""How layers are placed, by family: which native op each is, from which of its inputs."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.placing import (
    attention,
    functions,
    fused,
    joining,
    moving,
    products,
    sampling,
    windows,
)
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.shapes import RULES
from bncalc.readers.onnx.value import Unknown

Placer = Callable[[OnnxPlacement, FusedLayer], None]

PLACERS: dict[str, Placer] = {
    **attention.PLACERS,
    **functions.PLACERS,
    **fused.PLACERS,
    **joining.PLACERS,
    **moving.PLACERS,
    **products.PLACERS,
    **sampling.PLACERS,
    **windows.PLACERS,
}
"""Placers by the word of a layer."""


def place(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a layer; one that nobody knows, or of which content decides, is not counted."""
    flow = placement.flow
    first, *others = [place for place in layer.step.outputs if place != NONE]
    further = [place for place in others if flow.is_used(place)]
    values = [flow.value(place) for place in (*layer.data(flow), first, *further)]
    call = layer.step.call
    known = call.op in RULES.get(call.domain, ()) and all(
        value.dims is not None for value in values
    )
    placer = PLACERS.get(layer.word) if known else None
    try:
        (placer or functions.place_unknown)(placement, layer)
    except Unknown:
        functions.place_unknown(placement, layer)
    for output in further:
        placement.place_further(output, first)
