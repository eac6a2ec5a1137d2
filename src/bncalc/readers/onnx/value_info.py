"""What a file says of its values: names, element types, and sizes as far as they are fixed."""

from __future__ import annotations

from bncalc.named import NamedTuple
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.tensor import MOST_DIMS
from bncalc.readers.onnx.wire import Wire


class ValueProto(NamedTuple):
    """An input or output: its element type and sizes, a symbol or None where one is not fixed.

    `kind` says what it is if it is no tensor. One that may be left out is what it is when there.
    """

    name: str
    type: int
    dims: tuple[int | str | None, ...] | None
    kind: str = ""


_KINDS = {4: "sequence", 5: "map"}
_OPTIONAL = 9


def read_value(wire: Wire, start: int, stop: int) -> ValueProto:
    """Return what a file says of a value: its name, type and sizes."""
    value = ValueProto("", 0, None)
    for number, at, end in wire.fields(start, stop):
        if number == 1:
            value = value._replace(name=wire.name(at, end))
        elif number == 2:
            value = _typed(wire, at, end, value, within=True)
    return value


def _typed(wire: Wire, start: int, stop: int, value: ValueProto, *, within: bool) -> ValueProto:
    """Return a value of a type, and of the one `within` it if the value may be left out."""
    for kind, at, end in wire.fields(start, stop):
        if kind in (1, 8):
            type_, dims = _tensor_type(wire, at, end)
            value = value._replace(type=type_, dims=dims)
        elif kind in _KINDS:
            value = value._replace(kind=_KINDS[kind])
        elif kind == _OPTIONAL and within:
            for number, first, last in wire.fields(at, end):
                if number == 1:
                    value = _typed(wire, first, last, value, within=False)
    return value


def _tensor_type(
    wire: Wire, start: int, stop: int
) -> tuple[int, tuple[int | str | None, ...] | None]:
    type_, dims = 0, None
    for number, at, end in wire.fields(start, stop):
        if number == 1:
            type_ = wire.integer(at, end)
        elif number == 2:
            spans = [wire.inside(a, b) for n, a, b in wire.fields(at, end) if n == 1]
            if len(spans) > MOST_DIMS:
                raise Damaged(at, f"{len(spans)} axes; at most {MOST_DIMS} are read")
            dims = tuple([_dim(wire, *span) for span in spans])
    return type_, dims


def _dim(wire: Wire, start: int, stop: int) -> int | str | None:
    """Return a size, its symbol where it is not fixed, or None; some write −1 for that."""
    dim: int | str | None = None
    for number, at, end in wire.fields(start, stop):
        if number == 1:
            size = wire.integer(at, end)
            dim = None if size < 0 else size
        elif number == 2:
            dim = wire.name(at, end) or None
    return dim
