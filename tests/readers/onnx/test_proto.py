"""The records of a model: what is taken from a file, and what a small tensor holds."""

from __future__ import annotations

from struct import pack
from typing import Any

import pytest
from tests.readers.onnx import encoder
from tests.readers.onnx.encoder import attribute, graph, model, node, span, tensor, typed
from tests.rows import each_of
from tests.work import calls

import bncalc
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx import proto
from bncalc.readers.onnx.properties import read_properties
from bncalc.readers.onnx.proto import Attribute, ModelProto, read_model
from bncalc.readers.onnx.tensor import TensorProto, numbers
from bncalc.readers.onnx.wire import Wire

BATCH: list[int | str] = ["batch", 3]


def read(data: bytes) -> ModelProto:
    return read_model(Wire(data))


def test_model_is_its_graph_producer_and_operator_set():
    relu = node("Relu", "x", "y", name="/act/Relu")
    read_back = read(model(graph([relu], [tensor("w", [8, 3])], {"x": BATCH}, "y")))
    assert (read_back.producer, read_back.opset) == ("tests 1", 17)
    (operation,) = read_back.graph.nodes
    assert (operation.op, operation.inputs, operation.outputs) == ("Relu", ("x",), ("y",))
    assert operation.name == "/act/Relu"
    assert [(each.name, each.dims) for each in read_back.graph.tensors] == [("w", (8, 3))]
    assert read_back.graph.inputs[0].dims == ("batch", 3)


def test_attributes_keep_their_kind():
    given: dict[str, Any] = {
        "i": -2,
        "f": 0.5,
        "s": "SAME_UPPER",
        "ints": [1, 2],
        "none": [],
        "floats": [0.5, 2.0],
    }
    (operation,) = read(model(graph([node("Any", "x", "y", **given)]))).graph.nodes
    expected = {**given, "s": b"SAME_UPPER", "ints": (1, 2), "none": (), "floats": (0.5, 2.0)}
    assert {name: each.value for name, each in operation.attributes.items()} == expected


def test_a_field_of_a_later_version_is_passed_over():
    relu = node("Relu", "x", "y")
    (operation,) = read(model(graph([encoder.number(16, 5) + relu]))).graph.nodes
    assert (operation.op, operation.inputs) == ("Relu", ("x",))


def test_number_left_out_of_an_attribute_is_zero():
    empty = span(5, span(1, "axis") + encoder.number(20, 2))
    (operation,) = read(model(graph([node("Any", "x", "y") + empty]))).graph.nodes
    assert operation.attributes == {"axis": Attribute(0)}


def test_an_attribute_of_no_kind_and_without_a_number_is_nothing():
    (operation,) = read(
        model(graph([node("Any", "x", "y") + span(5, span(1, "axis"))]))
    ).graph.nodes
    assert operation.attributes == {"axis": Attribute(None)}


def test_properties_of_a_node_are_read_when_they_are_asked_for():
    noted = {"stack": "line 1, scopes", "scopes": "['a']", "classes": "['A']"}
    relu = node("Relu", "x", "y", properties=noted) + span(9, b"\xff")  # which nobody asks for
    wire = Wire(model(graph([relu])))
    (operation,) = read_model(wire).graph.nodes
    texts = read_properties(wire, operation.properties, (b"scopes", b"classes", b"else"))
    assert texts == ["['a']", "['A']", ""]


def test_an_empty_property_is_none_whatever_follows_it():
    key = span(1, "scopes") + span(2, "['a']")
    wire = Wire(key)
    assert read_properties(wire, [(0, 0)], (b"scopes",)) == [""]
    assert read_properties(wire, [(0, len(key))], (b"scopes",)) == ["['a']"]


