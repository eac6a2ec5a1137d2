"""Native: operations that are ops of ours, and the activations that are part of them."""

from __future__ import annotations

from collections.abc import Callable

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
from bncalc.model.ops.joining import Add, Concat, Divide, Multiply, Subtract
from bncalc.model.ops.moving import Flatten
from bncalc.model.ops.pooling import AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool
from bncalc.model.ops.resizing import Pad, Upsample
from bncalc.readers.tflite.call import Operator
from bncalc.readers.tflite.words import ACTIVATIONS

_VALID = 1


def native(call: Operator) -> Op | None:
    """Return the op that an operation is; None where we have no word for it."""
    if not call.data or not call.is_sized:
        return None
    if call.word in PLAIN:
        return PLAIN[call.word]()
    choose = _CHOICES.get(call.word)
    return choose(call) if choose else None


def activation(call: Operator) -> str:
    """Return the word of the activation that is part of an operation; empty where there is none."""
    field = FUSED.get(call.word)
    number = 0 if field is None else call.operation.option(field, "<b")
    return ACTIVATIONS.get(number, "")


def _convolution(call: Operator) -> Op | None:
    sizes = _kernel_sizes(call)
    if not sizes or call.x.channels % sizes[3]:
        return None
    out, *kernel, cin = sizes
    return _convolving(call, out, tuple(kernel), call.x.channels // cin, dilation=4)


def _depthwise(call: Operator) -> Op | None:
    sizes = _kernel_sizes(call)
    if not sizes:
        return None
    _, *kernel, out = sizes
    return _convolving(call, out, tuple(kernel), call.x.channels, dilation=5)


def _kernel_sizes(call: Operator) -> tuple[int, ...]:
    """Return the sizes of the weights of a convolution along two axes; none if it is not one."""
    weights = call.constant(1)
    sizes = () if weights is None else weights.sizes
    return sizes if len(sizes) == 4 and all(sizes) and len(call.x) == 3 else ()


def _convolving(
    call: Operator, out: int, kernel: tuple[int, ...], groups: int, *, dilation: int
) -> Op:
    """Return the convolution; the field `dilation` of its options is the first of two."""
    return Conv(
        out=out,
        kernel=kernel,
        groups=groups,
        **_sliding(call, dilation),
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
    if average:  # which leaves out the padding that there is
        return AvgPool(kernel=kernel, stride=stride, padding=padding, count_padding=not padding)
    return MaxPool(kernel=kernel, stride=stride, padding=padding)


def _joining(call: Operator) -> Op | None:
    """Return the op that joins maps; with a constant there is another number of them."""
    kinds = {"add": Add, "sub": Subtract, "mul": Multiply, "div": Divide}
    return kinds[call.word]() if len(call.data) == len(call.operation.inputs) == 2 else None


def _concatenation(call: Operator) -> Op | None:
    tensor = call.model.tensors[call.data[0]]
    if len(call.data) != len(call.operation.inputs) or len(tensor.sizes) != len(call.x) + 1:
        return None
    axis = call.operation.option(0) % len(tensor.sizes)
    return Concat() if axis == len(tensor.sizes) - 1 else Concat(over=(axis,)) if axis else None


def _padding(call: Operator) -> Op | None:
    """Return the padding of the axes between batch and channels; None where others are padded."""
    sizes = call.integers(1)
    if sizes is None or len(sizes) != 2 * (len(call.x) + 1) or len(call.x) < 2:
        return None
    if any((*sizes[:2], *sizes[-2:])) or min(sizes) < 0:
        return None
    return Pad(size=sizes[2:-2], value=call.number(2) or 0)


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
    corners = mode == "bilinear" and bool(call.operation.option(2, "<b"))
    if len(call.out) != 3:
        return None
    return Upsample(size=call.out.space, mode=mode, align_corners=corners)


def _leaky_relu(call: Operator) -> Op:
    return LeakyRelu(slope=call.operation.factor(0, 0.01))


def _gelu(call: Operator) -> Op:
    return Gelu(approximate=bool(call.operation.option(0, "<b")))


_CHOICES: dict[str, Callable[[Operator], Op | None]] = {
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
    "gelu": _gelu,
    "leaky_relu": _leaky_relu,
    "resize_bilinear": _resize,
    "resize_nearest_neighbor": _resize,
}
PLAIN: dict[str, type[Op]] = {
    "elu": Elu,
    "exp": Exp,
    "hard_swish": HardSwish,
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
