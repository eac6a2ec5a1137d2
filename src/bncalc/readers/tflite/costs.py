"""Costs: what is known of operations that we have no word for."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.model.cost import Cost
from bncalc.model.ops.foreign import Facts
from bncalc.model.shape import Shape
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


def activating(word: str, shape: Shape) -> Facts:
    """Return what is known of an activation that is part of an operation, and no word of ours."""
    cost = Cost(elementwise=_PER_ELEMENT.get(word, 0) * shape.elements)
    return Facts(word, shape, cost, storage="in_place", counted=word in _PER_ELEMENT)


def _matmul(call: Operator) -> Cost:
    first, out = call.given(0), call.out
    features = first.along(-2 if call.operation.option(0, "<b") else -1) if first else 0
    learned = sum(tensor.elements for tensor in call.learned())
    return Cost(learned, macs=out.elements * features, activations=out.elements)


def _weighted(call: Operator, weights: tuple[int, ...], times: int, bias: int) -> Cost:
    """Return the cost of a product: each weight of these inputs is used so many times."""
    elements, biases, numbers = call.out.elements, call.numbers(bias), call.numbers(*weights)
    elementwise = elements if biases else 0
    return Cost(
        numbers, biases, macs=numbers * times, elementwise=elementwise, activations=elements
    )


_PRODUCTS: dict[str, Callable[[Operator], Cost]] = {
    "conv_3d": lambda call: _weighted(call, (1,), call.out.positions, 2),
    **dict.fromkeys(
        ("conv_3d_transpose", "transpose_conv"),  # whose first input is the size of the output
        lambda call: _weighted(call, (1,), call.arriving(2).positions, 3),
    ),
    **dict.fromkeys(LAYERS, recurrence),
    "batch_matmul": _matmul,
    "svdf": lambda call: _weighted(call, (1, 2), 1, 3),
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
