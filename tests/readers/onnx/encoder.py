"""A tiny encoder of ONNX files, so that tests need no library that writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from pathlib import Path
from struct import pack
from typing import Any

FLOAT, UINT8, INT8, INT32, INT64, BOOL, FLOAT16 = 1, 2, 3, 6, 7, 9, 10

Dims = Sequence[int | str]


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def span(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


def floating(field: int, value: float) -> bytes:
    return varint(field << 3 | 5) + pack("<f", value)


def tensor(name: str, dims: Sequence[int], values: Iterable[float] | None = None) -> bytes:
    """A tensor of floats without their values, or of int64 with them."""
    kind, raw = FLOAT, b""
    if values is None:
        raw = bytes(4 * prod(dims))
    else:
        given = list(values)
        floats = any(isinstance(value, float) for value in given)
        kind = FLOAT if floats else INT64
        raw = pack(f"<{len(given)}{'f' if floats else 'q'}", *given)
    return typed(name, dims, kind, raw)


def typed(name: str, dims: Sequence[int], kind: int, raw: bytes) -> bytes:
    sizes = b"".join(number(1, size) for size in dims)
    return sizes + number(2, kind) + span(8, name) + span(9, raw)


def attribute(name: str, value: Any) -> bytes:
    """An attribute; `bytes` are a tensor, unless they are those of a graph."""
    head = span(1, name)
    match value:
        case bool() | int():
            return head + number(3, int(value)) + number(20, 2)
        case float():
            return head + floating(2, value) + number(20, 1)
        case str():
            return head + span(4, value) + number(20, 3)
        case Graph():
            return head + span(6, value) + number(20, 5)
        case bytes():
            return head + span(5, value) + number(20, 4)
        case [float(), *_]:
            return head + b"".join(floating(7, each) for each in value) + number(20, 6)
        case [str(), *_]:
            return head + b"".join(span(9, each) for each in value) + number(20, 8)
        case [int(), *_] | []:
            return head + b"".join(number(8, each) for each in value) + number(20, 7)
    raise TypeError(value)


class Graph(bytes):
    """The bytes of a graph, told from those of a tensor."""


def node(
    op: str,
    inputs: str | Sequence[str],
    outputs: str | Sequence[str],
    *,
    name: str = "",
    domain: str = "",
    properties: Mapping[str, str] = {},
    **attributes: Any,
) -> bytes:
    """A node; names may be given as one text with spaces."""
    parts = [span(1, each) for each in _names(inputs)]
    parts += [span(2, each) for each in _names(outputs)]
    parts += [span(3, name), span(4, op), span(7, domain)]
    parts += [span(5, attribute(key, value)) for key, value in attributes.items()]
    return b"".join([*parts, _properties(9, properties)])


def _properties(field: int, texts: Mapping[str, str]) -> bytes:
    return b"".join([span(field, span(1, key) + span(2, text)) for key, text in texts.items()])


def value(name: str, dims: Dims | None, kind: int = FLOAT) -> bytes:
    shape = b""
    if dims is not None:
        sizes = [number(1, size) if isinstance(size, int) else span(2, size) for size in dims]
        shape = span(2, b"".join(span(1, size) for size in sizes))
    return span(1, name) + span(2, span(1, number(1, kind) + shape))


def graph(
    nodes: Iterable[bytes],
    tensors: Iterable[bytes] = (),
    inputs: Mapping[str, Dims] = {},
    outputs: str | Sequence[str] = (),
    kinds: Mapping[str, int] = {},
    properties: Mapping[str, str] = {},
    noted: Mapping[str, Mapping[str, str]] = {},
) -> Graph:
    """A graph; its inputs are floats but where `kinds` says else.

    `noted` are the properties of values by name.
    """
    ins = [value(name, dims, kinds.get(name, FLOAT)) for name, dims in inputs.items()]
    parts = [span(1, each) for each in nodes]
    parts += [span(5, each) for each in tensors]
    parts += [span(11, each) for each in ins]
    parts += [span(12, span(1, each)) for each in _names(outputs)]
    for name, texts in noted.items():
        parts.append(span(13, span(1, name) + _properties(4, texts)))
    parts.append(_properties(16, properties))
    return Graph(b"".join([*parts, span(2, "main")]))


def function(
    domain: str, name: str, inputs: str, outputs: str, nodes: Iterable[bytes], takes: str = ""
) -> bytes:
    """A function of a model's own; `takes` are the names of its attributes."""
    parts = [span(1, name), span(10, domain)]
    parts += [span(4, each) for each in _names(inputs)]
    parts += [span(5, each) for each in _names(outputs)]
    parts += [span(6, each) for each in _names(takes)]
    return b"".join(parts + [span(7, each) for each in nodes])


def model(graph: bytes, *, opset: int = 17, functions: Iterable[bytes] = ()) -> bytes:
    """The bytes of a file."""
    opsets = span(8, number(2, opset)) + span(8, span(1, "com.microsoft") + number(2, 1))
    head = number(1, 8) + span(2, "tests") + span(3, "1") + opsets
    return head + span(7, graph) + b"".join(span(25, each) for each in functions)


def file(
    tmp_path: Path,
    nodes: Sequence[bytes],
    tensors: Mapping[str, Any] = {},
    inputs: Mapping[str, Dims] = {"x": [1, 3, 8, 8]},
    outputs: str = "y",
    **settings: Any,
) -> str:
    """Write a file; a tensor is a tuple of sizes for weights, a list or number for its values.

    Bytes are the tensor as it is.
    """
    held = [
        tensor(name, value) if isinstance(value, tuple) else _small(name, value)
        for name, value in tensors.items()
    ]
    path = tmp_path / "net.onnx"
    path.write_bytes(model(graph(nodes, held, inputs, outputs), **settings))
    return str(path)


def _small(name: str, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return tensor(name, [len(value)] if isinstance(value, list) else [], _listed(value))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _names(names: str | Sequence[str]) -> list[str]:
    return names.split(" ") if isinstance(names, str) and names else list(names)
