"""Shapes of what picks or replaces elements by index, with the numbers of small tensors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

from bncalc.readers.onnx.array import pick, place, strides
from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.tensor import INT64
from bncalc.readers.onnx.value import Dims, Unknown, Value, fits, tensor


def gather(call: OnnxCall) -> Value:
    dims, places = call.dims(), call.dims(1)
    axis = call.axis(0)
    result = (*dims[:axis], *places, *dims[axis + 1 :])
    numbers, indices = call.input(0).numbers, call.input(1).numbers
    if numbers is None or indices is None or not fits(result):
        return tensor(call.type(), result)
    chosen = [list(range(n)) for n in dims]
    chosen[axis] = [place(int(index), dims[axis]) for index in indices]
    return tensor(call.type(), result, pick(numbers, dims, chosen))


def gather_elements(call: OnnxCall) -> Value:
    return tensor(call.type(), call.dims(1))


def gather_nd(call: OnnxCall) -> Value:
    dims, places = call.dims(), call.dims(1)
    behind = call.integer("batch_dims") + (places[-1] if places else 0)
    return tensor(call.type(), (*places[:-1], *dims[behind:]))


def non_zero(call: OnnxCall) -> Value:
    """The places of what is not zero, a column each; their number depends on content."""
    dims, numbers = call.dims(), call.numbers(0)
    at = [index for index in product(*map(range, dims)) if numbers[_offset(index, dims)]]
    turned = [index[axis] for axis in range(len(dims)) for index in at]
    return tensor(INT64, (len(dims), len(at)), tuple(turned))


def compressed(call: OnnxCall) -> Value:
    """The places of an axis for which a condition is true, of all elements in a row without one."""
    dims = list(call.dims()) if "axis" in call.attributes else [prod(call.dims())]
    dims[place(call.integer("axis"), len(dims))] = sum(map(bool, call.numbers(1)))
    return tensor(call.type(), tuple(dims))


def _offset(index: Sequence[int], dims: Dims) -> int:
    return sum([at * step for at, step in zip(index, strides(dims), strict=True)])


def scattering(call: OnnxCall) -> Value:
    """The first input with some elements replaced; those of a row, as of sizes, are followed."""
    dims = call.dims()
    numbers, places, updates = (call.input(index).numbers for index in range(3))
    if len(dims) > 1 or numbers is None or places is None or updates is None:
        return tensor(call.type(), dims)
    changed = list(numbers)
    for at, number in zip(places, updates, strict=True):
        changed[int(at)] = number
    return tensor(call.type(), dims, tuple(changed))


def one_hot(call: OnnxCall) -> Value:
    """A row of `depth` an index, off but for the place that it names, below 0 from the end."""
    dims, (depth, *_) = list(call.dims()), call.whole(1)
    axis = place(call.integer("axis", -1), len(dims) + 1)
    dims.insert(axis, depth)
    indices, values = call.input(0).numbers, call.input(2).numbers
    if indices is None or values is None or axis < len(dims) - 1 or not fits(tuple(dims)):
        return tensor(call.type(2), tuple(dims))
    off, on = values
    named = [int(index) + depth * (index < 0) for index in indices]
    rows = [on if at == index else off for index in named for at in range(depth)]
    return tensor(call.type(2), tuple(dims), tuple(rows))


def either(call: OnnxCall) -> tuple[Value, ...]:
    """What one branch puts out or another, known where all put out the same sizes."""
    count, puts_out = call.outputs, []
    if len(call.inputs) <= count:
        raise Unknown
    for index in range(1, 1 + count):
        one, *others = [call.input(at) for at in range(index, len(call.inputs), count)]
        is_known = all(one.dims == other.dims for other in others)
        puts_out.append(Value(one.type, one.dims if is_known else None))
    return tuple(puts_out)


def top_k(call: OnnxCall) -> tuple[Value, Value]:
    dims, axis = list(call.dims()), call.axis(-1)
    wanted = call.integer("k") if "k" in call.attributes else call.whole(1)[0]
    dims[axis] = wanted
    return tensor(call.type(), tuple(dims)), tensor(INT64, tuple(dims))


RULES: dict[str, ShapeRule] = {
    "Compress": compressed,
    "Gather": gather,
    "GatherElements": gather_elements,
    "GatherND": gather_nd,
    "If": either,
    "NonZero": non_zero,
    "OneHot": one_hot,
    "ScatterElements": scattering,
    "ScatterND": scattering,
    "TopK": top_k,
}
