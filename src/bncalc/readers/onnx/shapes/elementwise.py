"""Shapes of what works element by element: functions, arithmetic, comparisons, choices."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from struct import pack, unpack

from bncalc.readers.onnx.array import broadcast, spread
from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.tensor import BOOL, FLOAT, FLOATS
from bncalc.readers.onnx.value import Numbers, Value, fits, tensor


def same(call: OnnxCall) -> Value:
    """The first input's type and sizes."""
    return tensor(call.type(), call.dims())


def function(call: OnnxCall) -> Value:
    """A function of each element, worked out where the numbers are known."""
    numbers = call.input(0).numbers
    compute = _FUNCTIONS.get(call.op)
    if numbers is None or compute is None:
        return same(call)
    return tensor(call.type(), call.dims(), _computed(compute, [numbers], call.type()))


def arithmetic(call: OnnxCall) -> Value:
    """Two or more inputs that broadcast; the type is theirs."""
    return _joined(call, range(len(call.inputs)), call.type(), _ARITHMETIC.get(call.op))


def comparison(call: OnnxCall) -> Value:
    """Two inputs that broadcast to truth values."""
    return _joined(call, range(len(call.inputs)), BOOL, COMPARISONS.get(call.op))


def where(call: OnnxCall) -> Value:
    return _joined(call, (0, 1, 2), call.type(1), lambda a, b, c: b if a else c)


def cast(call: OnnxCall) -> Value:
    """Another type; a whole number is what is left of a fraction."""
    type_, numbers = call.integer("to", FLOAT), call.input(0).numbers
    if numbers is not None and type_ == BOOL:
        numbers = tuple([bool(number) for number in numbers])
    elif numbers is not None and type_ in FLOATS:
        numbers = tuple([float(number) for number in numbers])
    elif numbers is not None:
        usable = all(math.isfinite(number) for number in numbers)
        numbers = tuple([int(number) for number in numbers]) if usable else None
    return tensor(type_, call.dims(), numbers)


def cast_like(call: OnnxCall) -> Value:
    return tensor(call.type(1), call.dims())


def bit_cast(call: OnnxCall) -> Value:
    """The same bits as another type of the same width."""
    return tensor(call.integer("to", FLOAT), call.dims())


def noise_like(call: OnnxCall) -> Value:
    return tensor(call.integer("dtype", call.type()), call.dims())


def clip(call: OnnxCall) -> Value:
    """Limits in attributes in old operator sets, in inputs in new ones."""
    numbers, low, high = call.input(0).numbers, call.given(1), call.given(2)
    for bound, choose in ((low, max), (high, min)):
        limit = bound and bound.numbers
        if numbers and limit:
            numbers = tuple([choose(number, limit[0]) for number in numbers])
    known = not call.attributes and all(b is None or b.numbers is not None for b in (low, high))
    return tensor(call.type(), call.dims(), numbers if known else None)


def batch_normalisation(call: OnnxCall) -> tuple[Value, ...]:
    """What it puts out; in training also statistics, in old operator sets up to four."""
    return (same(call), *[tensor(call.type(1), call.dims(1))] * 4)


def dropout(call: OnnxCall) -> tuple[Value, ...]:
    return same(call), tensor(BOOL, call.dims())


def _joined(
    call: OnnxCall, indices: Sequence[int], type_: int, compute: Callable[..., float] | None
) -> Value:
    several = [call.dims(index) for index in indices]
    dims = broadcast(*several)
    held = [call.input(index).numbers for index in indices]
    if compute is None or None in held or not fits(dims):
        return tensor(type_, dims)
    pairs = zip(held, several, strict=True)
    wide = [spread(numbers, own, dims) for numbers, own in pairs if numbers is not None]
    return tensor(type_, dims, _computed(compute, wide, type_))


def _computed(compute: Callable[..., float], several: list[Numbers], type_: int) -> Numbers | None:
    """Return the function of each element, None where one has none; floats have 32 bits."""
    try:
        numbers = [compute(*each) for each in zip(*several, strict=True)]
        if type_ == FLOAT:
            return unpack(f"<{len(numbers)}f", pack(f"<{len(numbers)}f", *numbers))
    except (ArithmeticError, ValueError, TypeError):
        return None
    return tuple(numbers)


def _divided(a: float, b: float) -> float:
    """Divide as C does: whole numbers towards zero."""
    if isinstance(a, float) or isinstance(b, float):
        return a / b
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _power(a: float, b: float) -> float:
    if abs(b) > 64:
        raise OverflowError
    return float(a**b) if isinstance(a, float) else int(a**b)


def _several(choose: Callable[..., float]) -> Callable[..., float]:
    return lambda *numbers: choose(numbers)


_FUNCTIONS: dict[str, Callable[..., float]] = {
    "Abs": abs,
    "Ceil": lambda a: float(math.ceil(a)),
    "Exp": math.exp,
    "Floor": lambda a: float(math.floor(a)),
    "Identity": lambda a: a,
    "Log": math.log,
    "Neg": operator.neg,
    "Not": operator.not_,
    "Reciprocal": lambda a: 1 / a,
    "Round": lambda a: float(round(a)),
    "Sqrt": math.sqrt,
}
_ARITHMETIC: dict[str, Callable[..., float]] = {
    "Add": operator.add,
    "And": lambda a, b: a and b,
    "Div": _divided,
    "Max": _several(max),
    "Min": _several(min),
    "Mod": operator.mod,
    "Mul": operator.mul,
    "Or": lambda a, b: a or b,
    "Pow": _power,
    "Sub": operator.sub,
    "Sum": _several(sum),
    "Xor": operator.ne,
}
COMPARISONS: dict[str, Callable[..., float]] = {
    "Equal": operator.eq,
    "Greater": operator.gt,
    "GreaterOrEqual": operator.ge,
    "Less": operator.lt,
    "LessOrEqual": operator.le,
}
OTHERS = """
    Acos Acosh Affine Asin Asinh Atan Atanh BitwiseNot Celu Cos Cosh CumProd CumSum Elu Erf Erfc
    Gelu GroupNormalization HardSigmoid HardSwish Hardmax ImageScaler InstanceNormalization LRN
    LeakyRelu LogSoftmax LpNormalization MeanVarianceNormalization Mish PRelu ParametricSoftplus
    RMSNormalization Relu ReverseSequence RotaryEmbedding ScaledTanh Scatter Selu Shrink Sigmoid
    Sign Sin Sinh Softmax Softplus Softsign SwiGLU Swish Tan Tanh
    TensorScatter ThresholdedRelu Trilu
"""
"""What keeps the first input's sizes and is never worked out."""

RULES: dict[str, ShapeRule] = {
    **dict.fromkeys([*_FUNCTIONS, *OTHERS.split()], function),
    **dict.fromkeys(
        [*_ARITHMETIC, *["Mean", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor"]], arithmetic
    ),
    **dict.fromkeys(COMPARISONS, comparison),
    "BatchNormalization": batch_normalisation,
    "Bernoulli": noise_like,
    "BitCast": bit_cast,
    "Cast": cast,
    "CastLike": cast_like,
    "Clip": clip,
    "Dropout": dropout,
    "IsInf": lambda call: tensor(BOOL, call.dims()),
    "IsNaN": lambda call: tensor(BOOL, call.dims()),
    "RandomNormalLike": noise_like,
    "RandomUniformLike": noise_like,
    "Where": where,
}
