"""Small arrays: the numbers of a tensor in row-major order, picked, turned and spread by index."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

from bncalc.readers.onnx.value import Contradiction, Dims, Numbers


def strides(dims: Dims) -> Dims:
    """Return how far apart the neighbours along each axis are."""
    return tuple([prod(dims[axis + 1 :]) for axis in range(len(dims))])


def pick(numbers: Numbers, dims: Dims, chosen: Sequence[Sequence[int]]) -> Numbers:
    """Return the numbers at the chosen indices of each axis, in the order of the choice."""
    steps = zip(strides(dims), chosen, strict=True)
    offsets = [[index * step for index in indices] for step, indices in steps]
    return tuple([numbers[sum(place)] for place in product(*offsets)])


def transposed(numbers: Numbers, dims: Dims, order: Sequence[int]) -> Numbers:
    """Return the numbers with the axes in another order."""
    steps = strides(dims)
    offsets = [range(0, steps[axis] * dims[axis], steps[axis]) for axis in order]
    return tuple([numbers[sum(place)] for place in product(*offsets)])


def spread(numbers: Numbers, dims: Dims, wide: Dims) -> Numbers:
    """Return the numbers repeated along the axes that broadcasting stretches."""
    dims = (1,) * (len(wide) - len(dims)) + dims
    chosen = [range(n) if n == m else [0] * m for n, m in zip(dims, wide, strict=True)]
    return pick(numbers, dims, chosen)


def broadcast(*several: Dims) -> Dims:
    """Return the sizes that all spread to; raise Contradiction where they do not."""
    axes = max([len(dims) for dims in several])
    result = [1] * axes
    for dims in several:
        for axis, size in enumerate(dims, axes - len(dims)):
            if size != 1 and result[axis] not in (1, size):
                raise Contradiction(f"sizes {_listed(several)} do not broadcast")
            result[axis] = result[axis] if size == 1 else size
    return tuple(result)


def _listed(several: Sequence[Dims]) -> str:
    return " and ".join(["×".join(map(str, dims)) or "1" for dims in several])


def place(axis: int, axes: int) -> int:
    """Return an axis counted from the front; raise Contradiction where there is no such axis."""
    if not -axes <= axis < axes:
        raise Contradiction(f"there is no axis {axis} among {axes}")
    return axis % axes
