"""Windows in ONNX: convolutions, linear layers, pooling and resampling."""

from __future__ import annotations

from math import inf
from typing import Any

from bncalc.model.shape import Shape
from bncalc.model.window import paddings, spread
from bncalc.writers.onnx.calls.tensors import OnnxTensor
from bncalc.writers.onnx.calls.windows import tapped
from bncalc.writers.onnx.maker import Maker, OpWriter, PlacedOp


def _sizes(op: Any, name: str, axes: int) -> list[int]:
    return list(spread(getattr(op, name), axes, name))


def _stride(op: Any, axes: int) -> list[int]:
    return _sizes(op, "kernel" if op.stride is None else "stride", axes)


def _pads(op: Any, x: Shape) -> list[int]:
    """Return the positions added at the beginnings of all axes, then at their ends."""
    kernel, dilation = (spread(getattr(op, name), x.axes, name) for name in ("kernel", "dilation"))
    pairs = paddings(x.space, kernel, tuple(_stride(op, x.axes)), dilation, op.padding)
    starts, stops = zip(*pairs, strict=True)
    return [*starts, *stops]


def convolution(maker: Maker, layer: PlacedOp) -> str:
    return _sliding(maker, "Conv", layer, _weight(maker, layer), pads=_pads(layer.op, layer.x))


def standardised(maker: Maker, layer: PlacedOp) -> str:
    """Write a convolution whose weights get mean 0 and variance 1 for each output channel."""
    op, axes = layer.op, layer.output.axes
    raw, over = _weight(maker, layer), maker.numbers(*range(1, axes + 2))
    centred = maker.node("Sub", raw, maker.node("ReduceMean", raw, over, keepdims=1))
    squares = maker.node("Mul", centred, centred)
    variance = maker.node("ReduceMean", squares, over, keepdims=1)
    root = maker.node("Sqrt", maker.node("Add", variance, maker.number(op.eps)))
    weight = maker.node("Div", centred, root)
    if op.gain:
        gain = maker.weight("gain", layer.output.channels, *(1,) * (axes + 1), usual=1.0)
        weight = maker.node("Mul", weight, gain)
    if op.scale != 1:
        weight = maker.node("Mul", weight, maker.number(op.scale))
    return _sliding(maker, "Conv", layer, weight, pads=_pads(layer.op, layer.x))


def _weight(maker: Maker, layer: PlacedOp) -> str:
    kernel, each = _sizes(layer.op, "kernel", layer.x.axes), layer.x.channels // layer.op.groups
    return maker.weight("weight", layer.output.channels, each, *kernel)


