"""Sampling: what reads maps at places between their positions."""

from __future__ import annotations

from math import prod

from bncalc.model.cost import Cost
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.placing.functions import place_unknown

NEIGHBOURS = {"nearest": 1, "linear": 2, "bilinear": 2, "cubic": 4, "bicubic": 4}
"""How many positions along an axis make up one in between, by the mode."""


def blend(mode: str, axes: int) -> int:
    """Return the operations for a number in between: a factor each, and additions."""
    neighbours = NEIGHBOURS.get(mode, 2) ** axes
    return 2 * neighbours - 1 if neighbours > 1 else 0


def resampling(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place an enlargement by whole numbers, or something like it."""
    x, out = layer.x, layer.step.outputs[0]
    before, after = placement.dims(x)[2:], placement.dims(out)[2:]
    mode = layer.step.call.text("mode", "nearest")
    corners = layer.step.call.text("coordinate_transformation_mode") == "align_corners"
    tensor = placement.map(x, 1)
    whole = all(n and m % n == 0 for n, m in zip(before, after, strict=True))
    if before and whole and mode in ("nearest", "linear"):
        scale = tuple([m // n for n, m in zip(before, after, strict=True)])
        mode = "nearest" if mode == "nearest" else "bilinear"
        op = placement.op("upsample", scale=scale, mode=mode, align_corners=corners)
        placement.put(layer, op, [tensor], 1)
        return
    each = blend(mode, len(before) or len(placement.dims(out)))
    options = (("mode", mode), ("align_corners", corners))
    placement.foreign(layer, "resize", each=each, inputs=[tensor], axis=1, options=options)


def grid_sampling(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place what reads a map where data says."""
    axes = len(placement.dims(layer.step.inputs[0])) - 2
    operations = blend(layer.step.call.text("mode", "linear"), axes)
    placement.foreign(layer, "grid_sample", each=operations)


def grid(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place positions turned by a matrix: each number is a product with them and a shift."""
    dims = placement.dims(layer.step.outputs[0])
    placement.foreign(layer, "affine_grid", each=2 * dims[-1], axis=len(dims) - 1)


def regions(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place the mean or maximum of samples in regions; how many may depend on their sizes."""
    samples = layer.step.call.integer("sampling_ratio") ** 2
    if samples:
        placement.foreign(layer, "roi_align", each=samples * (blend("bilinear", 2) + 1))
    else:
        place_unknown(placement, layer)


def deformable_convolution(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a convolution that reads each tap between positions, and may weigh it."""
    call = layer.step.call
    weights, shape = call.dims(1), placement.shape(layer.step.outputs[0], 1)
    taps = call.dims()[1] * prod(weights[2:]) * shape.positions
    each = blend("bilinear", len(weights) - 2) + (call.given(4) is not None)
    cost = Cost(macs=prod(weights[1:]) * shape.elements, elementwise=each * taps)
    biased = int(call.given(3) is not None)
    placement.foreign(layer, "deformable_conv", cost, each=biased, axis=1, family="product")
