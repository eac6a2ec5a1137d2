"""Shapes of what slides over positions: convolutions, pooling, and what changes their number."""

from __future__ import annotations

from math import prod
from struct import pack, unpack

from bncalc.readers.onnx.array import place
from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.tensor import INT32, INT64
from bncalc.readers.onnx.value import Contradiction, Dims, Unknown, Value, tensor


def is_channels_last(call: OnnxCall) -> bool:
    """Tell whether onnxruntime has turned an operation's maps so that channels come last."""
    return bool(call.domain) and (call.op.startswith("Nhwc") or call.flag("channels_last"))


def channels_taken(call: OnnxCall) -> int:
    """Return how many channels the weights are for, those that only fill a block among them."""
    return call.dims(1)[1] * call.integer("group", 1)


def weight_sizes(call: OnnxCall, index: int) -> Dims:
    """Return the sizes of a convolution's weights, their channels before the kernel.

    The optimiser of onnxruntime that makes an `NhwcConv` turns the weights with the maps.
    """
    dims, kernel = call.dims(index), call.integers("kernel_shape")
    is_turned = call.op == "NhwcConv" and dims[1:-1] == kernel != dims[2:]
    return (dims[0], dims[-1], *kernel) if is_turned else dims


def convolution_of(type_: int | None = None, index: int = 1) -> ShapeRule:
    """Return the rule of a convolution of a type, else that of its input, by the weights there."""
    return lambda call: _convolved(
        call, weight_sizes(call, index), call.type() if type_ is None else type_
    )


def _convolved(call: OnnxCall, weights: Dims, type_: int) -> Value:
    dims = call.dims()
    if len(dims) != len(weights) or len(dims) < 3:
        raise Contradiction(
            f"the input has {len(dims)} axes and the weights have {len(weights)};"
            " they need the same number, at least 3"
        )
    groups = call.integer("group", 1)
    if weights[1] * groups != dims[1]:
        raise Contradiction(
            f"the weights take {weights[1]} × {groups} channels, and the input has {dims[1]}"
        )
    kernel = call.integers("kernel_shape", weights[2:])
    return tensor(type_, (dims[0], weights[0], *window_counts(call, dims[2:], kernel)))


def transposed_convolution(call: OnnxCall) -> Value:
    """Each side is asked for, or what the windows span together; `SAME` cuts that to the stride
    times the input, and adds nothing where the stride is larger than the window.
    """
    dims, weights = call.dims(), call.dims(1)
    space, axes = dims[2:], len(dims) - 2
    kernel = call.integers("kernel_shape", weights[2:])
    stride, dilation = _steps(call, kernel, axes)
    extra, pads = call.integers("output_padding", (0,) * axes), _pads(call, axes)
    sides = call.integers("output_shape")[-axes:]
    if not sides:
        each = zip(space, stride, dilation, kernel, extra, strict=True)
        sides = tuple([step * (n - 1) + d * (k - 1) + 1 + e for n, step, d, k, e in each])
        if call.text("auto_pad").startswith("SAME"):
            sides = tuple([min(w, n * s) for w, n, s in zip(sides, space, stride, strict=True)])
        else:
            sides = tuple([whole - pads[i] - pads[i + axes] for i, whole in enumerate(sides)])
    return tensor(call.type(), (dims[0], weights[1] * call.integer("group", 1), *sides))


def pooling(call: OnnxCall) -> tuple[Value, ...]:
    """What it puts out, and where the maxima were."""
    dims = call.dims()
    kernel = call.integers("kernel_shape")
    sides = window_counts(call, dims[2:], kernel, pools=True)
    out = (*dims[:2], *sides)
    return tensor(call.type(), out), tensor(INT64, out)


