"""What moves data: most of it is no layer, as whoever reads it finds the map that it came from."""

from __future__ import annotations

from math import prod

from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.ops.moving import Split
from bncalc.readers.axes import Dims, followed, likely, shape_of
from bncalc.readers.torch.placement import TracePlacement
from bncalc.readers.torch.placing.placer import TracePlacer
from bncalc.readers.torch.trace import TracedCall, TracedTensor


def move(placement: TracePlacement, call: TracedCall) -> None:
    """Note what is a map under other sizes, or a part of it."""
    x = call.values[0]
    axis = placement.known_axis(x)
    for value in call.outputs:
        if prod(value.dims) == prod(x.dims):
            there = None if axis is None else followed(x.dims, axis, value.dims)
            placement.hold(value, placement.any(x), there)
        else:
            _cut(placement, call, x, value)


def _cut(placement: TracePlacement, call: TracedCall, x: TracedTensor, value: TracedTensor) -> None:
    """Place a part of a map: equal parts of its channels as one says it, any other by its size."""
    axis = placement.known_axis(x)
    if len(x.dims) == len(value.dims) and axis is not None:
        whole, part = x.dims[axis], value.dims[axis]
        others = [
            n == m for i, (n, m) in enumerate(zip(x.dims, value.dims, strict=True)) if i != axis
        ]
        parts = len(call.outputs)
        if all(others) and parts > 1 and part * parts == whole:
            op = Split(parts=parts, part=call.outputs.index(value))
            placement.hold(value, placement.part_of(call, op, placement.map(x, axis)), axis)
            return
    elif len(x.dims) != len(value.dims):
        axis = None
    wanted = shape_of(value.dims, likely(value.dims) if axis is None else axis)
    facts = Facts("slice", wanted, storage="view")
    tensor = placement.part_of(call, Foreign(facts), placement.any(x))
    placement.hold(value, tensor, axis)


def _permute(placement: TracePlacement, call: TracedCall) -> None:
    x, value = call.values[0], call.outputs[0]
    axis = placement.known_axis(x)
    there = None if axis is None else order_of(call).index(axis)
    placement.hold(value, placement.any(x), there)


def order_of(call: TracedCall) -> Dims:
    """Return the order that a call gives to the axes of its input, counted from 0."""
    count = len(call.values[0].dims)
    order = list(range(count))
    if call.word == "permute":
        given = call.given(1, "dims")
        listed = given if isinstance(given, tuple) else call.arguments[1:]
        order = [each % count for each in listed]
    elif call.word in ("H", "T"):
        order.reverse()
    elif call.word in ("mH", "mT"):
        order[-2:] = order[:-3:-1]
    elif call.word != "t" or count == 2:
        a, b = (0, 1) if call.word == "t" else (call.given(1, "dim0"), call.given(2, "dim1"))
        order[a], order[b] = order[b], order[a]
    return tuple(order)


def same(placement: TracePlacement, call: TracedCall) -> None:
    """Note what changes neither sizes nor order."""
    x = call.values[0]
    placement.hold(call.outputs[0], placement.any(x), placement.known_axis(x))


def _expand(placement: TracePlacement, call: TracedCall) -> None:
    x, value = call.values[0], call.outputs[0]
    if prod(x.dims) == prod(value.dims):
        move(placement, call)
        return
    axis = likely(value.dims)
    facts = Facts("expand", shape_of(value.dims, axis), storage="view")
    placement.put_facts(call, facts, [placement.any(x)], axis)


def _free(placement: TracePlacement, call: TracedCall) -> None:
    """Place what makes a new map without working anything out."""
    out = call.outputs[0].dims
    facts = Facts(call.word, shape_of(out, likely(out)))
    inputs = [placement.any(value) for value in call.values]
    placement.put_facts(call, facts, inputs, likely(out))


COPIES = (
    *("alias", "bfloat16", "bool", "clone", "contiguous", "cpu", "cuda", "detach", "double"),
    *("float", "half", "int", "long", "requires_grad", "short", "to", "type", "type_as"),
)
RESHAPES = ("flatten", "reshape", "reshape_as", "squeeze", "unsafe_view", "unsqueeze")
TURNS = ("H", "T", "mH", "mT", "permute", "swapaxes", "swapdims", "t", "transpose")

PLACERS: dict[str, TracePlacer] = {
    **dict.fromkeys(COPIES, same),
    **dict.fromkeys(["expand", "expand_as"], _expand),
    **dict.fromkeys(RESHAPES, move),
    **dict.fromkeys(["copy", "fill", "flip", "gather", "getitem", "index_select"], _free),
    **dict.fromkeys(["masked_fill", "masked_select", "repeat", "repeat_interleave"], _free),
    **dict.fromkeys(["pack_padded_sequence", "pad_packed_sequence"], _free),
    **dict.fromkeys(["roll", "scatter", "setitem", "stack", "unfold", "where", "zero"], _free),
    **dict.fromkeys(TURNS, _permute),
}
