"""TensorFlow Lite files written by hand: a table of FlatBuffers is its fields and what they hold.

Everything follows what leads to it, so that all offsets lead forward.
"""

import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

FLOAT, HALF, INT32, UINT8, INT8 = 0, 1, 2, 3, 9
SAME, VALID = 0, 1
RELU, RELU6 = 1, 3

Fields = dict[int, object]
"""Values by the number of their field: `("b", 3)` is a number of that form."""


class Tensor(NamedTuple):
    """A tensor; one with content is a constant. A signature has −1 where a size is open.

    Each has a buffer of its own unless it is said which.
    """

    sizes: list[int]
    type: int = INT8
    content: bytes = b""
    variable: bool = False
    signature: Sequence[int] = ()
    buffer: int | None = None


class Operation(NamedTuple):
    """An operation by its number, with the fields of its options."""

    number: int
    inputs: list[int]
    outputs: list[int]
    options: Mapping[int, object] = MappingProxyType({})
    custom: str = ""


def model(
    tensors: Sequence[Tensor],
    operations: Sequence[Operation],
    inputs: Sequence[int] = (0,),
    outputs: Sequence[int] | None = None,
    further: int = 0,
    after: int | None = None,
) -> bytes:
    """Return a file: the last tensor is put out unless others are named.

    Contents lie in their tables, or follow each other from an offset `after` all tables on.
    """
    codes: list[Fields] = [
        {0: ("b", min(each.number, 127)), 1: each.custom, 3: ("i", each.number)}
        for each in operations
    ]
    subgraph: Fields = {
        0: [_tensor(index, tensor) for index, tensor in enumerate(tensors)],
        1: list(inputs),
        2: list(outputs) if outputs is not None else [len(tensors) - 1],
        3: [_operation(index, each) for index, each in enumerate(operations)],
    }
    buffers: list[Fields] = [{}]
    for number, tensor in enumerate(tensors):
        before, held = sum(len(each.content) for each in tensors[:number]), tensor.content
        apart: Fields = {1: ("Q", (after or 0) + before), 2: ("Q", len(held))}
        buffers.append({} if not held else apart if after is not None else {0: held})
    root: Fields = {0: ("I", 3), 1: codes, 2: [subgraph] + [{}] * further, 4: buffers}
    data = bytearray(struct.pack("<I4s", 0, b"TFL3"))
    _lead(data, 0, _table(data, root))
    return bytes(data)


def _tensor(index: int, tensor: Tensor) -> Fields:
    fields: Fields = {
        0: tensor.sizes,
        1: ("b", tensor.type),
        2: ("I", index + 1 if tensor.buffer is None else tensor.buffer),
        3: f"tensor{index}",
    }
    fields |= {5: ("B", 1)} if tensor.variable else {}
    return fields | ({7: list(tensor.signature)} if tensor.signature else {})


def _operation(index: int, operation: Operation) -> Fields:
    fields: Fields = {0: ("I", index), 1: operation.inputs, 2: operation.outputs}
    if operation.options:
        fields |= {3: ("B", 1), 4: dict(operation.options)}
    return fields


def _lead(data: bytearray, at: int, to: int) -> None:
    struct.pack_into("<I", data, at, to - at)


def _table(data: bytearray, fields: Fields) -> int:
    """Write a table and all that it holds; return where it is."""
    given = {field: value for field, value in fields.items() if value != ""}
    count = max(given, default=-1) + 1
    start = len(data)
    data += bytes(4 + 2 * count)
    at = len(data)
    data += struct.pack("<i", at - start)
    places = {}
    for field, value in given.items():
        places[field] = len(data)
        data += struct.pack(f"<{value[0]}", value[1]) if isinstance(value, tuple) else bytes(4)
    struct.pack_into("<HH", data, start, 4 + 2 * count, len(data) - at)
    for field, place in places.items():
        struct.pack_into("<H", data, start + 4 + 2 * field, place - at)
    for field, value in given.items():
        if not isinstance(value, tuple):
            _lead(data, places[field], _held(data, value))
    return at


def _held(data: bytearray, value: object) -> int:
    """Write what an offset leads to: a table, or a vector of bytes, numbers or tables."""
    if isinstance(value, dict):
        return _table(data, value)
    if isinstance(value, str):
        value = value.encode()
    at = len(data)
    assert isinstance(value, bytes | list)
    data += struct.pack("<I", len(value))
    if isinstance(value, bytes):
        data += value
    elif all(isinstance(each, int) for each in value):
        data += struct.pack(f"<{len(value)}i", *value)
    else:
        data += bytes(4 * len(value))
        for index, each in enumerate(value):
            _lead(data, at + 4 + 4 * index, _table(data, each))
    return at
