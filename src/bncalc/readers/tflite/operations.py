"""Operations: what each is in our words, or what it costs where we have none."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.model.cost import Cost
from bncalc.model.op import Op
from bncalc.model.ops.activation import (
    Elu,
    Exp,
    Gelu,
    HardSwish,
    LeakyRelu,
    Log,
    Prelu,
    Relu,
    Relu6,
    Sigmoid,
    Softmax,
    Sqrt,
    Square,
    Tanh,
)
from bncalc.model.ops.convolution import Conv, Linear
from bncalc.model.ops.foreign import Facts
from bncalc.model.ops.joining import Add, Concat, Divide, Multiply, Subtract
from bncalc.model.ops.moving import Flatten
from bncalc.model.ops.pooling import AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool
from bncalc.model.ops.resizing import Pad, Upsample
from bncalc.readers.tflite.call import Operator
from bncalc.readers.tflite.recurrent import LAYERS, recurrence
from bncalc.readers.tflite.words import ACTIVATIONS

_VALID = 1


def native(call: Operator) -> Op | None:
    """Return the op that an operation is; None where we have no word for it."""
    if not call.data or not call.is_sized:
        return None
    if call.word in PLAIN:
        return PLAIN[call.word]()
    choose = CHOICES.get(call.word)
    return choose(call) if choose else None


def facts(call: Operator) -> Facts:
    """Return what is known of an operation that we have no word for."""
    out, learned = call.out, sum(tensor.elements for tensor in call.learned())
    if call.word in MOVING:
        return Facts(call.word, out, Cost(learned))
    if not call.is_sized:
        return Facts(call.word, out, Cost(learned), counted=False)
    if call.word in PRODUCTS:
        return Facts(call.word, out, PRODUCTS[call.word](call), family="product")
    largest = max([call.shape(index).elements for index in call.data], default=0)
    if call.word in PER_ELEMENT:
        each = PER_ELEMENT[call.word]
        return Facts(call.word, out, Cost(learned, elementwise=each * max(largest, out.elements)))
    return Facts(call.word, out, Cost(learned), counted=False)


def activation(call: Operator) -> str:
    """Return the word of the activation that is part of an operation; empty where there is none."""
    field = FUSED.get(call.word)
    number = 0 if field is None else call.operation.option(field, "<b")
    return ACTIVATIONS.get(number, "")


# Ours


def _convolution(call: Operator) -> Op | None:
    weights = call.constant(1)
    if weights is None or len(weights.sizes) != 4 or len(call.x) != 3:
        return None
    out, high, wide, cin = weights.sizes
    if not all(weights.sizes) or call.x.channels % cin:
        return None
    return Conv(
        out=out,
        kernel=(high, wide),
        groups=call.x.channels // cin,
        **_sliding(call, dilation=4),
        bias=call.constant(2) is not None,
        norm="none",
        act="none",
    )


def _depthwise(call: Operator) -> Op | None:
    weights = call.constant(1)
    if weights is None or len(weights.sizes) != 4 or len(call.x) != 3 or not all(weights.sizes):
        return None
    _, high, wide, out = weights.sizes
    return Conv(
        out=out,
        kernel=(high, wide),
        groups=call.x.channels,
        **_sliding(call, dilation=5),
        bias=call.constant(2) is not None,
        norm="none",
        act="none",
    )


def _linear(call: Operator) -> Op | None:
    weights = call.constant(1)
    if weights is None or len(weights.sizes) != 2 or not all(weights.sizes):
        return None
    out, features = weights.sizes
    each = call.x.elements != features
    bias = call.constant(2) is not None
    return Linear(out=out, each=each, bias=bias, norm="none", act="none")


def _sliding(call: Operator, dilation: int) -> dict[str, tuple[int, int] | str | int]:
    """Return stride, padding and dilation; their fields have the same numbers in all options."""
    option = call.operation.option
    valid = option(0, "<b") == _VALID
    return {
        "stride": (max(option(2), 1), max(option(1), 1)),
        "padding": 0 if valid else "same",
        "dilation": (max(option(dilation + 1, default=1), 1), max(option(dilation, default=1), 1)),
    }


def _pooling(call: Operator) -> Op | None:
    option, x = call.operation.option, call.x
    if len(x) != 3:
        return None
    average = call.word == "average_pool_2d"
    kernel = (max(option(4), 1), max(option(3), 1))
    if kernel == x.space and call.out.positions == 1:
        return GlobalAvgPool() if average else GlobalMaxPool()
    stride = (max(option(2), 1), max(option(1), 1))
    padding = 0 if option(0, "<b") == _VALID else "same"
    return (AvgPool if average else MaxPool)(kernel=kernel, stride=stride, padding=padding)


def _joining(call: Operator) -> Op | None:
    """Return the op that joins maps; with a constant there is another number of them."""
    kinds = {"add": Add, "sub": Subtract, "mul": Multiply, "div": Divide}
    return kinds[call.word]() if len(call.data) == len(call.operation.inputs) == 2 else None


def _concatenation(call: Operator) -> Op | None:
    tensor = call.model.tensors[call.data[0]]
    axis = call.operation.option(0) % max(len(tensor.sizes), 1)
    if len(call.data) != len(call.operation.inputs) or len(tensor.sizes) != len(call.x) + 1:
        return None
    return Concat() if axis == len(tensor.sizes) - 1 else Concat(over=(axis,)) if axis else None


def _padding(call: Operator) -> Op | None:
    """Return the padding of the axes between batch and channels; None where others are padded."""
    sizes = call.integers(1)
    if sizes is None or len(sizes) != 2 * (len(call.x) + 1) or len(call.x) < 2:
        return None
    if any((*sizes[:2], *sizes[-2:])) or min(sizes) < 0:
        return None
    return Pad(size=sizes[2:-2])


def _mean(call: Operator) -> Op | None:
    x = call.x
    over_space = x.positions > 1 and call.out.elements == x.channels and len(x) == 3
    return GlobalAvgPool() if over_space else None


def _reshape(call: Operator) -> Op | None:
    return Flatten() if call.out.elements == call.out[0] and len(call.x) > 1 else None


def _prelu(call: Operator) -> Op | None:
    slopes = call.constant(1)
    if slopes is None or slopes.elements not in (1, call.x.channels):
        return None
    return Prelu(slopes="one" if slopes.elements == 1 else "channel")


def _resize(call: Operator) -> Op | None:
    mode = "bilinear" if call.word == "resize_bilinear" else "nearest"
    return Upsample(size=call.out.space, mode=mode) if len(call.out) == 3 else None


CHOICES: dict[str, Callable[[Operator], Op | None]] = {
    "conv_2d": _convolution,
    "depthwise_conv_2d": _depthwise,
    "fully_connected": _linear,
    "average_pool_2d": _pooling,
    "max_pool_2d": _pooling,
    **dict.fromkeys(("add", "sub", "mul", "div"), _joining),
    "concatenation": _concatenation,
    "pad": _padding,
    "padv2": _padding,
    "mean": _mean,
    "reshape": _reshape,
    "prelu": _prelu,
    "resize_bilinear": _resize,
    "resize_nearest_neighbor": _resize,
}
PLAIN: dict[str, type[Op]] = {
    "elu": Elu,
    "exp": Exp,
    "gelu": Gelu,
    "hard_swish": HardSwish,
    "leaky_relu": LeakyRelu,
    "log": Log,
    "logistic": Sigmoid,
    "relu": Relu,
    "relu6": Relu6,
    "softmax": Softmax,
    "sqrt": Sqrt,
    "square": Square,
    "tanh": Tanh,
}
FUSED = {
    "conv_2d": 3, "depthwise_conv_2d": 4, "fully_connected": 0, "average_pool_2d": 5,
    "max_pool_2d": 5, "add": 0, "sub": 0, "mul": 0, "div": 0, "concatenation": 1,
    "transpose_conv": 3,
}  # fmt: skip
"""Which field of an operation's options holds the activation that is part of it."""


