"""Costs: what is known of operations that we have no word for."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.model.cost import Cost
from bncalc.model.ops.foreign import Facts
from bncalc.readers.tflite.call import Operator
from bncalc.readers.tflite.recurrent import LAYERS, recurrence


def facts(call: Operator) -> Facts:
    """Return what is known of an operation that we have no word for."""
    out, learned = call.out, sum(tensor.elements for tensor in call.learned())
    if call.word in _MOVING:
        return Facts(call.word, out, Cost(learned))
    if not call.is_sized:
        return Facts(call.word, out, Cost(learned), counted=False)
    if call.word in _PRODUCTS and call.data:
        return Facts(call.word, out, _PRODUCTS[call.word](call), family="product")
    largest = max([call.shape(index).elements for index in call.data], default=0)
    if call.word in _PER_ELEMENT:
        elements = max(largest, out.elements)
        operations = _PER_ELEMENT[call.word] * elements
        operations -= min(operations, out.elements) * (call.word in _GATHERING)
        return Facts(call.word, out, Cost(learned, elementwise=operations))
    return Facts(call.word, out, Cost(learned), counted=False)


def _transposed(call: Operator) -> Cost:
    """Each weight is used at each position of the input."""
    numbers = _numbers(call, 1)
    return _learned(call, numbers, numbers * call.x.positions, bias=3)


def _volume(call: Operator) -> Cost:
    """Return the cost of a convolution along three axes; its weights have their outputs last."""
    numbers = _numbers(call, 1)
    return _learned(call, numbers, numbers * call.out.positions, bias=2)


def _matmul(call: Operator) -> Cost:
    first, out = call.given(0), call.out
    features = first.along(-2 if call.operation.option(0, "<b") else -1) if first else 0
    learned = sum(tensor.elements for tensor in call.learned())
    return Cost(learned, macs=out.elements * features, activations=out.elements)


def _filter(call: Operator) -> Cost:
    """A rank-decomposed filter over time: both of its matrices are used once a step."""
    numbers = _numbers(call, 1) + _numbers(call, 2)
    return _learned(call, numbers, numbers, bias=3)


def _learned(call: Operator, weights: int, macs: int, *, bias: int) -> Cost:
    """Return the cost of a product with weights of its own, and a bias if that input is given."""
    elements, biases = call.out.elements, call.constant(bias)
    return Cost(
        weights=weights,
        biases=biases.elements if biases else 0,
        macs=macs,
        elementwise=elements if biases else 0,
        activations=elements,
    )


def _numbers(call: Operator, index: int) -> int:
    """Return how many numbers a constant holds; none if it is not there."""
    constant = call.constant(index)
    return constant.elements if constant else 0


_PRODUCTS: dict[str, Callable[[Operator], Cost]] = {
    "conv_3d": _volume,
    "conv_3d_transpose": _transposed,
    "transpose_conv": _transposed,
    **dict.fromkeys(LAYERS, recurrence),
    "batch_matmul": _matmul,
    "svdf": _filter,
}
_MOVED = """
assign_variable batch_to_space_nd bitcast broadcast_args broadcast_to call_once cast concatenation
depth_to_space dequantize embedding_lookup expand_dims fill gather gather_nd mirror_pad one_hot
pack pad padv2 quantize rank read_variable reshape reverse_v2 shape slice space_to_batch_nd
space_to_depth split split_v squeeze strided_slice tile transpose unpack resize_nearest_neighbor
var_handle zeros_like
"""
_MOVING = frozenset(_MOVED.split())
"""What moves or renames numbers, or writes them in another type."""
_PER_ELEMENT = {
    "abs": 1, "add": 1, "add_n": 1, "arg_max": 1, "arg_min": 1, "ceil": 1, "cos": 1, "cumsum": 1,
    "div": 1, "equal": 1, "floor": 1, "floor_div": 2, "floor_mod": 1, "greater": 1,
    "greater_equal": 1, "l2_normalization": 3, "less": 1, "less_equal": 1, "log_softmax": 4,
    "logical_and": 1, "logical_not": 1, "logical_or": 1, "maximum": 1, "mean": 1, "minimum": 1,
    "mul": 1, "neg": 1, "not_equal": 1, "pow": 1, "prelu": 2, "reduce_all": 1, "reduce_any": 1,
    "reduce_max": 1, "reduce_min": 1, "reduce_prod": 1, "relu_0_to_1": 2, "relu_n1_to_1": 2,
    "resize_bilinear": 7, "round": 1, "rsqrt": 2, "select": 1, "select_v2": 1, "sign": 1, "sin": 1,
    "squared_difference": 2, "sub": 1, "sum": 1,
}  # fmt: skip
"""Operations for each element of the largest map that is read or put out."""
_GATHERING = {
    "arg_max", "arg_min", "reduce_all", "reduce_any", "reduce_max", "reduce_min", "reduce_prod",
    "sum",
}  # fmt: skip
"""Those that add up or compare all but the first of what comes together, and do nothing more."""