def transposed(maker: Maker, layer: PlacedOp) -> str:
    op, x = layer.op, layer.x
    kernel = _sizes(op, "kernel", x.axes)
    weight = maker.weight("weight", x.channels, layer.output.channels // op.groups, *kernel)
    further = {
        "pads": _sizes(op, "padding", x.axes) * 2,
        "output_padding": _sizes(op, "output_padding", x.axes),
    }
    return _sliding(maker, "ConvTranspose", layer, weight, **further)


def _sliding(maker: Maker, word: str, layer: PlacedOp, weight: str, **further: list[int]) -> str:
    """Write a convolution with its weights, and the bias that it may have."""
    op, axes = layer.op, layer.output.axes
    bias = [maker.weight("bias", layer.output.channels)] if op.bias is True else []
    return maker.node(
        word,
        layer.source,
        weight,
        *bias,
        kernel_shape=_sizes(op, "kernel", axes),
        strides=_sizes(op, "stride", axes),
        dilations=_sizes(op, "dilation", axes),
        **further,
        group=op.groups,
    )


def linear(maker: Maker, layer: PlacedOp) -> str:
    op, x = layer.op, layer.x
    if not op.each:
        flat = maker.node("Flatten", layer.source, axis=1) if x.axes else layer.source
        held = [maker.weight("weight", op.out, x.elements)]
        held += [maker.weight("bias", op.out)] if op.bias is True else []
        made = maker.node("Gemm", flat, *held, transB=1)
        return maker.reshaped(made, layer.output) if x.axes else made
    last = channels_last(maker, layer.source, x)
    made = maker.node("MatMul", last, maker.weight("weight", x.channels, op.out))
    if op.bias is True:
        made = maker.node("Add", made, maker.weight("bias", op.out))
    return channels_first(maker, made, layer.output)


def channels_last(maker: Maker, name: str, x: Shape) -> str:
    if not x.axes:
        return name
    return maker.node("Transpose", name, perm=[0, *range(2, x.axes + 2), 1])


def channels_first(maker: Maker, name: str, x: Shape) -> str:
    if not x.axes:
        return name
    return maker.node("Transpose", name, perm=[0, x.axes + 1, *range(1, x.axes + 1)])


def pooling(kind: str) -> OpWriter:
    def write(maker: Maker, layer: PlacedOp) -> str:
        op, x, arriving = layer.op, layer.x, layer.source
        more = {"count_include_pad": int(op.count_padding)} if kind == "AveragePool" else {}
        kernel, pads = _sizes(op, "kernel", x.axes), _pads(op, x)
        if any(pad >= size for pad, size in zip(pads, kernel * 2, strict=True)):
            filling = maker.number(-inf if kind == "MaxPool" else 0.0)
            arriving = _padded(maker, arriving, pads, filling)
            pads = [0] * len(pads)
        return maker.node(
            kind,
            arriving,
            kernel_shape=kernel,
            strides=_stride(op, x.axes),
            dilations=_sizes(op, "dilation", x.axes),
            pads=pads,
            ceil_mode=int(op.ceil),
            **more,
        )

    return write


def _padded(maker: Maker, source: str, pads: list[int], *filling: str) -> str:
    """Pad a map by a node of its own: onnxruntime pools none that is wider than the kernel."""
    half = len(pads) // 2
    sizes = maker.numbers(0, 0, *pads[:half], 0, 0, *pads[half:])
    return maker.node("Pad", source, sizes, *filling, mode="constant")


def whole(kind: str) -> OpWriter:
    return lambda maker, layer: maker.node(f"Global{kind}Pool", layer.source)


def adaptive(kind: str) -> OpWriter:
    """Return a pool to a size; where its windows differ, axis by axis, a reduction for each."""

    def write(maker: Maker, layer: PlacedOp) -> str:
        if set(layer.output.space) == {1}:
            return maker.node(f"Global{kind}Pool", layer.source)
        sides = [*zip(layer.x.space, layer.output.space, strict=True)]
        if any(n % m for n, m in sides):
            return _uneven(maker, kind, layer.source, sides)
        sizes = [n // m for n, m in sides]
        return maker.node(f"{kind}Pool", layer.source, kernel_shape=sizes, strides=sizes)

    return write


def _uneven(maker: Maker, kind: str, made: str, sides: list[tuple[int, int]]) -> str:
    """Pool each axis from n to m positions: window i is from floor(i·n/m) to ceil((i+1)·n/m)."""
    reduction = "ReduceMean" if kind == "Average" else "ReduceMax"
    for axis, (size, count) in enumerate(sides, start=2):
        ends = [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
        windows = [
            maker.node("Slice", made, maker.numbers(a), maker.numbers(b), maker.numbers(axis))
            for a, b in ends
        ]
        reduced = [
            maker.node(reduction, window, maker.numbers(axis), keepdims=1) for window in windows
        ]
        made = maker.node("Concat", *reduced, axis=axis)
    return made


def unfold(maker: Maker, layer: PlacedOp) -> str:
    op, x = layer.op, layer.x
    kernel, dilation, stride = (
        spread(getattr(op, name), x.axes, name) for name in ("kernel", "dilation", "stride")
    )
    pads = _pads(op, x)
    padded = _padded(maker, layer.source, pads) if any(pads) else layer.source
    around = zip(x.space, pads[: x.axes], pads[x.axes :], strict=True)
    dims = (1, x.channels, *[n + before + after for n, before, after in around])
    return tapped(maker, OnnxTensor(padded, dims), kernel, dilation, stride).name


def resized(maker: Maker, layer: PlacedOp) -> str:
    op = layer.op
    modes = {"nearest": "nearest", "bilinear": "linear", "bicubic": "cubic"}
    if op.mode not in modes:
        return adaptive("Average")(maker, layer)
    sizes = maker.numbers(1, *layer.output)
    more = {}
    if op.align_corners:
        more = {"coordinate_transformation_mode": "align_corners"}
    elif op.mode == "nearest":
        more = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return maker.node("Resize", layer.source, "", "", sizes, mode=modes[op.mode], **more)


WRITERS: dict[str, OpWriter] = {
    "conv": convolution,
    "conv_transpose": transposed,
    "linear": linear,
    "max_pool": pooling("MaxPool"),
    "avg_pool": pooling("AveragePool"),
    "global_avg_pool": whole("Average"),
    "global_max_pool": whole("Max"),
    "adaptive_avg_pool": adaptive("Average"),
    "adaptive_max_pool": adaptive("Max"),
    "unfold": unfold,
    "standardised_conv": standardised,
    "upsample": resized,
}
