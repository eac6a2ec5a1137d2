"""Sizes: whole numbers of a model's tensors that know by which products they were worked out.

A tool that traces a model sees its arithmetic on sizes as operations, and counts products of them
where something is made of what they come to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

import torch
from torch.nn.functional import interpolate

_NUMBERS = count()
_NONE: frozenset[int] = frozenset()


class TracedSize(int):
    """A size, or what was worked out of sizes; `products` are numbers of multiplications."""

    products: frozenset[int] = _NONE


def as_sizes(word: str, made: Any) -> Any:
    """Return what a function gives, sizes of a tensor as such."""
    if type(made) is torch.Size:
        return torch.Size([TracedSize(n) for n in made])
    return TracedSize(made) if type(made) is int and word in ("size", "numel", "nelement") else made


def scaled_sizes(function: Any, given: tuple[Any, ...], named: Mapping[str, Any]) -> int:
    """Return how many sizes `interpolate` multiplies by a factor before it resizes to them."""
    if function is not interpolate:
        return 0
    every = {**dict(zip(("input", "size", "scale_factor", "mode"), given, strict=False)), **named}
    computes = every.get("mode") == "area" or every.get("recompute_scale_factor")
    is_scaled = computes and every.get("scale_factor") is not None
    return every["input"].dim() - 2 if is_scaled else 0


def products_in(given: Any) -> frozenset[int]:
    """Return the multiplications by which the sizes among arguments were worked out."""
    return _NONE.union(*[size.products for size in _sizes(given)])


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


def _worked_out(name: str, *, multiplies: bool = False) -> Callable[..., Any]:
    plain = getattr(int, name)

    def method(self: TracedSize, *others: Any) -> Any:
        made = plain(self, *others)
        if type(made) is not int:  # a fraction, or none of a number's
            return made
        size = TracedSize(made)
        size.products = products_in((self, *others))
        if multiplies:
            size.products |= {next(_NUMBERS)}
        return size

    return method


for _name in ("add", "floordiv", "mod", "radd", "rfloordiv", "rmod", "rsub", "sub", "neg"):
    setattr(TracedSize, f"__{_name}__", _worked_out(f"__{_name}__"))
for _name in ("mul", "rmul"):
    setattr(TracedSize, f"__{_name}__", _worked_out(f"__{_name}__", multiplies=True))
