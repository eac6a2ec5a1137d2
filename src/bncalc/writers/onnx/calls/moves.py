"""Moves: functions of PyTorch that put elements elsewhere, as operations of ONNX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from bncalc.writers.onnx.calls.tensors import (
    LONG,
    Dims,
    OnnxTensor,
    Unwritable,
    axis_of,
    cast,
    concatenated,
    cut,
    expanded,
    filled,
    integers,
    joined,
    permuted,
    reshaped,
    sizes_of,
)
from bncalc.writers.onnx.maker import Maker

OnnxFunction = Callable[..., Any]
"""A function of PyTorch: a maker and its arguments → what it puts out."""


def reshape(maker: Maker, x: OnnxTensor, *sizes: Any, size: Dims = ()) -> OnnxTensor:
    return reshaped(maker, x, sizes_of(sizes) or size)


def flatten(maker: Maker, x: OnnxTensor, start_dim: int = 0, end_dim: int = -1) -> OnnxTensor:
    start, end = axis_of(x, start_dim), axis_of(x, end_dim)
    middle = prod(x.dims[start : end + 1])
    return reshaped(maker, x, (*x.dims[:start], middle, *x.dims[end + 1 :]))


def unflatten(maker: Maker, x: OnnxTensor, dim: int, sizes: Dims) -> OnnxTensor:
    axis = axis_of(x, dim)
    return reshaped(maker, x, (*x.dims[:axis], *_known(sizes, x.dims[axis]), *x.dims[axis + 1 :]))


def _known(sizes: Dims, whole: int) -> Dims:
    """Return sizes of which one may be -1, as they are."""
    rest = prod([size for size in sizes if size != -1])
    return tuple([whole // rest if size == -1 else size for size in sizes])


def transpose(maker: Maker, x: OnnxTensor, dim0: int = 0, dim1: int = 1) -> OnnxTensor:
    order = list(range(x.rank))
    a, b = axis_of(x, dim0), axis_of(x, dim1)
    order[a], order[b] = order[b], order[a]
    return permuted(maker, x, order)


def permute(maker: Maker, x: OnnxTensor, *order: Any, dims: Dims = ()) -> OnnxTensor:
    return permuted(maker, x, [axis_of(x, axis) for axis in sizes_of(order) or dims])


def movedim(maker: Maker, x: OnnxTensor, source: int, destination: int) -> OnnxTensor:
    a, b = axis_of(x, source), axis_of(x, destination)
    order = [axis for axis in range(x.rank) if axis != a]
    order.insert(b, a)
    return permuted(maker, x, order)


def unsqueeze(maker: Maker, x: OnnxTensor, dim: int) -> OnnxTensor:
    axis = axis_of(x, dim, 1)
    return reshaped(maker, x, (*x.dims[:axis], 1, *x.dims[axis:]))


def squeeze(maker: Maker, x: OnnxTensor, dim: int | Dims | None = None) -> OnnxTensor:
    given = range(x.rank) if dim is None else [dim] if isinstance(dim, int) else dim
    axes = [axis_of(x, axis) for axis in given]
    dims = tuple([n for axis, n in enumerate(x.dims) if n != 1 or axis not in axes])
    return reshaped(maker, x, dims)


def expand(maker: Maker, x: OnnxTensor, *sizes: Any, size: Dims = ()) -> OnnxTensor:
    return expanded(maker, x, sizes_of(sizes) or size)


def repeat(maker: Maker, x: OnnxTensor, *sizes: Any, repeats: Dims = ()) -> OnnxTensor:
    times = sizes_of(sizes) or repeats
    times = (*(1,) * (x.rank - len(times)), *times)
    x = reshaped(maker, x, (*(1,) * (len(times) - x.rank), *x.dims))
    dims = tuple([n * count for n, count in zip(x.dims, times, strict=True)])
    return OnnxTensor(maker.node("Tile", x.name, maker.numbers(*times)), dims, x.type)


def repeat_interleave(
    maker: Maker, x: OnnxTensor, repeats: int, dim: int | None = None
) -> OnnxTensor:
    x, axis = (flatten(maker, x), 0) if dim is None else (x, axis_of(x, dim))
    before, size, after = x.dims[:axis], x.dims[axis], x.dims[axis + 1 :]
    apart = reshaped(maker, x, (*before, size, 1, *after))
    wide = expanded(maker, apart, (*before, size, repeats, *after))
    return reshaped(maker, wide, (*before, size * repeats, *after))


def roll(
    maker: Maker, x: OnnxTensor, shifts: int | Dims, dims: int | Dims | None = None
) -> OnnxTensor:
    if dims is None:
        return reshaped(maker, roll(maker, flatten(maker, x), shifts, 0), x.dims)
    for by, dim in zip(_row(shifts), _row(dims), strict=True):
        axis = axis_of(x, dim)
        at = -by % x.dims[axis]
        parts = [range(at, x.dims[axis]), range(at)]
        x = concatenated(maker, [cut(maker, x, axis, part) for part in parts if part], axis)
    return x


def _row(given: int | Dims) -> Dims:
    return (given,) if isinstance(given, int) else given


def flip(maker: Maker, x: OnnxTensor, *axes: Any, dims: Dims = ()) -> OnnxTensor:
    for dim in sizes_of(axes) or dims:
        axis = axis_of(x, dim)
        places = integers(maker, range(x.dims[axis])[::-1], (x.dims[axis],))
        x = gathered(maker, x, axis, places)
    return x


def cat(maker: Maker, tensors: Sequence[OnnxTensor], dim: int = 0) -> OnnxTensor:
    return concatenated(maker, tensors, axis_of(tensors[0], dim))


def stack(maker: Maker, tensors: Sequence[OnnxTensor], dim: int = 0) -> OnnxTensor:
    axis = axis_of(tensors[0], dim, 1)
    return concatenated(maker, [unsqueeze(maker, x, axis) for x in tensors], axis)


def chunk(maker: Maker, x: OnnxTensor, chunks: int, dim: int = 0) -> list[OnnxTensor]:
    return split(maker, x, -(-x.dims[axis_of(x, dim)] // chunks), dim)


def split(maker: Maker, x: OnnxTensor, sizes: int | Dims, dim: int = 0) -> list[OnnxTensor]:
    axis = axis_of(x, dim)
    whole = x.dims[axis]
    if isinstance(sizes, int):
        sizes = tuple([min(sizes, whole - start) for start in range(0, whole, sizes)])
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    return [
        cut(maker, x, axis, range(start, start + size))
        for start, size in zip(starts, sizes, strict=True)
    ]


def unbind(maker: Maker, x: OnnxTensor, dim: int = 0) -> list[OnnxTensor]:
    axis = axis_of(x, dim)
    return [squeeze(maker, part, axis) for part in split(maker, x, 1, axis)]


def narrow(maker: Maker, x: OnnxTensor, dim: int, start: int, length: int) -> OnnxTensor:
    return cut(maker, x, axis_of(x, dim), range(start, start + length))


def select(maker: Maker, x: OnnxTensor, dim: int, index: int) -> OnnxTensor:
    axis = axis_of(x, dim)
    return squeeze(maker, narrow(maker, x, axis, index % x.dims[axis], 1), axis)


def gathered(maker: Maker, x: OnnxTensor, axis: int, places: OnnxTensor) -> OnnxTensor:
    """Take positions of an axis; the axes of the places stand where it was."""
    made = maker.node("Gather", x.name, cast(maker, places, LONG).name, axis=axis)
    return OnnxTensor(made, (*x.dims[:axis], *places.dims, *x.dims[axis + 1 :]), x.type)


def index_select(maker: Maker, x: OnnxTensor, dim: int, index: OnnxTensor) -> OnnxTensor:
    return gathered(maker, x, axis_of(x, dim), index)


def gather(maker: Maker, x: OnnxTensor, dim: int, index: OnnxTensor) -> OnnxTensor:
    places = cast(maker, index, LONG).name
    made = maker.node("GatherElements", x.name, places, axis=axis_of(x, dim))
    return OnnxTensor(made, index.dims, x.type)


def indexed(maker: Maker, x: OnnxTensor, keys: Sequence[Any]) -> OnnxTensor:
    """Take part of a tensor, as brackets of PyTorch do."""
    axis, places = 0, dict[int, OnnxTensor]()
    for key in _whole(keys, x.rank):
        if key is None:
            x = unsqueeze(maker, x, axis)
        elif isinstance(key, slice):
            x = cut(maker, x, axis, range(*key.indices(x.dims[axis])))
        elif isinstance(key, int):
            x, axis = select(maker, x, axis, key), axis - 1
        else:
            places[axis] = _places(maker, key)
        axis += 1
    return _taken(maker, x, places) if places else x


def _whole(keys: Sequence[Any], rank: int) -> list[Any]:
    """Return a key for each axis, whole ones where dots stand or nothing is said."""
    own = [key for key in keys if key is not None and key is not ...]
    rest = [slice(None)] * (rank - len(own))
    at = next((i for i, key in enumerate(keys) if key is ...), len(keys))
    return [*keys[:at], *rest, *keys[at + 1 :]]


def _places(maker: Maker, key: OnnxTensor | Sequence[int]) -> OnnxTensor:
    if not isinstance(key, OnnxTensor):
        return integers(maker, key, (len(key),))
    if key.type != LONG:
        raise Unwritable("how many elements it takes depends on numbers")
    return key


def _taken(maker: Maker, x: OnnxTensor, places: dict[int, OnnxTensor]) -> OnnxTensor:
    """Take positions of axes beside each other, as of one axis."""
    first, *others = places
    if others and others != list(range(first + 1, first + 1 + len(others))):
        raise Unwritable("it takes positions of axes that do not lie beside each other")
    at = places[first]
    for axis in others:
        at = joined(maker, "Mul", at, x.dims[axis])
        at = joined(maker, "Add", at, places[axis])
    return gathered(maker, flatten(maker, x, first, first + len(others)), first, at)


def replaced(maker: Maker, x: OnnxTensor, *changes: tuple[Any, Any]) -> OnnxTensor:
    """Return a tensor with other numbers in parts of it, each a place and its numbers."""
    for keys, value in changes:
        kept = [key if isinstance(key, slice) else _stretch(key) for key in _whole(keys, x.rank)]
        ranges = [range(*key.indices(n)) for key, n in zip(kept, x.dims, strict=True)]
        x = _patched(maker, x, ranges, _part(maker, x, keys, ranges, value), 0)
    return x


def _stretch(key: Any) -> slice:
    """Return one position as a stretch of an axis."""
    if not isinstance(key, int):
        raise Unwritable("the places at which it writes are not known")
    return slice(key, key + 1 or None)


def _part(
    maker: Maker, x: OnnxTensor, keys: Sequence[Any], ranges: Sequence[range], value: Any
) -> OnnxTensor:
    """Return the numbers for a part of a tensor, in the sizes of that part."""
    dims = tuple(map(len, ranges))
    if not isinstance(value, OnnxTensor):
        return filled(maker, value, dims, x.type)
    alone = [isinstance(key, int) for key in _whole(keys, x.rank)]
    sizes = tuple([n for n, is_one in zip(dims, alone, strict=True) if not is_one])
    while value.rank > len(sizes):
        value = squeeze(maker, value, 0)
    return reshaped(maker, cast(maker, expanded(maker, value, sizes), x.type), dims)


def _patched(
    maker: Maker, x: OnnxTensor, ranges: Sequence[range], part: OnnxTensor, axis: int
) -> OnnxTensor:
    """Put a part in its places, from one axis on: what lies before them, it, what lies behind."""
    if axis == x.rank:
        return part
    taken, size, end, parts = ranges[axis], x.dims[axis], 0, list[OnnxTensor]()
    runs = [taken] if taken.step == 1 else [range(at, at + 1) for at in taken]
    for i, run in enumerate(runs):
        own = part if run == taken else cut(maker, part, axis, range(i, i + 1))
        parts += [cut(maker, x, axis, range(end, run.start))] if end < run.start else []
        parts.append(_patched(maker, cut(maker, x, axis, run), ranges, own, axis + 1))
        end = run.stop
    parts += [cut(maker, x, axis, range(end, size))] if end < size else []
    return concatenated(maker, parts, axis)


def stretches(maker: Maker, x: OnnxTensor, dimension: int, size: int, step: int) -> OnnxTensor:
    """Return stretches of an axis, their positions on a further one: `Tensor.unfold`."""
    axis = axis_of(x, dimension)
    count = (x.dims[axis] - size) // step + 1
    at = [start * step + i for start in range(count) for i in range(size)]
    made = gathered(maker, x, axis, integers(maker, at, (count, size)))
    return movedim(maker, made, axis + 1, -1)


MOVES: dict[str, OnnxFunction] = {
    "broadcast_to": expand,
    "cat": cat,
    "chunk": chunk,
    "expand": expand,
    "expand_as": lambda maker, x, other: expanded(maker, x, other.dims),
    "flatten": flatten,
    "flip": flip,
    "gather": gather,
    "index_select": index_select,
    "mT": lambda maker, x: transpose(maker, x, -2, -1),
    "movedim": movedim,
    "narrow": narrow,
    "permute": permute,
    "repeat": repeat,
    "repeat_interleave": repeat_interleave,
    "replaced": replaced,
    "reshape": reshape,
    "reshape_as": lambda maker, x, other: reshaped(maker, x, other.dims),
    "roll": roll,
    "select": select,
    "split": split,
    "squeeze": squeeze,
    "stack": stack,
    "swapaxes": transpose,
    "t": transpose,
    "T": transpose,
    "tile": repeat,
    "transpose": transpose,
    "unbind": unbind,
    "unflatten": unflatten,
    "unsqueeze": unsqueeze,
    "view": reshape,
    "view_as": lambda maker, x, other: reshaped(maker, x, other.dims),
}
"""By the name of the function, be it a method or not."""
