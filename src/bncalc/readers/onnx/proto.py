"""The messages of ONNX as records: a model, its graph, nodes, attributes.

Field numbers are those of onnx.proto3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bncalc.named import NamedTuple
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.tensor import TensorProto, read_sparse_tensor, read_tensor
from bncalc.readers.onnx.value_info import ValueProto, read_value
from bncalc.readers.onnx.wire import Wire

DEEPEST = 32
"""How many graphs may lie within each other, as the branches of an `If` do."""
MOST_STEPS = 50_000
"""How many operations a model may come to when its functions are written out."""
FEW = 512
"""How many bytes attributes may have that are looked for among those that were read."""
DEFAULT_DOMAINS = ("", "ai.onnx")


class Attribute(NamedTuple):
    """An attribute: its value, or the name of the attribute of a function's call that it takes."""

    value: object = None
    reference: str = ""


class NodeProto(NamedTuple):
    """One operation; `at` is its offset in the file. A missing input has an empty name.

    `properties` are the spans of what exporters note down of it, for `read_properties`.
    """

    op: str
    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    properties: tuple[tuple[int, int], ...]
    at: int
    overload: str = ""
    """Which of several functions of its name it calls."""


class GraphProto(NamedTuple):
    """A graph, or the branch of an `If`."""

    name: str
    nodes: tuple[NodeProto, ...]
    tensors: tuple[TensorProto, ...]
    inputs: tuple[ValueProto, ...]
    outputs: tuple[ValueProto, ...]
    values: tuple[tuple[int, int], ...]
    """Where the file says what it knows of values; few models need it, so `read_value` reads it."""
    properties: tuple[tuple[int, int], ...] = ()
    """What exporters note down of the graph, for `read_properties`, as a node has it."""


class FunctionProto(NamedTuple):
    """A function of the model's own, called by domain and name as an operation is."""

    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: tuple[NodeProto, ...]
    defaults: Mapping[str, Attribute]
    overload: str
    """What tells it from others of its name."""


class ModelProto(NamedTuple):
    """A model file. `opset` is the version of the standard operators."""

    producer: str
    opset: int
    graph: GraphProto
    functions: Mapping[tuple[str, str, str], FunctionProto]


FIRST = b"\x08"
"""What files begin with: the field of the format's version."""


def read_model(wire: Wire) -> ModelProto:
    """Return the model that a file holds; raise Damaged where it holds none."""
    if not len(wire.data):
        raise Damaged(0, "the file is empty")
    try:
        return _model(wire)
    except Damaged as error:
        if wire.data[:1] == FIRST:
            raise
        message = f"this is not an ONNX file: {error.message}"
        raise Damaged(error.at, message) from None


def _model(wire: Wire) -> ModelProto:
    producer, version, opset = "", "", 1
    graph: GraphProto | None = None
    functions: dict[tuple[str, str, str], FunctionProto] = {}
    for number, start, stop in wire.fields(0, len(wire.data)):
        if number == 2:
            producer = wire.name(start, stop)
        elif number == 3:
            version = wire.name(start, stop)
        elif number == 7:
            graph = _graph(wire, start, stop, 0)
        elif number == 8:
            domain, version_of = _opset(wire, start, stop)
            opset = version_of if domain in DEFAULT_DOMAINS else opset
        elif number == 25:
            function = _function(wire, start, stop)
            functions[function.domain, function.name, function.overload] = function
    if graph is None:
        raise Damaged(len(wire.data), "the file ends without a graph")
    return ModelProto(f"{producer} {version}".strip(), opset, graph, functions)


def _opset(wire: Wire, start: int, stop: int) -> tuple[str, int]:
    domain, version = "", 1
    for number, at, end in wire.fields(start, stop):
        if number == 1:
            domain = wire.name(at, end)
        elif number == 2:
            version = wire.integer(at, end)
    return domain, version


def _graph(wire: Wire, start: int, stop: int, depth: int) -> GraphProto:
    if depth > DEEPEST:
        raise Damaged(start, f"graphs are nested more than {DEEPEST} deep")
    name = ""
    nodes: list[NodeProto] = []
    tensors: list[TensorProto] = []
    ends: dict[int, list[ValueProto]] = {11: [], 12: []}
    values: list[tuple[int, int]] = []
    properties: list[tuple[int, int]] = []
    for number, at, end in wire.fields(start, stop):
        if number == 1:
            if len(nodes) >= MOST_STEPS:
                raise Damaged(at, f"the model has more than {MOST_STEPS} operations")
            nodes.append(_node(wire, at, end, depth))
        elif number == 5:
            tensors.append(read_tensor(wire, at, end))
            wire.passed(end)
        elif number in ends:
            ends[number].append(read_value(wire, at, end))
        elif number == 13:
            values.append(wire.inside(at, end))
        elif number == 15:
            tensors.append(read_sparse_tensor(wire, at, end))
        elif number == 2:
            name = wire.name(at, end)
        elif number == 16:
            properties.append(wire.inside(at, end))
    inputs, outputs = map(tuple, ends.values())
    return GraphProto(
        name, tuple(nodes), tuple(tensors), inputs, outputs, tuple(values), tuple(properties)
    )


