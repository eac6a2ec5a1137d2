"""Shapes of what gathers along axes, normalises, and quantises."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from bncalc.readers.onnx.array import place
from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.shapes.elementwise import same
from bncalc.readers.onnx.tensor import FLOAT, INT64, UINT8
from bncalc.readers.onnx.value import Dims, Numbers, Value, tensor


def reduction(call: OnnxCall) -> Value:
    """Axes in an attribute in old operator sets, in an input in new ones; without them all."""
    dims, axes = call.dims(), call.setting("axes", 1)
    if not axes:
        axes = () if call.flag("noop_with_empty_axes") else tuple(range(len(dims)))
    gone = {place(axis, len(dims)) for axis in axes}
    out = _reduced(dims, gone, keep=call.flag("keepdims", default=True))
    numbers, gather = call.input(0).numbers, GATHERED.get(call.op)
    if not numbers or gather is None or len(gone) < len(dims):
        return tensor(call.type(), out)
    return tensor(call.type(), out, (gather(numbers),))


def place_of_extreme(call: OnnxCall) -> Value:
    axis = call.axis(0)
    return tensor(INT64, _reduced(call.dims(), {axis}, keep=call.flag("keepdims", default=True)))


def _reduced(dims: Dims, gone: set[int], *, keep: bool) -> Dims:
    if keep:
        return tuple([1 if axis in gone else n for axis, n in enumerate(dims)])
    return tuple([n for axis, n in enumerate(dims) if axis not in gone])


def layer_normalisation(call: OnnxCall) -> tuple[Value, ...]:
    """What it puts out, and mean and deviation."""
    dims, axis = call.dims(), call.axis(-1)
    statistics = tensor(FLOAT, (*dims[:axis], *(1,) * (len(dims) - axis)))
    return same(call), statistics, statistics


def quantisation(call: OnnxCall) -> Value:
    """The type is that of the zero point, else asked for, else eight bits without a sign."""
    zero, dims = call.given(2), call.dims()
    type_ = zero.type if zero else call.integer("output_dtype", UINT8) or UINT8
    numbers, scaling = call.input(0).numbers, _scaling(call)
    if numbers is None or scaling is None:
        return tensor(type_, dims)
    scale, offset = scaling
    return tensor(type_, dims, tuple([round(n / scale) + offset for n in numbers]))


def dequantisation(call: OnnxCall) -> Value:
    """Numbers less a zero point, times a scale."""
    numbers, scaling = call.input(0).numbers, _scaling(call)
    if numbers is None or scaling is None:
        return tensor(call.type(1), call.dims())
    scale, offset = scaling
    return tensor(call.type(1), call.dims(), tuple([(n - offset) * scale for n in numbers]))


def _scaling(call: OnnxCall) -> tuple[float, float] | None:
    """Return scale and zero point; None where they are not known, or not the same for all."""
    scale, zero = call.input(1).numbers, call.given(2)
    offset = (0,) if zero is None else zero.numbers
    if not scale or not offset or len(scale) > 1:
        return None
    return scale[0], offset[0]


def dynamic_quantisation(call: OnnxCall) -> tuple[Value, ...]:
    """The quantised tensor, its scale and its zero point."""
    return tensor(UINT8, call.dims()), tensor(FLOAT, ()), tensor(UINT8, ())


def loss(call: OnnxCall) -> tuple[Value, Value]:
    """One of all, or of each place where a class is asked for; and the logarithms of the odds."""
    batch, _, *space = call.dims()
    out = (batch, *space) if call.text("reduction", "mean") == "none" else ()
    return tensor(call.type(), out), same(call)


GATHERED: dict[str, Callable[[Numbers], float]] = {
    "ReduceMax": max,
    "ReduceMin": min,
    "ReduceProd": prod,
    "ReduceSum": sum,
}
"""What whole tensors of small numbers are gathered by."""
_REDUCTIONS = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"]

RULES: dict[str, ShapeRule] = {
    **dict.fromkeys([f"Reduce{word}" for word in _REDUCTIONS], reduction),
    "ArgMax": place_of_extreme,
    "ArgMin": place_of_extreme,
    "DequantizeLinear": dequantisation,
    "Det": lambda call: tensor(call.type(), call.dims()[:-2]),
    "DynamicQuantizeLinear": dynamic_quantisation,
    "LayerNormalization": layer_normalisation,
    "SimplifiedLayerNormalization": lambda call: layer_normalisation(call)[::2],
    "NegativeLogLikelihoodLoss": loss,
    "QuantizeLinear": quantisation,
    "SoftmaxCrossEntropyLoss": loss,
}
