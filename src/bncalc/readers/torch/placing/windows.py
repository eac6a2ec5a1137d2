"""What has a window: convolutions, pools, resampling and padding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bncalc.model.op import Op
from bncalc.model.registry import op_named
from bncalc.model.shape import Shape
from bncalc.model.window import default_padding
from bncalc.readers.axes import Dims
from bncalc.readers.layout import channels_first
from bncalc.readers.torch.placement import TracePlacement, TracePlacer
from bncalc.readers.torch.placing.moving import same
from bncalc.readers.torch.placing.standardising import standardising
from bncalc.readers.torch.trace import TracedCall, TracedTensor, Weight


def is_unbatched(call: TracedCall) -> bool:
    """Tell whether what has a window slides over one map that has no batch of one."""
    is_sliding = call.word[-2:-1].isdigit() and call.word in PLACERS
    return is_sliding and len(call.outputs[0].dims) == int(call.word[-2]) + 1


def batched(call: TracedCall) -> TracedCall:
    """Return a call with a batch of one before the sizes of its map, if they have none."""
    if not is_unbatched(call):
        return call
    x = call.values[0]
    whole = x._replace(dims=(1, *x.dims))
    outputs = tuple([out._replace(dims=(1, *out.dims)) for out in call.outputs])
    return call.having(x, whole)._replace(outputs=outputs)


def _convolution(placement: TracePlacement, call: TracedCall) -> None:
    weight = call.given(1, "weight")
    axes = len(weight.dims) - 2
    kernel, dilation = weight.dims[2:], _sizes(call.given(5, "dilation", 1), axes)
    settings: dict[str, Any] = {
        "out": weight.dims[0],
        "kernel": kernel,
        "stride": _sizes(call.given(3, "stride", 1), axes),
        "padding": _padding(call.given(4, "padding", 0), kernel, dilation),
        "dilation": dilation,
        "groups": call.given(6, "groups", 1),
        "bias": call.given(2, "bias") is not None,
    }
    how = standardising(weight) if isinstance(weight, Weight) else None
    own = how._asdict() if how else {}
    op = op_named("standardised_conv" if how else "conv")(**own, **settings)
    if how:  # the op does what has been worked out of the weights
        placement.begin(call.having(weight, weight._replace(is_computed=False)))
    x = call.given(0, "input")
    others = [placement.any(weight)] if isinstance(weight, TracedTensor) else []
    placement.slide(call, op, [placement.map(x, _channels(x, axes)), *others])


def _row(placement: TracePlacement, call: TracedCall) -> None:
    """Place a convolution by the dispatcher's row for all of them; traced ones have more."""
    given, others = call.all[:3], call.all[3:9]
    stride, padding, dilation, transposed, further, groups = others
    if transposed:
        given += (stride, padding, further, groups, dilation)
        _transposed(placement, call._replace(arguments=given, named={}))
    else:
        given += (stride, padding, dilation, groups)
        _convolution(placement, call._replace(arguments=given, named={}))


def _channels(x: TracedTensor, axes: int) -> int:
    return len(x.dims) - axes - 1


def _transposed(placement: TracePlacement, call: TracedCall) -> None:
    weight = call.given(1, "weight")
    axes, groups = len(weight.dims) - 2, call.given(6, "groups", 1)
    op = op_named("conv_transpose")(
        out=weight.dims[1] * groups,
        kernel=weight.dims[2:],
        stride=_sizes(call.given(3, "stride", 1), axes),
        padding=_sizes(call.given(4, "padding", 0), axes),
        output_padding=_sizes(call.given(5, "output_padding", 0), axes),
        groups=groups,
        dilation=_sizes(call.given(7, "dilation", 1), axes),
        bias=call.given(2, "bias") is not None,
    )
    placement.slide(call, op, [placement.whole_map(call.given(0, "input"), 1)])


def _pooling(word: str) -> Callable[[TracePlacement, TracedCall], None]:
    def placer(placement: TracePlacement, call: TracedCall) -> None:
        x = call.given(0, "input")
        axes = len(x.dims) - 2
        kernel = _sizes(call.given(1, "kernel_size"), axes)
        largest = word == "max_pool"
        dilation = _sizes(call.given(4, "dilation", 1), axes) if largest else (1,) * axes
        stride = _sizes(call.given(2, "stride") or kernel, axes)
        padding = _sizes(call.given(3, "padding", 0), axes)
        ceil = bool(call.given(5 if largest else 4, "ceil_mode", False))
        if ceil and not any(padding) and set(dilation) == {1}:  # a window ends where the map does
            kernel = tuple([min(k, n) for k, n in zip(kernel, x.dims[2:], strict=True)])
        own = {} if largest else {"count_padding": bool(call.given(5, "count_include_pad", True))}
        op = op_named(word)(
            kernel=kernel,
            stride=stride,
            padding=_padding(padding, kernel, dilation),
            dilation=dilation,
            ceil=ceil,
            **own,
        )
        placement.slide(call, op, [placement.map(x, 1)])

    return placer


