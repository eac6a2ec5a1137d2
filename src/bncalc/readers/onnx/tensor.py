"""Tensors in a file: their headers, and the numbers of the small ones."""

from __future__ import annotations

from math import prod
from struct import calcsize, unpack

from bncalc.named import NamedTuple
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.wire import Wire

MOST_DIMS = 16
LARGEST_SIZE = 2**40
MOST_NUMBERS = 4096
"""How many elements a tensor may have whose numbers are looked at."""
MOST_FLOATS = 64
"""The same for floats in the file: scales and limits, and no weights."""

FLOAT, UINT8, INT8, INT32, INT64, STRING, BOOL, HALF, DOUBLE, BFLOAT16 = (
    (1, 2, 3, 6, 7, 8, 9, 10, 11, 16)
)  # fmt: skip
FLOATS = {FLOAT, HALF, DOUBLE, BFLOAT16, 17, 18, 19, 20, 23, 24}
BITS = {
    FLOAT: 32, UINT8: 8, INT8: 8, 4: 16, 5: 16, INT32: 32, INT64: 64, BOOL: 8, HALF: 16,
    DOUBLE: 64, 12: 32, 13: 64, 14: 64, 15: 128, BFLOAT16: 16, 17: 8, 18: 8, 19: 8, 20: 8,
    21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2,
}  # fmt: skip
"""How many bits one element has, by element type."""

ELEMENT_NAMES = {
    FLOAT: "float32", UINT8: "uint8", INT8: "int8", 4: "uint16", 5: "int16", INT32: "int32",
    INT64: "int64", BOOL: "bool", HALF: "float16", DOUBLE: "float64", 12: "uint32", 13: "uint64",
}  # fmt: skip
"""What numpy calls the element types that it has."""

TYPES_BY_NAME = {
    b"FLOAT": FLOAT, b"UINT8": UINT8, b"INT8": INT8, b"UINT16": 4, b"INT16": 5, b"INT32": INT32,
    b"INT64": INT64, b"STRING": STRING, b"BOOL": BOOL, b"FLOAT16": HALF, b"DOUBLE": DOUBLE,
    b"UINT32": 12, b"UINT64": 13,
}  # fmt: skip
"""What the first operator sets called element types."""

_RAW = {
    FLOAT: "f", UINT8: "B", INT8: "b", 4: "H", 5: "h", INT32: "i", INT64: "q", BOOL: "?",
    HALF: "e", DOUBLE: "d", 12: "I", 13: "Q",
}  # fmt: skip
_DATA = {4: "f", 5: "", 7: "", 9: "raw", 10: "d", 11: ""}
"""The fields that may hold a tensor's numbers: floats, varints, or bytes as they are in memory."""


class TensorProto(NamedTuple):
    """A tensor's header; `data` are the field and the span of its numbers, none where external."""

    name: str
    dims: tuple[int, ...]
    type: int
    data: tuple[tuple[int, int, int], ...]
    at: int


def read_tensor(wire: Wire, start: int, stop: int) -> TensorProto:
    """Return the header of a tensor; raise Damaged for sizes that no tensor has."""
    name, type_ = "", 0
    dims: list[int] = []
    data = []
    for number, at, end in wire.fields(start, stop):
        if number == 1:
            dims += wire.integers(at, end)
        elif number == 2:
            type_ = wire.integer(at, end)
        elif number == 8:
            name = wire.name(at, end)
        elif number in _DATA:
            data.append((number, at, end))
    if len(dims) > MOST_DIMS:
        raise Damaged(start, f"a tensor has {len(dims)} axes; at most {MOST_DIMS} are read")
    for size in dims:
        if not 0 <= size <= LARGEST_SIZE:
            raise Damaged(
                start, f"a tensor has an axis of size {size}; it must be from 0 to {LARGEST_SIZE}"
            )
    return TensorProto(name, tuple(dims), type_, tuple(data), start)


def read_sparse_tensor(wire: Wire, start: int, stop: int) -> TensorProto:
    """Return the header that a sparse tensor has when it is written out: no numbers, all sizes."""
    values = TensorProto("", (), 0, (), start)
    dims: list[int] = []
    for number, at, end in wire.fields(start, stop):
        if number == 1:
            values = read_tensor(wire, at, end)
        elif number == 3:
            dims += wire.integers(at, end)
    return values._replace(dims=tuple(dims[:MOST_DIMS]), data=())


def numbers(wire: Wire, tensor: TensorProto) -> tuple[float, ...] | None:
    """Return the numbers of a small tensor in order; None for a large or an external one.

    Raises Damaged where there are not as many as the sizes ask for.
    """
    count = prod(tensor.dims)
    most = MOST_FLOATS if tensor.type in FLOATS else MOST_NUMBERS
    if count > most or not (tensor.data or not count) or tensor.type not in _RAW:
        return None
    values: list[float] = []
    for field, start, stop in tensor.data:
        values += _field_numbers(wire, tensor.type, field, start, stop)
    if len(values) != count:
        raise Damaged(tensor.at, f"a tensor of {count} elements holds {len(values)} numbers")
    return tuple(values)


def ends(wire: Wire, tensor: TensorProto) -> tuple[float, ...]:
    """Return the first and the last of floats, however many; none if they are elsewhere."""
    if len(tensor.data) != 1 or tensor.type not in FLOATS & _RAW.keys():
        return ()
    ((field, start, stop),) = tensor.data
    form = _RAW[tensor.type] if field == 9 else _DATA[field]
    if not form or stop < 0:
        return ()
    size = calcsize(form)
    length = min((stop - start) // size, MOST_FLOATS)
    parts = wire.data[start : start + length * size], wire.data[stop - length * size : stop]
    return unpack(f"<{2 * length}{form}", b"".join(parts))


def _field_numbers(wire: Wire, type_: int, field: int, start: int, stop: int) -> list[float]:
    form = _DATA[field]
    if not form:
        return [*wire.integers(start, stop)]
    form = "<" + (_RAW[type_] if form == "raw" else form)
    size = calcsize(form)
    wire.inside(start, stop)
    if stop - start > size * MOST_NUMBERS or (stop - start) % size:
        raise Damaged(start, f"a tensor with numbers of {size} bytes holds {stop - start} bytes")
    return [*unpack(f"<{(stop - start) // size}{form[1:]}", wire.data[start:stop])]
