"""Sampling: what reads maps at places between their positions."""

from __future__ import annotations

from math import prod

from bncalc.model.cost import Cost
from bncalc.model.ops.foreign import Facts
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.placing.functions import place_unknown

NEIGHBOURS = {"nearest": 1, "linear": 2, "bilinear": 2, "cubic": 4, "bicubic": 4}
"""How many positions along an axis make up one in between, by the mode."""


def blend(mode: str, axes: int) -> int:
    """Return the operations for a number in between: a factor each, and additions."""
    neighbours = NEIGHBOURS.get(mode, 2) ** axes
    return 2 * neighbours - 1 if neighbours > 1 else 0


def grid_sampling(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place what reads a map where data says."""
    axes = len(placement.dims(layer.step.inputs[0])) - 2
    _place(placement, layer, blend(layer.step.call.text("mode", "linear"), axes))


def grid(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place positions turned by a matrix: each number is a product with them and a shift."""
    out = layer.step.outputs[0]
    axis = len(placement.dims(out)) - 1
    shape = placement.shape(out, axis)
    facts = Facts("affine_grid", shape, Cost(elementwise=2 * shape.channels * shape.elements))
    placement.put_facts(layer, facts, [placement.any(place) for place in layer.data], axis)


def regions(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place the mean or maximum of samples in regions; how many may depend on their sizes."""
    samples = layer.step.call.integer("sampling_ratio") ** 2
    if samples:
        _place(placement, layer, samples * (blend("bilinear", 2) + 1))
    else:
        place_unknown(placement, layer)


def _place(placement: OnnxPlacement, layer: FusedLayer, operations: int) -> None:
    out = layer.step.outputs[0]
    axis = placement.axis(out)
    shape = placement.shape(out, axis)
    word = {"GridSample": "grid_sample", "RoiAlign": "roi_align"}[layer.word]
    inputs = [placement.any(place) for place in layer.data]
    facts = Facts(word, shape, Cost(elementwise=operations * shape.elements))
    placement.put_facts(layer, facts, inputs, axis)


def deformable_convolution(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a convolution that reads each tap between positions, and may weigh it."""
    call, out = layer.step.call, layer.step.outputs[0]
    weights = call.dims(1)
    shape = placement.shape(out, 1)
    taps = call.dims()[1] * prod(weights[2:]) * shape.positions
    each = blend("bilinear", len(weights) - 2) + (call.given(4) is not None)
    macs, biased = prod(weights[1:]) * shape.elements, call.given(3) is not None
    elementwise = each * taps + biased * shape.elements
    cost = Cost(macs=macs, elementwise=elementwise, activations=shape.elements)
    inputs = [placement.any(place) for place in layer.data]
    facts = Facts("deformable_conv", shape, cost, family="product")
    placement.put_facts(layer, facts, inputs, 1)
