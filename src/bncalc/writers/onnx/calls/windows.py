"""Windows: convolutions, pools and resampling that are called as functions, as ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, product
from math import prod
from typing import Any

from bncalc.model.window import paddings, window_positions
from bncalc.writers.onnx.calls.moves import OnnxFunction
from bncalc.writers.onnx.calls.tensors import (
    BOOL,
    FLOAT,
    Dims,
    OnnxTensor,
    Unwritable,
    cast,
    concatenated,
    of_floats,
    of_type,
    reshaped,
)
from bncalc.writers.onnx.maker import AttributeValue, Maker


def along(given: Any, axes: int) -> tuple[Any, ...]:
    """Return a number for each axis, which PyTorch is told by one or by all."""
    return given if isinstance(given, tuple) else (given,) * axes


def convolution(
    maker: Maker,
    x: OnnxTensor,
    weight: OnnxTensor,
    bias: OnnxTensor | None = None,
    stride: int | Dims = 1,
    padding: int | str | Dims = 0,
    dilation: int | Dims = 1,
    groups: int = 1,
) -> OnnxTensor:
    axes = weight.rank - 2
    kernel = weight.dims[2:]
    strides, dilations = along(stride, axes), along(dilation, axes)
    around = padding if padding == "same" else along(0 if padding == "valid" else padding, axes)
    ends = paddings(x.dims[2:], kernel, strides, dilations, around)
    made = maker.node(
        "Conv", x.name, weight.name, *([] if bias is None else [bias.name]),
        kernel_shape=list(kernel), strides=list(strides), dilations=list(dilations),
        pads=[*[start for start, _ in ends], *[end for _, end in ends]], group=groups,
    )  # fmt: skip
    space = window_positions(
        x.dims[2:], kernel, strides, dilation=dilations, padding=tuple(chain(*ends))
    )
    return OnnxTensor(made, (x.dims[0], weight.dims[0], *space))


def transposed(
    maker: Maker,
    x: OnnxTensor,
    weight: OnnxTensor,
    bias: OnnxTensor | None = None,
    stride: int | Dims = 1,
    padding: int | Dims = 0,
    output_padding: int | Dims = 0,
    groups: int = 1,
    dilation: int | Dims = 1,
) -> OnnxTensor:
    """Write a transposed convolution: of n positions (n − 1)·stride − 2·pad + dilation·(k − 1) + 1.

    `output_padding` adds to that.
    """
    axes, kernel = weight.rank - 2, weight.dims[2:]
    given = [along(each, axes) for each in (stride, padding, output_padding, dilation)]
    strides, around, more, dilations = map(list, given)
    made = maker.node(
        "ConvTranspose", x.name, weight.name, *([] if bias is None else [bias.name]),
        kernel_shape=list(kernel), strides=strides, dilations=dilations, pads=around * 2,
        output_padding=more, group=groups,
    )  # fmt: skip
    window = zip(x.dims[2:], kernel, *given, strict=True)
    space = [(n - 1) * s - 2 * p + d * (k - 1) + 1 + o for n, k, s, p, o, d in window]
    return OnnxTensor(made, (x.dims[0], weight.dims[1] * groups, *space))


def pad(
    maker: Maker, x: OnnxTensor, pad: Sequence[int], mode: str = "constant", value: float = 0
) -> OnnxTensor:
    """Pad the last axes, the last one first; a negative number cuts."""
    modes = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    if mode not in modes:
        raise Unwritable(f"bncalc cannot write pad in mode {mode} as ONNX")
    ends = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)][::-1]
    ends = [(0, 0)] * (x.rank - len(ends)) + ends
    sizes = maker.numbers(*[start for start, _ in ends], *[end for _, end in ends])
    x = cast(maker, x, FLOAT) if x.type == BOOL and mode == "constant" else x
    filling = [of_type(maker, value, x.type).name] if value else []
    dims = tuple([n + a + b for n, (a, b) in zip(x.dims, ends, strict=True)])
    return OnnxTensor(maker.node("Pad", x.name, sizes, *filling, mode=modes[mode]), dims, x.type)


_MODES = {"nearest": "nearest", "linear": "linear", "bilinear": "linear", "trilinear": "linear",
          "bicubic": "cubic"}  # fmt: skip


def interpolate(
    maker: Maker,
    x: OnnxTensor,
    size: int | Dims | None = None,
    scale_factor: float | tuple[float, ...] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> OnnxTensor:
    if mode not in _MODES:
        raise Unwritable(f"bncalc cannot write interpolate in mode {mode} as ONNX")
    axes = x.rank - 2
    if size is None:
        factors = along(scale_factor or 1, axes)
        space = tuple([int(n * factor) for n, factor in zip(x.dims[2:], factors, strict=True)])
        if space != tuple([n * f for n, f in zip(x.dims[2:], factors, strict=True)]):
            raise Unwritable("bncalc cannot write a factor that sizes do not have exactly as ONNX")
    else:
        space = along(size, axes)
    dims = (*x.dims[:2], *space)
    own: dict[str, AttributeValue] = {"mode": _MODES[mode]}
    if antialias:
        own |= {"antialias": 1, "exclude_outside": 1, "cubic_coeff_a": -0.5}
    if align_corners:
        own["coordinate_transformation_mode"] = "align_corners"
    elif mode == "nearest":
        own |= {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return OnnxTensor(maker.node("Resize", x.name, "", "", maker.numbers(*dims), **own), dims)


def unfold(
    maker: Maker,
    x: OnnxTensor,
    kernel_size: int | Dims,
    dilation: int | Dims = 1,
    padding: int | Dims = 0,
    stride: int | Dims = 1,
) -> OnnxTensor:
    """Return what each tap of a window sees as channels, the window's places in a row."""
    kernel, apart, around, steps = _window(kernel_size, dilation, padding, stride)
    x = pad(maker, x, [n for n in around[::-1] for _ in "ab"]) if any(around) else x
    return tapped(maker, x, kernel, apart, steps)


