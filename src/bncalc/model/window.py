"""How many positions a sliding window takes: the one rule that convolution and pooling share."""

from __future__ import annotations

from bncalc.model.shape import require

Pair = tuple[int, int]


def default_padding(kernel: Pair, dilation: Pair) -> Pair:
    """Return dilation·(kernel−1)//2, so that stride 1 keeps an odd kernel's map."""
    return dilation[0] * (kernel[0] - 1) // 2, dilation[1] * (kernel[1] - 1) // 2


def window_positions(
    sizes: Pair,
    kernel: Pair,
    stride: Pair,
    *,
    dilation: Pair,
    padding: Pair | str,
    ceil: bool = False,
) -> Pair:
    """Return the rows and columns of the output; raise ShapeError where the kernel does not fit.

    `ceil` counts a last window that the stride cuts short, unless it would start in the padding
    behind the map (PyTorch's `ceil_mode`). Padding `same` is TensorFlow's: ceil(size / stride).
    """
    if isinstance(padding, str):
        if padding == "same":
            return -(-sizes[0] // stride[0]), -(-sizes[1] // stride[1])
        padding = default_padding(kernel, dilation)
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    return (
        _positions(sizes[0], spans[0], stride[0], padding[0], ceil, "high"),
        _positions(sizes[1], spans[1], stride[1], padding[1], ceil, "wide"),
    )


def _positions(size: int, span: int, stride: int, padding: int, ceil: bool, what: str) -> int:
    room = size + 2 * padding - span
    require(room >= 0, lambda: _too_small(size, span, padding, what), field="kernel", about="space")
    count = room // stride + 1
    if ceil:
        count += (room % stride > 0) * (count * stride < size + padding)
    return count


def _too_small(size: int, span: int, padding: int, what: str) -> str:
    padded = f" ({size + 2 * padding} with padding {padding})" if padding else ""
    return f"the input is {size} {what}{padded}, smaller than the {span}-{what} kernel"