def test_a_tensor_that_is_there_twice_is_damage(tmp_path):
    held = [tensor("w", (4, 3, 1, 1)), tensor("w", (8, 3, 1, 1))]
    path = tmp_path / "net.onnx"
    path.write_bytes(model(graph([node("Conv", "x w", "y")], held, {"x": [1, 3, 8, 8]}, "y")))
    with pytest.raises(bncalc.SpecError, match=r"byte \d+: the file has the tensor 'w' twice"):
        bncalc.load(str(path))


@pytest.mark.parametrize(
    "first", [node("Relu", "x", "y"), node("Relu", "x", "w"), node("Relu", "x", "x")]
)
def test_a_name_of_two_things_is_damage(first, tmp_path):
    path = tmp_path / "net.onnx"
    nodes = [first, node("Conv", "x w", "y")]
    path.write_bytes(model(graph(nodes, [tensor("w", (4, 3, 1, 1))], {"x": [1, 3, 8, 8]}, "y")))
    with pytest.raises(
        bncalc.SpecError, match=r"(Relu|Conv) makes '.', which the file has already"
    ):
        bncalc.load(str(path))


def test_branches_are_graphs_within():
    branch = graph([node("Relu", "x", "z")])
    (operation,) = read(model(graph([node("If", "c", "y", then_branch=branch)]))).graph.nodes
    within = operation.attributes["then_branch"].value
    assert [each.op for each in within.nodes] == ["Relu"]  # type: ignore[attr-defined]


def test_vocabulary_of_any_length_is_an_attribute():
    words = "word " * 50_000
    (operation,) = read(
        model(graph([node("BertTokenizer", "x", "y", domain="own", vocab=words, axis=3)]))
    ).graph.nodes
    assert words.startswith(operation.attributes["vocab"].value.decode())  # type: ignore[attr-defined]
    assert operation.attributes["axis"].value == 3


@each_of(
    [(7, "q", (1, -1, 2**40)), (1, "f", (0.5, 2.0)), (6, "i", (3, -3)), (9, "?", (True, False))],
)
def test_numbers_of_small_tensors_are_read(kind, form, values):
    raw = pack(f"<{len(values)}{form}", *values)
    data = model(graph([], [typed("t", [len(values)], kind, raw)]))
    wire = Wire(data)
    (small,) = read_model(wire).graph.tensors
    assert numbers(wire, small) == values


def test_numbers_may_lie_in_the_field_of_their_type():
    header = encoder.number(1, 2) + encoder.number(2, 7) + span(8, "t")
    wire = Wire(model(graph([], [header + encoder.number(7, 4) + encoder.number(7, -4)])))
    (small,) = read_model(wire).graph.tensors
    assert numbers(wire, small) == (4, -4)


@each_of(
    [
        (4096, 7, 8 * 4096, None),
        (2, 1, 6, "a tensor with numbers of 4 bytes holds 6 bytes"),
        (2, 7, 8 * 4097, "a tensor with numbers of 8 bytes holds 32776 bytes"),
        (2, 7, 8 * 3, "a tensor of 2 elements holds 3 numbers"),
    ],
)
def test_bytes_of_numbers_are_held_to_their_width_and_to_how_many_are_read(
    size, kind, held, message
):
    wire = Wire(model(graph([], [typed("t", [size], kind, bytes(held))])))
    (small,) = read_model(wire).graph.tensors
    if message is None:
        assert numbers(wire, small) == (0,) * size
        return
    with pytest.raises(Damaged, match=message):
        numbers(wire, small)


def test_numbers_of_weights_are_not_read():
    wire = Wire(model(graph([], [tensor("w", [64, 65])])))
    (weights,) = read_model(wire).graph.tensors
    assert numbers(wire, weights) is None


def test_tensor_in_another_file_needs_its_header_alone():
    header = b"".join(encoder.number(1, size) for size in (512, 512)) + encoder.number(2, 1)
    external = header + span(8, "w") + span(13, span(1, "location") + span(2, "../secret"))
    wire = Wire(model(graph([], [external + encoder.number(14, 1)])))
    (weights,) = read_model(wire).graph.tensors
    assert weights.dims == (512, 512)


