"""Native: operations that are ops of ours, and the activations that are part of them."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.model.op import Op
from bncalc.model.registry import op_named
from bncalc.readers.tflite.call import Operator
from bncalc.readers.tflite.words import ACTIVATIONS

_VALID = 1


def native(call: Operator) -> Op | None:
    """Return the op that an operation is; None where we have no word for it."""
    if not call.data or not call.is_sized:
        return None
    if call.word in PLAIN:
        return op_named(PLAIN[call.word])()
    choose = _CHOICES.get(call.word)
    return choose(call) if choose else None


def activation(call: Operator) -> str:
    """Return the word of the activation that is part of an operation; empty where there is none."""
    field = FUSED.get(call.word)
    number = 0 if field is None else call.operation.option(field, "<b")
    return ACTIVATIONS.get(number, f"activation_{number}") if number else ""


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
    return op_named("conv")(
        out=out,
        kernel=kernel,
        groups=groups,
        stride=_pair(call, 1),
        padding=_padding_of(call),
        dilation=_pair(call, dilation, default=1),
        bias=call.constant(2) is not None,
        **_BARE,
    )


_BARE = {"norm": "none", "act": "none"}


def _linear(call: Operator) -> Op | None:
    weights = call.constant(1)
    if weights is None or len(weights.sizes) != 2 or not all(weights.sizes):
        return None
    out, features = weights.sizes
    each, bias = call.x.elements != features, call.constant(2) is not None
    return op_named("linear")(out=out, each=each, bias=bias, **_BARE)


def _pair(call: Operator, field: int, default: int = 0) -> tuple[int, int]:
    """Return options of height and width, at least 1; a file has the width first."""
    width, height = (call.operation.option(each, default=default) for each in (field, field + 1))
    return max(height, 1), max(width, 1)


def _padding_of(call: Operator) -> int | str:
    return 0 if call.operation.option(0, "<b") == _VALID else "same"


def _pooling(call: Operator) -> Op | None:
    x, padding = call.x, _padding_of(call)
    if len(x) != 3:
        return None
    word = "avg_pool" if call.word == "average_pool_2d" else "max_pool"
    kernel = _pair(call, 3)
    if kernel == x.space and call.out.positions == 1:
        return op_named(f"global_{word}")()
    # the mean leaves out the padding that there is
    own = {"count_padding": not padding} if word == "avg_pool" else {}
    return op_named(word)(kernel=kernel, stride=_pair(call, 1), padding=padding, **own)


def _joining(call: Operator) -> Op | None:
    """Return the op that joins maps; with a constant there is another number of them."""
    word = {"add": "add", "sub": "subtract", "mul": "multiply", "div": "divide"}[call.word]
    return op_named(word)() if len(call.data) == len(call.operation.inputs) == 2 else None


def _concatenation(call: Operator) -> Op | None:
    tensor = call.model.tensors[call.data[0]]
    if len(call.data) != len(call.operation.inputs) or len(tensor.sizes) != len(call.x) + 1:
        return None
    axis = call.operation.option(0) % len(tensor.sizes)
    if not axis:
        return None
    return op_named("concat")(over=(axis if axis < len(tensor.sizes) - 1 else 0,))


def _padding(call: Operator) -> Op | None:
    """Return the padding of the axes between batch and channels; None where others are padded."""
    sizes = call.integers(1)
    if sizes is None or len(sizes) != 2 * (len(call.x) + 1) or len(call.x) < 2:
        return None
    if any((*sizes[:2], *sizes[-2:])) or min(sizes) < 0:
        return None
    return op_named("pad")(size=sizes[2:-2], value=call.number(2) or 0)


def _mean(call: Operator) -> Op | None:
    rank, axes = len(call.model.tensors[call.data[0]].sizes), call.integers(1) or ()
    if len(call.x) != 3 or call.x.positions == 1:
        return None
    over_space = {axis % rank for axis in axes} == {rank - 3, rank - 2}
    return op_named("global_avg_pool")() if over_space else None


def _reshape(call: Operator) -> Op | None:
    is_flat = call.out.elements == call.out[0] and len(call.x) > 1
    return op_named("flatten")() if is_flat else None


def _prelu(call: Operator) -> Op | None:
    slopes = call.constant(1)
    if slopes is None or slopes.elements not in (1, call.x.channels):
        return None
    return op_named("prelu")(slopes="one" if slopes.elements == 1 else "channel")


def _resize(call: Operator) -> Op | None:
    mode = "bilinear" if call.word == "resize_bilinear" else "nearest"
    corners = mode == "bilinear" and bool(call.operation.option(2, "<b"))
    if len(call.out) != 3:
        return None
    return op_named("upsample")(size=call.out.space, mode=mode, align_corners=corners)


def _leaky_relu(call: Operator) -> Op:
    return op_named("leaky_relu")(slope=call.operation.factor(0, 0.01))


def _gelu(call: Operator) -> Op:
    return op_named("gelu")(approximate=bool(call.operation.option(0, "<b")))


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
_SAME = "elu exp hard_swish log relu relu6 softmax sqrt square tanh"
PLAIN = {**{word: word for word in _SAME.split()}, "logistic": "sigmoid"}
FUSED = {
    "conv_2d": 3, "depthwise_conv_2d": 4, "fully_connected": 0, "average_pool_2d": 5,
    "max_pool_2d": 5, "l2_pool_2d": 5, "add": 0, "sub": 0, "mul": 0, "div": 0, "concatenation": 1,
    "conv_3d": 4, "conv_3d_transpose": 4, "l2_normalization": 0, "svdf": 1, "transpose_conv": 3,
}  # fmt: skip
"""Which field of an operation's options holds the activation that is part of it."""
