"""What moves data: most of it is no layer, as whoever reads it finds the map that it came from."""

from __future__ import annotations

from math import prod

from bncalc.readers.axes import followed, shape_of, size_of
from bncalc.readers.binary import shortest
from bncalc.readers.onnx.array import place as place_axis
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.placing.functions import our_word, unary
from bncalc.readers.onnx.value import Dims


def same(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Note what changes neither sizes nor order."""
    (place, *_) = layer.data
    placement.move(layer.step, axis=placement.known_axis(place))


def dropout(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place what zeroes a share of elements while training; none or all of them is no layer."""
    given = layer.step.call.given(1)
    held = given.numbers if given is not None else None
    rate = shortest(held[0], 0.5) if held else layer.step.call.decimal("ratio", 0.5)
    if 0 < rate < 1:
        unary(placement, layer, placement.op("dropout", rate=rate))
    else:
        same(placement, layer)


def transpose(placement: OnnxPlacement, layer: FusedLayer) -> None:
    call, place = layer.step.call, layer.step.inputs[0]
    order = call.integers("perm", tuple(reversed(range(len(placement.dims(place))))))
    axis = placement.known_axis(place)
    placement.move(layer.step, axis=None if axis is None else order.index(axis))


def reshape(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Note new sizes: the channels are where as many elements lie behind as before."""
    place, out = layer.step.inputs[0], layer.step.outputs[0]
    axis = placement.known_axis(place)
    dims, new = placement.dims(place), placement.dims(out)
    placement.move(layer.step, axis=None if axis is None else followed(dims, axis, new))


def reordering(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Note channels in blocks, or no longer, unless some come to it that only fill a block."""
    call, place, out = layer.step.call, layer.step.inputs[0], layer.step.outputs[0]
    before, after = prod(placement.dims(place)), prod(placement.dims(out))
    if before < after:
        placement.foreign(layer, "reorder", inputs=[placement.any(place)], axis=1)
        return
    last = call.op == "ReorderOutput" and call.integer("channels_last")
    axis = len(placement.dims(out)) - 1 if last else 1
    placement.move(layer.step, cuts=before > after, axis=axis)


def slicing(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Note a part of a map; all of it where the sizes stay, unless it is turned round."""
    place, out = layer.step.inputs[0], layer.step.outputs[0]
    dims = placement.dims(place)
    taken = layer.step.call.taken() if layer.step.call.is_told else {}
    turns = any(own.step < 0 and dims[axis] > 1 for axis, own in taken.items())
    cuts = dims != placement.dims(out) or turns
    placement.move(layer.step, cuts=cuts, axis=placement.known_axis(place))


def splitting(placement: OnnxPlacement, layer: FusedLayer) -> None:
    for index in range(len(layer.step.outputs)):
        axis = placement.known_axis(layer.step.inputs[0])
        placement.move(layer.step, cuts=len(layer.step.outputs) > 1, axis=axis, output=index)


def gathering(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Note one position of an axis; look up rows of a table by data; pick others."""
    table, indices = layer.step.inputs[:2]
    if not placement.flow.is_data(table):
        last = len(placement.dims(layer.step.outputs[0])) - 1
        placement.foreign(layer, "embedding", inputs=[placement.any(indices)], axis=last)
        return
    if placement.flow.is_data(indices):
        free(placement, layer)
        return
    axis, gone = placement.known_axis(table), layer.step.call.axis(0)
    if axis is not None and not placement.dims(indices):
        axis = None if axis == gone else axis - (axis > gone)
    size = placement.dims(table)[gone]
    picked = [number % size for number in placement.flow.value(indices).numbers or ()]
    placement.move(layer.step, cuts=picked != [*range(size)], axis=axis)


def pad(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place zeros around a map; none is no layer."""
    place, out = layer.step.inputs[0], layer.step.outputs[0]
    if placement.dims(place) == placement.dims(out):
        same(placement, layer)
        return
    axis = placement.axis(place)
    x, ends = placement.map(place, axis), _ends(placement, layer.step.call, axis)
    if ends is not None and x.shape.axes:
        mode = PADDINGS.get(layer.step.call.text("mode"), "zeros")
        op = placement.op("pad", size=ends, mode=mode, value=_filling(layer.step.call))
        placement.put(layer, op, [x], axis)
    else:
        placement.foreign(layer, "pad", inputs=[x], axis=axis)


def _filling(call: OnnxCall) -> float:
    """Return the number that a map is padded with: an input, or an old attribute."""
    given = call.given(2)
    held = given.numbers if given is not None else None
    return shortest(held[0], 0.0) if held else call.decimal("value", 0.0)


PADDINGS = {"edge": "replicate", "reflect": "reflect", "wrap": "circular"}
"""What positions are filled with, in our words; else with a constant."""


def _ends(placement: OnnxPlacement, call: OnnxCall, axis: int) -> Dims | None:
    """Return how many positions come to both ends of each axis; None if not to positions alone."""
    dims, pads = call.dims(), call.setting("pads", 1) or call.integers("paddings")
    axes = call.setting("axes", 3) or tuple(range(len(pads) // 2))
    ends = [0] * 2 * len(shape_of(dims, axis, placement.batch))
    for own, start, stop in zip(axes, pads[: len(axes)], pads[len(axes) :], strict=True):
        size = size_of(dims, axis, place_axis(own, len(dims)), placement.batch)
        if (start or stop) and (not size or min(start, stop) < 0):
            return None
        if size:
            ends[2 * size : 2 * size + 2] = start, stop
    return tuple(ends[2:])


def free(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place what makes a new map without working anything out."""
    placement.foreign(layer, our_word(layer.word))


def quantise(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Note the same numbers in another type; a scale that is worked out is a map of one element."""
    same(placement, layer)
    for output in range(1, len(layer.step.outputs)):
        placement.move(layer.step, cuts=True, output=output)