def _adaptive(word: str) -> Callable[[TracePlacement, TracedCall], None]:
    def placer(placement: TracePlacement, call: TracedCall) -> None:
        x, axes = call.given(0, "input"), len(call.outputs[0].dims) - 2
        size = call.outputs[0].dims[2:]
        is_whole = size == (1,) * axes
        op = op_named(f"global_{word}")() if is_whole else op_named(f"adaptive_{word}")(size=size)
        placement.slide(call, op, [placement.map(x, 1)])

    return placer


def _interpolate(placement: TracePlacement, call: TracedCall) -> None:
    op = _resizing(call)
    x = placement.map(call.given(0, "input"), 1)
    if op is not None:
        placement.slide(call, op, [x])
        return
    counted = call.given(3, "mode", "nearest") == "nearest-exact"
    placement.foreign(call, "resize", inputs=[x], axis=1, counted=counted)


def _resizing(call: TracedCall) -> Op | None:
    """Return what a call of `interpolate` is; None if the language has no word for it."""
    before, after = call.given(0, "input").dims[2:], call.outputs[0].dims[2:]
    mode = call.given(3, "mode", "nearest")
    mode = "bilinear" if mode in ("linear", "trilinear") else mode
    smooths = call.given(6, "antialias", False)
    if smooths or mode not in ("area", "bicubic", "bilinear", "nearest"):
        return None
    whole = all(m % n == 0 for n, m in zip(before, after, strict=True))
    sizes: dict[str, Any] = {"size": after}
    if whole and call.given(1, "size") is None:
        sizes = {"scale": tuple([m // n for n, m in zip(before, after, strict=True)])}
    corners = bool(call.given(4, "align_corners", False))
    return op_named("upsample")(mode=mode, align_corners=corners, **sizes)


def _pad(placement: TracePlacement, call: TracedCall) -> None:
    x, ends = call.given(0, "input"), call.given(1, "pad")
    axis = placement.axis(x)
    axes = len(x.dims) - 2
    mode = {"constant": "zeros"}.get(call.given(2, "mode", "constant"), call.given(2, "mode"))
    pairs = [tuple(ends[i : i + 2]) for i in range(0, len(ends), 2)][::-1]
    pairs = [(0, 0)] * (axes - len(pairs)) + pairs
    if not any(ends):
        same(placement, call)
    elif axis == 1 and len(pairs) == axes and min(ends) >= 0:
        size = tuple([end for pair in pairs for end in pair])
        op = op_named("pad")(size=size, mode=mode, value=call.number(3, "value", 0))
        placement.slide(call, op, [placement.map(x, 1)])
    else:
        placement.foreign(call, "pad", inputs=[placement.any(x)], axis=axis)


def _channel_shuffle(placement: TracePlacement, call: TracedCall) -> None:
    op = op_named("channel_shuffle")(groups=call.given(1, "groups"))
    placement.slide(call, op, [placement.map(call.values[0], 1)])


def _pixel_shuffle(placement: TracePlacement, call: TracedCall) -> None:
    """Place what moves channels into space; as views it may begin with other sizes."""
    factor = call.given(1, "upscale_factor")
    x, (maps, channels, *space) = call.values[0], call.outputs[0].dims
    if maps == 1:
        wanted = Shape(channels * factor ** len(space), *[size // factor for size in space])
        arriving = placement.view(x, wanted, channels_first(x.dims, 1))
    else:
        arriving = placement.map(x, 1)
    op = op_named("pixel_shuffle")(factor=factor, order=call.given(2, "order", "crd"))
    placement.slide(call, op, [arriving])


def _pixel_unshuffle(placement: TracePlacement, call: TracedCall) -> None:
    """Place what moves space into channels, as a module or as views."""
    order = call.given(2, "order", "crd")
    op = op_named("space_to_depth")(factor=call.given(1, "downscale_factor"), order=order)
    placement.slide(call, op, [placement.map(call.values[0], 1)])


def _sizes(given: Any, axes: int) -> Dims:
    if isinstance(given, int):
        return (given,) * axes
    return tuple(given) * axes if len(given) == 1 else tuple(given)


def _padding(given: Any, kernel: Dims, dilation: Dims) -> Any:
    if isinstance(given, str):
        given = (
            tuple([d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True)])
            if (given == "same")
            else 0
        )
    sizes = _sizes(given, len(kernel))
    return "default" if sizes == default_padding(kernel, dilation) else sizes


_POOLS = ("avg_pool", "max_pool")
PLACERS: dict[str, TracePlacer] = {
    **{f"conv{n}d": _convolution for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": _transposed for n in (1, 2, 3)},
    **{f"{word}{n}d": _pooling(word) for word in _POOLS for n in (1, 2, 3)},
    **{f"adaptive_{word}{n}d": _adaptive(word) for word in _POOLS for n in (1, 2, 3)},
    "convolution": _row,
    "interpolate": _interpolate,
    "pad": _pad,
    "channel_shuffle": _channel_shuffle,
    "pixel_shuffle": _pixel_shuffle,
    "pixel_unshuffle": _pixel_unshuffle,
}
