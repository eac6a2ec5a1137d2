"""Windows in ONNX: convolutions, linear layers, pooling, norms and resampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bncalc.errors import UsageError
from bncalc.model.shape import Shape
from bncalc.model.window import default_padding, ends, spread
from bncalc.writers.onnx.maker import Maker

Writer = Callable[[Maker, Any, list[str], tuple[Shape, ...], Shape], str]
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
    sides = (output.channels, x.channels // op.groups)
    return _sliding(maker, "Conv", op, inputs[0], sides, output, pads=_pads(op, x, output))


def transposed(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    x = shapes[0]
    sides = (x.channels, output.channels // op.groups)
    further = {
        "pads": _sizes(op, "padding", x.axes) * 2,
        "output_padding": _sizes(op, "output_padding", x.axes),
    }
    return _sliding(maker, "ConvTranspose", op, inputs[0], sides, output, **further)


def _sliding(
    maker: Maker,
    word: str,
    op: Any,
    source: str,
    sides: tuple[int, int],
    output: Shape,
    **further: list[int],
) -> str:
    """Write a convolution whose weights are `sides` of channels and a kernel for each pair."""
    axes = output.axes
    kernel = _sizes(op, "kernel", axes)
    held = [maker.weight("weight", *sides, *kernel)]
    held += [maker.weight("bias", output.channels)] if op.bias is True else []
    return maker.node(
        word,
        source,
        *held,
        kernel_shape=kernel,
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
        return maker.node("Reshape", made, maker.numbers(1, *output)) if x.axes else made
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


def pooling(kind: str) -> Writer:
    def write(
        maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
    ) -> str:
        x = shapes[0]
        more = {"count_include_pad": 1} if kind == "AveragePool" else {}
        return maker.node(
            kind,
            inputs[0],
            kernel_shape=_sizes(op, "kernel", x.axes),
            strides=_stride(op, x.axes),
            dilations=_sizes(op, "dilation", x.axes),
            pads=_pads(op, x, output),
            ceil_mode=int(op.ceil),
            **more,
        )

    return write


def whole(kind: str) -> Writer:
    return lambda maker, op, inputs, shapes, output: maker.node(f"Global{kind}Pool", inputs[0])


def adaptive(kind: str) -> Writer:
    """Return a pool to a size; ONNX has none whose windows differ."""

    def write(
        maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
    ) -> str:
        x = shapes[0]
        if set(output.space) == {1}:
            return maker.node(f"Global{kind}Pool", inputs[0])
        if any(n % m for n, m in zip(x.space, output.space, strict=True)):
            raise UsageError(f"{op.word} of {x} to {output} has no operation in ONNX")
        sizes = [n // m for n, m in zip(x.space, output.space, strict=True)]
        return maker.node(f"{kind}Pool", inputs[0], kernel_shape=sizes, strides=sizes)

    return write


def _affine(maker: Maker, op: Any, channels: int) -> list[str]:
    if not getattr(op, "affine", True):
        raise UsageError(f"{op.word} without scale and shift has no operation in ONNX")
    return [maker.weight("weight", channels, usual=1.0), maker.weight("bias", channels)]


def batch_norm(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    held = _affine(maker, op, output.channels)
    held.append(maker.weight("running_mean", output.channels))
    held.append(maker.weight("running_var", output.channels, usual=1.0))
    return maker.node("BatchNormalization", inputs[0], *held)


def instance_norm(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    return maker.node("InstanceNormalization", inputs[0], *_affine(maker, op, output.channels))


def group_norm(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    held = _affine(maker, op, output.channels)
    return maker.node("GroupNormalization", inputs[0], *held, num_groups=op.groups)


def layer_norm(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    held = _affine(maker, op, output.channels)
    last = channels_last(maker, inputs[0], output)
    return channels_first(maker, maker.node("LayerNormalization", last, *held, axis=-1), output)


def local_response_norm(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    return maker.node("LRN", inputs[0], size=op.size)


def resized(
    maker: Maker, op: Any, inputs: list[str], shapes: tuple[Shape, ...], output: Shape
) -> str:
    modes = {"nearest": "nearest", "bilinear": "linear", "bicubic": "cubic"}
    if op.mode not in modes:
        return adaptive("Average")(maker, op, inputs, shapes, output)
    sizes = maker.numbers(1, *output)
    more = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return maker.node(
        "Resize",
        inputs[0],
        "",
        "",
        sizes,
        mode=modes[op.mode],
        **(more if op.mode == "nearest" else {}),
    )


WRITERS: dict[str, Writer] = {
    "conv": convolution,
    "conv_transpose": transposed,
    "linear": linear,
    "max_pool": pooling("MaxPool"),
    "avg_pool": pooling("AveragePool"),
    "global_avg_pool": whole("Average"),
    "global_max_pool": whole("Max"),
    "adaptive_avg_pool": adaptive("Average"),
    "adaptive_max_pool": adaptive("Max"),
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "local_response_norm": local_response_norm,
    "upsample": resized,
}