def tapped(maker: Maker, x: OnnxTensor, kernel: Dims, dilation: Dims, stride: Dims) -> OnnxTensor:
    """Return what each tap of windows within a map sees, its strided slices, as channels."""
    counts = window_positions(x.dims[2:], kernel, stride, dilation=dilation, padding=(0,))
    axes, steps = maker.numbers(*range(2, x.rank)), maker.numbers(*stride)
    seen = []
    for taps in product(*map(range, kernel)):
        starts = [tap * d for tap, d in zip(taps, dilation, strict=True)]
        ends = zip(starts, counts, stride, strict=True)
        stops = maker.numbers(*[start + (count - 1) * s + 1 for start, count, s in ends])
        name = maker.node("Slice", x.name, maker.numbers(*starts), stops, axes, steps)
        part = OnnxTensor(name, (*x.dims[:2], *counts), x.type)
        seen.append(reshaped(maker, part, (*x.dims[:2], 1, -1)))
    return reshaped(maker, concatenated(maker, seen, 2), (x.dims[0], -1, prod(counts)))


def fold(
    maker: Maker,
    x: OnnxTensor,
    output_size: int | Dims,
    kernel_size: int | Dims,
    dilation: int | Dims = 1,
    padding: int | Dims = 0,
    stride: int | Dims = 1,
) -> OnnxTensor:
    """Add what all windows hold of each position."""
    kernel, apart, around, steps = _window(kernel_size, dilation, padding, stride)
    image = along(output_size, 2)
    made = maker.node(
        "Col2Im", x.name, maker.numbers(*image), maker.numbers(*kernel),
        dilations=list(apart), pads=[*around, *around], strides=list(steps),
    )  # fmt: skip
    return OnnxTensor(made, (x.dims[0], x.dims[1] // prod(kernel), *image))


def _window(*given: int | Dims) -> list[Dims]:
    """Return kernel, dilation, padding and stride along both axes of an image."""
    return [along(each, 2) for each in given]


def grid_sample(
    maker: Maker,
    x: OnnxTensor,
    grid: OnnxTensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> OnnxTensor:
    modes = {"bilinear": "linear", "nearest": "nearest", "bicubic": "cubic"}
    own = {"mode": modes[mode], "padding_mode": padding_mode}
    made = maker.node(
        "GridSample", x.name, grid.name, align_corners=int(bool(align_corners)), **own
    )
    return OnnxTensor(made, (*x.dims[:2], *grid.dims[1:-1]))


WINDOWS: dict[str, OnnxFunction] = {
    **{f"conv{axes}d": of_floats(convolution) for axes in (1, 2, 3)},
    **{f"conv_transpose{axes}d": of_floats(transposed) for axes in (1, 2, 3)},
    "fold": of_floats(fold),
    "grid_sample": of_floats(grid_sample),
    "interpolate": of_floats(interpolate),
    "pad": pad,
}
"""By the name of the function; `unfold` is one of tensors as well."""
