"""Cutting: stretches of maps as our ops take them."""

from __future__ import annotations

from bncalc.model.net import Tensor
from bncalc.model.shape import Shape
from bncalc.readers.onnx.stretches import AxisStretch


def size_in(shape: Shape, wanted: Shape, size: int) -> int:
    """Return which size of a map one of a shape is that differs from it in sizes of 1 alone."""
    if not size or shape == wanted:
        return size
    earlier = sum([n != 1 for n in wanted[1:size]])
    return [index for index, n in enumerate(shape) if index and n != 1][earlier]


def part_of(x: Tensor, stretch: AxisStretch, over: int) -> Tensor:
    """Place a stretch of an axis of a map: one of equal parts, or from where to where."""
    if stretch.is_even:
        parts, part = stretch.whole // stretch.size, stretch.start // stretch.size
        return x.net.op("split", x, parts=parts, part=part, over=(over,))
    return x.net.op("slice", x, start=stretch.start, stop=stretch.stop, over=(over,))
