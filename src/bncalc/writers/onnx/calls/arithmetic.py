"""Arithmetic: functions of PyTorch of each element, as operations of ONNX."""

from __future__ import annotations

from math import copysign, inf, log

from bncalc.writers.onnx.calls.moves import OnnxFunction, chunk
from bncalc.writers.onnx.calls.tensors import (
    BOOL,
    FLOAT,
    LONG,
    OnnxTensor,
    Operand,
    cast,
    joined,
    of_floats,
    of_type,
    spread,
    widest,
)
from bncalc.writers.onnx.maker import AttributeValue, Maker


def unary(op: str, **attributes: AttributeValue) -> OnnxFunction:
    """Return a function of each element that is one operation."""

    def write(maker: Maker, x: OnnxTensor) -> OnnxTensor:
        x = x if op in _OF_ANY and x.type == LONG else cast(maker, x, FLOAT)
        return OnnxTensor(maker.node(op, x.name, **attributes), x.dims, x.type)

    return write


def join(op: str) -> OnnxFunction:
    return lambda maker, input, other: joined(maker, op, input, other)


def add(maker: Maker, input: Operand, other: Operand, alpha: float = 1) -> OnnxTensor:
    times = other if alpha == 1 else joined(maker, "Mul", other, alpha)
    return joined(maker, "Add", input, times)


def sub(maker: Maker, input: Operand, other: Operand, alpha: float = 1) -> OnnxTensor:
    times = other if alpha == 1 else joined(maker, "Mul", other, alpha)
    return joined(maker, "Sub", input, times)


def div(
    maker: Maker, input: Operand, other: Operand, rounding_mode: str | None = None
) -> OnnxTensor:
    made = joined(maker, "Div", input, other, type=FLOAT)
    return rounded(maker, made, rounding_mode) if rounding_mode else made


def rounded(maker: Maker, x: OnnxTensor, toward: str) -> OnnxTensor:
    """Return whole numbers below others, or those toward zero (`trunc`)."""
    if toward == "floor":
        return OnnxTensor(maker.node("Floor", x.name), x.dims)
    size = OnnxTensor(maker.node("Floor", maker.node("Abs", x.name)), x.dims)
    return joined(maker, "Mul", size, OnnxTensor(maker.node("Sign", x.name), x.dims))


def floor_divide(maker: Maker, input: Operand, other: Operand) -> OnnxTensor:
    made = div(maker, input, other, "floor")
    return made if widest(input, other) == FLOAT else cast(maker, made, LONG)


def remainder(maker: Maker, input: Operand, other: Operand) -> OnnxTensor:
    """Return what is left, with the sign of the divisor."""
    times = joined(maker, "Mul", floor_divide(maker, input, other), other)
    return joined(maker, "Sub", input, times)


def power(maker: Maker, input: Operand, exponent: Operand) -> OnnxTensor:
    return joined(maker, "Pow", input, exponent, type=FLOAT)


def clamp(
    maker: Maker, x: OnnxTensor, min: Operand | None = None, max: Operand | None = None
) -> OnnxTensor:
    """Limit elements by numbers; by those of tensors, which `Clip` does not take, one by one."""
    if isinstance(min, OnnxTensor) or isinstance(max, OnnxTensor):
        x = x if min is None else joined(maker, "Max", x, min)
        return x if max is None else joined(maker, "Min", x, max)
    limits = [each for each in (min, max) if each is not None]
    x = cast(maker, x, widest(x, *limits, 0))
    ends = ["" if each is None else of_type(maker, each, x.type).name for each in (min, max)]
    return OnnxTensor(maker.node("Clip", x.name, *ends), x.dims, x.type)


def fmod(maker: Maker, input: Operand, other: Operand) -> OnnxTensor:
    """Return what is left, with the sign of what is divided."""
    times = joined(maker, "Mul", div(maker, input, other, "trunc"), other)
    return joined(maker, "Sub", input, times)


def lerp(maker: Maker, input: OnnxTensor, end: OnnxTensor, weight: Operand) -> OnnxTensor:
    way = joined(maker, "Sub", end, input)
    return joined(maker, "Add", input, joined(maker, "Mul", way, weight))


