"""Gathering: functions of PyTorch that make one number of many, as operations of ONNX."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

from bncalc.writers.onnx.calls.arithmetic import clamp, unary
from bncalc.writers.onnx.calls.moves import OnnxFunction
from bncalc.writers.onnx.calls.tensors import (
    FLOAT,
    LONG,
    Dims,
    OnnxTensor,
    Unwritable,
    axis_of,
    cast,
    joined,
    of_floats,
    reshaped,
)
from bncalc.writers.onnx.maker import Maker


def over(dim: int | Dims | None, x: OnnxTensor) -> Dims:
    """Return the axes that a reduction is told, counted from the front."""
    given = range(x.rank) if dim is None else (dim,) if isinstance(dim, int) else dim
    return tuple([axis_of(x, axis) for axis in given])


def reduction(op: str) -> OnnxFunction:
    """Return what gathers along axes."""

    def write(
        maker: Maker, x: OnnxTensor, dim: int | Dims | None = None, keepdim: bool = False
    ) -> OnnxTensor:
        axes = over(dim, x)
        x = cast(maker, x, LONG if op == "ReduceSum" and x.type != FLOAT else FLOAT)
        made = maker.node(op, x.name, maker.numbers(*axes), keepdims=int(keepdim))
        dims = [1 if axis in axes else n for axis, n in enumerate(x.dims)]
        left = [n for axis, n in enumerate(x.dims) if axis not in axes]
        return OnnxTensor(made, tuple(dims if keepdim else left), x.type)

    return write


def place(op: str) -> OnnxFunction:
    def write(
        maker: Maker, x: OnnxTensor, dim: int | None = None, keepdim: bool = False
    ) -> OnnxTensor:
        x = reshaped(maker, x, (prod(x.dims),)) if dim is None else x
        axis = axis_of(x, dim or 0)
        made = maker.node(op, x.name, axis=axis, keepdims=int(keepdim))
        return OnnxTensor(made, (*x.dims[:axis], *[1] * keepdim, *x.dims[axis + 1 :]), LONG)

    return write


def largest(op: str, where: str) -> OnnxFunction:
    """Return what finds the largest or smallest number, and along one axis its place as well."""

    def write(
        maker: Maker, x: OnnxTensor, dim: int | None = None, keepdim: bool = False
    ) -> OnnxTensor | list[Callable[[], OnnxTensor]]:
        if dim is None:
            made: OnnxTensor = reduction(op)(maker, x)
            return made
        functions = reduction(op), place(where)
        return [partial(function, maker, x, dim, keepdim) for function in functions]

    return write


def norm(
    maker: Maker,
    x: OnnxTensor,
    p: float | str = 2,
    dim: int | Dims | None = None,
    keepdim: bool = False,
) -> OnnxTensor:
    ops = {1: "ReduceL1", 2: "ReduceL2", "fro": "ReduceL2"}
    if p not in ops:
        raise Unwritable(f"bncalc cannot write a norm of order {p} as ONNX")
    made: OnnxTensor = reduction(ops[p])(maker, x, dim, keepdim)
    return made


def weight_norm(maker: Maker, v: OnnxTensor, g: OnnxTensor, dim: int = 0) -> OnnxTensor:
    """Return weights whose length over all other axes is what is learned of it."""
    others = tuple([axis for axis in range(v.rank) if axis != axis_of(v, dim)])
    length = norm(maker, v, 2, others, keepdim=True)
    return joined(maker, "Mul", v, joined(maker, "Div", g, length))


@of_floats
def normalize(
    maker: Maker, x: OnnxTensor, p: float = 2, dim: int | Dims = 1, eps: float = 1e-12
) -> OnnxTensor:
    """Scale vectors to length 1; ONNX has an operation for it, and none for another `eps`."""
    if isinstance(dim, int) and p in (1, 2) and eps == 1e-12:
        made = maker.node("LpNormalization", x.name, axis=axis_of(x, dim), p=int(p))
        return OnnxTensor(made, x.dims)
    length = clamp(maker, norm(maker, x, p, dim, keepdim=True), min=eps)
    return joined(maker, "Div", x, length)


def variance(
    maker: Maker,
    x: OnnxTensor,
    dim: int | Dims | None = None,
    unbiased: bool = True,
    correction: float | None = None,
    keepdim: bool = False,
) -> OnnxTensor:
    count = prod([x.dims[axis] for axis in over(dim, x)])
    less = (1 if unbiased else 0) if correction is None else correction
    centred = joined(maker, "Sub", x, reduction("ReduceMean")(maker, x, dim, keepdim=True))
    squares = joined(maker, "Mul", centred, centred)
    if less:
        total = reduction("ReduceSum")(maker, squares, dim, keepdim)
        return joined(maker, "Div", total, float(max(count - less, 0)))
    made: OnnxTensor = reduction("ReduceMean")(maker, squares, dim, keepdim)
    return made


def deviation(maker: Maker, x: OnnxTensor, *given: Any, **named: Any) -> OnnxTensor:
    made: OnnxTensor = unary("Sqrt")(maker, variance(maker, x, *given, **named))
    return made


def softmax(op: str) -> OnnxFunction:
    def write(maker: Maker, x: OnnxTensor, dim: int) -> OnnxTensor:
        return OnnxTensor(maker.node(op, x.name, axis=axis_of(x, dim)), x.dims)

    return of_floats(write)


def cumsum(maker: Maker, x: OnnxTensor, dim: int) -> OnnxTensor:
    x = cast(maker, x, FLOAT if x.type == FLOAT else LONG)
    axis = maker.numbers(axis_of(x, dim))
    return OnnxTensor(maker.node("CumSum", x.name, axis), x.dims, x.type)


GATHERING: dict[str, OnnxFunction] = {
    "amax": reduction("ReduceMax"),
    "amin": reduction("ReduceMin"),
    "argmax": place("ArgMax"),
    "argmin": place("ArgMin"),
    "cumsum": cumsum,
    "log_softmax": softmax("LogSoftmax"),
    "logsumexp": reduction("ReduceLogSumExp"),
    "max": largest("ReduceMax", "ArgMax"),
    "mean": reduction("ReduceMean"),
    "min": largest("ReduceMin", "ArgMin"),
    "norm": norm,
    "normalize": normalize,
    "prod": reduction("ReduceProd"),
    "softmax": softmax("Softmax"),
    "softmin": lambda maker, x, dim: softmax("Softmax")(maker, unary("Neg")(maker, x), dim),
    "std": deviation,
    "sum": reduction("ReduceSum"),
    "var": variance,
    "vector_norm": lambda maker, x, ord=2, dim=None, keepdim=False: norm(
        maker, x, ord, dim, keepdim
    ),
    "_weight_norm": weight_norm,
}
"""By the name of the function, be it a method or not."""
