"""Inputs: sizes that a file leaves open, and what settles them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.readers.onnx.encoder import (
    INT64,
    Graph,
    graph,
    model,
    node,
    number,
    span,
    tensor,
    value,
    varint,
)
from tests.rows import each_of

from bncalc.errors import UsageError
from bncalc.readers.onnx.inputs import Inputs, settle
from bncalc.readers.onnx.proto import read_model
from bncalc.readers.onnx.value import DATA, SIZES, Value
from bncalc.readers.onnx.wire import Wire

BATCH = ("the file does not fix the batch size; it is 1 here",)


def settled(
    sizes: Mapping[str, Any],
    given: Mapping[str, Any] = {},
    shape: tuple[int, ...] | None = None,
    nodes: tuple[bytes, ...] = (),
) -> Inputs:
    """Return the inputs of a file whose inputs have these sizes, by what is given."""
    inputs = [span(11, value(name, dims, KINDS.get(name, 1))) for name, dims in sizes.items()]
    body = Graph(graph(nodes, [tensor("w", [4])], {"w": [4]}) + b"".join(inputs))
    return settle(read_model(Wire(model(body))).graph, "net.onnx", given, shape)


KINDS = {"n": INT64}


@each_of(
    [
        ({"x": [2, 3, 8]}, {}, None, {"x": (2, 3, 8)}, ()),
        ({"x": ["N", 3, 8]}, {}, None, {"x": (1, 3, 8)}, BATCH),
        ({"x": ["N", 3, 8], "z": ["N", "N"]}, {}, None, {"x": (1, 3, 8), "z": (1, 1)}, BATCH),
        ({"x": ["N", 5], "h": [2, -1, 8]}, {}, None, {"x": (1, 5), "h": (2, 1, 8)}, BATCH),
        ({"x": ["N", 3, 8]}, {"N": 5}, None, {"x": (5, 3, 8)}, BATCH),
        ({"x": ["N", 3, "T"]}, {"T": 9}, None, {"x": (1, 3, 9)}, BATCH),
        ({"x": [2, 3, "T"], "z": [2, "T"]}, {"x": (4, 7)}, None, {"x": (2, 4, 7), "z": (2, 7)}, ()),
        ({"x": [2, 3, "T"], "z": [2, "T"]}, {}, (4, 7), {"x": (2, 4, 7), "z": (2, 7)}, ()),
        ({"x": [2, 3, 8]}, {"x": (5, 4, 7)}, None, {"x": (5, 4, 7)}, ()),
        ({"x": [2, 3, "H", "W"]}, {"x": 20}, None, {"x": (2, 3, 20, 20)}, ()),
        ({"x": [2, 3, "H", "W"]}, {"x": (20,)}, None, {"x": (2, 3, 20, 20)}, ()),
        ({"x": [2, "T"]}, {"x": 20}, None, {"x": (2, 20)}, ()),
        ({"x": None}, {"x": (3, 8)}, None, {"x": (1, 3, 8)}, BATCH),
        ({"a.1": [2, "T"]}, {"a_1": 20}, None, {"a.1": (2, 20)}, ()),
        ({"1a": [2, "T"]}, {"_1a": 20}, None, {"1a": (2, 20)}, ()),
    ]
)
def test_sizes_are_those_of_the_file_and_those_given(sizes, given, shape, expected, notes):
    inputs = settled(sizes, given, shape)
    assert {name: held.dims for name, held in inputs.values.items()} == expected
    assert inputs.notes == notes


@each_of([(None, (7, 1, 4)), (0, (7, 1, 4)), (1, (1, 7, 4))])
def test_batch_of_a_recurrent_layer_is_where_its_layout_says(layout, expected):
    """What is open on the other axis are the steps."""
    sizes = ["T", "N", 4] if expected[0] == 7 else ["N", "T", 4]
    states = {"h": [2, "N", 5], "c": [2, "N", 5]}
    written = {} if layout is None else {"layout": layout}
    lstm = node("LSTM", ["x", "w", "r", "", "", "h", "c"], "y", **written)
    inputs = settled({"x": sizes, **(states if expected[0] == 7 else {})}, {"T": 7}, None, (lstm,))
    assert inputs.values["x"].dims == expected
    assert {held.dims for name, held in inputs.values.items() if name != "x"} <= {(2, 1, 5)}
    assert inputs.symbols == {"T": 7, "N": 1}


def test_value_of_a_single_number_may_decide():
    assert settled({"n": [1, 1]}, {"n": 5}).values["n"] == Value(INT64, (1, 1), (5,), SIZES)
    assert settled({"n": []}, {"n": 5}).values["n"] == Value(INT64, (), (5,), SIZES)
    assert settled({"n": []}).values["n"] == Value(INT64, (), None, DATA)
    assert settled({"n": [1]}, {"n": 0.5}).values["n"].numbers == (0.5,)


@each_of(
    [
        ({"x": [1, 3, "H", "W"]}, {}, "height and width of 'x' are not fixed; give --input 3,640,"),
        ({"x": [1, "C", 8, 9]}, {}, "channels of 'x' is not fixed; give --input 3,8,9"),
        ({"x": [1, 3, 4, 5, "W"]}, {}, "width of 'x' is not fixed; give --input 3,4,5,640"),
        ({"x": [1, "S", "T"]}, {}, "S and T of 'x' are not fixed; give net.onnx@S=128@T=128"),
        ({"x": [1, "S.1"]}, {}, "S.1 of 'x' is not fixed; give net.onnx@S_1=128"),
        ({"x": [1, 3, 8, 8], "z.1": [1, 3, "H", 9]}, {},
         "height of 'z.1' is not fixed; give net.onnx@z_1=3,640,9"),
        (
            {"x": [1, "S"], "z": [1, "A", "B", "C"]},
            {},
            "S of 'x' is not fixed; channels, height and width of 'z' are not fixed; give "
            "net.onnx@S=128@z=3,640,640",
        ),
        ({"x": [1, "S"], "z": [1, "S", "S"], "y": [1, "T"]}, {},
         "S of 'x' and 'z' is not fixed; T of 'y' is not fixed; give net.onnx@S=128@T=128"),
        ({"x": [1, -1, -1, 3], "z": [-1, 9, 9, 3]}, {},
         "height and width of 'x' are not fixed; give --input 640,640,3"),
        ({"x": [1, 3, -1, -1], "z": [1, 3, -1, 9]}, {},
         "height of 'z' is not fixed; give net.onnx@3,640,640@z=3,640,9"),
        ({"x": None}, {}, "channels, height and width of 'x' are not fixed; give --input 3,640,"),
        ({"x": ["N", -1, 80]}, {}, "axis 1 of 'x' is not fixed; give --input 128,80"),
        ({"x": ["N", -1, 8, 9]}, {}, "channels of 'x' is not fixed; give --input 3,8,9"),
        ({"x": [1, "T"]}, {"t": 5}, "net.onnx has no setting 't' (did you mean 'T'?)"),
        ({"x": [1, "T"]}, {"T": 0}, "T is 0; it must be a whole number of at least 1"),
        ({"x": [1, "T"]}, {"T": 2**40 + 1}, "T is 1099511627777; it must be a whole number"),
        ({"x": [1, "T"]}, {"T": 1.5}, "T is 1.5; it must be a whole number of at least 1"),
        ({"x": [1, 3, "T"]}, {"x": (1, 2, 3, 4)}, "4 sizes are given for 'x', which has 3 axes"),
        ({"x": [1, 3, 8, 8]}, {"x": (8, 8)}, "2 sizes are given for 'x', which has 4 axes"),
        ({"n": [1]}, {"n": "a"}, "n is 'a'; it must be a number"),
    ]
)  # fmt: skip
def test_what_is_left_open_or_does_not_fit_is_said(sizes, given, message):
    with pytest.raises(UsageError) as error:
        settled(sizes, given)
    assert message in str(error.value)


@each_of([(4, "sequence"), (5, "map")])
def test_input_that_is_no_tensor_is_refused(field, kind):
    """One that may be left out, field 9, is refused for what it is if it is there."""
    of_it = span(field, span(1, span(1, number(1, 1))))
    for type_ in (of_it, span(9, span(1, of_it))):
        body = graph([], [], {"x": [3]}) + span(11, span(1, "s") + span(2, type_))
        with pytest.raises(UsageError) as error:
            settle(read_model(Wire(model(body))).graph, "net.onnx", {}, None)
        said = f"net.onnx: the input 's' is a {kind}; models are read whose inputs are tensors"
        assert str(error.value) == said


def test_tensor_that_may_be_left_out_or_has_few_elements_has_its_sizes():
    sizes = span(1, number(1, 1) + span(2, span(1, number(1, 4)) + span(1, number(1, 5))))
    sparse = sizes.replace(sizes[:1], varint(8 << 3 | 2), 1)
    for type_ in (span(9, span(1, sizes)), sparse):
        body = graph([]) + span(11, span(1, "x") + span(2, type_))
        inputs = settle(read_model(Wire(model(body))).graph, "net.onnx", {}, None)
        assert inputs.values["x"].dims == (4, 5)
