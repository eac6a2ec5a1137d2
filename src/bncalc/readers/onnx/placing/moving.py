"""What moves data: most of it is no layer, as whoever reads it finds the map that it came from."""

from __future__ import annotations

from math import prod

from bncalc.model.net import Tensor
from bncalc.model.ops.foreign import Facts
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.axes import followed, shape_of, size_of
from bncalc.readers.onnx.array import place as place_axis
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import Moved, OnnxPlacement
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.value import Dims


class AxisStretch(NamedTuple):
    """Where a part begins on an axis, its size, and that of the whole."""

    start: int
    size: int
    whole: int
    axis: int

    @property
    def stop(self) -> int:
        return self.start + self.size

    @property
    def is_even(self) -> bool:
        """Tell whether it is one of equal parts."""
        return self.whole % self.size == 0 and self.start % self.size == 0


def same(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Note what changes neither sizes nor order."""
    (place, *_) = layer.data
    placement.move(layer.step, axis=placement.known_axis(place))


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


def slicing(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Note a part of a map; all of it where the sizes stay."""
    place, out = layer.step.inputs[0], layer.step.outputs[0]
    cuts = placement.dims(place) != placement.dims(out)
    placement.move(layer.step, cuts=cuts, axis=placement.known_axis(place))


def splitting(placement: OnnxPlacement, layer: FusedLayer) -> None:
    for index in range(len(layer.step.outputs)):
        axis = placement.known_axis(layer.step.inputs[0])
        placement.move(layer.step, cuts=len(layer.step.outputs) > 1, axis=axis, output=index)


def gathering(placement: OnnxPlacement, layer: FusedLayer) -> None:
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
    cuts = prod(placement.dims(table)) != prod(placement.dims(out))
    placement.move(layer.step, cuts=cuts, axis=axis)


def cut(placement: OnnxPlacement, moved: Moved, wanted: Shape) -> Tensor:
    """Place a part of a map: a stretch of each axis, else anything of that size."""
    source, stretches = placement.any(moved.source), stretches_of(placement, moved)
    if moved.step.call.op == "DynamicQuantizeLinear":
        return placement.place_facts(Facts("scale", wanted), source, name=None)
    if len(stretches) == 1 and stretches[0].is_even:
        parts = stretches[0].whole // stretches[0].size
        if source.shape == Shape(parts * wanted.channels, *wanted.space):
            return _part(source, stretches[0], 0)
    axis, dims = placement.axis(moved.source), placement.dims(moved.source)
    over = [size_of(dims, axis, stretch.axis, placement.batch) for stretch in stretches]
    if stretches and None not in over:
        tensor = placement.map(moved.source, axis)
        for stretch, size in zip(stretches, over, strict=True):
            tensor = _part(tensor, stretch, size or 0)
        return tensor
    if len(stretches) == 1:
        return _part(placement.map(moved.source, stretches[0].axis), stretches[0], 0)
    gathers = moved.step.call.op == "Gather"
    facts = Facts("gather", wanted) if gathers else Facts("slice", wanted, storage="view")
    return placement.place_facts(facts, source, name=None)


def _part(x: Tensor, stretch: AxisStretch, over: int) -> Tensor:
    """Place a stretch of an axis of a map: one of equal parts, or from where to where."""
    if stretch.is_even:
        parts, part = stretch.whole // stretch.size, stretch.start // stretch.size
        return x.net.op("split", x, parts=parts, part=part, over=(over,))
    return x.net.op("slice", x, start=stretch.start, stop=stretch.stop, over=(over,))


def stretches_of(placement: OnnxPlacement, moved: Moved) -> tuple[AxisStretch, ...]:
    """Return which part of the source is taken: of some axes a stretch; none if it is not that."""
    call, dims = moved.step.call, placement.dims(moved.source)
    if call.op == "DynamicQuantizeLinear":
        return ()
    if call.op == "Gather":
        return _gathered(call, dims)
    out = [placement.dims(place) if place != NONE else () for place in moved.step.outputs]
    own = out[moved.output]
    cuts = [axis for axis, (n, m) in enumerate(zip(dims, own, strict=True)) if n != m]
    if 0 in own or not cuts:
        return ()
    if call.op == "Split":
        axis = cuts[0]
        sizes = call.setting("split", 1) or [shape[axis] for shape in out if shape]
        return (AxisStretch(sum(sizes[: moved.output]), own[axis], dims[axis], axis),)
    begins = _begins(call, dims)
    stretches = [AxisStretch(begins[n], own[n], dims[n], n) for n in cuts if n in begins]
    return tuple(stretches) if len(stretches) == len(cuts) else ()


def _gathered(call: OnnxCall, dims: Dims) -> tuple[AxisStretch, ...]:
    axis, numbers = call.axis(0), call.input(1).numbers or ()
    whole = dims[axis]
    indices = [int(number) % whole for number in numbers]
    if not indices or indices != [*range(indices[0], indices[0] + len(indices))]:
        return ()
    return (AxisStretch(indices[0], len(indices), whole, axis),)


def _begins(call: OnnxCall, dims: Dims) -> dict[int, int]:
    """Return where a slice begins on each axis that it takes without a gap."""
    starts = call.setting("starts", 1) or ()
    given = call.setting("axes", 3) or tuple(range(len(starts)))
    axes = [place_axis(axis, len(dims)) for axis in given]
    steps = call.setting("steps", 4) or (1,) * len(starts)
    begins = {}
    for start, axis, step in zip(starts, axes, steps, strict=True):
        if step == 1:
            begins[axis], _, _ = slice(start, None).indices(dims[axis])
    return begins


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
        placement.put(layer, placement.op("pad", size=ends, mode=mode), [x], axis)
    else:
        placement.put_facts(layer, Facts("pad", placement.shape(out, axis)), [x], axis)


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
    out = layer.step.outputs[0]
    inputs = [placement.any(place) for place in layer.data]
    axis = placement.axis(out)
    word = "".join(["_" + c.lower() if c.isupper() else c for c in layer.word]).lstrip("_")
    placement.put_facts(layer, Facts(word, placement.shape(out, axis)), inputs, axis)


def quantise(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Note the same numbers in another type; a scale that is worked out is a map of one element."""
    same(placement, layer)
    for output in range(1, len(layer.step.outputs)):
        placement.move(layer.step, cuts=True, output=output)
