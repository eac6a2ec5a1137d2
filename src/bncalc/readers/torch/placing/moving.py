"""What moves data: most of it is no layer, as whoever reads it finds the map that it came from."""

from __future__ import annotations

from math import prod
from typing import Any

from bncalc.model.ops.arranging import Roll
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.ops.moving import Split
from bncalc.readers.axes import Dims, followed, likely, shape_of, size_of, taking
from bncalc.readers.layout import channels_first, cuts_in_map, stacked, turn
from bncalc.readers.torch.placement import TracePlacement, TracePlacer
from bncalc.readers.torch.placing.cuts import cut_of
from bncalc.readers.torch.trace import TracedCall, TracedTensor


def move(placement: TracePlacement, call: TracedCall) -> None:
    """Note what is a map under other sizes, or a part of it."""
    x = call.values[0]
    axis = placement.known_axis(x)
    for value in call.outputs:
        if prod(value.dims) == prod(x.dims):
            there = None if axis is None else followed(x.dims, axis, value.dims)
            placement.hold_view(value, placement.any(x), there, placement.layout(x))
        else:
            _cut(placement, call, x, value)


def _cut(placement: TracePlacement, call: TracedCall, x: TracedTensor, value: TracedTensor) -> None:
    """Place a part of a map: equal parts of its channels as one says it, any other by its size.

    A part without elements is no layer if it is only put beside others.
    """
    axis = placement.known_axis(x)
    if 0 in value.dims and placement.trace.only_joins(value):
        placement.hold_view(value, placement.any(x), None, None)
        return
    if len(x.dims) == len(value.dims) and axis is not None:
        whole, part = x.dims[axis], value.dims[axis]
        others = [
            n == m for i, (n, m) in enumerate(zip(x.dims, value.dims, strict=True)) if i != axis
        ]
        parts = len(call.outputs)
        if all(others) and parts > 1 and part * parts == whole:
            split = Split(parts=parts, part=call.outputs.index(value))
            placement.hold(value, placement.part_of(call, split, placement.map(x, axis)), axis)
            return
    elif len(x.dims) != len(value.dims):
        axis = None
    layout, ranges = placement.layout(x), cut_of(call, value)
    cuts = cuts_in_map(layout, x.dims, ranges) if layout and ranges is not None else None
    stretch = cuts.stretch(placement.any(x).shape) if cuts else None
    if cuts and stretch:
        source = placement.any(x)
        op = taking(stretch.start, stretch.stop, source.shape[stretch.axis], stretch.axis)
        tensor = placement.part_of(call, op, source)
        placement.hold_view(value, tensor, axis, cuts.left)
        return
    there = likely(value.dims) if axis is None else axis
    order = channels_first(value.dims, there)
    options = cuts.options(turn(value.dims, order)) if cuts else ()
    facts = Facts("slice", shape_of(value.dims, there), storage="view", options=options)
    placement.hold(value, placement.part_of(call, Foreign(facts), placement.any(x)), there)
    placement.hold_axis(value, axis)


def _permute(placement: TracePlacement, call: TracedCall) -> None:
    x, value = call.values[0], call.outputs[0]
    axis = placement.known_axis(x)
    there = None if axis is None else order_of(call).index(axis)
    layout = placement.layout(x)
    layout = layout.then(turn(x.dims, order_of(call))) if layout else None
    placement.hold_view(value, placement.any(x), there, layout)


def order_of(call: TracedCall) -> Dims:
    """Return the order that a call gives to the axes of its input, counted from 0."""
    count = len(call.values[0].dims)
    order = list(range(count))
    if call.word == "permute":
        given = call.given(1, "dims")
        listed = given if isinstance(given, tuple) else call.arguments[1:]
        order = [each % count for each in listed]
    elif call.word in ("moveaxis", "movedim"):
        given = (call.given(1, "source"), call.given(2, "destination"))
        sources, places = ([axis % count for axis in _listed(each)] for each in given)
        order = [axis for axis in order if axis not in sources]
        for place, axis in sorted(zip(places, sources, strict=True)):
            order.insert(place, axis)
    elif call.word in ("H", "T"):
        order.reverse()
    elif call.word in ("adjoint", "mH", "mT"):
        order[-2:] = order[:-3:-1]
    elif call.word != "t" or count == 2:
        a, b = (0, 1) if call.word == "t" else call.all[1:3]
        order[a], order[b] = order[b], order[a]
    return tuple(order)


