"""Joins: sums and products of tensors, with others or with weights, and concatenation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from math import prod

from bncalc.model.cost import Cost
from bncalc.model.net import Tensor
from bncalc.model.op import Op
from bncalc.model.ops.attention import ClassToken, LayerScale, PositionEmbedding
from bncalc.model.ops.foreign import Facts, ForeignOptions
from bncalc.model.ops.joining import Add, Concat, Divide, Multiply, Subtract
from bncalc.model.shape import Shape
from bncalc.readers.axes import agree, put_out, shape_of, size_of
from bncalc.readers.layout import channels_first
from bncalc.readers.torch.placement import TracePlacement, TracePlacer
from bncalc.readers.torch.trace import CONCATENATIONS, TracedCall, TracedTensor, Weight

_JOINS: dict[str, type[Op]] = {"add": Add, "div": Divide, "mul": Multiply, "sub": Subtract}


def _join(placement: TracePlacement, call: TracedCall) -> None:
    values, out, seen = call.values, call.outputs[0], _seen(call)
    full = [value for value in values if value.dims == out.dims]
    axis = placement.axis((full or values)[0])
    if seen != prod(out.dims):
        call, inputs = call._replace(called="unaligned"), [placement.any(each) for each in values]
        _join_elements(placement, call, inputs, axis, seen)
    elif len(values) > 1:
        op, inputs = _JOINS[call.word](), _aligned(placement, values, out, axis)
        if put_out(op, tuple([tensor.shape for tensor in inputs])) is None:
            _join_elements(placement, call, inputs, axis)
        else:
            placement.put(call, op, inputs, axis)
    else:
        _join_constant(placement, call, values[0], axis)
    first = (full or values)[0]
    if placement.any(out).shape == placement.any(first).shape:
        placement.hold_as(out, first)
    else:
        placement.hold_axis(out, placement.known_axis(first))


def _seen(call: TracedCall) -> int:
    """Return the elements that tools see of what a function makes: they align axes at the first."""
    given = [each.dims for each in call.all if isinstance(each, (TracedTensor, Weight))][:2]
    if call.called != "function" or call.word not in ("add", "mul") or len(given) < 2:
        return prod(call.outputs[0].dims)
    return prod([max(sizes) for sizes in zip_longest(*given, fillvalue=1)])


def _aligned(
    placement: TracePlacement, values: list[TracedTensor], out: TracedTensor, axis: int
) -> list[Tensor]:
    """Return maps whose axes are in one order, those that broadcast with axes of size 1."""
    if all(value.dims == out.dims for value in values):
        return [placement.alongside(value, values[0]) for value in values]
    tensors = []
    for value in values:
        further = len(out.dims) - len(value.dims)
        wide = (1,) * further + value.dims
        order = tuple([each - further for each in channels_first(wide, axis) if each >= further])
        tensors.append(placement.view(value, shape_of(wide, axis), order))
    return tensors


def _join_constant(placement: TracePlacement, call: TracedCall, x: TracedTensor, axis: int) -> None:
    tensor, elements = placement.any(x), prod(call.outputs[0].dims)
    fits = tensor.shape.elements == elements
    # called otherwise, tools count it in other ways
    weights = placement.learned.all_params if call.called == "method" else 0
    if call.word == "add" and weights == elements and fits:
        placement.put(call, PositionEmbedding(), [placement.in_order(x)], axis)
    elif call.word == "mul" and weights == tensor.shape.channels > 1:
        placement.put(call, LayerScale(), [placement.map(x, axis)], axis)
    else:
        _join_elements(placement, call, [tensor], axis)


def _join_elements(
    placement: TracePlacement,
    call: TracedCall,
    inputs: Sequence[Tensor],
    axis: int,
    seen: int = 0,
) -> None:
    """Place what is done to each element of the output, whichever of the inputs broadcast."""
    elements, first = prod(call.outputs[0].dims), inputs[0].shape
    shape = first if first.elements == elements else shape_of(call.outputs[0].dims, axis)
    role = {"add": "add", "mul": "multiply"}.get(call.word, "")
    facts = Facts(_JOINS[call.word].word, shape, Cost(elementwise=elements), role=role)
    in_place = role and first.elements == elements
    facts = facts._replace(storage="in_place" if in_place else "new", seen=seen)
    options = _constant(placement, call, shape, axis) if len(inputs) == 1 else ()
    placement.put_facts(call, facts._replace(options=options), inputs, axis)


def _constant(
    placement: TracePlacement, call: TracedCall, shape: Shape, axis: int
) -> ForeignOptions:
    """Return what a map of a shape is joined with: a number, or constants and their sizes in it.

    Whether that comes before the map is told where it matters.
    """
    first, *others = call.all[:2]
    comes_first = not isinstance(first, TracedTensor)
    constant = first if comes_first else others[0] if others else None
    name = "first" if comes_first else "second"
    if isinstance(constant, Weight):
        x = call.values[0]
        is_whole = x.dims == call.outputs[0].dims  # else its own call says how it is spread
        sizes = placement.as_map(constant.dims, x, axis, shape) if is_whole else None
        return ((name, sizes),) if sizes else ()
    if isinstance(constant, (int, float)):
        return ((name, float(constant)),)
    return ()


def _concatenation(placement: TracePlacement, call: TracedCall) -> None:
    out = call.outputs[0].dims
    along = call.given(1, "dim", call.named.get("axis", 0)) % len(out)
    values, weights = call.values, call.weights
    values = [value for value in values if 0 not in value.dims] or values
    known = placement.known_axis(values[0])
    axis = along if known is None else known
    over = size_of(out, axis, along)
    fits = over is None or put_out(Concat(over=(over,)), _as_maps(placement, values, axis))
    as_map = placement.map if fits else placement.whole_map
    inputs = [as_map(value, axis) for value in values]
    if over is not None and not weights:
        placement.put(call, Concat(over=(over,)), inputs, axis)
    elif len(values) == 1 and placement.learned.params == inputs[0].channels:
        placement.put(call, ClassToken(), inputs, axis)
    else:
        placement.foreign(call, "concat", inputs=inputs, axis=axis)


def _as_maps(placement: TracePlacement, values: list[TracedTensor], axis: int) -> tuple[Shape, ...]:
    """Return the shapes of tensors as maps; those that are one but for axes of size 1 as it is."""
    pairs = [(placement.any(value).shape, shape_of(value.dims, axis)) for value in values]
    return tuple([own if agree(own, wanted) else wanted for own, wanted in pairs])


PLACERS: dict[str, TracePlacer] = {
    **dict.fromkeys(_JOINS, _join),
    **dict.fromkeys(CONCATENATIONS, _concatenation),
}