# Others


def _transposed(call: Operator) -> Cost:
    """Each weight is used at each position of the input."""
    weights = call.constant(1)
    bias, out = call.constant(3), call.out
    numbers = weights.elements if weights else 0
    return Cost(
        weights=numbers,
        biases=bias.elements if bias else 0,
        macs=numbers * call.x.positions,
        elementwise=out.elements if bias else 0,
        activations=out.elements,
    )


def _volume(call: Operator) -> Cost:
    """Return the cost of a convolution along three axes; its weights have their outputs last."""
    weights, bias, out = call.constant(1), call.constant(2), call.out
    numbers = weights.elements if weights else 0
    return Cost(
        weights=numbers,
        biases=bias.elements if bias else 0,
        macs=numbers * out.positions,
        elementwise=out.elements if bias else 0,
        activations=out.elements,
    )


def _matmul(call: Operator) -> Cost:
    first, out = call.given(0), call.out
    features = first.sizes[-2 if call.operation.option(0, "<b") else -1] if first else 0
    learned = sum(tensor.elements for tensor in call.learned())
    return Cost(learned, macs=out.elements * features, activations=out.elements)


def _filter(call: Operator) -> Cost:
    """A rank-decomposed filter over time: both of its matrices are used once a step."""
    matrices = [call.constant(1), call.constant(2)]
    numbers = sum(matrix.elements for matrix in matrices if matrix)
    bias, out = call.constant(3), call.out
    return Cost(
        weights=numbers,
        biases=bias.elements if bias else 0,
        macs=numbers,
        elementwise=out.elements if bias else 0,
        activations=out.elements,
    )