def folding(call: OnnxCall) -> Value:
    """Add columns of windows where they lay in an image: N × C·k × windows make N × C × image."""
    dims, image, block = call.dims(), call.whole(1), call.whole(2)
    size = prod(block)
    if len(dims) != 3 or len(image) != len(block) or not size or dims[1] % size:
        raise Contradiction(
            f"the input {list(dims)} does not hold columns of windows of {list(block)}"
        )
    return tensor(call.type(), (dims[0], dims[1] // size, *image))


def global_pooling(call: OnnxCall) -> Value:
    dims = call.dims()
    return tensor(call.type(), (*dims[:2], *(1,) * len(dims[2:])))


def window_counts(call: OnnxCall, space: Dims, kernel: Dims, *, pools: bool = False) -> Dims:
    """Return how many positions a window takes along each axis.

    `SAME` pads until every stride has one. A last window that the stride cuts short counts with
    `ceil_mode` unless it begins in the padding behind. A pool's one window may be larger than its
    map by less than a stride: runtimes cut the division off, and the window to the map.
    """
    axes = len(space)
    stride, dilation = _steps(call, kernel, axes)
    if call.text("auto_pad").startswith("SAME"):
        return tuple([-(-n // step) for n, step in zip(space, stride, strict=True)])
    pads, ceil = _pads(call, axes), pools and call.flag("ceil_mode")
    counts = []
    for i, n in enumerate(space):
        room = n + pads[i] + pads[i + axes] - dilation[i] * (kernel[i] - 1) - 1
        count = room // stride[i] + 1
        if room < 0 < n and not (pools and room > -stride[i]):
            window, whole = dilation[i] * (kernel[i] - 1) + 1, n + pads[i] + pads[i + axes]
            raise Contradiction(f"its window spans {window}, and the map has {whole} with padding")
        if room % stride[i] and (room < 0 or (ceil and count * stride[i] < n + pads[i])):
            count += 1
        counts.append(max(count, 0))
    return tuple(counts)


def _steps(call: OnnxCall, kernel: Dims, axes: int) -> tuple[Dims, Dims]:
    """Return strides and dilations."""
    stride = call.integers("strides", (1,) * axes)
    dilation = call.integers("dilations", (1,) * axes)
    if not len(kernel) == len(stride) == len(dilation) == axes or min((1, *stride)) < 1:
        raise Contradiction(
            f"kernel, strides and dilations need a number for each axis, here {axes}, of at least 1"
        )
    return stride, dilation


def _pads(call: OnnxCall, axes: int) -> Dims:
    """Return all begins, then all ends."""
    pads = call.integers("pads", (0,) * 2 * axes)
    if len(pads) != 2 * axes:
        raise Contradiction(f"there must be two pads for each axis, here {len(pads)} for {axes}")
    return (0,) * 2 * axes if call.text("auto_pad") == "VALID" else pads


def resize(call: OnnxCall) -> Value:
    """x, scales until operator set 10; x, roi, scales, sizes from 11 on."""
    dims = call.dims()
    scales, wanted = (1, 9) if call.opset < 11 else (2, 3)
    axes = [place(axis, len(dims)) for axis in call.integers("axes", tuple(range(len(dims))))]
    target = call.given(wanted)
    if target is not None and target.dims != (0,):
        return _sized(call, dims, axes, call.whole(wanted))
    if call.text("coordinate_transformation_mode") == "tf_crop_and_resize":
        raise Unknown
    return _scaled(call, dims, axes, call.numbers(scales))


def upsample(call: OnnxCall) -> Value:
    """Scales in an attribute, in an input from operator set 9 on."""
    dims = call.dims()
    scales = call.reals("scales") if "scales" in call.attributes else call.numbers(1)
    return _scaled(call, dims, list(range(len(dims))), scales)


def _scaled(call: OnnxCall, dims: Dims, axes: list[int], scales: tuple[float, ...]) -> Value:
    """Sizes are multiplied as 32-bit floats, then cut to whole numbers."""
    out = list(dims)
    for axis, scale in zip(axes, scales, strict=True):
        (product,) = unpack("<f", pack("<f", dims[axis] * scale))
        out[axis] = int(product)
    return tensor(call.type(), tuple(out))


def _sized(call: OnnxCall, dims: Dims, axes: list[int], wanted: Dims) -> Value:
    out, policy = list(dims), call.text("keep_aspect_ratio_policy", "stretch")
    ratios = [size / max(dims[axis], 1) for axis, size in zip(axes, wanted, strict=True)]
    for axis, size in zip(axes, wanted, strict=True):
        out[axis] = size
        if policy != "stretch":
            ratio = min(ratios) if policy == "not_larger" else max(ratios)
            out[axis] = int(ratio * dims[axis] + 0.5)
    return tensor(call.type(), tuple(out))


def grid_sample(call: OnnxCall) -> Value:
    return tensor(call.type(), (*call.dims()[:2], *call.dims(1)[1:-1]))


def roi_align(call: OnnxCall) -> Value:
    height, width = call.integer("output_height", 1), call.integer("output_width", 1)
    return tensor(call.type(), (call.dims(1)[0], call.dims()[1], height, width))


def roi_pool(call: OnnxCall) -> Value:
    return tensor(call.type(), (call.dims(1)[0], call.dims()[1], *call.integers("pooled_shape")))


def grid(call: OnnxCall) -> Value:
    """A place in the input for each position of the output: of images two numbers."""
    batch, _, *space = call.whole(1)
    return tensor(call.type(), (batch, *space, len(space)))


def unpooling(call: OnnxCall) -> Value:
    """The sizes before pooling, as given or as the window makes them."""
    if call.given(2) is not None:
        return tensor(call.type(), call.whole(2))
    dims, kernel = call.dims(), call.integers("kernel_shape")
    (stride, _), pads = _steps(call, kernel, len(dims) - 2), _pads(call, len(dims) - 2)
    cut = [pads[i] + pads[i + len(kernel)] for i in range(len(kernel))]
    sides = zip(dims[2:], stride, kernel, cut, strict=True)
    return tensor(call.type(), (*dims[:2], *[(n - 1) * s + k - c for n, s, k, c in sides]))


convolution = convolution_of()
quantised_convolution = convolution_of(index=3)
"""Inputs are x, its scale and zero point, the weights with theirs, and those of the output."""

RULES: dict[str, ShapeRule] = {
    "AffineGrid": grid,
    "Col2Im": folding,
    "AveragePool": pooling,
    "Conv": convolution,
    "ConvInteger": convolution_of(INT32),
    "ConvTranspose": transposed_convolution,
    "DeformConv": convolution,
    "GlobalAveragePool": global_pooling,
    "GlobalLpPool": global_pooling,
    "GlobalMaxPool": global_pooling,
    "GridSample": grid_sample,
    "LpPool": pooling,
    "MaxPool": pooling,
    "MaxUnpool": unpooling,
    "QLinearConv": quantised_convolution,
    "Resize": resize,
    "MaxRoiPool": roi_pool,
    "RoiAlign": roi_align,
    "Upsample": upsample,
}

OF_SIZES = {"AveragePool", "Conv", "ConvTranspose", "GlobalAveragePool", "MaxPool"}
"""The common ones; their rules look at types, sizes and attributes, never at numbers."""
