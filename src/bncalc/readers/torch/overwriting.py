"""Overwriting: what a call that writes in place does to other tensors of the same memory.

A view is a tensor of its own in a trace, so that it must be made anew of what was written over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from bncalc.named import NamedTuple
from bncalc.readers.axes import Dims
from bncalc.readers.torch.tensors import KnownTensors

Key = tuple[slice, ...]
_ALL = slice(None)


class Update(NamedTuple):
    """A tensor that is made anew as `kind` says, of one with the written numbers.

    It is the `same` one, or a `view` of it with other sizes; a `part` of it, which `key` takes; the
    `whole` of which it is such a part; or `unknown`.
    """

    tensor: Any
    source: Any
    kind: Literal["same", "view", "part", "whole", "unknown"]
    key: Key = ()


def written_by(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, list[Any]]:
    """Call a function; return what it makes, and which tensors that it was given it changed."""
    given = [*args[:1], kwargs.get("input"), kwargs.get("out")]
    before = [(each, _version(each)) for each in given if each is not None]
    made = function(*args, **kwargs)
    return made, [each for each, version in before if _version(each) != version]


def _version(tensor: Any) -> int:
    """Return how often a tensor was written over; one of inference mode does not know."""
    try:
        return int(tensor._version)
    except (AttributeError, RuntimeError):
        return -1


def updates(known: KnownTensors, written: Any) -> Iterator[Update]:
    """Return what becomes of the other tensors of the memory of one: first of those around it."""
    others = known.sharing(written)
    wholes = [(each, _key(each, written)) for each in others]
    around = [(each, key) for each, key in wholes if key and any(part != _ALL for part in key)]
    for tensor, key in around:
        yield Update(tensor, written, "whole", key)
    sources = [written, *[tensor for tensor, _ in around]]
    done = [id(tensor) for tensor, _ in around]
    for tensor in others:
        if id(tensor) not in done and _may_overlap(tensor, written):
            yield _made_of(sources, tensor)


def _made_of(sources: list[Any], tensor: Any) -> Update:
    for source in sources:
        if _place(source) == _place(tensor):
            return Update(tensor, source, "same")
        if _is_plain(source) and _is_plain(tensor) and _span(source) == _span(tensor):
            return Update(tensor, source, "view")
        key = _key(source, tensor)
        if key is not None:
            return Update(tensor, source, "part", key)
    return Update(tensor, sources[0], "unknown")


def _place(tensor: Any) -> tuple[Any, ...]:
    return tuple(tensor.shape), tensor.stride(), tensor.storage_offset()


def _is_plain(tensor: Any) -> bool:
    return bool(tensor.is_contiguous())


def _span(tensor: Any) -> tuple[int, int]:
    """Return the first place of a tensor in its memory and the one after its last."""
    first = tensor.storage_offset()
    reach = [(n - 1) * stride for n, stride in zip(tensor.shape, tensor.stride(), strict=True)]
    return first, first + sum(reach) + 1


def _may_overlap(tensor: Any, other: Any) -> bool:
    """Return whether two tensors may have elements in common, as far as strides tell."""
    (a, b), (c, d) = _span(tensor), _span(other)
    if b <= c or d <= a or 0 in (*tensor.shape, *other.shape):
        return False
    whole = tensor if tensor._base is None else tensor._base
    ours, theirs = _box(whole, tensor), _box(whole, other)
    if ours is None or theirs is None:
        return True
    return all(not set(ours[axis]).isdisjoint(theirs[axis]) for axis in ours)


def _box(whole: Any, part: Any) -> dict[int, range] | None:
    """Return the stretch of each axis that a tensor is of another, the axes in its own order.

    None if it is no part of it, or has several of its axes as one.
    """
    starts = _starts(whole, part.storage_offset() - whole.storage_offset())
    if starts is None:
        return None
    box = {axis: range(start, start + 1) for axis, start in enumerate(starts)}
    moved = []
    for count, stride in zip(part.shape, part.stride(), strict=True):
        if count > 1:
            axis = _axis_of(whole, stride)
            if axis is None or axis in moved:
                return None
            step = stride // whole.stride(axis)
            moved.append(axis)
            box[axis] = range(starts[axis], starts[axis] + (count - 1) * step + 1, step)
    if any(each.stop > whole.shape[axis] for axis, each in box.items()):
        return None
    return {axis: box[axis] for axis in (*moved, *[each for each in box if each not in moved])}


def _axis_of(whole: Any, stride: int) -> int | None:
    """Return the axis of a tensor along which steps of a stride go."""
    for axis, (size, own) in enumerate(zip(whole.shape, whole.stride(), strict=True)):
        if size > 1 and own and stride % own == 0 and stride < size * own:
            return axis
    return None


def _key(whole: Any, part: Any) -> Key | None:
    """Return the index that takes a tensor out of another; None if it is none that slices take."""
    box = _box(whole, part)
    if box is None:
        return None
    moved = [axis for axis, each in box.items() if len(each) > 1]
    if moved != sorted(moved):
        return None
    return tuple([_slice(box[axis], size) for axis, size in enumerate(whole.shape)])


def _slice(stretch: range, size: int) -> slice:
    if stretch == range(size):
        return _ALL
    return slice(stretch.start, stretch.stop, stretch.step)


def _starts(whole: Any, offset: int) -> list[int] | None:
    """Return the place of an element in each axis of a tensor; None if it is none of it."""
    starts = [0] * len(whole.shape)
    for axis in sorted(range(len(starts)), key=whole.stride, reverse=True):
        if whole.shape[axis] > 1 and whole.stride(axis):
            starts[axis], offset = divmod(offset, whole.stride(axis))
    inside = all(0 <= start < n for start, n in zip(starts, whole.shape, strict=True))
    return starts if inside and offset == 0 else None


def taken(key: Key, dims: Dims) -> Dims:
    """Return the sizes of what an index takes of a tensor."""
    return tuple([len(range(n)[each]) for each, n in zip(key, dims, strict=True)])
