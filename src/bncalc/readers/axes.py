"""Axes: a tensor has a batch and its axes in any order, a map its channels first and no batch."""

from __future__ import annotations

from math import prod

from bncalc.errors import ShapeError
from bncalc.model.op import Op
from bncalc.model.registry import op_named
from bncalc.model.shape import Shape
from bncalc.model.size_types import MOST_AXES

Dims = tuple[int, ...]


def shape_of(dims: Dims, axis: int, batch: int = 1) -> Shape:
    """Return the sizes of a tensor as a map, its channels on an axis and the batch left out.

    What a batch was multiplied by, windows of a map, is one more axis of positions.
    """
    if not dims:
        return Shape(1)
    axis %= len(dims)
    space = [size for index, size in enumerate(dims) if index != axis]
    if axis != 0 and space and space[0] % batch == 0:
        space[0] //= batch
        space = space[1:] if space[0] == 1 else space
    if len(space) > MOST_AXES:
        space = [prod(space[: 1 - MOST_AXES]), *space[1 - MOST_AXES :]]
    return Shape(dims[axis], *space)


def size_of(dims: Dims, axis: int, which: int, batch: int = 1) -> int | None:
    """Return which size of a map an axis of its tensor is, None where it is none of its own."""
    count = len(dims)
    axis, which = axis % count, which % count
    if which == axis:
        return 0
    shape = shape_of(dims, axis, batch)
    behind = sum([other != axis for other in range(which + 1, count)])
    size = len(shape) - 1 - behind
    return size if size > 0 and shape[size] == dims[which] else None


def alike(dims: Dims, axis: int, other: Shape) -> Shape | None:
    """Return a constant's sizes as a map that broadcasts to another; None where it does not.

    It has as many axes as the tensor of the other, those where it repeats of size 1.
    """
    if not dims:
        return None
    space = [size for index, size in enumerate(dims) if index != axis]
    first = len(space) - other.axes
    if first > 0:
        space = [prod(space[: first + 1]), *space[first + 1 :]] if other.axes else []
    shape = Shape(dims[axis], *space)
    fits = len(shape) == len(other) and shape.elements == prod(dims)
    return shape if fits and all(n in (1, m) for n, m in zip(shape, other, strict=True)) else None


def likely(dims: Dims) -> int:
    """Return the axis that holds channels as far as sizes alone tell: behind the batch."""
    return 1 if len(dims) > 2 else max(len(dims) - 1, 0)


def followed(dims: Dims, axis: int, new: Dims) -> int | None:
    """Return where an axis is under other sizes: where as many elements lie behind as before."""
    behind = prod(dims[axis + 1 :])
    for index, size in enumerate(new):
        if size == dims[axis] and prod(new[index + 1 :]) == behind:
            return index
    return 1 if len(new) == 2 and new[0] == dims[0] else None


def agree(shape: Shape, other: Shape) -> bool:
    """Tell whether two shapes are the same but for axes of size 1."""
    return shape == other or (
        shape.channels == other.channels
        and [n for n in shape.space if n != 1] == [n for n in other.space if n != 1]
    )


def size_in(shape: Shape, wanted: Shape, size: int) -> int:
    """Return which size of a map one of a shape is that differs from it in sizes of 1 alone."""
    if not size or shape == wanted:
        return size
    earlier = sum([n != 1 for n in wanted[1:size]])
    return [index for index, n in enumerate(shape) if index and n != 1][earlier]


def put_out(op: Op, shapes: tuple[Shape, ...]) -> Shape | None:
    """Return what an op puts out, None where it does not fit what arrives."""
    if op.inputs is not None and op.inputs != len(shapes):
        return None
    try:
        return op.on(shapes).output(*shapes)
    except ShapeError:
        return None


def taking(start: int, stop: int, whole: int, over: int) -> Op:
    """Return the op that takes a stretch of an axis: one of equal parts, or from where to where."""
    size = stop - start
    if whole % size == 0 and start % size == 0:
        return op_named("split")(parts=whole // size, part=start // size, over=(over,))
    return op_named("slice")(start=start, stop=stop, over=(over,))