PRODUCTS: dict[str, Callable[[Operator], Cost]] = {
    "conv_3d": _volume,
    "conv_3d_transpose": _transposed,
    "transpose_conv": _transposed,
    **dict.fromkeys(LAYERS, recurrence),
    "batch_matmul": _matmul,
    "svdf": _filter,
}
_MOVING = """
assign_variable batch_to_space_nd bitcast broadcast_args broadcast_to call_once cast concatenation
depth_to_space dequantize embedding_lookup expand_dims fill gather gather_nd mirror_pad one_hot
pack pad padv2 quantize rank read_variable reshape reverse_v2 shape slice space_to_batch_nd
space_to_depth split split_v squeeze strided_slice tile transpose unpack resize_nearest_neighbor
var_handle zeros_like
"""
MOVING = frozenset(_MOVING.split())
"""What moves or renames numbers, or writes them in another type."""
PER_ELEMENT = {
    "abs": 1, "add": 1, "add_n": 1, "arg_max": 1, "arg_min": 1, "ceil": 1, "cos": 1, "cumsum": 1,
    "div": 1, "equal": 1, "floor": 1, "floor_div": 1, "floor_mod": 1, "greater": 1,
    "greater_equal": 1, "l2_normalization": 3, "less": 1, "less_equal": 1, "log_softmax": 3,
    "logical_and": 1, "logical_not": 1, "logical_or": 1, "maximum": 1, "mean": 1, "minimum": 1,
    "mul": 1, "neg": 1, "not_equal": 1, "pow": 1, "prelu": 2, "reduce_all": 1, "reduce_any": 1,
    "reduce_max": 1, "reduce_min": 1, "reduce_prod": 1, "relu_0_to_1": 2, "relu_n1_to_1": 2,
    "resize_bilinear": 7, "round": 1, "rsqrt": 1, "select": 1, "select_v2": 1, "sign": 1, "sin": 1,
    "squared_difference": 2, "sub": 1, "sum": 1,
}  # fmt: skip
"""Operations for each element of the largest map that is read or put out."""
