"""Windows: convolutions, pools, and what pads, cuts or resizes a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bncalc.model.literal import literal
from bncalc.model.shape import Shape
from bncalc.model.window import ends, paddings, spread
from bncalc.writers.pytorch.lines.line import (
    FieldValue,
    Line,
    LineArguments,
    Write,
    even,
    number,
    sizes_of,
    sizes_text,
    written,
)


def _window(
    op: Any, x: Shape, *, most: tuple[int, ...] = (), value: str = ""
) -> tuple[str, FieldValue]:
    """Return the input, padded by a function where a module cannot, and the module's padding.

    A module pads both ends of an axis alike, and no more than it has at `most`.
    """
    kernel, dilation = sizes_of(op, "kernel", x.axes), sizes_of(op, "dilation", x.axes)
    stride = sizes_of(op, "stride", x.axes) if op.stride else kernel
    pairs = paddings(x.space, kernel, stride, dilation, op.padding)
    beyond = any(start > limit for (start, _), limit in zip(pairs, most, strict=False))
    if beyond or any(start != end for start, end in pairs):
        return _padded(pairs, value), 0
    return "{0}", even(tuple([start for start, _ in pairs]))


def _padded(pairs: Sequence[tuple[int, int]], value: str = "") -> str:
    if not any(size for pair in pairs for size in pair):
        return "{0}"
    flat = sizes_text([size for pair in reversed(pairs) for size in pair], "padding")
    return f"F.pad({{0}}, ({flat}){value})"


def _convolution(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    x = inputs[0]
    arriving, padding = _window(op, x)
    arguments = _taps(op, x, output, ("padding", padding))
    return Line(f"{{m}}({arriving})", f"nn.Conv{x.axes}d", arguments)


def _taps(op: Any, x: Shape, output: Shape, *padding: tuple[str, FieldValue]) -> LineArguments:
    """Return the arguments that convolutions take, be they transposed."""
    kernel, stride, dilation = (
        even(sizes_of(op, name, x.axes)) for name in ("kernel", "stride", "dilation")
    )
    sizes = (("", x.channels), ("", output.channels), ("", kernel), ("stride", stride), *padding)
    return (*sizes, ("dilation", dilation), ("groups", op.groups), ("bias", op.bias is True))


def _standardised(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    plain, axes = _convolution(op, inputs, output), inputs[0].axes
    arguments = (*plain.arguments, ("gain", op.gain), ("scale", op.scale), ("eps", op.eps))
    return plain._replace(module=f"StandardisedConv{axes}d", arguments=arguments)


def _transposed(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Enlarge; what a model of somebody else pads at one end more than at the other is cut off."""
    x = inputs[0]
    cut = _cut_off(op, x, output)
    padding = tuple([start + min(0, more) for start, more in cut])
    if any(start < 0 for start in padding):
        return f"its output {output} is larger than that of PyTorch's transposed convolution"
    further = even(sizes_of(op, "output_padding", x.axes))
    arguments = _taps(op, x, output, ("padding", even(padding)), ("output_padding", further))
    left = [f"{max(0, -more) or ''}:{-more if more > 0 else ''}" for _, more in cut]
    part = f"[:, :, {', '.join(left)}]" if any(more for _, more in cut) else ""
    return Line("{m}({0})" + part, f"nn.ConvTranspose{x.axes}d", arguments)


def _cut_off(op: Any, x: Shape, output: Shape) -> list[tuple[int, int]]:
    """Return the padding at the start of each axis, and how much more there is at its end."""
    names = ("stride", "padding", "dilation", "kernel", "output_padding")
    sides = zip(x.space, output.space, *[sizes_of(op, name, x.axes) for name in names], strict=True)
    return [
        (start, (size - 1) * step - 2 * start + far * (taps - 1) + 1 + further - out)
        for size, out, step, start, far, taps, further in sides
    ]


