"""Functions of each element, what gathers along axes; and the unknown."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from bncalc.model.cost import Cost
from bncalc.model.ops.activation import Sigmoid
from bncalc.model.ops.foreign import Facts, ForeignOptions
from bncalc.model.registry import op_named
from bncalc.readers.axes import likely, shape_of
from bncalc.readers.layout import channels_first, gathered, map_axes, turn
from bncalc.readers.torch.placement import TracePlacement, TracePlacer
from bncalc.readers.torch.placing.moving import same
from bncalc.readers.torch.trace import TracedCall, Weight

_SAME = "exp log mish relu relu6 sigmoid silu sqrt square tanh"
_NATIVE = {
    **{word: word for word in _SAME.split()},
    "hardsigmoid": "hard_sigmoid",
    "hardswish": "hard_swish",
}
_PER_ELEMENT = {
    "abs": 1, "acos": 1, "acosh": 1, "addcdiv": 3, "addcmul": 3, "asin": 1, "asinh": 1, "atan": 1,
    "atan2": 1, "atanh": 1, "bitwise_and": 1, "bitwise_not": 1, "bitwise_or": 1, "bitwise_xor": 1,
    "ceil": 1, "celu": 5, "clamp_max": 1, "clamp_min": 1, "cos": 1, "cosh": 1, "cumprod": 1,
    "cumsum": 1, "eq": 1, "erf": 1, "expm1": 1, "floor": 1, "floor_divide": 2, "floordiv": 2,
    "fmod": 1, "frac": 1, "ge": 1, "gt": 1, "hardshrink": 2, "hardtanh": 2, "isinf": 1, "isnan": 1,
    "le": 1, "lerp": 3, "log10": 1, "log1p": 1, "log2": 1, "log_sigmoid": 4, "log_softmax": 4,
    "logical_and": 1, "logical_not": 1, "logical_or": 1, "lt": 1, "maximum": 1, "minimum": 1,
    "nan_to_num": 1, "ne": 1, "neg": 1, "normalize": 3, "pow": 1, "reciprocal": 1, "remainder": 1,
    "round": 1, "rrelu": 2, "rsqrt": 2, "selu": 4, "sign": 1, "sin": 1, "sinh": 1, "softmin": 4,
    "softshrink": 3, "softsign": 3, "tan": 1, "tanhshrink": 2, "threshold": 1, "trunc": 1,
}  # fmt: skip
"""Operations for each element, as `model.ops.activation` counts them."""


def unknown(placement: TracePlacement, call: TracedCall, seen: int = 0) -> None:
    """Place what is not counted, but for its params, its shape and the MACs that are known."""
    placement.foreign(call, call.word, Cost(macs=call.macs), counted=False, seen=seen)


def _grid_sample(placement: TracePlacement, call: TracedCall) -> None:
    """Place what picks points of a map, each of its neighbours or of one."""
    mode = call.given(2, "mode", "bilinear")
    unknown(placement, call._replace(called="" if mode == "bilinear" else mode))


def _addmv(placement: TracePlacement, call: TracedCall) -> None:
    """Place a product with a vector that is added to one, which torchprofile counts."""
    unknown(placement, call, seen=prod(call.given(1, "mat").dims))


def worked_out(placement: TracePlacement, call: TracedCall) -> None:
    """Place products of weights alone, which are worked out anew for each image."""
    out, bias = call.outputs[0].dims, call.given(2, "bias")
    word = "conv" if call.word.startswith("conv") else call.word
    has_bias = isinstance(bias, Weight) and word in ("conv", "linear")
    cost = Cost(macs=call.macs)
    if has_bias:
        cost = cost._replace(biases=prod(bias.dims), elementwise=prod(out))
    placement.foreign(call, word, cost, inputs=[], family="product")


def _native(placement: TracePlacement, call: TracedCall) -> None:
    fields = _FIELDS[call.word](call) if call.word in _FIELDS else {}
    unary(placement, call, _NATIVE.get(call.word, call.word), **fields)


_FIELDS: dict[str, Callable[[TracedCall], dict[str, Any]]] = {
    "drop_path": lambda call: {"rate": call.given(1, "rate")},
    "elu": lambda call: {"alpha": call.number(1, "alpha", 1)},
    "gelu": lambda call: {"approximate": call.given(1, "approximate", "none") == "tanh"},
    "prelu": lambda call: {
        "slopes": "one" if call.given(1, "weight").dims in ((1,), ()) else "channel"
    },
    "softplus": lambda call: {"beta": call.number(1, "beta", 1)},
}
"""What an op of ours has as fields, by the word of the call."""


def _leaky_relu(placement: TracePlacement, call: TracedCall) -> None:
    call = call.recalled(_IN_PLACE) if call.given(2, "inplace", False) else call
    unary(placement, call, "leaky_relu", slope=call.number(1, "negative_slope", 0.01))


_IN_PLACE = {"function": "in_place_function", "module": "in_place"}


def _hardtanh(placement: TracePlacement, call: TracedCall) -> None:
    limits = (call.given(1, "min_val", -1.0), call.given(2, "max_val", 1.0))
    if limits == (0.0, 6.0):  # of ReLU6 a module, else what no tool has in its list
        unary(placement, call.recalled({"function": "method"}), "relu6")
    else:
        _function(placement, call)


def _softmax(placement: TracePlacement, call: TracedCall) -> None:
    x = call.values[0]
    axis = placement.axis(x)
    along = call.given(1, "dim", -1)
    if along is None:  # the one that PyTorch takes, and warns of; thop looks for it
        call = call.recalled({"module": "axisless"})
        along = 0 if len(x.dims) in (0, 1, 3) else 1
    along %= len(x.dims)
    behind = len(x.dims) - along - (along < axis)
    op = op_named("softmax")() if along == axis else op_named("softmax")(over=(-behind,))
    placement.put(call, op, [placement.map(x, axis)], axis)
    placement.hold_axis(call.outputs[0], placement.known_axis(x))


def _function(placement: TracePlacement, call: TracedCall) -> None:
    """Place a function of each element, of one map or more, that the language has no word for."""
    out, inputs = call.outputs[0], [placement.any(value) for value in call.values]
    alike = [value for value in call.values if value.dims == out.dims]
    axis = placement.axis(alike[0]) if alike else likely(out.dims)
    shape = placement.any(alike[0]).shape if alike else shape_of(out.dims, axis)
    if call.word == "clamp":
        each = sum([call.given(at, name) is not None for at, name in _LIMITS])
    else:
        each = _PER_ELEMENT[call.word]
    cost = Cost(elementwise=each * shape.elements)
    options = _told(placement, call) if len(inputs) == 1 and alike else ()
    placement.put_facts(call, Facts(call.word, shape, cost, options=options), inputs, axis)
    if alike:
        placement.hold_view(out, placement.any(out), axis, placement.layout(alike[0]))


_LIMITS = ((1, "min"), (2, "max"))
"""The limits of a clamp, a comparison each: which argument it is, and its name."""


def _told(placement: TracePlacement, call: TracedCall) -> ForeignOptions:
    """Return what a function is told besides its map: an exponent, limits, an axis."""
    if call.word == "pow":
        exponent = call.given(1, "exponent")
        return (("second", float(exponent)),) if isinstance(exponent, (int, float)) else ()
    if call.word == "clamp":
        limits = [(name, call.given(at, name)) for at, name in _LIMITS]
        return tuple([(name, float(n)) for name, n in limits if isinstance(n, (int, float))])
    if call.word == "normalize" and call.given(1, "p", 2.0) == 2:
        x, layout = call.values[0], placement.layout(call.values[0])
        axes = map_axes(layout, x.dims, placement.any(x).shape) if layout else None
        axis = axes[call.given(2, "dim", 1)] if axes else None
        return (("axes", (axis,)),) if axis is not None else ()
    return ()


def _folding(placement: TracePlacement, call: TracedCall) -> None:
    """Place what adds up windows (fold), or gates one half of a map by the other (glu)."""
    x, out = call.values[0], call.outputs[0]
    each = 1 if call.word == "fold" else Sigmoid.operations + 1
    elements = prod(x.dims) if call.word == "fold" else prod(out.dims)
    axis = likely(out.dims) if call.word == "fold" else placement.axis(x)
    cost = Cost(elementwise=each * elements)
    placement.foreign(call, call.word, cost, inputs=[placement.any(x)], axis=axis)


def _reduction(placement: TracePlacement, call: TracedCall) -> None:
    """Place what gathers along axes: along all positions it is a global pool."""
    if call.word in _OF_TWO and len(call.values) + len(call.weights) > 1:
        _function(placement, call._replace(word=_OF_TWO[call.word]))
        return
    x, out = call.values[0], call.outputs[0]
    place = 2 if call.word in _NORMS else 1  # after which norm it is
    given = call.given(place, "dim", call.named.get("axis"))
    if given is None or isinstance(given, bool):  # of std and var it may be `unbiased`
        given = tuple(range(len(x.dims)))
    listed = given if isinstance(given, tuple) else (given,)
    axes, channels = {axis % len(x.dims) for axis in listed}, placement.axis(x)
    pools = {"mean": "global_avg_pool", "amax": "global_max_pool"}
    if call.word in pools and axes == set(range(1, len(x.dims))) - {channels}:
        keeps = call.given(2, "keepdim", False)
        axis = channels if keeps else 1
        placement.put(call, op_named(pools[call.word])(), [placement.map(x, channels)], axis)
        return
    tensor, axis, layout = placement.any(x), likely(out.dims), placement.layout(x)
    turned = turn(out.dims, channels_first(out.dims, axis))
    options = gathered(layout, x.dims, tuple(sorted(axes)), turned) if layout and out.dims else ()
    operations = _REDUCTIONS[call.word] * tensor.shape.elements
    operations -= min(operations, prod(out.dims)) * (call.word in _GATHERING)
    cost = Cost(elementwise=operations)
    word = "norm" if call.word in _NORMS else call.word
    placement.foreign(call, word, cost, inputs=[tensor], options=options)


_REDUCTIONS = {
    "all": 1, "amax": 1, "amin": 1, "any": 1, "argmax": 1, "argmin": 1,
    "linalg_vector_norm": 2, "logsumexp": 2, "max": 1, "mean": 1, "min": 1, "norm": 2, "prod": 1,
    "std": 1, "sum": 1, "var": 1,
}  # fmt: skip
"""Operations for each element that arrives, if what comes out needs none of its own."""
_GATHERING = {
    "all", "amax", "amin", "any", "argmax", "argmin", "max", "min", "prod", "sum",
}  # fmt: skip
"""Reductions that compare or add all elements but the first, and do nothing more."""
_NORMS = ("linalg_vector_norm", "norm")
_OF_TWO = {"max": "maximum", "min": "minimum"}
"""What a reduction is of two maps: the larger or smaller of each two elements."""


def _embedding(placement: TracePlacement, call: TracedCall) -> None:
    """Place a table whose rows are looked up: each number of the input becomes one."""
    placement.foreign(call, "embedding", axis=len(call.outputs[0].dims) - 1)


def _bilinear(placement: TracePlacement, call: TracedCall) -> None:
    """Place what multiplies two maps by weights for each pair of their features."""
    out, first, second = call.given(2, "weight").dims
    pairs = second * out * (first + 1)
    unknown(placement, call, seen=pairs * prod(call.outputs[0].dims[:-1]))


def _dropout(placement: TracePlacement, call: TracedCall) -> None:
    rate = call.given(1, "p", 0.5)
    if 0 < rate < 1:
        unary(placement, call, "dropout", rate=rate)
    else:
        same(placement, call)


def unary(placement: TracePlacement, call: TracedCall, word: str, **fields: Any) -> None:
    x = call.values[0]
    placement.put(call, op_named(word)(**fields), [placement.any(x)], placement.axis(x))
    placement.hold_as(call.outputs[0], x)


PLACERS: dict[str, TracePlacer] = {
    **dict.fromkeys([*_NATIVE, *_FIELDS], _native),
    **dict.fromkeys([*_PER_ELEMENT, "clamp"], _function),
    **dict.fromkeys(["dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"], _dropout),
    **dict.fromkeys(_REDUCTIONS, _reduction),
    **dict.fromkeys(["safe_softmax", "softmax"], _softmax),
    "addmv": _addmv,
    "bilinear": _bilinear,
    "embedding": _embedding,
    "fold": _folding,
    "glu": _folding,
    "grid_sample": _grid_sample,
    "hardtanh": _hardtanh,
    "leaky_relu": _leaky_relu,
}
