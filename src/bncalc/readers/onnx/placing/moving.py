"""What moves data: most of it is no layer, as whoever reads it finds the map that it came from."""

from __future__ import annotations

from bncalc.model.net import Tensor
from bncalc.model.ops.foreign import Facts
from bncalc.model.ops.resizing import Pad
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.axes import followed
from bncalc.readers.onnx.array import place as place_axis
from bncalc.readers.onnx.inference import NONE
from bncalc.readers.onnx.layers import Layer
from bncalc.readers.onnx.placement import Moved, Placement
from bncalc.readers.onnx.value import Dims


def same(placement: Placement, layer: Layer) -> None:
    """Note what changes neither sizes nor order."""
    (place, *_) = layer.data(placement.flow)
    placement.move(layer.step, axis=placement.known_axis(place))


def transpose(placement: Placement, layer: Layer) -> None:
    call, place = layer.step.call, layer.step.inputs[0]
    order = call.integers("perm", tuple(reversed(range(len(placement.dims(place))))))
    axis = placement.known_axis(place)
    placement.move(layer.step, axis=None if axis is None else order.index(axis))


def reshape(placement: Placement, layer: Layer) -> None:
    """Note new sizes: the channels are where as many elements lie behind as before."""
    place, out = layer.step.inputs[0], layer.step.outputs[0]
    axis = placement.known_axis(place)
    dims, new = placement.dims(place), placement.dims(out)
    placement.move(layer.step, axis=None if axis is None else followed(dims, axis, new))


def slicing(placement: Placement, layer: Layer) -> None:
    """Note a part of a map; all of it where the sizes stay."""
    place, out = layer.step.inputs[0], layer.step.outputs[0]
    cuts = placement.dims(place) != placement.dims(out)
    placement.move(layer.step, cuts=cuts, axis=placement.known_axis(place))


def splitting(placement: Placement, layer: Layer) -> None:
    for index in range(len(layer.step.outputs)):
        axis = placement.known_axis(layer.step.inputs[0])
        placement.move(layer.step, cuts=len(layer.step.outputs) > 1, axis=axis, output=index)


def gathering(placement: Placement, layer: Layer) -> None:
    """Note one position of an axis; look up rows of a table by data; pick others."""
    table, indices = layer.step.inputs[:2]
    out = layer.step.outputs[0]
    if not placement.flow.is_data(table):
        facts = Facts("embedding", placement.shape(out, len(placement.dims(out)) - 1))
        placement.put_facts(layer, facts, [placement.any(indices)], len(placement.dims(out)) - 1)
        return
    if placement.flow.is_data(indices):
        free(placement, layer)
        return
    axis, gone = placement.known_axis(table), layer.step.call.axis(0)
    if axis is not None and not placement.dims(indices):
        axis = None if axis == gone else axis - (axis > gone)
    placement.move(layer.step, cuts=True, axis=axis)


def cut(placement: Placement, moved: Moved, wanted: Shape) -> Tensor:
    """Place a part of a map: of its channels where it is one, else anything of that size."""
    source, stretch = placement.any(moved.source), _stretch(placement, moved)
    if moved.step.call.op == "DynamicQuantizeLinear":
        return placement.place_facts(Facts("scale", wanted), source, name=None)
    if stretch is not None:
        parts, part = stretch.whole // stretch.size, stretch.start // stretch.size
        even = (parts * stretch.size, part * stretch.size) == (stretch.whole, stretch.start)
        if even and source.shape == Shape(parts * wanted.channels, *wanted.space):
            return placement.net.op("split", source, parts=parts, part=part)
        if stretch.axis == placement.known_axis(moved.step.outputs[moved.output]):
            source = placement.map(moved.source, stretch.axis)
            if source.shape.space == wanted.space:
                stop = stretch.start + stretch.size
                return placement.net.op("slice", source, start=stretch.start, stop=stop)
    word = "gather" if moved.step.call.op == "Gather" else "slice"
    return placement.place_facts(Facts(word, wanted, storage="view"), source, name=None)


