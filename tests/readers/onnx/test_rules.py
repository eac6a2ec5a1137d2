"""Rules of shapes called alone: types, sizes and numbers, worked by hand from the standard."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from struct import pack, unpack
from typing import Any, NamedTuple

import pytest
from tests.rows import each_of

from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.shapes import rule_of
from bncalc.readers.onnx.shapes.products import letter_sizes, matrix_sizes
from bncalc.readers.onnx.tensor import BOOL, DOUBLE, FLOAT, HALF, INT8, INT32, INT64, UINT8
from bncalc.readers.onnx.value import Contradiction, Unknown, Value


class Row(NamedTuple):
    """An operation, its inputs and what it puts out.

    Sizes are floats of these sizes, lists whole numbers, `None` is left out; `of` makes the others.
    """

    op: str
    inputs: Sequence[Any]
    expected: Sequence[Any]
    attributes: Mapping[str, Any] = {}
    opset: int = 17
    domain: str = ""


def of(kind: int, dims: tuple[int, ...], *numbers: float) -> Value:
    """Return a tensor of a type, whose numbers are known if they are given."""
    return Value(kind, dims, numbers or None)


def floats(*numbers: float) -> Value:
    return of(FLOAT, (len(numbers),), *numbers)


def unpacked(number: float) -> float:
    """Return a number as 32 bits hold it."""
    (rounded,) = unpack("<f", pack("<f", number))
    return float(rounded)


def value(given: Any) -> Value | None:
    """Return an input or output as a row has it."""
    match given:
        case None | Value():
            return given
        case tuple():
            return Value(FLOAT, given)
        case list():
            return Value(INT64, (len(given),), tuple(given))
        case int():
            return Value(INT64, (), (given,))
        case float():
            return Value(FLOAT, (), (given,))
    raise TypeError(given)


def call_of(row: Row) -> OnnxCall:
    inputs = tuple([value(given) for given in row.inputs])
    attributes = {
        name: given.encode() if isinstance(given, str) else given
        for name, given in row.attributes.items()
    }
    return OnnxCall(row.op, row.domain, row.opset, inputs, attributes, len(row.expected))


def put_out(row: Row) -> list[Value]:
    rule = rule_of(row.domain, row.op)
    assert rule is not None
    made = rule(call_of(row))
    return [made] if isinstance(made, Value) else [*made]


def rows_of(rows: list[Row]) -> Any:
    return each_of(rows, ids=[f"{i}-{row.op}" for i, row in enumerate(rows)])


MS = "com.microsoft"
NCHWC = f"{MS}.nchwc"
SCALED = [0.5, of(INT8, (), 0)]
"""A scale and a zero point."""
INDICES = of(INT64, (2, 7, 4))

ATTENTION = [
    Row("Attention", [(2, 5, 12), (2, 7, 6), (2, 7, 10)],
        [(2, 5, 20), (2, 2, 7, 3), (2, 2, 7, 5), (2, 4, 5, 7)],
        {"q_num_heads": 4, "kv_num_heads": 2}),
    Row("Attention", [(2, 5, 3), (2, 7, 3), (2, 7, 6)],
        [(2, 5, 6), (2, 1, 7, 3), (2, 1, 7, 6), (2, 1, 5, 7)],
        {"q_num_heads": 1, "kv_num_heads": 1}),
    Row("Attention", [(2, 4, 5, 3), (2, 2, 7, 3), (2, 2, 7, 6)],
        [(2, 4, 5, 6), (2, 2, 7, 3), (2, 2, 7, 6), (2, 4, 5, 7)]),
    Row("Attention", [(2, 4, 5, 3), (2, 2, 7, 3), (2, 2, 7, 6), None, (2, 2, 9, 3), (2, 2, 8, 6)],
        [(2, 4, 5, 6), (2, 2, 16, 3), (2, 2, 16, 6), (2, 4, 5, 16)]),
    Row("Attention", [(2, 5, 6), (6, 24)], [(2, 5, 8), (2, 2, 4, 5, 2)],
        {"num_heads": 4}, domain=MS),
    Row("Attention", [(2, 5, 6), (6, 28)], [(2, 5, 12), (2, 2, 4, 5, 2)],
        {"num_heads": 4, "qkv_hidden_sizes": (8, 8, 12)}, domain=MS),
    Row("Attention", [(2, 5, 6), (6, 24), (24,), None, (2, 2, 4, 3, 9)],
        [(2, 5, 8), (2, 2, 4, 8, 2)], {"num_heads": 4}, domain=MS),
    Row("QAttention", [of(UINT8, (2, 5, 6)), of(INT8, (6, 24)), (24,), of(DOUBLE, ()), (),
        None, None, None, (2, 2, 4, 3, 9)],
        [of(DOUBLE, (2, 5, 8)), of(DOUBLE, (2, 2, 4, 8, 2))], {"num_heads": 4}, domain=MS),
    Row("MultiHeadAttention", [(2, 5, 12), (2, 7, 12), (2, 7, 20)],
        [(2, 5, 20), (2, 4, 7, 3), (2, 4, 7, 5), (2, 4, 5, 7)], {"num_heads": 4}, domain=MS),
    Row("MultiHeadAttention", [(2, 5, 12), (2, 4, 7, 3), (2, 4, 7, 5)],
        [(2, 5, 20), (2, 4, 7, 3), (2, 4, 7, 5), (2, 4, 5, 7)], {"num_heads": 4}, domain=MS),
    Row("MultiHeadAttention", [(2, 5, 12), (2, 7, 4, 2, 3), None, None, None, None, (2, 4, 9, 3)],
        [(2, 5, 12), (2, 4, 16, 3), (2, 4, 16, 3), (2, 4, 5, 16)], {"num_heads": 4}, domain=MS),
    Row("MultiHeadAttention", [(2, 5, 4, 3, 6), None, None, None, None, None, (2, 4, 9, 6)],
        [(2, 5, 24), (2, 4, 14, 6), (2, 4, 14, 6), (2, 4, 5, 14)], {"num_heads": 4}, domain=MS),
    Row("MultiHeadAttention", [(2, 5, 12), (2, 7, 12), (2, 7, 20), *[None] * 3, (2, 4, 9, 3)],
        [(2, 5, 20), (2, 4, 16, 3), (2, 4, 16, 5), (2, 4, 5, 16)], {"num_heads": 4}, domain=MS),
    Row("GroupQueryAttention", [(2, 5, 12), (2, 5, 6), (2, 5, 6)],
        [(2, 5, 12), (2, 2, 5, 3), (2, 2, 5, 3), (2, 4, 5, 5)],
        {"num_heads": 4, "kv_num_heads": 2}, domain=MS),
    Row("GroupQueryAttention", [(2, 5, 24), None, (9,), (2, 2, 9, 3), (2, 2, 8, 3)],
        [(2, 5, 12), (2, 2, 14, 3), (2, 2, 14, 3), (2, 4, 5, 14)],
        {"num_heads": 4, "kv_num_heads": 2}, domain=MS),
    Row("GroupQueryAttention", [(2, 5, 12), (2, 5, 6), (2, 5, 6), None, None, None, 20],
        [(2, 5, 12), (2, 2, 20, 3), (2, 2, 20, 3), (2, 4, 5, 20)],
        {"num_heads": 4, "kv_num_heads": 2}, domain=MS),
    Row("GroupQueryAttention", [(2, 5, 12), (2, 5, 6), (2, 5, 6), *[None] * 3, of(INT64, ())],
        [(2, 5, 12), (2, 2, 5, 3), (2, 2, 5, 3), (2, 4, 5, 5)],
        {"num_heads": 4, "kv_num_heads": 2}, domain=MS),
]  # fmt: skip

CONTRIBUTED = [
    Row("QLinearAdd", [of(UINT8, (2, 1, 4)), *SCALED, of(INT8, (3, 1)), *SCALED, *SCALED],
        [of(UINT8, (2, 3, 4))], domain=MS),
    Row("QLinearWhere", [of(BOOL, (2, 1, 1)), of(INT8, (3, 1)), *SCALED, of(UINT8, (4,)), *SCALED],
        [of(INT8, (2, 3, 4))], domain=MS),
    Row("QLinearConcat", [*SCALED, of(INT8, (2, 3, 4)), *SCALED, of(UINT8, (2, 5, 4)), *SCALED],
        [of(INT8, (2, 8, 4))], {"axis": 1}, domain=MS),
    Row("QLinearConcat", [*SCALED, of(INT8, (2, 3, 4)), *SCALED, of(UINT8, (5, 3, 4)), *SCALED],
        [of(INT8, (7, 3, 4))], domain=MS),
    Row("FusedMatMul", [(7, 2, 3, 5), (2, 3, 4)], [(7, 2, 5, 4)], {"transA": 1}, domain=MS),
    Row("FusedMatMul", [(2, 3, 5), (7, 2, 4, 5)], [(7, 2, 3, 4)], {"transB": 1}, domain=MS),
    Row("QLinearGlobalAveragePool", [of(UINT8, (2, 5, 7)), *SCALED], [of(UINT8, (2, 1, 7))],
        {"channels_last": 1}, domain=MS),
    Row("QLinearAveragePool", [of(UINT8, (2, 5, 7)), *SCALED], [of(UINT8, (2, 4, 7))],
        {"channels_last": 1, "kernel_shape": (2,)}, domain=MS),
    Row("QLinearAveragePool", [of(UINT8, (2, 7, 5)), *SCALED], [of(UINT8, (2, 7, 4)), INDICES],
        {"kernel_shape": (2,)}, domain=MS),
    Row("MatMulNBits", [(2, 5, 6), of(UINT8, (4, 1, 3))], [(2, 5, 4)], {"N": 4, "K": 6}, domain=MS),
    Row("MatMulNBits", [(5, 6), of(UINT8, (4, 1, 6))], [(5, 4)],
        {"N": 4, "K": 6, "bits": 8}, domain=MS),
    Row("MatMulIntegerToFloat", [of(UINT8, (5, 6)), of(INT8, (6, 4))], [(5, 4)], domain=MS),
    Row("EmbedLayerNormalization",
        [of(INT32, (2, 5)), None, of(HALF, (30, 8)), (9, 7), None, (7,), (7,)],
        [of(HALF, (2, 5, 8)), of(INT32, (2,)), of(HALF, (2, 5, 8))], domain=MS),
    Row("QEmbedLayerNormalization",
        [of(INT32, (2, 5)), None, of(INT8, (30, 8)), *[None] * 5, of(HALF, ()), of(DOUBLE, ())],
        [of(HALF, (2, 5, 8)), of(INT32, (2,)), of(HALF, (2, 5, 8))], domain=MS),
    Row("GatherBlockQuantized", [of(UINT8, (30, 3, 8)), of(INT64, (2, 5)), of(HALF, (30, 3, 1))],
        [of(HALF, (2, 5, 3, 16))], domain=MS),
    Row("GatherBlockQuantized", [of(UINT8, (30, 3, 8)), of(INT64, (2, 5)), of(HALF, (30, 3, 1))],
        [of(HALF, (30, 2, 5, 8))], {"gather_axis": 1, "bits": 8}, domain=MS),
    Row("SkipLayerNormalization", [of(HALF, (2, 5, 8)), (2, 5, 8)],
        [of(HALF, (2, 5, 8)), (2, 5, 1), (2, 5, 1), of(HALF, (2, 5, 8))], domain=MS),
    Row("QGemm", [of(UINT8, (6, 2)), *SCALED, of(INT8, (6, 4)), *SCALED, None, 0.5],
        [of(UINT8, (2, 4))], {"transA": 1}, domain=MS),
    Row("QGemm", [of(UINT8, (2, 6)), *SCALED, of(INT8, (4, 6)), *SCALED], [(2, 4)],
        {"transB": 1}, domain=MS),
]  # fmt: skip

JOINED = [
    Row("Identity", [[3, -2]], [[3, -2]]),
    Row("Identity", [(2, 3)], [(2, 3)]),
    Row("Relu", [[3, -2]], [of(INT64, (2,))]),
    Row("Relu", [(1,) * 16], [(1,) * 16]),
    Row("Relu", [(2**40,)], [(2**40,)]),
    Row("Abs", [[3, -2]], [[3, 2]]),
    Row("Neg", [[3, -2]], [[-3, 2]]),
    Row("Not", [of(BOOL, (2,), True, False)], [of(BOOL, (2,), False, True)]),
    Row("Ceil", [1.5], [2.0]),
    Row("Floor", [-1.5], [-2.0]),
    Row("Round", [2.5], [2.0]),
    Row("Sqrt", [2.25], [1.5]),
    Row("Sqrt", [-1.0], [of(FLOAT, ())]),
    Row("Exp", [0.0], [1.0]),
    Row("Exp", [1e9], [of(FLOAT, ())]),
    Row("Log", [1.0], [0.0]),
    Row("Log", [0.0], [of(FLOAT, ())]),
    Row("Reciprocal", [4.0], [0.25]),
    Row("Reciprocal", [0.0], [of(FLOAT, ())]),
    Row("Add", [[1, 2, 3], [10]], [[11, 12, 13]]),
    Row("Add", [of(INT64, (2, 1), 1, 2), [10, 20]], [of(INT64, (2, 2), 11, 21, 12, 22)]),
    Row("Add", [[1, 2, 3], of(INT64, (3,))], [of(INT64, (3,))]),
    Row("Add", [of(INT64, (3,)), [1, 2, 3]], [of(INT64, (3,))]),
    Row("Add", [of(INT64, (64, 1), *range(64)), of(INT64, (1, 65), *range(65))],
        [of(INT64, (64, 65))]),
    Row("Sub", [[5, 7], 2], [[3, 5]]),
    Row("Mul", [[5, 7], 2], [[10, 14]]),
    Row("Mul", [0.1, 3.0], [unpacked(0.1 * 3.0)]),
    Row("Div", [[7, -7, 7, -7, 0, 6], [2, 2, -2, -2, 2, -3]], [[3, -3, -3, 3, 0, -2]]),
    Row("Div", [[7, 7], [1, -1]], [[7, -7]]),
    Row("Div", [[0, 1], [3, 2]], [[0, 0]]),
    Row("Div", [-1, 1], [-1]),
    Row("Div", [7.0, 2.0], [3.5]),
    Row("Div", [of(DOUBLE, (), 7), of(DOUBLE, (), 2.0)], [of(DOUBLE, (), 3.5)]),
    Row("Div", [[1], [0]], [of(INT64, (1,))]),
    Row("Mod", [[7, -7], 3], [[1, 2]]),
    Row("Max", [[1, 5], [3, 2], [2, 9]], [[3, 9]]),
    Row("Min", [[1, 5], [3, 2], [2, 9]], [[1, 2]]),
    Row("Max", [[1, 5]], [[1, 5]]),
    Row("Sum", [[1, 5], [3, 2], [2, 9]], [[6, 16]]),
    Row("Mean", [[1, 5], [3, 2]], [of(INT64, (2,))]),
    Row("Pow", [[2, 3], [3, 2]], [[8, 9]]),
    Row("Pow", [2, 64], [of(INT64, ())]),
    Row("Pow", [1, 64], [1]),
    Row("Pow", [1, 65], [of(INT64, ())]),
    Row("Pow", [2.0, -1.0], [0.5]),
    Row("And", [of(BOOL, (2,), True, True), of(BOOL, (2,), True, False)],
        [of(BOOL, (2,), True, False)]),
    Row("Or", [of(BOOL, (2,), False, True), of(BOOL, (2,), False, False)],
        [of(BOOL, (2,), False, True)]),
    Row("Xor", [of(BOOL, (2,), True, True), of(BOOL, (2,), True, False)],
        [of(BOOL, (2,), False, True)]),
    Row("Equal", [[1, 2, 3], 2], [of(BOOL, (3,), False, True, False)]),
    Row("Greater", [[1, 2, 3], 2], [of(BOOL, (3,), False, False, True)]),
    Row("GreaterOrEqual", [[1, 2, 3], 2], [of(BOOL, (3,), False, True, True)]),
    Row("Less", [[1, 2, 3], 2], [of(BOOL, (3,), True, False, False)]),
    Row("LessOrEqual", [[1, 2, 3], 2], [of(BOOL, (3,), True, True, False)]),
    Row("Where", [of(BOOL, (2, 1), True, False), [1, 2], of(INT32, (), 9)],
        [of(INT64, (2, 2), 1, 2, 9, 9)]),
    Row("Where", [of(BOOL, (2, 1, 1)), of(HALF, (3, 1)), (4,)], [of(HALF, (2, 3, 4))]),
    Row("Cast", [of(FLOAT, (3,), 2.7, -2.7, 0.0)], [[2, -2, 0]], {"to": INT64}),
    Row("Cast", [of(FLOAT, (2,), float("nan"), 1.0)], [of(INT64, (2,))], {"to": INT64}),
    Row("Cast", [of(FLOAT, (2,), 0.5, 0.0)], [of(BOOL, (2,), True, False)], {"to": BOOL}),
    Row("Cast", [(2, 3)], [of(BOOL, (2, 3))], {"to": BOOL}),
    Row("Cast", [(2, 3)], [of(INT64, (2, 3))], {"to": INT64}),
    Row("Cast", [(2, 3)], [of(HALF, (2, 3))], {"to": HALF}),
    Row("Cast", [[1, 2]], [of(DOUBLE, (2,), 1.0, 2.0)], {"to": DOUBLE}),
    Row("CastLike", [(2, 3), of(INT8, ()), of(HALF, ())], [of(INT8, (2, 3))]),
    Row("BitCast", [(2, 3)], [of(INT32, (2, 3))], {"to": INT32}),
    Row("RandomNormalLike", [of(HALF, (2, 3))], [of(HALF, (2, 3))]),
    Row("Bernoulli", [(2, 3)], [of(DOUBLE, (2, 3))], {"dtype": DOUBLE}),
    Row("Clip", [[1, 5, 9], 3, 7], [[3, 5, 7]]),
    Row("Clip", [[1, 5, 9], None, 7], [[1, 5, 7]]),
    Row("Clip", [[1, 5, 9], 3], [[3, 5, 9]]),
    Row("Clip", [[1, 5, 9]], [[1, 5, 9]]),
    Row("Clip", [[1, 5, 9], 3, of(INT64, ())], [of(INT64, (3,))]),
    Row("Clip", [[1, 5, 9], of(INT64, ()), 7], [of(INT64, (3,))]),
    Row("Clip", [[1, 5, 9]], [of(INT64, (3,))], {"min": 2.0}, 6),
    Row("Clip", [(2, 3), 3.0, 7.0], [(2, 3)]),
    Row("Dropout", [of(HALF, (2, 3))], [of(HALF, (2, 3)), of(BOOL, (2, 3))]),
    Row("IsNaN", [(2, 3)], [of(BOOL, (2, 3))]),
    Row("IsInf", [(2, 3)], [of(BOOL, (2, 3))]),
    Row("Mul", [[2**40], [2**22]], [[2**62]]),
    Row("Mul", [[2**40], [-(2**23)]], [[-(2**63)]]),
    Row("Mul", [[2**40], [2**24]], [of(INT64, (1,))]),
    Row("Sub", [[-(2**63)], [1]], [of(INT64, (1,))]),
]  # fmt: skip

GATHERED = [
    Row("Gather", [[5, 6, 7], [2, -1, 0]], [[7, 7, 5]]),
    Row("Gather", [[5, 6, 7], 1], [6]),
    Row("Gather", [of(INT64, (2, 3), *range(6)), [2, 0]], [of(INT64, (2, 2), 2, 0, 5, 3)],
        {"axis": 1}),
    Row("Gather", [of(INT64, (2, 3), *range(6)), 1], [[1, 4]], {"axis": -1}),
    Row("Gather", [(4, 5, 6), of(INT64, (2, 3))], [(4, 2, 3, 6)], {"axis": 1}),
    Row("Gather", [[5, 6, 7], of(INT64, (2,))], [of(INT64, (2,))]),
    Row("Gather", [of(INT64, (3,)), [1]], [of(INT64, (1,))]),
    Row("Gather", [of(INT64, (2, 64), *range(128)), of(INT64, (65,), *[0] * 65)],
        [of(INT64, (65, 64))]),
    Row("GatherElements", [of(HALF, (4, 5)), of(INT64, (2, 3))], [of(HALF, (2, 3))]),
    Row("GatherND", [(4, 5), of(INT64, ())], [(4, 5)]),
    Row("GatherND", [(4, 5, 6, 7), of(INT64, (8, 2))], [(8, 6, 7)]),
    Row("GatherND", [(4, 5, 6, 7), of(INT64, (4, 8, 2))], [(4, 8, 7)], {"batch_dims": 1}),
    Row("NonZero", [[0, 3, 0, 4]], [of(INT64, (1, 2), 1, 3)]),
    Row("Compress", [of(FLOAT, (2, 3)), of(BOOL, (3,), 1, 0, 1)], [of(FLOAT, (2,))]),
    Row("Compress", [of(FLOAT, (2, 3)), of(BOOL, (3,), 1, 0, 1)], [of(FLOAT, (2, 2))],
        {"axis": -1}),
    Row("NonZero", [of(INT64, (2, 3), 0, 1, 2, 3, 0, 0)],
        [of(INT64, (2, 3), 0, 0, 1, 1, 2, 0)]),
    Row("ScatterND", [[1, 2, 3], of(INT64, (1, 1), 1), [9]], [[1, 9, 3]]),
    Row("ScatterElements", [[1, 2, 3], [2, -3], [8, 9]], [[9, 2, 8]]),
    Row("ScatterElements", [[1, 2, 3], of(INT64, (1,)), [9]], [of(INT64, (3,))]),
    Row("ScatterElements", [[1, 2, 3], [2], of(INT64, (1,))], [of(INT64, (3,))]),
    Row("ScatterElements", [of(INT64, (3,)), [2], [9]], [of(INT64, (3,))]),
    Row("ScatterElements", [of(INT64, (1, 2), 1, 2), of(INT64, (1, 1), 1), of(INT64, (1, 1), 9)],
        [of(INT64, (1, 2))]),
    Row("OneHot", [[0, 2], 3, [7, 9]], [of(INT64, (2, 3), 9, 7, 7, 7, 7, 9)]),
    Row("OneHot", [[-1], 3, [7, 9]], [of(INT64, (1, 3), 7, 7, 9)]),
    Row("OneHot", [1, 3, [7, 9]], [of(INT64, (3,), 7, 9, 7)]),
    Row("OneHot", [[0, 2], [3], [7, 9]], [of(INT64, (3, 2))], {"axis": 0}),
    Row("OneHot", [of(INT64, (2,)), [3], [7, 9]], [of(INT64, (2, 3))]),
    Row("OneHot", [[0, 2], [3], of(INT64, (2,))], [of(INT64, (2, 3))]),
    Row("OneHot", [[0, 2], [2049], [7, 9]], [of(INT64, (2, 2049))]),
    Row("OneHot", [of(INT64, (2, 5)), [3], of(HALF, (2,))], [of(HALF, (2, 3, 5))], {"axis": 1}),
    Row("OneHot", [[0, 2], [3], [7, 9]], [of(INT64, (3, 2))], {"axis": -2}),
    Row("TopK", [of(HALF, (2, 9)), [4]], [of(HALF, (2, 4)), of(INT64, (2, 4))]),
    Row("TopK", [of(HALF, (9, 2))], [of(HALF, (4, 2)), of(INT64, (4, 2))], {"axis": 0, "k": 4}, 1),
]  # fmt: skip

MOVED = [
    Row("Shape", [(2, 3, 4, 5)], [[2, 3, 4, 5]]),
    Row("Shape", [(2, 3, 4, 5)], [[3, 4]], {"start": 1, "end": -1}),
    Row("Size", [(2, 3, 4)], [24]),
    Row("Reshape", [[1, 2, 3, 4, 5, 6], [2, -1]], [of(INT64, (2, 3), 1, 2, 3, 4, 5, 6)]),
    Row("Reshape", [(2, 3, 4), [0, 0, 2, 2]], [(2, 3, 2, 2)]),
    Row("Reshape", [(2, 12)], [(2, 3, 4)], {"shape": (0, 3, 4)}, 1),
    Row("Reshape", [(0, 3), [0, 7, 3]], [(0, 7, 3)]),
    Row("Reshape", [(0, 3), [3, 0]], [(3, 0)], {"allowzero": 1}),
    Row("Flatten", [(2, 3, 4, 5)], [(2, 60)]),
    Row("Flatten", [(2, 3, 4, 5)], [(1, 120)], {"axis": 0}),
    Row("Flatten", [(2, 3, 4, 5)], [(24, 5)], {"axis": -1}),
    Row("Squeeze", [of(INT64, (1, 2, 1), 5, 6)], [[5, 6]]),
    Row("Squeeze", [(1, 2, 1), [0]], [(2, 1)]),
    Row("Squeeze", [(1, 2, 1), [-1]], [(1, 2)]),
    Row("Unsqueeze", [[5, 6], [0, -1]], [of(INT64, (1, 2, 1), 5, 6)]),
    Row("Unsqueeze", [(2, 3), [3, 0]], [(1, 2, 3, 1)]),
    Row("Unsqueeze", [(2, 3)], [(2, 3)]),
    Row("Transpose", [of(INT64, (2, 3), *range(6))], [of(INT64, (3, 2), 0, 3, 1, 4, 2, 5)]),
    Row("Transpose", [of(INT64, (1, 2, 3), *range(6))],
        [of(INT64, (2, 3, 1), 0, 1, 2, 3, 4, 5)], {"perm": (1, 2, 0)}),
    Row("Concat", [[1, 2], [3]], [[1, 2, 3]], {"axis": 0}),
    Row("Concat", [of(INT64, (2, 2, 1), *range(4)), of(INT64, (2, 1, 1), 8, 9)],
        [of(INT64, (2, 3, 1), 0, 1, 8, 2, 3, 9)], {"axis": 1}),
    Row("Concat", [[1, 2], of(INT64, (1,))], [of(INT64, (3,))], {"axis": 0}),
    Row("Concat", [[1, 2]], [[1, 2]], {"axis": 0}),
    Row("Slice", [[1, 2, 3, 4, 5], [1], [4]], [[2, 3, 4]]),
    Row("Slice", [[1, 2, 3, 4, 5], [-1], [-6], None, [-2]], [[5, 3, 1]]),
    Row("Slice", [[1, 2, 3, 4, 5], [-1], [-5], None, [-2]], [[5, 3]]),
    Row("Slice", [(4, 5, 6), [1, 1], [99, -1]], [(3, 3, 6)]),
    Row("Slice", [(4, 5, 6), [1], [3], [-1]], [(4, 5, 2)]),
    Row("Slice", [(4, 5, 6)], [(4, 3, 6)], {"starts": (2,), "ends": (99,), "axes": (1,)}, 9),
    Row("Split", [[1, 2, 3, 4, 5], [2, 3]], [[1, 2], [3, 4, 5]]),
    Row("Split", [(2, 7), None], [(2, 3), (2, 3), (2, 1)], {"axis": 1, "num_outputs": 3}, 18),
    Row("Split", [(6, 2)], [(3, 2), (3, 2)]),
    Row("Split", [(6, 2)], [(6, 2)], {"num_outputs": 0}, 18),
    Row("Expand", [of(INT64, (2, 1), 1, 2), [1, 2]], [of(INT64, (2, 2), 1, 1, 2, 2)]),
    Row("Expand", [[1, 2], [2, 1]], [of(INT64, (2, 2), 1, 2, 1, 2)]),
    Row("Expand", [[1], [4097]], [of(INT64, (4097,))]),
    Row("Expand", [(2, 1), [3]], [(2, 3)]),
    Row("Tile", [of(INT64, (2, 2), 1, 2, 3, 4), [2, 1]],
        [of(INT64, (4, 2), 1, 2, 3, 4, 1, 2, 3, 4)]),
    Row("Tile", [of(INT64, (1, 2), 1, 2), [1, 2]], [of(INT64, (1, 4), 1, 2, 1, 2)]),
    Row("Tile", [[1], [4097]], [of(INT64, (4097,))]),
    Row("Tile", [[1, 2], [0]], [[]]),
    Row("Tile", [(2, 3), [4, 5]], [(8, 15)]),
    Row("Pad", [(2, 3), [1, 2, 3, 4]], [(6, 9)]),
    Row("Pad", [(2, 3), [1, 2], None, [-1]], [(2, 6)]),
    Row("Pad", [(2, 3)], [(6, 9)], {"pads": (1, 2, 3, 4)}, 2),
    Row("Pad", [(2, 3)], [(6, 9)], {"paddings": (1, 2, 3, 4)}, 1),
    Row("ConstantOfShape", [[2, 2]], [of(FLOAT, (2, 2), 0, 0, 0, 0)]),
    Row("ConstantOfShape", [[2]], [[7, 7]], {"value": of(INT64, (1,), 7)}),
    Row("ConstantOfShape", [[4096]], [of(FLOAT, (4096,), *[0.0] * 4096)]),
    Row("ConstantOfShape", [[4097]], [(4097,)]),
    Row("ConstantOfShape", [[2]], [of(HALF, (2,))], {"value": of(HALF, (1,))}),
    Row("Range", [3, 10, 3], [[3, 6, 9]]),
    Row("Range", [3, 9, 3], [[3, 6]]),
    Row("Range", [5, 0, -2], [[5, 3, 1]]),
    Row("Range", [5, 1, 1], [[]]),
    Row("DepthToSpace", [(2, 18, 3, 5)], [(2, 2, 9, 15)], {"blocksize": 3}),
    Row("SpaceToDepth", [(2, 2, 9, 15)], [(2, 18, 3, 5)], {"blocksize": 3}),
    Row("DepthToSpace", [(2, 18, 3, 5)], [(2, 18, 3, 5)]),
    Row("SpaceToDepth", [(2, 18, 3, 5)], [(2, 18, 3, 5)]),
    Row("EyeLike", [of(HALF, (2, 3))], [of(HALF, (2, 3))]),
    Row("EyeLike", [of(HALF, (2, 3))], [of(INT8, (2, 3))], {"dtype": INT8}),
    Row("CenterCropPad", [(2, 3, 4), [7, 8]], [(2, 8, 7)], {"axes": (-1, 1)}),
    Row("CenterCropPad", [(2, 3), [7, 8]], [(7, 8)]),
    Row("RandomNormal", [], [(2, 3)], {"shape": (2, 3)}),
    Row("RandomUniform", [], [of(DOUBLE, (2, 3))], {"shape": (2, 3), "dtype": DOUBLE}),
]  # fmt: skip

OTHERS = [
    Row("ReduceSum", [[1, 2, 3]], [[6]]),
    Row("ReduceMax", [[1, 3, 2]], [3], {"keepdims": 0}),
    Row("ReduceMin", [[2, 1, 3]], [[1]]),
    Row("ReduceProd", [[2, 3, 4], [0]], [24], {"keepdims": 0}),
    Row("ReduceMean", [[2, 3, 4]], [of(INT64, (1,))]),
    Row("ReduceSum", [of(INT64, (2, 2), 1, 2, 3, 4), [0]], [of(INT64, (1, 2))]),
    Row("ReduceSum", [of(INT64, (2, 2), 1, 2, 3, 4), [0, -1]], [of(INT64, (1, 1), 10)]),
    Row("ReduceSum", [(2, 3)], [(2, 3)], {"noop_with_empty_axes": 1}),
    Row("ReduceSum", [(2, 3, 4), [-1, 0]], [(3,)], {"keepdims": 0}),
    Row("ReduceSum", [(2, 3, 4)], [(2, 1, 4)], {"axes": (1,)}, 11),
    Row("ArgMax", [(2, 3, 4)], [of(INT64, (1, 3, 4))]),
    Row("ArgMin", [(2, 3, 4)], [of(INT64, (2, 3))], {"axis": -1, "keepdims": 0}),
    Row("LayerNormalization", [of(HALF, (2, 3, 4)), (4,)],
        [of(HALF, (2, 3, 4)), (2, 3, 1), (2, 3, 1)]),
    Row("LayerNormalization", [(2, 3, 4), (3, 4)], [(2, 3, 4), (2, 1, 1), (2, 1, 1)], {"axis": 1}),
    Row("SimplifiedLayerNormalization", [of(HALF, (2, 3, 4)), (4,)],
        [of(HALF, (2, 3, 4)), (2, 3, 1)]),
    Row("BatchNormalization", [of(HALF, (2, 3, 4)), (3,), of(HALF, (9,))],
        [of(HALF, (2, 3, 4)), *[(3,)] * 4]),
    Row("QuantizeLinear", [(2, 3), 0.5], [of(UINT8, (2, 3))]),
    Row("QuantizeLinear", [(2, 3), 0.5, of(INT8, (), 3)], [of(INT8, (2, 3))]),
    Row("QuantizeLinear", [(2, 3), 0.5], [of(INT8, (2, 3))], {"output_dtype": INT8}, 21),
    Row("QuantizeLinear", [floats(1.0, 2.5), 0.5, of(INT8, (), 3)], [of(INT8, (2,), 5, 8)]),
    Row("QuantizeLinear", [of(FLOAT, (1,), 1.0), 0.5], [of(UINT8, (1,), 2)]),
    Row("QuantizeLinear", [floats(1.0, 2.5), floats(0.5, 0.25)],
        [of(UINT8, (2,))]),
    Row("QuantizeLinear", [floats(1.0, 2.5), of(FLOAT, ())], [of(UINT8, (2,))]),
    Row("QuantizeLinear", [floats(1.0, 2.5), 0.5, of(INT8, ())], [of(INT8, (2,))]),
    Row("DequantizeLinear", [of(INT8, (2,), 5, 8), of(HALF, (), 0.5), of(INT8, (), 3)],
        [of(HALF, (2,), 1.0, 2.5)]),
    Row("DequantizeLinear", [of(INT8, (2,), 5, 8), of(HALF, ())], [of(HALF, (2,))]),
    Row("DequantizeLinear", [of(INT8, (2, 3)), of(HALF, (), 0.5)], [of(HALF, (2, 3))]),
    Row("DynamicQuantizeLinear", [(2, 3)], [of(UINT8, (2, 3)), (), of(UINT8, ())]),
    Row("DFT", [(2, 12, 1)], [(2, 12, 2)], {"axis": 1}),
    Row("DFT", [(2, 12, 5, 1)], [(2, 12, 3, 2)], {"onesided": 1}, 20),
    Row("DFT", [(2, 12, 1)], [(2, 7, 2)], {"onesided": 1}, 20),
    Row("DFT", [(2, 12, 1), 9], [(2, 9, 2)], {"axis": 1}),
    Row("DFT", [(2, 12, 1), None, 0], [(2, 12, 2)], {"onesided": 1}, 20),
    Row("DFT", [(2, 7, 2)], [(2, 12, 1)], {"axis": 1, "onesided": 1, "inverse": 1}),
    Row("DFT", [(2, 7, 2), 13], [(2, 13, 1)], {"axis": 1, "onesided": 1, "inverse": 1}),
    Row("DFT", [(2, 7, 2)], [(2, 7, 2)], {"axis": 1, "inverse": 1}),
    Row("STFT", [(2, 64, 1), 8, None, 16], [(2, 7, 9, 2)]),
    Row("STFT", [(2, 64, 1), 8, (20,)], [(2, 6, 20, 2)], {"onesided": 0}),
    Row("HannWindow", [10], [(10,)]),
    Row("HannWindow", [10], [of(DOUBLE, (10,))], {"output_datatype": DOUBLE}),
    Row("MelWeightMatrix", [8, 16, 8000, 0.0, 4000.0], [(9, 8)]),
    Row("MelWeightMatrix", [8, 16, 8000], [of(DOUBLE, (9, 8))], {"output_datatype": DOUBLE}),
    Row("QLinearMatMul", [of(INT8, (2, 5, 6)), *SCALED, of(INT8, (6, 4)), *SCALED, *SCALED],
        [of(INT8, (2, 5, 4))]),
    Row("MatMulInteger", [of(INT8, (2, 5, 6)), of(INT8, (6, 4))], [of(INT32, (2, 5, 4))]),
    Row("Einsum", [(2, 3, 4, 5), (2, 5, 6)], [(2, 3, 4, 6)], {"equation": "b...ij, bjk -> b...ik"}),
    Row("Einsum", [(2, 3, 4), (4, 3, 5)], [(5, 2)], {"equation": "iab,bac"}),
    Row("Einsum", [(7, 2, 3), (3, 4)], [(7, 2, 4)], {"equation": "...ij,jk"}),
    Row("Einsum", [(1, 3), (2, 3)], [(2, 3)], {"equation": "ij,ij->ij"}),
    Row("Einsum", [(2, 3), (1, 3)], [(2, 3)], {"equation": "ij,ij->ij"}),
    Row("LSTM", [(7, 2, 4), (2, 20, 4), (9, 20, 5)], [(7, 2, 2, 5), (2, 2, 5), (2, 2, 5)],
        {"hidden_size": 5}),
    Row("GRU", [(2, 7, 4), (3, 15, 4), (3, 15, 5)], [(2, 7, 3, 5), (2, 3, 5), (2, 3, 5)],
        {"hidden_size": 5, "layout": 1}),
]  # fmt: skip

WINDOWS = [
    Row("Conv", [(2, 3, 9, 11), (6, 3, 3, 5)], [(2, 6, 7, 7)]),
    Row("ConvInteger", [of(UINT8, (2, 3, 9)), of(INT8, (6, 3, 3))], [of(INT32, (2, 6, 7))]),
    Row("QLinearConv", [of(INT8, (2, 3, 9)), *SCALED, of(INT8, (6, 3, 3)), *SCALED, *SCALED],
        [of(INT8, (2, 6, 7))]),
    Row("DeformConv", [(2, 3, 9, 9), (6, 3, 3, 3)], [(2, 6, 7, 7)]),
    Row("ConvTranspose", [(2, 3, 5), (3, 4, 3)], [(2, 8, 14)],
        {"strides": (2,), "dilations": (3,), "pads": (0, 2), "output_padding": (1,), "group": 2}),
    Row("ConvTranspose", [(2, 3, 5), (3, 4, 3)], [(2, 4, 10)],
        {"strides": (2,), "auto_pad": "SAME_LOWER"}),
    # a stride that is larger than the window: the last window ends before it
    Row("ConvTranspose", [(2, 3, 9), (3, 4, 2)], [(2, 4, 26)],
        {"strides": (3,), "auto_pad": "SAME_UPPER"}),
    Row("ConvTranspose", [(2, 3, 9), (3, 4, 2)], [(2, 4, 27)],
        {"strides": (3,), "auto_pad": "SAME_UPPER", "output_padding": (2,)}),
    Row("ConvTranspose", [(2, 3, 5, 5), (3, 4, 3, 3)], [(2, 4, 17, 19)],
        {"output_shape": (17, 19), "strides": (3, 3)}),
    Row("ConvTranspose", [(2, 3, 5, 5), (3, 4, 3, 3)], [(2, 4, 17, 19)],
        {"output_shape": (2, 4, 17, 19), "strides": (3, 3), "auto_pad": "SAME_UPPER"}),
    Row("MaxPool", [of(HALF, (2, 3, 8))], [of(HALF, (2, 3, 4)), of(INT64, (2, 3, 4))],
        {"kernel_shape": (3,), "strides": (2,), "pads": (0, 1)}),
    Row("MaxPool", [(2, 3, 8)], [(2, 3, 3), of(INT64, (2, 3, 3))],
        {"kernel_shape": (2,), "strides": (3,), "pads": (1, 1), "ceil_mode": 1}),
    Row("MaxPool", [(2, 3, 9)], [(2, 3, 4), of(INT64, (2, 3, 4))],
        {"kernel_shape": (2,), "strides": (3,), "pads": (1, 0), "ceil_mode": 1}),
    Row("MaxPool", [(2, 3, 8)], [(2, 3, 4), of(INT64, (2, 3, 4))],
        {"kernel_shape": (2,), "strides": (2,), "ceil_mode": 1}),
    Row("MaxPool", [(2, 3, 9)], [(2, 3, 4), of(INT64, (2, 3, 4))],
        {"kernel_shape": (1,), "strides": (3,), "pads": (0, 2), "ceil_mode": 1}),
    # one window that is larger than the map, by less than a stride
    Row("MaxPool", [(2, 3, 2)], [(2, 3, 1), of(INT64, (2, 3, 1))],
        {"kernel_shape": (4,), "strides": (4,), "auto_pad": "VALID"}),
    Row("MaxPool", [(2, 3, 0)], [(2, 3, 0), of(INT64, (2, 3, 0))], {"kernel_shape": (1,)}),
    Row("MaxPool", [(2, 3, 8)], [(2, 3, 3), of(INT64, (2, 3, 3))],
        {"kernel_shape": (3,), "strides": (2,), "pads": (1, 1), "auto_pad": "VALID"}),
    Row("MaxPool", [(2, 3, 7)], [(2, 3, 4), of(INT64, (2, 3, 4))],
        {"kernel_shape": (3,), "strides": (2,), "auto_pad": "SAME_LOWER"}),
    Row("GlobalMaxPool", [of(HALF, (2, 3, 7, 9))], [of(HALF, (2, 3, 1, 1))]),
    Row("Col2Im", [of(HALF, (2, 12, 20)), [5, 6], [2, 3]], [of(HALF, (2, 2, 5, 6))]),
    Row("Resize", [(2, 3, 5), floats(1.0, 1.0, 2.0)], [(2, 3, 10)], {}, 10),
    Row("Resize", [(2, 3, 5), None, floats(1.0, 1.0, 2.5)], [(2, 3, 12)]),
    Row("Resize", [(2, 3, 5), None, floats(2.0), None], [(2, 3, 10)], {"axes": (-1,)}, 18),
    Row("Resize", [(2, 3, 5), None, floats(1.0, 1.0, 2.0), []], [(2, 3, 10)]),
    Row("Resize", [(2, 3, 5), None, None, [2, 3, 11]], [(2, 3, 11)]),
    Row("Resize", [(2, 3, 10, 20), None, None, [7, 10]], [(2, 3, 7, 14)],
        {"axes": (2, 3), "keep_aspect_ratio_policy": "not_smaller"}, 18),
    Row("Resize", [(2, 3, 10, 20), None, None, [7, 10]], [(2, 3, 5, 10)],
        {"axes": (2, 3), "keep_aspect_ratio_policy": "not_larger"}, 18),
    Row("Resize", [(2, 3, 10, 21), None, None, [7, 10]], [(2, 3, 5, 10)],
        {"axes": (2, 3), "keep_aspect_ratio_policy": "not_larger"}, 18),
    Row("Resize", [(2, 3, 5), (0,), floats(1.0, 1.0, 2.0)], [(2, 3, 10)], {}, 11),
    Row("Upsample", [(2, 3, 5), floats(1.0, 1.0, 2.0)], [(2, 3, 10)], {}, 9),
    Row("Upsample", [(2, 3, 5)], [(2, 3, 10)], {"scales": (1.0, 1.0, 2.0)}, 7),
    Row("GridSample", [(2, 3, 5, 6), (2, 7, 8, 2)], [(2, 3, 7, 8)]),
    Row("RoiAlign", [(2, 3, 5, 6), (9, 4), of(INT64, (8,))], [(9, 3, 1, 1)]),
    Row("RoiAlign", [(2, 3, 5, 6), (9, 4), of(INT64, (9,))], [(9, 3, 2, 4)],
        {"output_height": 2, "output_width": 4}),
    Row("MaxRoiPool", [(2, 3, 5, 6), (9, 5)], [(9, 3, 2, 4)], {"pooled_shape": (2, 4)}),
    Row("AffineGrid", [of(HALF, (2, 3, 4)), [2, 3, 5, 6, 7]], [of(HALF, (2, 5, 6, 7, 3))], {}, 20),
    Row("Expand", [[3], [2**40, 0]], [of(INT64, (2**40, 0))]),
    Row("MaxUnpool", [(2, 3, 4), of(INT64, (2, 3, 4)), [2, 3, 11]], [(2, 3, 11)]),
    Row("MaxUnpool", [(2, 3, 4), of(INT64, (2, 3, 4))], [(2, 3, 10)],
        {"kernel_shape": (4,), "strides": (3,), "pads": (1, 2)}),
]  # fmt: skip


@rows_of([*ATTENTION, *CONTRIBUTED, *JOINED, *GATHERED, *MOVED, *OTHERS, *WINDOWS])
def test_types_sizes_and_numbers_are_those_of_the_standard(row):
    assert put_out(row) == [value(given) for given in row.expected]


REFUSED = [
    (Row("Attention", [(2, 3, 5, 3), (2, 2, 7, 3), (2, 2, 7, 6)], []), "3 heads of queries cannot"),
    (Row("Attention", [(2, 4, 5, 3), (2, 0, 7, 3), (2, 0, 7, 6)], []), "4 heads of queries cannot"),
    (Row("Attention", [(2, 5, 3), (2, 7, 3), (2, 7, 6)], []), "q_num_heads is 0; where heads are"),
    (Row("Attention", [(2, 5, 3), (2, 7, 3), (2, 7, 6)], [],
        {"q_num_heads": 1, "kv_num_heads": -1}), "kv_num_heads is -1; where heads are"),
    (Row("LinearAttention", [(2, 5, 3), (2, 5, 3), (2, 5, 6)], [],
        {"q_num_heads": 1, "kv_num_heads": 1, "update_rule": b"odd"}), "update_rule is 'odd'; it"),
    (Row("Attention", [(2, 0, 5, 3), (2, 1, 7, 3), (2, 1, 7, 6)], []), "0 heads of queries cannot"),
    (Row("Attention", [(2, 5, 6), (6, 24)], [],
        {"num_heads": 4, "qkv_hidden_sizes": (8, 8, 4)}, domain=MS), "the weights have 24 columns"),
    (Row("Attention", [(2, 5, 6), (6, 24)], [],
        {"num_heads": 4, "qkv_hidden_sizes": (12, 12)}, domain=MS), "the weights have 24 columns"),
    (Row("NhwcConv", [(2, 5), (6, 5)], [], domain=MS), "the input has 2 axes; with channels"),
    (Row("MatMulNBits", [(5, 7), of(UINT8, (4, 1, 3))], [], {"N": 4, "K": 6}, domain=MS),
        "weights of 4×6 in 4 bits do not fit 7 columns"),
    (Row("MatMulNBits", [(5, 6), of(UINT8, (4, 1, 2))], [], {"N": 4, "K": 6}, domain=MS),
        "weights of 4×6 in 4 bits do not fit 6 columns"),
    (Row("Reshape", [(2, 3)], []), "the shape is missing"),
    (Row("Reshape", [(2, 3), [4]], []), "6 elements do not become 4"),
    (Row("Reshape", [(2, 3), [0, 0, 0]], []), "6 elements do not become 2×3×0"),
    (Row("Reshape", [(2, 3), [-1, -1]], []), "6 elements do not become"),
    (Row("Concat", [(2, 3), (2, 4)], [], {"axis": 0}), "differ in the sizes of other axes"),
    (Row("Concat", [(2, 3), (1, 3)], [], {"axis": 1}), "differ in the sizes of other axes"),
    (Row("Slice", [(2, 3), [1]], []), "starts or ends are missing"),
    (Row("Slice", [(2, 3), None, [1]], []), "starts or ends are missing"),
    (Row("Slice", [(2, 3), [0, 0], [1]], []), ValueError),
    (Row("Split", [(2, 3), [1, 1]], [], {"axis": 1}), "parts [1, 1] must add up to 3, none"),
    (Row("Split", [(2, 3), [4, -1]], [], {"axis": 1}), "parts [4, -1] must add up to 3, none"),
    (Row("Split", [(2, 3)], [], {"num_outputs": 2**40}, 18), "num_outputs is 1099511627776; there"),
    (Row("SpaceToDepth", [(1, 2, 6, 8)], [], {"blocksize": 4}), "6×8 positions do not divide into"),
    (Row("SpaceToDepth", [(1, 2, 8, 6)], [], {"blocksize": 4}), "8×6 positions do not divide into"),
    (Row("DepthToSpace", [(1, 6, 6, 8)], [], {"blocksize": 2}), "6 channels do not divide into"),
    (Row("DepthToSpace", [(1, 6, 6, 8)], [], {"blocksize": 0}), "blocksize is 0; it must be"),
    (Row("Tile", [(2, 3), [1]], []), "one repeat for each axis, here 1 for 2"),
    (Row("Tile", [[1, 2], [-1]], []), "its output is -2"),
    (Row("Pad", [(2, 3), [1, 1]], []), "two pads for each axis, here 2 for 2"),
    (Row("CenterCropPad", [(2, 3), [7, 8, 9]], []), ValueError),
    (Row("Transpose", [(2, 3)], [], {"perm": (0, 0)}), "perm [0, 0] is not an order of 2 axes"),
    (Row("ScatterElements", [[1, 2, 3], [0, 1], [9]], []), ValueError),
    (Row("MatMul", [(), (3, 4)], []), "a single number is not a matrix"),
    (Row("MatMul", [(3, 4), ()], []), "a single number is not a matrix"),
    (Row("MatMul", [(2, 3), (4, 5)], []), "has 3 columns, and the right one 4 rows"),
    (Row("Gemm", [(2, 3), (4, 5)], []), "has 3 columns, and the right one 4 rows"),
    (Row("Conv", [(2, 3, 9), (6, 3, 3, 3)], []), "3 axes and the weights have 4; they"),
    (Row("Conv", [(2, 3), (6, 3)], []), "2 axes and the weights have 2; they"),
    (Row("Conv", [(2, 3), (6, 3)], [], domain=NCHWC), "2 axes and the weights have 2; they"),
    (Row("Conv", [(2,), (6, 3)], [], domain=NCHWC), "take 3 channels, and the input has []"),
    (Row("Conv", [(2, 3, 9), (6, 2, 3)], []), "take 2 × 1 channels, and the input has 3"),
    (Row("Conv", [(2, 3, 9), (6, 3, 3)], [], {"pads": (1,)}), "two pads for each axis"),
    (Row("Conv", [(2, 3, 9), (6, 3, 3)], [], {"strides": (1, 1)}), "kernel, strides and dilations"),
    (Row("Conv", [(2, 3, 9), (6, 3, 3)], [], {"dilations": (1, 1)}), "need a number for each axis"),
    (Row("Conv", [(2, 3, 9), (6, 3, 3)], [], {"strides": (0,)}), "kernel, strides and dilations"),
    (Row("Conv", [(2, 3, 2), (6, 3, 5)], [], {"strides": (4,), "pads": (1, 0)}),
     "its window spans 5, and the map has 3 with padding"),
    (Row("MaxPool", [(2, 3, 2)], [], {"kernel_shape": (4,), "strides": (2,)}),
     "its window spans 4, and the map has 2 with padding"),
    (Row("Col2Im", [(2, 12, 5, 4), [5, 6], [2, 3]], []), "columns of windows of [2, 3]"),
    (Row("Col2Im", [(2, 12, 20), [5], [2, 3]], []), "columns of windows of [2, 3]"),
    (Row("Col2Im", [(2, 13, 20), [5, 6], [2, 3]], []), "columns of windows of [2, 3]"),
    (Row("Col2Im", [(2, 12, 20), [5, 6], [0, 3]], []), "columns of windows of [0, 3]"),
    (Row("Resize", [(2, 3, 5), None, floats(2.0)], []), ValueError),
    (Row("ConvTranspose", [(2, 3, 5), (3, 4, 3)], [], {"output_padding": (1, 1)}), ValueError),
    (Row("Resize", [(2, 3, 5), None, None, [2, 3]], []), ValueError),
    (Row("Resize", [(2, 3, 5), None, floats(1.0, 1.0, 2.0)], [],
        {"coordinate_transformation_mode": "tf_crop_and_resize"}), Unknown),
    (Row("Upsample", [(2,)], [], {"scales": (b"a",)}), "scales must be numbers"),
    (Row("Upsample", [(2,)], [], {"scales": 2.0}), "scales must be numbers"),
    (Row("Einsum", [(2, 3)], [], {"equation": "a" * 60}), f"'{'a' * 50}' does not fit"),
    (Row("Einsum", [(2, 3)], [], {"equation": "ijk"}), "'ijk' does not fit an input of 2 axes"),
    (Row("Einsum", [(2, 3, 4)], [], {"equation": "ij"}), "'ij' does not fit an input of 3 axes"),
    (Row("Einsum", [(2, 3)], [], {"equation": "ij...k"}), "'ij...k' does not fit an input"),
    (Row("Reshape", [(2, 3), of(INT64, (2,))], []), Unknown),
    (Row("Relu", [of(FLOAT, (1,) * 17)], []), "a size is from 0 to"),
    (Row("Relu", [(2**40 + 1,)], []), "its output is 1099511627777; a size is from 0 to"),
    (Row("Gather", [[1, 2], [2]], []), "there is no axis 2 among 2"),
    (Row("Gather", [[1, 2], [-3]], []), "there is no axis -3 among 2"),
    (Row("Add", [(2, 3), (2,)], []), "sizes 2×3 and 2 do not broadcast"),
    (Row("Flatten", [(2, 3)], [], {"axis": 1.0}), "axis must be a whole number"),
    (Row("Split", [(2, 3)], [], {"split": (1.0, 1.0)}), "split must be whole numbers"),
    (Row("Split", [(2, 3)], [], {"split": 2}), "split must be whole numbers"),
    (Row("Relu", [None], []), "input 0 is missing"),
    (Row("Relu", [], []), "input 0 is missing"),
]  # fmt: skip


@each_of(REFUSED, ids=[f"{i}-{row.op}" for i, (row, _) in enumerate(REFUSED)])
def test_what_does_not_fit_is_refused(row, error):
    if isinstance(error, str):
        with pytest.raises(Contradiction, match=re.escape(error)):
            put_out(row)
    else:
        with pytest.raises(error):
            put_out(row)


@each_of(
    [
        ("bij,bjk->bik", [(2, 3, 5), (2, 5, 7)], (2, 3, 5, 7)),
        ("ji,jk->ik", [(5, 3), (5, 7)], (1, 3, 5, 7)),
        ("ahij,ahkj->ahik", [(2, 4, 3, 5), (2, 4, 7, 5)], (8, 3, 5, 7)),
        ("ijl,jkl->ik", [(3, 5, 2), (5, 7, 2)], (1, 3, 10, 7)),
        ("ij,jk", [(3, 5), (5, 7)], None),
        ("ij->i", [(3, 5)], None),
        ("ii,ik->ik", [(3, 3), (3, 7)], None),
        ("ij,kk->ik", [(3, 5), (7, 7)], None),
        ("ij,jk->ii", [(3, 5), (5, 7)], None),
        ("ij,jk,kl->il", [(3, 5), (5, 7), (7, 2)], None),
        ("...ij,jk->...ik", [(2, 3, 5), (5, 7)], None),
        ("ij,jk->k", [(3, 5), (5, 7)], None),
        ("ij,jk->i", [(3, 5), (5, 7)], None),
        ("ij,ij->ij", [(3, 5), (3, 5)], None),
    ]
)
def test_einsum_of_two_with_an_inner_letter_is_a_product(equation, sizes, expected):
    assert matrix_sizes(call_of(Row("Einsum", sizes, [], {"equation": equation}))) == expected


def test_each_letter_of_an_einsum_is_multiplied_once():
    equation = {"equation": "b...ij, jk -> b...ik"}
    assert letter_sizes(call_of(Row("Einsum", [(2, 9, 3, 5), (5, 7)], [], equation))) == (
        2, 3, 5, 7, 9
    )  # fmt: skip