def glu(maker: Maker, x: OnnxTensor, dim: int = -1) -> OnnxTensor:
    value, gate = chunk(maker, x, 2, dim)
    return joined(maker, "Mul", value, unary("Sigmoid")(maker, gate))


def where(maker: Maker, condition: OnnxTensor, input: Operand, other: Operand) -> OnnxTensor:
    type = widest(input, other)
    values = [of_type(maker, each, LONG if type == BOOL else type) for each in (input, other)]
    chosen = [cast(maker, condition, BOOL), *values]
    made = maker.node("Where", *[each.name for each in chosen])
    return cast(maker, OnnxTensor(made, spread(*chosen), values[0].type), type)


def truth(op: str) -> OnnxFunction:
    return lambda maker, input, other: joined(maker, op, input, other, type=BOOL)


def told(op: str) -> OnnxFunction:
    """Return what says of each element whether it is so."""
    return of_floats(lambda maker, x: OnnxTensor(maker.node(op, x.name), x.dims, BOOL))


def nan_to_num(
    maker: Maker,
    x: OnnxTensor,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> OnnxTensor:
    x = where(maker, told("IsNaN")(maker, x), nan, x)
    for limit, given in ((inf, posinf), (-inf, neginf)):
        value = copysign(_LARGEST, limit) if given is None else given
        x = where(maker, joined(maker, "Equal", x, limit), value, x)
    return x


def softplus(maker: Maker, x: OnnxTensor, beta: float = 1, threshold: float = 20) -> OnnxTensor:
    """Return log(1 + exp(beta·x)) / beta, and x itself where beta·x is above the threshold."""
    scaled = joined(maker, "Mul", x, float(beta))
    made = joined(maker, "Div", unary("Softplus")(maker, scaled), float(beta))
    return where(maker, joined(maker, "Greater", scaled, float(threshold)), x, made)


def shrink(bias: int) -> OnnxFunction:
    """Return what takes small numbers for 0, and brings others nearer to it by `bias` limits."""

    def write(maker: Maker, x: OnnxTensor, lambd: float = 0.5) -> OnnxTensor:
        made = maker.node("Shrink", x.name, lambd=float(lambd), bias=bias * float(lambd))
        return OnnxTensor(made, x.dims)

    return of_floats(write)


@of_floats
def round_to(maker: Maker, x: OnnxTensor, decimals: int = 0) -> OnnxTensor:
    if not decimals:
        return OnnxTensor(maker.node("Round", x.name), x.dims)
    larger = joined(maker, "Mul", x, 10.0**decimals)
    return joined(
        maker, "Div", OnnxTensor(maker.node("Round", larger.name), x.dims), 10.0**decimals
    )


def triangle(upper: int) -> OnnxFunction:
    def write(maker: Maker, x: OnnxTensor, diagonal: int = 0) -> OnnxTensor:
        further = [maker.numbers(diagonal)] if diagonal else []
        return OnnxTensor(maker.node("Trilu", x.name, *further, upper=upper), x.dims, x.type)

    return write


def converted(type: int) -> OnnxFunction:
    return lambda maker, x: cast(maker, x, type)


def negated(maker: Maker, x: OnnxTensor) -> OnnxTensor:
    x = cast(maker, x, BOOL)
    return OnnxTensor(maker.node("Not", x.name), x.dims, BOOL)


def _after(op: str, further: str) -> OnnxFunction:
    """Return a function of each element that is one operation after another."""
    return lambda maker, x: unary(further)(maker, unary(op)(maker, x))


def _shifted(op: str, before: float, after: float) -> OnnxFunction:
    """Return a function of each element to which numbers are added before and after."""

    def write(maker: Maker, x: OnnxTensor) -> OnnxTensor:
        x = x if not before else joined(maker, "Add", x, before)
        made: OnnxTensor = unary(op)(maker, x)
        return made if not after else joined(maker, "Add", made, after)

    return write


def _log(base: float) -> OnnxFunction:
    return lambda maker, x: joined(maker, "Div", unary("Log")(maker, x), log(base))


_OF_ANY = {"Abs", "Neg", "Sign"}
"""Operations on whole numbers as well as others."""
_LARGEST = 3.4028234663852886e38
"""The largest number of 32 bits."""
_ELEMENTS = (
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Exp Floor Log Neg Reciprocal Relu "
    "Selu Sigmoid Sign Sin Sinh Softsign Sqrt Tan Tanh"
)
ARITHMETIC: dict[str, OnnxFunction] = {
    **{op.lower(): unary(op) for op in _ELEMENTS.split()},
    "add": add,
    "addcdiv": lambda maker, x, tensor1, tensor2, value=1: add(
        maker, x, div(maker, tensor1, tensor2), value
    ),
    "addcmul": lambda maker, x, tensor1, tensor2, value=1: add(
        maker, x, joined(maker, "Mul", tensor1, tensor2), value
    ),
    "bitwise_and": truth("And"),
    "bitwise_not": negated,
    "bitwise_or": truth("Or"),
    "bitwise_xor": truth("Xor"),
    "bool": converted(BOOL),
    "celu": lambda maker, x, alpha=1.0: unary("Celu", alpha=float(alpha))(maker, x),
    "clamp": clamp,
    "clamp_max": lambda maker, x, max: clamp(maker, x, max=max),
    "clamp_min": lambda maker, x, min: clamp(maker, x, min=min),
    "div": div,
    "eq": join("Equal"),
    "expm1": _shifted("Exp", 0, -1.0),
    "float": converted(FLOAT),
    "floor_divide": floor_divide,
    "fmod": fmod,
    "frac": lambda maker, x: joined(maker, "Sub", x, rounded(maker, x, "trunc")),
    "ge": join("GreaterOrEqual"),
    "gelu": lambda maker, x, approximate="none": unary("Gelu", approximate=approximate)(maker, x),
    "glu": glu,
    "gt": join("Greater"),
    "hardshrink": shrink(0),
    "hardtanh": lambda maker, x, min_val=-1.0, max_val=1.0: clamp(maker, x, min_val, max_val),
    "int": converted(LONG),
    "isinf": told("IsInf"),
    "isnan": told("IsNaN"),
    "le": join("LessOrEqual"),
    "lerp": lerp,
    "log10": _log(10),
    "log1p": _shifted("Log", 1.0, 0),
    "log2": _log(2),
    "logical_and": truth("And"),
    "logical_not": negated,
    "logical_or": truth("Or"),
    "logical_xor": truth("Xor"),
    "logsigmoid": lambda maker, x: unary("Neg")(maker, softplus(maker, unary("Neg")(maker, x))),
    "long": converted(LONG),
    "lt": join("Less"),
    "masked_fill": lambda maker, x, mask, value: where(maker, mask, value, x),
    "maximum": join("Max"),
    "minimum": join("Min"),
    "mul": join("Mul"),
    "nan_to_num": nan_to_num,
    "ne": lambda maker, input, other: negated(maker, joined(maker, "Equal", input, other)),
    "pow": power,
    "remainder": remainder,
    "round": round_to,
    "rsqrt": _after("Sqrt", "Reciprocal"),
    "silu": lambda maker, x: joined(maker, "Mul", x, unary("Sigmoid")(maker, x)),
    "softplus": softplus,
    "softshrink": shrink(1),
    "square": lambda maker, x: joined(maker, "Mul", x, x),
    "sub": sub,
    "tanhshrink": lambda maker, x: joined(maker, "Sub", x, unary("Tanh")(maker, x)),
    "threshold": lambda maker, x, threshold, value: where(
        maker, joined(maker, "Greater", x, float(threshold)), x, value
    ),
    "to": lambda maker, x, other: cast(maker, x, other.type),
    "tril": triangle(0),
    "triu": triangle(1),
    "trunc": lambda maker, x: rounded(maker, x, "trunc"),
    "where": where,
}
"""By the name of the function, be it a method or not."""