def _node(wire: Wire, start: int, stop: int, depth: int) -> NodeProto:
    op = domain = name = overload = ""
    inputs: list[str] = []
    outputs: list[str] = []
    attributes: list[tuple[int, int]] = []
    properties: list[tuple[int, int]] = []
    rest: bytes | None = None
    known: tuple[str, Mapping[str, Attribute]] | None = None
    for number, at, end in wire.fields(start, stop):
        if number == 1:
            inputs.append(wire.name(at, end))
        elif number == 2:
            outputs.append(wire.name(at, end))
        elif number == 3:
            name = wire.name(at, end)
        elif number == 4:
            op = wire.name(at, end)
            rest = wire.data[end:stop] if stop - end <= FEW else None
            known = wire.alike.get((NodeProto, rest))
            if known is not None:
                break
        elif number == 5:
            attributes.append(wire.inside(at, end))
        elif number == 7:
            domain = wire.name(at, end)
        elif number == 8:
            overload = wire.name(at, end)
        elif number == 9:
            properties.append(wire.inside(at, end))
    if known is None:
        domain = "" if domain in DEFAULT_DOMAINS else domain
        known = domain, _attributes(wire, attributes, depth) if attributes else _NO_ATTRIBUTES
        if rest is not None and not properties and _is_of_many(rest, known[1]):
            wire.alike[NodeProto, rest] = known
    domain, by_name = known
    names = tuple(inputs), tuple(outputs)
    return NodeProto(op, domain, name, *names, by_name, tuple(properties), start, overload)


def _is_of_many(rest: bytes, attributes: Mapping[str, Attribute]) -> bool:
    """Tell whether what a node has after its operation can be that of others too.

    It can if it has no names, and nothing that says where in the file it is.
    """
    within = Wire(rest).fields(0, len(rest))
    return _is_anywhere(attributes) and all(number in (5, 6, 7) for number, _, _ in within)


def _is_anywhere(attributes: Mapping[str, Attribute]) -> bool:
    """Tell whether attributes are the same wherever in a file they are written."""
    values = [attribute.value for attribute in attributes.values()]
    return not any(isinstance(value, (TensorProto, GraphProto)) for value in values)


_NO_ATTRIBUTES: Mapping[str, Attribute] = {}


def _attributes(
    wire: Wire, spans: Sequence[tuple[int, int]], depth: int
) -> Mapping[str, Attribute]:
    """Return attributes by name; what has the same few bytes is one mapping, and read once."""
    start, stop = spans[0][0], spans[-1][1]
    written = wire.data[start:stop] if 0 <= stop - start <= FEW else b""
    known: Mapping[str, Attribute] | None = wire.alike.get((Attribute, written))
    if known is None:
        known = dict([_attribute(wire, *span, depth) for span in spans])
        if written and _is_anywhere(known):
            wire.alike[Attribute, written] = known
    return known


def _attribute(wire: Wire, start: int, stop: int, depth: int) -> tuple[str, Attribute]:
    name, reference, kind = "", "", 0
    value: object = None
    several: list[object] = []
    for number, at, end in wire.fields(start, stop):
        if number == 1:
            name = wire.name(at, end)
        elif number == 20:
            kind = wire.integer(at, end)
        elif number == 21:
            reference = wire.name(at, end)
        elif number in _SEVERAL:
            several += _SEVERAL[number](wire, at, end)
        elif number == 6:
            value = _graph(wire, at, end, depth + 1)
        elif number in _SINGLE:
            value = _SINGLE[number](wire, at, end)
    if several or kind in _LISTS:
        return name, Attribute(tuple(several), reference)
    return name, Attribute(_EMPTY.get(kind) if value is None else value, reference)


_SINGLE: Mapping[int, Callable[[Wire, int, int], object]] = {
    2: Wire.real,
    3: Wire.integer,
    4: Wire.opening,  # a vocabulary may be one text
    5: read_tensor,
}
_SEVERAL: Mapping[int, Callable[[Wire, int, int], Sequence[object]]] = {
    7: Wire.reals,
    8: Wire.integers,
    9: lambda wire, at, end: [wire.opening(at, end)],
}
_EMPTY = {1: 0.0, 2: 0, 3: b""}
"""Values by an attribute's kind: what is zero need not be written."""
_LISTS = (6, 7, 8)


def _function(wire: Wire, start: int, stop: int) -> FunctionProto:
    domain = name = overload = ""
    names: dict[int, list[str]] = {4: [], 5: []}
    nodes: list[NodeProto] = []
    defaults: dict[str, Attribute] = {}
    for number, at, end in wire.fields(start, stop):
        if number == 1:
            name = wire.name(at, end)
        elif number in names:
            names[number].append(wire.name(at, end))
        elif number == 7:
            nodes.append(_node(wire, at, end, 0))
        elif number == 10:
            domain = wire.name(at, end)
        elif number == 13:
            overload = wire.name(at, end)
        elif number == 11:
            key, default = _attribute(wire, at, end, 0)
            defaults[key] = default
    ends = tuple(names[4]), tuple(names[5])
    return FunctionProto(domain, name, *ends, tuple(nodes), defaults, overload)