def test_sparse_tensor_counts_what_it_is_when_written_out():
    values = tensor("w", [3], [1.0, 2.0, 3.0])
    sparse = span(1, values) + encoder.number(3, 8) + encoder.number(3, 4)
    (weights,) = read(model(graph([]) + span(15, sparse))).graph.tensors
    assert (weights.name, weights.dims) == ("w", (8, 4))


def nested(depth: int) -> bytes:
    """A graph with as many graphs within each other."""
    inner = graph([])
    for _ in range(depth):
        inner = graph([node("If", "c", "y", then_branch=inner)])
    return inner


@each_of(
    [
        (b"", "byte 0: the file is empty"),
        (b"\x08\x07", "byte 2: the file ends without a graph"),
        (b"layers: [conv]\n", "byte 0: this is not an ONNX file: a field is of the unknown kind 4"),
        (
            model(graph([], [tensor("w", [0] * 17, [])])),
            "a tensor has 17 axes; at most 16 are read",
        ),
        (
            model(graph([], [tensor("w", [-1], [])])),
            "a tensor has an axis of size -1; it must be from 0 to",
        ),
        (model(nested(40)), "graphs are nested more than 32 deep"),
        (model(span(1, encoder.number(4, 3))), "a number is here, and bytes are expected"),
        (model(span(1, span(5, attribute("i", 1)[:-1]))), "a number is cut off"),
    ]
)
def test_what_is_no_model_is_refused_with_its_place(data, message):
    with pytest.raises(Damaged, match=message):
        read(data)


def test_small_tensor_must_hold_what_its_sizes_say():
    wire = Wire(model(graph([], [typed("t", [3], 7, bytes(16))])))
    (small,) = read_model(wire).graph.tensors
    with pytest.raises(Damaged, match="a tensor of 3 elements holds 2 numbers"):
        numbers(wire, small)


def test_attributes_of_the_same_bytes_are_read_once():
    pool: dict[str, Any] = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    few, many = (
        model(graph([node("MaxPool", "x", "y", **pool) for _ in range(count)]))
        for count in (10, 40)
    )
    assert calls(lambda: read(many)) < 60 * 30 + calls(lambda: read(few))


def test_what_nodes_have_after_their_operation_is_read_once_and_names_are_their_own():
    settings: dict[str, Any] = {"kernel_shape": [3, 3], "group": 1}
    ends = [node("Conv", "x", f"y{n}", name=f"conv{n}", **settings) for n in range(2)]
    late = [span(4, "Conv") + span(1, each) + span(2, "z") for each in "ab"]
    noted = [node("Relu", "x", "y", properties={"note": each}) for each in "ab"]
    constants = [node("Constant", [], "c", value=tensor("", [1], [each])) for each in (1, 2)]
    wire = Wire(model(graph([*ends, *late, *noted, *constants])))
    nodes = read_model(wire).graph.nodes
    assert [each.name for each in nodes[:2]] == ["conv0", "conv1"]
    assert nodes[0].attributes is nodes[1].attributes
    assert [each.inputs for each in nodes[2:4]] == [("a",), ("b",)]
    assert [read_properties(wire, each.properties, (b"note",)) for each in nodes[4:6]] == [
        ["a"],
        ["b"],
    ]
    values = [given.value for each in nodes[6:] for given in each.attributes.values()]
    tensors = [value for value in values if isinstance(value, TensorProto)]
    assert [numbers(wire, held) for held in tensors] == [(1,), (2,)]


def test_more_nodes_than_are_read_are_refused_before_all_are(monkeypatch):
    monkeypatch.setattr(proto, "MOST_STEPS", 3)
    nodes = [node("Relu", "x", f"y{i}") for i in range(4)]
    data = model(graph(nodes, [], {"x": [1]}, "y0"))
    with pytest.raises(Damaged, match="more than 3 operations") as error:
        read_model(Wire(data))
    assert data[error.value.at :].startswith(nodes[3])