class Stretch(NamedTuple):
    """Where a part begins on an axis, its size, and that of the whole."""

    start: int
    size: int
    whole: int
    axis: int


def _stretch(placement: Placement, moved: Moved) -> Stretch | None:
    """Return which part of the source is taken, None where it is not one stretch of one axis."""
    call, dims = moved.step.call, placement.dims(moved.source)
    if call.op == "DynamicQuantizeLinear":
        return None
    if call.op == "Gather":
        numbers, axis = call.input(1).numbers, call.axis(0)
        if numbers is None or len(numbers) != 1:
            return None
        return Stretch(int(numbers[0]) % dims[axis], 1, dims[axis], axis)
    out = [placement.dims(place) if place != NONE else () for place in moved.step.outputs]
    own = out[moved.output]
    axes = [axis for axis, (n, m) in enumerate(zip(dims, own, strict=True)) if n != m]
    if len(axes) != 1:
        return None
    (axis,) = axes
    if call.op == "Split":
        sizes = call.setting("split", 1) or [shape[axis] for shape in out if shape]
        return Stretch(sum(sizes[: moved.output]), own[axis], dims[axis], axis)
    return _sliced(moved, dims, axis, own[axis])


def _sliced(moved: Moved, dims: Dims, axis: int, size: int) -> Stretch | None:
    call = moved.step.call
    starts = call.setting("starts", 1) or ()
    axes = call.setting("axes", 3) or tuple(range(len(starts)))
    steps = call.setting("steps", 4) or (1,) * len(starts)
    for start, own, step in zip(starts, axes, steps, strict=True):
        if place_axis(own, len(dims)) == axis and step == 1:
            begin, _, _ = slice(start, None).indices(dims[axis])
            return Stretch(begin, size, dims[axis], axis)
    return None


def pad(placement: Placement, layer: Layer) -> None:
    """Place zeros around a map; none is no layer."""
    place, out = layer.step.inputs[0], layer.step.outputs[0]
    if placement.dims(place) == placement.dims(out):
        same(placement, layer)
        return
    axis = placement.axis(place)
    x, wanted = placement.map(place, axis), placement.shape(out, axis)
    wider = [m - n for n, m in zip(x.shape, wanted, strict=False)]
    even = all(more >= 0 and more % 2 == 0 for more in wider) and len(x.shape) == len(wanted)
    if even and not wider[0] and x.shape.axes:
        size = tuple([more // 2 for more in wider[1:]])
        placement.put(layer, Pad(size=size), [x], axis)
    else:
        placement.put_facts(layer, Facts("pad", wanted), [x], axis)


def free(placement: Placement, layer: Layer) -> None:
    """Place what makes a new map without working anything out."""
    out = layer.step.outputs[0]
    inputs = [placement.any(place) for place in layer.data(placement.flow)]
    axis = placement.axis(out)
    word = "".join(["_" + c.lower() if c.isupper() else c for c in layer.word]).lstrip("_")
    placement.put_facts(layer, Facts(word, placement.shape(out, axis)), inputs, axis)


def quantise(placement: Placement, layer: Layer) -> None:
    """Note the same numbers in another type; a scale that is worked out is a map of one element."""
    same(placement, layer)
    for output in range(1, len(layer.step.outputs)):
        placement.move(layer.step, cuts=True, output=output)


PLACERS = {
    **dict.fromkeys(["Cast", "CastLike", "Dropout", "Identity"], same),
    **dict.fromkeys(["QuantizeLinear", "DequantizeLinear"], same),
    **dict.fromkeys(["Flatten", "Reshape", "Squeeze", "Unsqueeze"], reshape),
    **dict.fromkeys(["EyeLike", "Expand", "OneHot", "QLinearConcat", "Tile"], free),
    **dict.fromkeys(["GatherElements", "GatherND", "ReverseSequence"], free),
    **dict.fromkeys(["ScatterElements", "ScatterND"], free),
    "DynamicQuantizeLinear": quantise,
    "Gather": gathering,
    "Pad": pad,
    "Slice": slicing,
    "Split": splitting,
    "Transpose": transpose,
}
