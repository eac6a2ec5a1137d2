"""Windows in ONNX: convolutions, linear layers, pooling and resampling."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import inf, prod
from typing import Any

from bncalc.model.shape import Shape
from bncalc.model.window import default_padding, ends, spread, window_positions
from bncalc.writers.onnx.maker import Maker

OpWriter = Callable[[Maker, Any, list[str], tuple[Shape, ...], Shape], str]
"""Writes an op on maps of these names and shapes; returns the name of what it puts out."""


def _sizes(op: Any, name: str, axes: int) -> list[int]:
    return list(spread(getattr(op, name), axes, name))


def _stride(op: Any, axes: int) -> list[int]:
    return _sizes(op, "kernel" if op.stride is None else "stride", axes)


def _pads(op: Any, x: Shape, output: Shape) -> list[int]:
    """Return the positions added at the beginnings of all axes, then at their ends."""
    kernel, dilation = _sizes(op, "kernel", x.axes), _sizes(op, "dilation", x.axes)
    if op.padding == "same":
        steps = zip(x.space, output.space, kernel, dilation, _stride(op, x.axes), strict=True)
        needs = [max(0, (out - 1) * s + d * (k - 1) + 1 - n) for n, out, k, d, s in steps]
        return [need // 2 for need in needs] + [need - need // 2 for need in needs]
    if isinstance(op.padding, str):
        return [*default_padding(tuple(kernel), tuple(dilation))] * 2
    pairs = ends(op.padding, x.axes, "padding")
    return [start for start, _ in pairs] + [end for _, end in pairs]


def convolution(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    x = shapes[0]
    kernel = _sizes(op, "kernel", output.axes)
    weight = maker.weight("weight", output.channels, x.channels // op.groups, *kernel)
    return _sliding(maker, "Conv", op, inputs[0], weight, output, pads=_pads(op, x, output))


def standardised(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    """Write a convolution whose weights get mean 0 and variance 1 for each output channel."""
    x, axes = shapes[0], output.axes
    raw = maker.weight(
        "weight", output.channels, x.channels // op.groups, *_sizes(op, "kernel", axes)
    )
    over = maker.numbers(*range(1, axes + 2))
    centred = maker.node("Sub", raw, maker.node("ReduceMean", raw, over, keepdims=1))
    squares = maker.node("Mul", centred, centred)
    variance = maker.node("ReduceMean", squares, over, keepdims=1)
    weight = maker.node(
        "Div", centred, maker.node("Sqrt", maker.node("Add", variance, maker.number(op.eps)))
    )
    if op.gain:
        gain = maker.weight("gain", output.channels, *(1,) * (axes + 1), usual=1.0)
        weight = maker.node("Mul", weight, gain)
    if op.scale != 1:
        weight = maker.node("Mul", weight, maker.number(op.scale))
    return _sliding(maker, "Conv", op, inputs[0], weight, output, pads=_pads(op, x, output))


def transposed(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    x = shapes[0]
    kernel = _sizes(op, "kernel", x.axes)
    weight = maker.weight("weight", x.channels, output.channels // op.groups, *kernel)
    further = {
        "pads": _sizes(op, "padding", x.axes) * 2,
        "output_padding": _sizes(op, "output_padding", x.axes),
    }
    return _sliding(maker, "ConvTranspose", op, inputs[0], weight, output, **further)


def _sliding(
    maker: Maker,
    word: str,
    op: Any,
    source: str,
    weight: str,
    output: Shape,
    **further: list[int],
) -> str:
    """Write a convolution with its weights, and the bias that it may have."""
    axes = output.axes
    held = [weight]
    held += [maker.weight("bias", output.channels)] if op.bias is True else []
    return maker.node(
        word,
        source,
        *held,
        kernel_shape=_sizes(op, "kernel", axes),
        strides=_sizes(op, "stride", axes),
        dilations=_sizes(op, "dilation", axes),
        **further,
        group=op.groups,
    )


def linear(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    x = shapes[0]
    if not op.each:
        flat = maker.node("Flatten", inputs[0], axis=1) if x.axes else inputs[0]
        held = [maker.weight("weight", op.out, x.elements)]
        held += [maker.weight("bias", op.out)] if op.bias is True else []
        made = maker.node("Gemm", flat, *held, transB=1)
        return maker.reshaped(made, output) if x.axes else made
    last = channels_last(maker, inputs[0], x)
    made = maker.node("MatMul", last, maker.weight("weight", x.channels, op.out))
    if op.bias is True:
        made = maker.node("Add", made, maker.weight("bias", op.out))
    return channels_first(maker, made, output)


def channels_last(maker: Maker, name: str, x: Shape) -> str:
    if not x.axes:
        return name
    return maker.node("Transpose", name, perm=[0, *range(2, x.axes + 2), 1])


def channels_first(maker: Maker, name: str, x: Shape) -> str:
    if not x.axes:
        return name
    return maker.node("Transpose", name, perm=[0, x.axes + 1, *range(1, x.axes + 1)])


def pooling(kind: str) -> OpWriter:
    def write(
        maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
    ) -> str:
        x = shapes[0]
        more = {"count_include_pad": int(op.count_padding)} if kind == "AveragePool" else {}
        arriving, kernel, pads = inputs[0], _sizes(op, "kernel", x.axes), _pads(op, x, output)
        if any(pad >= size for pad, size in zip(pads, kernel * 2, strict=True)):
            arriving = _padded(maker, arriving, pads, -inf if kind == "MaxPool" else 0.0)
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


def _padded(maker: Maker, source: str, pads: list[int], value: float) -> str:
    """Pad a map by a node of its own: onnxruntime pools none that is wider than the kernel."""
    half = len(pads) // 2
    sizes = maker.numbers(0, 0, *pads[:half], 0, 0, *pads[half:])
    return maker.node("Pad", source, sizes, maker.number(value), mode="constant")


def whole(kind: str) -> OpWriter:
    return lambda maker, op, inputs, shapes, output: maker.node(f"Global{kind}Pool", inputs[0])


def adaptive(kind: str) -> OpWriter:
    """Return a pool to a size; where its windows differ, axis by axis, a reduction for each."""

    def write(
        maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
    ) -> str:
        x = shapes[0]
        if set(output.space) == {1}:
            return maker.node(f"Global{kind}Pool", inputs[0])
        if any(n % m for n, m in zip(x.space, output.space, strict=True)):
            return _uneven(maker, kind, inputs[0], x, output)
        sizes = [n // m for n, m in zip(x.space, output.space, strict=True)]
        return maker.node(f"{kind}Pool", inputs[0], kernel_shape=sizes, strides=sizes)

    return write


def _uneven(maker: Maker, kind: str, source: str, x: Shape, output: Shape) -> str:
    """Pool each axis of a map to a size: window i is from floor(i·n/m) to ceil((i+1)·n/m)."""
    reduction = "ReduceMean" if kind == "Average" else "ReduceMax"
    made = source
    for axis, (size, count) in enumerate(zip(x.space, output.space, strict=True), start=2):
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


def unfold(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    """Gather what each tap of the window sees, strided slices of the padded map, as channels."""
    x = shapes[0]
    kernel, dilation, stride = (
        _sizes(op, name, x.axes) for name in ("kernel", "dilation", "stride")
    )
    space = window_positions(
        x.space, op.kernel, op.stride, dilation=op.dilation, padding=op.padding
    )
    pads = _pads(op, x, Shape(x.channels, *space))
    half = len(pads) // 2
    sizes = maker.numbers(0, 0, *pads[:half], 0, 0, *pads[half:])
    padded = maker.node("Pad", inputs[0], sizes, mode="constant")
    axes = maker.numbers(*range(2, x.axes + 2))
    seen = []
    for taps in product(*[range(count) for count in kernel]):
        starts = [tap * far for tap, far in zip(taps, dilation, strict=True)]
        stops = [
            start + (n - 1) * step + 1 for start, n, step in zip(starts, space, stride, strict=True)
        ]
        cut = maker.node(
            "Slice", padded, maker.numbers(*starts), maker.numbers(*stops), axes,
            maker.numbers(*stride),
        )  # fmt: skip
        seen.append(maker.reshaped(cut, (x.channels, 1, prod(space))))
    return maker.reshaped(maker.node("Concat", *seen, axis=2), output)


def resized(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    modes = {"nearest": "nearest", "bilinear": "linear", "bicubic": "cubic"}
    if op.mode not in modes:
        return adaptive("Average")(maker, op, inputs, shapes, output)
    sizes = maker.numbers(1, *output)
    more = {}
    if op.align_corners:
        more = {"coordinate_transformation_mode": "align_corners"}
    elif op.mode == "nearest":
        more = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return maker.node(
        "Resize",
        inputs[0],
        "",
        "",
        sizes,
        mode=modes[op.mode],
        **more,
    )


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
