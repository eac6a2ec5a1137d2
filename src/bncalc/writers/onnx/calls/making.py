"""Making: functions of PyTorch that make numbers of sizes alone, as operations of ONNX."""

from __future__ import annotations

from math import ceil
from typing import Any

from bncalc.writers.onnx.calls.moves import OnnxFunction
from bncalc.writers.onnx.calls.tensors import (
    FLOAT,
    LONG,
    Dims,
    OnnxTensor,
    Unwritable,
    cast,
    expanded,
    filled,
    integers,
    joined,
    reshaped,
    sizes_of,
    widest,
)
from bncalc.writers.onnx.maker import Maker


def arange(maker: Maker, *ends: float) -> OnnxTensor:
    """Return numbers from 0, or a first one, up to another, in steps of 1 or of a third."""
    if all(isinstance(end, int) for end in ends):
        values = range(*[int(end) for end in ends])
        return integers(maker, values, (len(values),))
    start, stop, step = (*ends, 1)[:3] if len(ends) > 1 else (0, *ends, 1)
    places = cast(maker, arange(maker, ceil((stop - start) / step)), FLOAT)
    return joined(maker, "Add", joined(maker, "Mul", places, float(step)), float(start))


def linspace(maker: Maker, start: float, end: float, steps: int) -> OnnxTensor:
    places = cast(maker, arange(maker, steps), FLOAT)
    step = (end - start) / max(steps - 1, 1)
    return joined(maker, "Add", joined(maker, "Mul", places, step), float(start))


def tensor(maker: Maker, values: Any) -> OnnxTensor:
    """Return numbers that stand in a formula, each decimal one a constant of its own."""
    flat, dims = _flat(values)
    if all(isinstance(value, int) for value in flat):
        whole = integers(maker, [int(value) for value in flat], dims)
        return cast(maker, whole, widest(*flat))
    row = [maker.node("Reshape", maker.number(float(value)), maker.numbers(1)) for value in flat]
    return reshaped(maker, OnnxTensor(maker.node("Concat", *row, axis=0), (len(row),)), dims)


def _flat(values: Any) -> tuple[list[Any], Dims]:
    if not isinstance(values, tuple):
        return [values], ()
    rows = [_flat(each) for each in values]
    return [value for row, _ in rows for value in row], (len(rows), *(rows[0][1] if rows else ()))


def full(value: float) -> OnnxFunction:
    return lambda maker, *sizes: filled(maker, value, sizes_of(sizes))


def eye(maker: Maker, n: int, m: int | None = None) -> OnnxTensor:
    rows = reshaped(maker, arange(maker, n), (n, 1))
    return cast(maker, joined(maker, "Equal", rows, arange(maker, m or n)), FLOAT)


def one_hot(maker: Maker, x: OnnxTensor, num_classes: int) -> OnnxTensor:
    apart = reshaped(maker, cast(maker, x, LONG), (*x.dims, 1))
    return cast(maker, joined(maker, "Equal", apart, arange(maker, num_classes)), LONG)


def meshgrid(maker: Maker, *given: Any, indexing: str = "ij") -> list[OnnxTensor]:
    if indexing != "ij":
        raise Unwritable(f"bncalc cannot write a grid with indexing {indexing!r} as ONNX")
    axes = given[0] if type(given[0]) is tuple else given
    dims = tuple([axis.dims[0] for axis in axes])
    made = []
    for i, axis in enumerate(axes):
        apart = reshaped(maker, axis, (*(1,) * i, -1, *(1,) * (len(axes) - i - 1)))
        made.append(expanded(maker, apart, dims))
    return made


MAKING: dict[str, OnnxFunction] = {
    "arange": arange,
    "eye": eye,
    "full": lambda maker, size, value: filled(maker, value, size),
    "full_like": lambda maker, x, value: filled(maker, value, x.dims),
    "linspace": linspace,
    "meshgrid": meshgrid,
    "one_hot": one_hot,
    "ones": full(1),
    "tensor": tensor,
    "zeros": full(0),
    "zeros_like": lambda maker, x: filled(maker, 0, x.dims),
}
"""By the name of the function."""
