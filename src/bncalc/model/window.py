"""How many positions a sliding window takes: the one rule that convolution and pooling share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bncalc.errors import ShapeError
from bncalc.model.shape import Shape
from bncalc.model.size_types import AXES, LENGTH, POSITIONS
from bncalc.quantity import plural

AxisSizes = tuple[int, ...]
"""A number for each axis; or, in a field, one for all of them."""
PLACING = ("stride", "padding", "ceil")
"""The fields that say where windows are: different values may come to the same places."""


def spread(sizes: AxisSizes, axes: int, field: str) -> AxisSizes:
    """Return a size for each axis of a map; raise ShapeError where they do not fit its axes."""
    if len(sizes) == axes and axes:
        return sizes
    if not axes:
        raise ShapeError(f"the map is a vector: it has no positions for a {field}", about="axes")
    if len(sizes) == 1:
        return sizes * axes
    shown = f"[{', '.join(map(str, sizes))}]"
    message = f"{field} {shown} has {plural(len(sizes), 'size')} and the map {axes_in_words(axes)}"
    raise ShapeError(message, field=field, about="axes")


def axes_of(over: tuple[int | str, ...], x: Shape, field: str = "over") -> tuple[int, ...]:
    """Return the axes of a map that a field names, counted from 0, the channels.

    Raises ShapeError for an axis that the map has not, and for one that is named twice.
    """
    numbers = [number for axis in over for number in _numbers(axis, x, field)]
    if len(set(numbers)) != len(numbers):
        raise ShapeError(f"{field} names an axis of {x} twice", field=field, about="axes")
    return tuple(sorted(numbers))


def _numbers(axis: int | str, x: Shape, field: str) -> Sequence[int]:
    """Return the axes that are counted from the last one, or named, counted from 0."""
    if axis == POSITIONS:
        return range(1, len(x))
    if axis == LENGTH and x.axes == 1:
        return (1,)
    if isinstance(axis, int) and -len(x) < axis < len(x):
        return (axis % len(x),)
    name = next((name for name, held in AXES.items() if held == axis), f"axis {axis}")
    message = f"the map {x} has no {name}; it has {axes_in_words(x.axes)} beside its channels"
    raise ShapeError(message, field=field, about="axes")


def axes_in_words(number: int) -> str:
    """Write a number of axes."""
    return plural(number, "axis", "axes")


def need_axes(x: Shape, axes: int, word: str) -> None:
    """Raise ShapeError for a map that has other axes than a block is made for."""
    if x.axes != axes:
        message = f"{word} is for maps of {axes_in_words(axes)}, and {x} has {x.axes}"
        raise ShapeError(message, about="axes")


def default_padding(kernel: AxisSizes, dilation: AxisSizes) -> AxisSizes:
    """Return dilation·(kernel−1)//2, so that stride 1 keeps an odd kernel's map."""
    return tuple([d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True)])


def window_field(word: str, fields: Mapping[str, Any]) -> AxisSizes | str | None:
    """Return the kernel, stride or padding that a window has, in numbers also if it is left out.

    `fields` are those of its op; `same` remains a word, for what it adds depends on the map.
    """
    kernel, given = fields.get("kernel"), fields.get(word)
    if word == "stride" and given is None:
        return kernel
    if kernel is None or given != "default":
        return given
    dilation = fields["dilation"]
    axes = max(len(kernel), len(dilation))
    return default_padding(spread(kernel, axes, "kernel"), spread(dilation, axes, "dilation"))


def is_strided(stride: int | AxisSizes) -> bool:
    """Return whether a stride skips positions along any axis."""
    return any(step != 1 for step in (stride if isinstance(stride, tuple) else (stride,)))


def window_positions(
    space: AxisSizes,
    kernel: AxisSizes,
    stride: AxisSizes,
    *,
    dilation: AxisSizes,
    padding: AxisSizes | str,
    ceil: bool = False,
) -> AxisSizes:
    """Return the size of each axis of the output; raise ShapeError where the kernel does not fit.

    `ceil` counts a last window that the stride cuts short, unless it would start in the padding
    after the map (PyTorch's `ceil_mode`). Padding `same` is TensorFlow's: ceil(size / stride).
    """
    axes = len(space)
    if not len(kernel) == len(stride) == len(dilation) == axes:
        kernel, stride = spread(kernel, axes, "kernel"), spread(stride, axes, "stride")
        dilation = spread(dilation, axes, "dilation")
    if padding == "same":
        return tuple([-(-size // step) for size, step in zip(space, stride, strict=True)])
    if isinstance(padding, str):
        padding = default_padding(kernel, dilation)
    counts: list[int] = []
    sides = zip(space, kernel, stride, dilation, ends(padding, axes, "padding"), strict=True)
    for size, k, step, d, (before, after) in sides:
        span, padded = d * (k - 1) + 1, size + before + after
        if padded < span:
            what = "long" if axes == 1 else ("deep", "high", "wide")[len(counts) - axes]
            with_padding = f" ({padded} with its padding)" if padded > size else ""
            kernel_size = f"smaller than the {span}-{what} kernel"
            message = f"the input is {size} {what}{with_padding}, {kernel_size}"
            raise ShapeError(message, field="kernel", about="space")
        count = (padded - span) // step + 1
        if ceil:
            count += ((padded - span) % step > 0) * (count * step < size + before)
        counts.append(count)
    return tuple(counts)


def paddings(
    space: AxisSizes,
    kernel: AxisSizes,
    stride: AxisSizes,
    dilation: AxisSizes,
    padding: AxisSizes | str,
) -> tuple[tuple[int, int], ...]:
    """Return the positions added at both ends of each axis; `same` pads the end more."""
    if padding == "same":
        sides = zip(space, kernel, stride, dilation, strict=True)
        needs = [max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0) for n, k, s, d in sides]
        return tuple([(need // 2, need - need // 2) for need in needs])
    if isinstance(padding, str):
        padding = default_padding(kernel, dilation)
    return ends(padding, len(space), "padding")


def ends(sizes: AxisSizes, axes: int, field: str) -> tuple[tuple[int, int], ...]:
    """Return the sizes at both ends of each axis; raise ShapeError where they do not fit them."""
    if len(sizes) == 2 * axes:
        return tuple(zip(sizes[::2], sizes[1::2], strict=True))
    sizes = spread(sizes, axes, field)
    return tuple(zip(sizes, sizes, strict=True))
