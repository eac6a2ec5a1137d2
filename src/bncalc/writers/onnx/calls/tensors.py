"""Tensors: what an expression of PyTorch works with, as ONNX has it, their sizes known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from math import prod
from typing import Any

from bncalc.named import NamedTuple
from bncalc.writers.onnx.maker import Maker

FLOAT, LONG, BOOL = 1, 7, 9
"""Types of elements, by their numbers in ONNX."""
Dims = tuple[int, ...]


class Unwritable(Exception):
    """Something of a line cannot be written as ONNX; the message says what."""


class OnnxTensor(NamedTuple):
    """A tensor by its name, the sizes of all its axes and the type of its elements."""

    name: str
    dims: Dims
    type: int = FLOAT

    @property
    def rank(self) -> int:
        return len(self.dims)


Number = bool | int | float
Operand = OnnxTensor | Number


def axis_of(x: OnnxTensor, axis: int, further: int = 0) -> int:
    """Return an axis counted from the front, of so many more than a tensor has."""
    return axis % (x.rank + further)


def cast(maker: Maker, x: OnnxTensor, type: int) -> OnnxTensor:
    if x.type == type:
        return x
    return OnnxTensor(maker.node("Cast", x.name, to=type), x.dims, type)


def of_floats(function: Callable[..., OnnxTensor]) -> Callable[..., OnnxTensor]:
    """Return a function that takes whole numbers and truths as decimal numbers."""

    @wraps(function)
    def write(maker: Maker, *given: Any, **named: Any) -> OnnxTensor:
        taken = [_as_float(maker, each) for each in given]
        return function(maker, *taken, **{k: _as_float(maker, v) for k, v in named.items()})

    return write


def _as_float(maker: Maker, value: Any) -> Any:
    return cast(maker, value, FLOAT) if isinstance(value, OnnxTensor) else value


def integers(maker: Maker, values: Sequence[int], dims: Dims) -> OnnxTensor:
    """Return whole numbers that are known."""
    row = OnnxTensor(maker.numbers(*values), (len(values),), LONG)
    return reshaped(maker, row, dims)


def filled(maker: Maker, value: Number, dims: Dims, type: int = FLOAT) -> OnnxTensor:
    """Return a tensor of one number, worked out from a single one: nothing of it is learned."""
    if isinstance(value, float) and not value.is_integer():
        sizes = maker.numbers(*dims)
        return OnnxTensor(maker.node("Expand", maker.number(value), sizes), dims)
    whole = maker.node("Expand", maker.numbers(int(value)), maker.numbers(*dims))
    return cast(maker, OnnxTensor(whole, dims, LONG), type)


def reshaped(maker: Maker, x: OnnxTensor, dims: Dims) -> OnnxTensor:
    """Return a tensor in other sizes, of which one may be -1."""
    if -1 in dims:
        rest = prod([size for size in dims if size != -1])
        dims = tuple([prod(x.dims) // max(rest, 1) if size == -1 else size for size in dims])
    if dims == x.dims:
        return x
    return OnnxTensor(maker.node("Reshape", x.name, maker.numbers(*dims)), dims, x.type)


def permuted(maker: Maker, x: OnnxTensor, order: Sequence[int]) -> OnnxTensor:
    if list(order) == list(range(x.rank)):
        return x
    made = maker.node("Transpose", x.name, perm=list(order))
    return OnnxTensor(made, tuple([x.dims[axis] for axis in order]), x.type)


def cut(maker: Maker, x: OnnxTensor, axis: int, taken: range) -> OnnxTensor:
    """Return a stretch of an axis."""
    if taken == range(x.dims[axis]):
        return x
    ends = [maker.numbers(value) for value in (taken.start, taken.stop, axis)]
    skips = [maker.numbers(taken.step)] if taken.step != 1 else []
    made = maker.node("Slice", x.name, *ends, *skips)
    return OnnxTensor(made, (*x.dims[:axis], len(taken), *x.dims[axis + 1 :]), x.type)


def concatenated(maker: Maker, parts: Sequence[OnnxTensor], axis: int) -> OnnxTensor:
    first, *others = parts
    if not others:
        return first
    type = widest(*parts)
    names = [cast(maker, part, type).name for part in parts]
    size = sum([part.dims[axis] for part in parts])
    dims = (*first.dims[:axis], size, *first.dims[axis + 1 :])
    return OnnxTensor(maker.node("Concat", *names, axis=axis), dims, type)


def expanded(maker: Maker, x: OnnxTensor, dims: Dims) -> OnnxTensor:
    """Return a tensor that is repeated along axes of one position, or further ones before."""
    own = (*(-1,) * (len(dims) - x.rank), *x.dims)
    dims = tuple([n if m == -1 else m for n, m in zip(own, dims, strict=True)])
    if dims == x.dims:
        return x
    return OnnxTensor(maker.node("Expand", x.name, maker.numbers(*dims)), dims, x.type)


def spread(*tensors: OnnxTensor) -> Dims:
    """Return the sizes of tensors that are spread over each other."""
    rank = max([x.rank for x in tensors])
    wide = [(*(1,) * (rank - x.rank), *x.dims) for x in tensors]
    return tuple([next((n for n in sizes if n != 1), 1) for sizes in zip(*wide, strict=True)])


_WIDTHS = {BOOL: 0, LONG: 1, FLOAT: 2}
_TYPES = {bool: BOOL, int: LONG, float: FLOAT}
_OF_TRUTHS = {"Add": "Or", "Max": "Or", "Min": "And", "Mul": "And"}
"""What joins whether things are so, as arithmetic of PyTorch does."""
_ORDERS = {"Greater", "GreaterOrEqual", "Less", "LessOrEqual"}
TRUTHS = {"And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "Or", "Xor"}
"""Operations that put out whether something is so."""


def joined(maker: Maker, op: str, *operands: Operand, type: int | None = None) -> OnnxTensor:
    """Join tensors and numbers element by element, as the widest of their types."""
    type = type or widest(*operands)
    op = _OF_TRUTHS.get(op, op) if type == BOOL else op
    type = LONG if type == BOOL and op in _ORDERS else type
    tensors = [of_type(maker, each, type) for each in operands]
    made = maker.node(op, *[each.name for each in tensors])
    return OnnxTensor(made, spread(*tensors), BOOL if op in TRUTHS else type)


def widest(*operands: Operand) -> int:
    """Return the type that holds the elements of all operands."""
    types = [
        each.type if isinstance(each, OnnxTensor) else _TYPES[each.__class__] for each in operands
    ]
    return max(types, key=_WIDTHS.__getitem__)


def of_type(maker: Maker, operand: Operand, type: int) -> OnnxTensor:
    """Return an operand as a tensor whose elements are of a type."""
    if isinstance(operand, OnnxTensor):
        return cast(maker, operand, type)
    if type == FLOAT:
        return OnnxTensor(maker.number(float(operand)), ())
    return cast(maker, OnnxTensor(maker.numbers(int(operand)), (1,), LONG), type)


def sizes_of(given: Sequence[Any]) -> Dims:
    """Return sizes, be they given one by one or together."""
    (first, *_) = given or ((),)
    return first if isinstance(first, tuple) else tuple(given)
