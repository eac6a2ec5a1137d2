"""Sizes: whole numbers of a model's tensors that know by which products they were worked out.

A tool that traces a model sees its arithmetic on sizes as operations, and counts products of them
where something is made of what they come to.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import count
from types import CodeType
from typing import Any

import torch
from torch.nn.functional import interpolate

from bncalc.named import NamedTuple

_NUMBERS = count()
_NONE: frozenset[int] = frozenset()


class SizeOrigin(NamedTuple):
    """What sizes are made of: numbers of multiplications, and of the tensors that have them.

    Where code has asked whether one is a tensor, as it is in a trace, it rounds there by a function
    that is traced; else a number that Python rounds is made of nothing.
    """

    products: frozenset[int] = _NONE
    tensors: frozenset[int] = _NONE
    is_asked: bool = False
    limited: set[int] | None = None
    """Where products are noted of a size that a limit takes the place of: a trace keeps them."""


class _Traced:
    """What a trace has as a tensor, and a run as a number."""

    origin = SizeOrigin()

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """The type, and a note if code asks by it whether this is a tensor."""
        frame = sys._getframe(1)
        is_ours = str(frame.f_globals.get("__name__")).startswith(("bncalc.", "torch."))
        if not is_ours and _asked_for(frame.f_code, frame.f_lasti) == "Tensor":
            self.origin = self.origin._replace(is_asked=True)
        return type(self)


class TracedSize(_Traced, int):
    """A size, or what was worked out of sizes."""

    def __lt__(self, other: int) -> bool:
        is_less = int(self) < other
        if is_less and self.origin.is_asked and self.origin.limited is not None:
            self.origin.limited.update(self.origin.products)
        return is_less


class TracedFraction(_Traced, float):
    """What sizes come to that is no whole number."""


@cache
def _asked_for(code: CodeType, at: int) -> str:
    """Return the name of what code has at hand last where it calls a function."""
    names = [
        each.argval
        for each in dis.get_instructions(code)
        if each.offset < at and each.opname.startswith("LOAD_")
    ]
    return str(names[-1]) if names else ""


def as_sizes(word: str, made: Any, tensor: int | None, limited: set[int]) -> Any:
    """Return what a function gives, sizes of a tensor, of which this is the number, as such."""
    tensors = _NONE if tensor is None else frozenset([tensor])
    origin = SizeOrigin(tensors=tensors, limited=limited)
    if type(made) is torch.Size:
        return torch.Size([_of(origin, n) for n in made])
    is_size = type(made) is int and word in ("size", "numel", "nelement")
    return _of(origin, made) if is_size else made


def _of(origin: SizeOrigin, number: int | float) -> TracedSize | TracedFraction:
    size = TracedSize(number) if isinstance(number, int) else TracedFraction(number)
    size.origin = origin
    return size


def scaled_sizes(function: Any, given: tuple[Any, ...], named: Mapping[str, Any]) -> int:
    """Return how many sizes `interpolate` multiplies by a factor before it resizes to them."""
    if function is not interpolate:
        return 0
    every = {**dict(zip(("input", "size", "scale_factor", "mode"), given, strict=False)), **named}
    computes = every.get("mode") == "area" or every.get("recompute_scale_factor")
    is_scaled = computes and every.get("scale_factor") is not None
    return every["input"].dim() - 2 if is_scaled else 0


def origin_of(given: Any) -> SizeOrigin:
    """Return what the sizes among arguments are made of."""
    origins = [size.origin for size in _sizes(given)]
    return SizeOrigin(
        _NONE.union(*[each.products for each in origins]),
        _NONE.union(*[each.tensors for each in origins]),
        any(each.is_asked for each in origins),
        next((each.limited for each in origins), None),
    )


def _sizes(given: Any) -> Iterator[TracedSize | TracedFraction]:
    if isinstance(given, (TracedSize, TracedFraction)):
        yield given
    elif isinstance(given, (list, tuple)):
        for each in given:
            yield from _sizes(each)
    elif isinstance(given, dict):
        yield from _sizes(tuple(given.values()))
    elif isinstance(given, slice):
        yield from _sizes((given.start, given.stop, given.step))


def _worked_out(kind: type[int | float], name: str) -> Callable[..., Any]:
    plain = getattr(kind, name)

    def method(self: Any, *others: Any) -> Any:
        made = plain(self, *others)
        if made is NotImplemented and isinstance(self, TracedSize):
            made = getattr(float, name)(float(self), *others)
        if type(made) not in (int, float):
            return made
        origin = origin_of((self, *others))
        if name in _ROUNDS and not origin.is_asked:
            return made
        if name in _MULTIPLIES:
            origin = origin._replace(products=origin.products | {next(_NUMBERS)})
        return _of(origin, made)

    return method


_MULTIPLIES = ("__mul__", "__rmul__")
_ROUNDS = ("__ceil__", "__floor__", "__round__")
_OF_TWO = ("add", "floordiv", "mod", "mul", "sub", "truediv")
_OPERATORS = [f"__{side}{name}__" for name in _OF_TWO for side in ("", "r")]
for _kind, _plain in ((TracedSize, int), (TracedFraction, float)):
    for _name in (*_OPERATORS, *_ROUNDS, "__neg__"):
        setattr(_kind, _name, _worked_out(_plain, _name))