def _pool(kind: str) -> Write:
    def write(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
        x = inputs[0]
        kernel, dilation = sizes_of(op, "kernel", x.axes), sizes_of(op, "dilation", x.axes)
        if kind == "Avg" and any(far > 1 for far in dilation):
            return "average pools in PyTorch have no dilation"
        most = tuple([size // 2 for size in kernel])
        value = ", value=-torch.inf" if kind == "Max" else ""
        arriving, padding = _window(op, x, most=most, value=value)
        if arriving != "{0}" and kind == "Avg" and not op.count_padding:
            return "average pools in PyTorch can leave padding out only if both ends have as much"
        stride = sizes_of(op, "stride", x.axes) if op.stride else kernel
        arguments: LineArguments = (
            *(("", even(kernel)), ("", even(stride)), ("padding", padding)),
            *(("dilation", even(dilation)), ("ceil_mode", op.ceil)),
            ("count_include_pad", getattr(op, "count_padding", True)),
        )
        return Line(f"{{m}}({arriving})", f"nn.{kind}Pool{x.axes}d", arguments)

    return write


def _adaptive(kind: str) -> Write:
    def write(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
        axes = output.axes
        if not axes:
            return Line("{0}")
        size = even(output.space)
        return Line("{m}({0})", f"nn.Adaptive{kind}Pool{axes}d", (("", size),))

    return write


def _padding(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    mode = "" if op.mode == "zeros" else f', mode="{op.mode}"'
    if op.mode == "zeros" and op.value:
        mode = f", value={literal(op.value)}"
    return Line(_padded(ends(op.size, output.axes, "size"), mode))


def _crop(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line:
    cut = zip(ends(op.size, output.axes, "size"), output.space, strict=True)
    ranges = ", ".join([f"{start}:{number('stop', start + size)}" for (start, _), size in cut])
    return Line(f"{{0}}[:, :, {ranges}]")


def _resized(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    mode: str = op.mode
    if op.align_corners and mode not in INTERPOLATING:
        return f"PyTorch aligns no corners by mode {mode}"
    if mode == "bilinear":
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[output.axes]
    size: tuple[str, FieldValue] = ("size", tuple(output.space))
    if op.size is None:
        size = ("scale_factor", even(spread(op.scale or (2,), output.axes, "scale")))
    arguments: LineArguments = (size, ("mode", mode), ("align_corners", op.align_corners))
    if op.called == "module":
        return Line("{m}({0})", "nn.Upsample", arguments)
    return Line(f"F.interpolate({{0}}, {written(arguments)})")


INTERPOLATING = ("bilinear", "bicubic", "linear", "trilinear")
"""Modes in which PyTorch can align corners."""


def _unfolded(op: Any, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    """Return the line of windows as channels, which PyTorch has for images only."""
    axes = inputs[0].axes
    if axes > 2:
        return f"PyTorch unfolds images only, not maps of {axes} axes"
    arriving, padding = _window(op, inputs[0])
    names = ("kernel", "dilation", "stride")
    kernel, dilation, stride = (even((1, *sizes_of(op, name, axes))[-2:]) for name in names)
    if axes == 1:
        arriving, padding = f"{arriving}[:, :, None]", (0, padding) if padding else 0  # type: ignore[assignment]  # of one axis
    named = (("dilation", dilation), ("padding", padding), ("stride", stride))
    return Line(f"{{m}}({arriving})", "nn.Unfold", (("", kernel), *named))


WINDOWS: dict[str, Write] = {
    "conv": _convolution,
    "standardised_conv": _standardised,
    "conv_transpose": _transposed,
    "max_pool": _pool("Max"),
    "avg_pool": _pool("Avg"),
    "global_avg_pool": _adaptive("Avg"),
    "global_max_pool": _adaptive("Max"),
    "adaptive_avg_pool": _adaptive("Avg"),
    "adaptive_max_pool": _adaptive("Max"),
    "pad": _padding,
    "crop": _crop,
    "upsample": _resized,
    "unfold": _unfolded,
}
"""By the word of the op."""
