"""Sizes: whole numbers of a model's tensors that know of which tensors they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

_NONE: frozenset[int] = frozenset()


class TracedSize(int):
    """A size, or a whole number that was worked out of sizes of some tensors, by their numbers."""

    tensors = _NONE


def as_sizes(word: str, made: Any, tensor: int | None) -> Any:
    """Return what a function gives, sizes of a tensor, of which this is the number, as such."""
    tensors = _NONE if tensor is None else frozenset([tensor])
    if type(made) is torch.Size:
        return torch.Size([_of(tensors, n) for n in made])
    is_size = type(made) is int and word in ("size", "numel", "nelement")
    return _of(tensors, made) if is_size else made


def _of(tensors: frozenset[int], number: int) -> TracedSize:
    size = TracedSize(number)
    size.tensors = tensors
    return size


def measured_in(given: Any) -> frozenset[int]:
    """Return the tensors of which there are sizes among arguments."""
    return _NONE.union(*[size.tensors for size in _sizes(given)])


def _sizes(given: Any) -> Iterator[TracedSize]:
    if isinstance(given, TracedSize):
        yield given
    elif isinstance(given, (list, tuple)):
        for each in given:
            yield from _sizes(each)
    elif isinstance(given, dict):
        yield from _sizes(tuple(given.values()))
    elif isinstance(given, slice):
        yield from _sizes((given.start, given.stop, given.step))


def _worked_out(name: str) -> Callable[..., Any]:
    plain = getattr(int, name)

    def method(self: Any, *others: Any) -> Any:
        made = plain(self, *others)
        return _of(measured_in((self, *others)), made) if type(made) is int else made

    return method


for _name in ("add", "floordiv", "mod", "mul", "sub"):
    for _side in ("", "r"):
        setattr(TracedSize, f"__{_side}{_name}__", _worked_out(f"__{_side}{_name}__"))