def same(placement: TracePlacement, call: TracedCall) -> None:
    """Note what changes neither sizes nor order."""
    x = call.values[0]
    axis, layout = placement.known_axis(x), placement.layout(x)
    placement.hold_view(call.outputs[0], placement.any(x), axis, layout)


def _expand(placement: TracePlacement, call: TracedCall) -> None:
    x, value = call.values[0], call.outputs[0]
    if prod(x.dims) == prod(value.dims):
        move(placement, call)
        return
    placement.foreign(call, "expand", inputs=[placement.any(x)], storage="view")


def _stacked(placement: TracePlacement, call: TracedCall) -> None:
    """Place what puts tensors beside each other on a further axis."""
    first, out, layout = call.values[0], call.outputs[0], placement.layout(call.values[0])
    if call.weights or layout is None:
        _free(placement, call)
        return
    along, axis = call.given(1, "dim", 0) % len(out.dims), likely(out.dims)
    turned = turn(out.dims, channels_first(out.dims, axis))
    options = stacked(layout, first.dims, along, len(call.values), turned)
    inputs = [placement.alongside(value, first) for value in call.values]
    placement.foreign(call, "stack", inputs=inputs, options=options)


def _rolled(placement: TracePlacement, call: TracedCall) -> None:
    """Place what moves positions along axes of a map, whose channels stay."""
    x = call.values[0]
    shifts, dims = (_listed(call.given(at, name)) for at, name in ((1, "shifts"), (2, "dims")))
    along = [axis % len(x.dims) for axis in dims]
    known, left = placement.known_axis(x), [i for i in range(1, len(x.dims)) if i not in along]
    axis = known if known in left else left[-1] if left else 0
    tensor = placement.map(x, axis)
    sizes = [size_of(x.dims, axis, each) for each in along]
    if not sizes or None in sizes or len(tensor.shape) != len(shape_of(x.dims, axis)):
        _free(placement, call)
        return
    by = [0] * tensor.shape.axes
    for size, shift in zip(sizes, shifts, strict=True):
        by[(size or 0) - 1] = shift % tensor.shape[size or 0]
    placement.put(call, Roll(by=tuple(by)), [tensor], axis)


def _listed(given: Any) -> tuple[int, ...]:
    return given if isinstance(given, tuple) else () if given is None else (given,)


def _free(placement: TracePlacement, call: TracedCall) -> None:
    """Place what makes a new map without working anything out."""
    placement.foreign(call, call.word)


COPIES = (
    *("alias", "bfloat16", "bool", "clone", "contiguous", "cpu", "cuda", "detach", "double"),
    *("float", "half", "int", "long", "requires_grad", "short", "to", "type", "type_as"),
)
RESHAPES = ("flatten", "reshape", "reshape_as", "squeeze", "unsafe_view", "unsqueeze")
TURNS = (
    *("H", "T", "adjoint", "mH", "mT", "moveaxis", "movedim", "permute", "swapaxes", "swapdims"),
    *("t", "transpose"),
)

PLACERS: dict[str, TracePlacer] = {
    **dict.fromkeys(COPIES, same),
    **dict.fromkeys(["expand", "expand_as"], _expand),
    **dict.fromkeys(RESHAPES, move),
    **dict.fromkeys(["as_strided", "copy", "fill", "flip", "gather", "getitem"], _free),
    **dict.fromkeys(["index_select", "masked_fill", "masked_select", "repeat"], _free),
    **dict.fromkeys(["overwritten", "pack_padded_sequence", "pad_packed_sequence"], _free),
    **dict.fromkeys(["repeat_interleave", "scatter", "setitem", "unfold", "where", "zero"], _free),
    **dict.fromkeys(TURNS, _permute),
    "roll": _rolled,
    "stack": _stacked,
}
