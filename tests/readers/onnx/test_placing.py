"""The table of placers: each entry is a function, and a family is imported when it is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from tests.readers.onnx.encoder import Dims, file, graph, model, node, tensor
from tests.rows import each_of
from tests.work import calls

from bncalc.analysis.measurement import measure
from bncalc.loading import loaded
from bncalc.model.op import Op
from bncalc.model.ops.activation import Softmax
from bncalc.model.ops.attention import ClassToken, RelativePositionBias
from bncalc.model.ops.convolution import ConvTranspose, Linear
from bncalc.model.ops.foreign import Foreign
from bncalc.model.ops.joining import Add
from bncalc.model.ops.normalisation import GroupNorm, InstanceNorm, LayerNorm, RmsNorm
from bncalc.model.ops.reducing import Mean
from bncalc.model.ops.resizing import Pad
from bncalc.model.registry import OPS
from bncalc.model.shape import Shape
from bncalc.opening.model import open_model
from bncalc.readers.onnx.interpretation import CONTROLS
from bncalc.readers.onnx.patterns import patterns_of
from bncalc.readers.onnx.placing import PLACERS, UNKNOWN
from bncalc.readers.onnx.placing.words import (
    GLOBAL,
    NATIVE,
    NATIVE_JOINS,
    NATIVE_REDUCTIONS,
    POWERS,
)
from bncalc.readers.onnx.terms import is_constant


@each_of(
    sorted({*(f"placing.{place}" for place in (*PLACERS.values(), UNKNOWN)), *CONTROLS.values()})
)
def test_entry_is_a_function_that_places_or_writes_out(place):
    function = loaded(f"readers.onnx.{place}")
    assert f"{function.__module__}:{function.__name__}" == f"bncalc.readers.onnx.{place}"


def test_words_are_those_of_ops():
    reductions = {word for words in NATIVE_REDUCTIONS.values() for word in words}
    words = {*NATIVE.values(), *NATIVE_JOINS, *GLOBAL.values(), *POWERS.values(), *reductions}
    assert words <= set(OPS)


def test_no_pattern_is_looked_for_that_a_model_has_no_operations_for():
    found = {last: [p.word for p in each] for last, each in patterns_of({"Mul", "Sigmoid"}).items()}
    assert found == {"Mul": ["SiLU"]}
    assert not patterns_of({"Add", "Mul"})


def test_layer_like_an_earlier_one_is_not_worked_out_again(tmp_path):
    def chain(count: int) -> str:
        nodes, tensors = [], []
        for index in range(count):
            nodes.append(node("Conv", f"y{index} w{index}", f"y{index + 1}", pads=[1, 1, 1, 1]))
            tensors.append(tensor(f"w{index}", [3, 3, 3, 3]))
        path = tmp_path / f"{count}.onnx"
        path.write_bytes(model(graph(nodes, tensors, {"y0": [1, 3, 32, 32]}, f"y{count}")))
        return str(path)

    few, many = chain(10), chain(40)
    open_model(few)  # what is imported on use is there
    each = (calls(lambda: open_model(many)) - calls(lambda: open_model(few))) / 30
    assert each < 580


class Row(NamedTuple):
    """Operations, their constants and inputs, and the last layer: its word, output and op.

    Without an op it is one of none of ours.
    """

    nodes: Sequence[bytes]
    held: Mapping[str, Any]
    inputs: Mapping[str, Dims]
    word: str
    output: Sequence[int]
    op: Op | None = None


def grouped(groups: int) -> Row:
    nodes = [
        node("Reshape", "x apart", "a"),
        node("InstanceNormalization", "a one zero", "b"),
        node("Reshape", "b sizes", "c"),
        node("Mul", "c scale", "d"),
        node("Add", "d shift", "y"),
    ]
    held = {"apart": [1, groups, -1], "sizes": [1, 6, 4, 4], "one": (groups,), "zero": (groups,)}
    norm = GroupNorm(groups=groups)
    affine = {"scale": (6, 1, 1), "shift": (6, 1, 1)}
    return Row(nodes, held | affine, {"x": [1, 6, 4, 4]}, "group_norm", (6, 4, 4), norm)


SCORES = [
    node("Transpose", "k", "kt", perm=[0, 1, 3, 2]),
    node("MatMul", "q kt", "s"),
    node("Mul", "s scale", "t"),
]
OFFSETS = [
    node("Gather", "table at", "g", axis=0),
    node("Reshape", "g sizes", "h"),
    node("Transpose", "h", "b", perm=[2, 0, 1]),
]
NORM = [
    node("ReduceMean", "x", "m", axes=[-1]),
    node("Sub", "x m", "d"),
    node("Pow", "d two", "q"),
    node("ReduceMean", "q", "v", axes=[-1]),
    node("Add", "v eps", "w"),
    node("Sqrt", "w", "s"),
    node("Div", "d s", "y"),
]
CHANNELS_LAST = node("Transpose", "x", "t", perm=[0, 2, 3, 1])


def offset(queries: Sequence[int], keys: int, *before: bytes) -> dict[str, Any]:
    """Constants and inputs of scores of 3 heads and 4 queries, with offsets of 2 × 2 positions."""
    count, heads, _, depth = queries
    held = {"scale": 0.5, "table": (9, 3), "at": [0] * 4 * keys, "sizes": [4, keys, 3]}
    return {"held": held, "inputs": {"q": queries, "k": [count, heads, keys, depth]}}


ROWS = {
    "norm without a scale": Row(
        NORM, {"two": 2.0, "eps": 1e-3}, {"x": [1, 5, 8]},
        "layer_norm", (8, 5), LayerNorm(affine=False, eps=1e-3),
    ),
    "norm of the last axis, counted from the front": Row(
        [
            node("ReduceMean", "x", "m", axes=[2]),
            node("Sub", "x m", "d"),
            node("Mul", "d d", "q"),
            node("ReduceMean", "q", "v", axes=[2]),
            *NORM[4:],
        ],
        {"eps": 1e-5}, {"x": [1, 5, 8]}, "layer_norm", (8, 5), LayerNorm(affine=False),
    ),
    "norm of all numbers at once": Row(
        [
            node("ReduceMean", "x", "m"), *NORM[1:3], node("ReduceMean", "q", "v"), *NORM[4:],
        ],
        {"two": 2.0, "eps": 1e-5}, {"x": [1, 5, 8]}, "layer_norm", (8, 5), LayerNorm(affine=False),
    ),
    "norm as one operation": Row(
        [node("LayerNormalization", "x g b", "y", epsilon=1e-6)], {"g": (8,), "b": (8,)},
        {"x": [1, 5, 8]}, "layer_norm", (8, 5), LayerNorm(eps=1e-6),
    ),
    "norm with the weights of an earlier one": Row(
        [node("LayerNormalization", "x g b", "m"), node("LayerNormalization", "m g b", "y")],
        {"g": (8,), "b": (8,)}, {"x": [1, 5, 8]}, "layer_norm", (8, 5), LayerNorm(),
    ),
    "norm whose scale is fixed, after another": Row(
        [
            node("Expand", "one sizes", "ones"), node("Cast", "ones", "g", to=1),
            node("Expand", "zero sizes", "zeros"), node("Cast", "zeros", "b", to=1),
            node("InstanceNormalization", "x g b", "m"),
            node("InstanceNormalization", "m g b", "y"),
        ],
        {"one": [1], "zero": [0], "sizes": [8]}, {"x": [1, 8, 5]},
        "instance_norm", (8, 5), InstanceNorm(affine=False),
    ),
    "norm of two axes at once": Row(
        [node("LayerNormalization", "x g b", "y", axis=1)], {"g": (5, 8), "b": (5, 8)},
        {"x": [1, 5, 8]}, "layer_norm", (8, 5),
    ),
    "norm of the last axis, which nobody names": Row(
        [node("RMSNormalization", "x g", "y")], {"g": (8,)}, {"x": [1, 5, 8]},
        "rms_norm", (8, 5), RmsNorm(eps=1e-5),
    ),
    "norm of two groups": grouped(2),
    "norm of three groups": grouped(3),
    "mean over rows that stay, channels last": Row(
        [CHANNELS_LAST, node("ReduceMean", "t", "y", axes=[1])], {}, {"x": [1, 3, 8, 9]},
        "mean", (3, 1, 9), Mean(over=(1,)),
    ),
    "mean over rows that go, channels last": Row(
        [CHANNELS_LAST, node("ReduceMean", "t", "y", axes=[1], keepdims=0)], {},
        {"x": [1, 3, 8, 9]}, "mean", (3, 1, 9), Mean(over=(1,)),
    ),
    "mean over heads": Row(
        [*SCORES, node("Softmax", "t", "p", axis=-1), node("ReduceMean", "p", "y", axes=[1])],
        {"scale": 0.5}, {"q": [1, 2, 5, 4], "k": [1, 2, 5, 4]}, "mean", (1, 5, 5), Mean(over=(0,)),
    ),
    "offsets of attention": Row(
        [*SCORES, *OFFSETS, node("Add", "t b", "y")], **offset([1, 3, 4, 4], 4),
        word="relative_position_bias", output=(3, 4, 4), op=RelativePositionBias(window=2),
    ),
    "offsets of attention in 4 windows": Row(
        [
            node("Reshape", "x windows", "q"), node("Relu", "q", "k"),
            *SCORES, *OFFSETS, node("Add", "t b", "y"),
        ],
        {**offset([4, 3, 4, 4], 4)["held"], "windows": [4, 3, 4, 4]}, {"x": [1, 3, 16, 4]},
        "relative_position_bias", (3, 16, 4), RelativePositionBias(window=2),
    ),
    "as many numbers, of no square window": Row(
        [*SCORES, *OFFSETS, node("Add", "t b", "y")], **offset([1, 3, 4, 4], 5),
        word="add", output=(3, 4, 5),
    ),
    "as many numbers, of no attention": Row(
        [*OFFSETS, node("Add", "q b", "y")], **offset([1, 3, 4, 4], 4),
        word="add", output=(3, 4, 4),
    ),
    "softmax over the last axis of an image": Row(
        [node("Softmax", "x", "y", axis=-1)], {}, {"x": [1, 3, 8, 9]},
        "softmax", (3, 8, 9), Softmax(over=(-1,)),
    ),
    "softmax over the channels of tokens": Row(
        [node("MatMul", "x w", "a"), node("Softmax", "a", "y", axis=-1)], {"w": (8, 8)},
        {"x": [1, 5, 8]}, "softmax", (8, 5), Softmax(over=(0,)),
    ),
    "softmax over the last axis, whatever became of the others": Row(
        [node("Reshape", "x sizes", "a"), node("Softmax", "a", "y", axis=-1)],
        {"sizes": [1, 24, 8]}, {"x": [1, 3, 8, 8]}, "softmax", (3, 8, 8), Softmax(over=(-1,)),
    ),
    "softmax over tokens": Row(
        [node("MatMul", "x w", "a"), node("Softmax", "a", "y", axis=1)], {"w": (8, 8)},
        {"x": [1, 5, 8]}, "softmax", (8, 5), Softmax(over=(-1,)),
    ),
    "convolution that enlarges": Row(
        [node("ConvTranspose", "x w", "y", strides=[2, 2], pads=[1] * 4, output_padding=[1, 1])],
        {"w": (3, 4, 3, 3)}, {"x": [1, 3, 8, 9]}, "conv_transpose", (4, 16, 18),
        ConvTranspose(out=4, kernel=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(1, 1),
                      output_padding=(1, 1), bias=False),
    ),
    "convolution that enlarges sequences, in groups": Row(
        [node("ConvTranspose", "x w b", "y", strides=[2], group=3)],
        {"w": (3, 2, 2), "b": (6,)}, {"x": [1, 3, 8]}, "conv_transpose", (6, 16),
        ConvTranspose(out=6, kernel=(2,), stride=(2,), padding=(0,), dilation=(1,),
                      output_padding=(0,), groups=3, bias=True),
    ),
    "zeros at the ends": Row(
        [node("Pad", "x ends", "y")], {"ends": [0, 0, 0, 1, 0, 0, 2, 3]}, {"x": [1, 3, 8, 9]},
        "pad", (3, 10, 13), Pad(size=(0, 2, 1, 3)),
    ),
    "a token before all others": Row(
        [node("MatMul", "x w", "a"), node("Concat", "c a", "y", axis=1)],
        {"w": (8, 8), "c": (1, 1, 8)}, {"x": [1, 5, 8]}, "class_token", (8, 6), ClassToken(),
    ),
    "two tokens before all others": Row(
        [node("MatMul", "x w", "a"), node("Concat", "c a", "y", axis=1)],
        {"w": (8, 8), "c": (1, 2, 8)}, {"x": [1, 5, 8]}, "concat", (8, 7),
    ),
    "product of two matrices": Row(
        [node("MatMul", "x z", "y")], {}, {"x": [1, 4], "z": [4, 5]}, "matmul", (5,),
    ),
    "vectors of a batch of 16": Row(
        [node("Gemm", "x w", "y")], {"w": (8, 10)}, {"x": [16, 8]}, "linear", (10,),
        Linear(out=10, bias=False),
    ),
    "sum with a map that has no batch": Row(
        [node("Add", "x z", "y")], {}, {"x": [1, 3, 8, 8], "z": [3, 1, 1]}, "add", (3, 8, 8), Add(),
    ),
    "rows of one place each": Row(
        [node("OneHot", "x four ends", "y")], {"four": 4, "ends": [0, 9]}, {"x": [1, 3]},
        "one_hot", (3, 4),
    ),
    "every second row": Row(
        [node("Slice", "x zero all rows two", "y")],
        {"zero": [0], "all": [2**62], "rows": [2], "two": [2]}, {"x": [1, 3, 8, 8]},
        "slice", (3, 4, 8),
    ),
    "whole numbers that arrive and are scaled": Row(
        [node("DequantizeLinear", "x s", "a"), node("Add", "a a", "y")], {"s": 0.5},
        {"x": [1, 3, 8, 8]}, "add", (3, 8, 8), Add(),
    ),
}  # fmt: skip


@each_of(ROWS)
def test_layer_is_this_op_and_has_this_shape(tmp_path, name):
    row = ROWS[name]
    last = open_model(file(tmp_path, row.nodes, row.held, row.inputs)).graphs[0].nodes[-1]
    assert (last.op.word, last.output) == (row.word, Shape(*row.output))
    assert isinstance(last.op, Foreign) if row.op is None else last.op == row.op


@each_of(
    [("any number", True), ("constant w", True), (0.5, True), ("x", False), (("Sqrt", "x"), False)]
)
def test_an_operand_of_a_pattern_is_constant_by_what_it_stands_for(operand, expected):
    assert is_constant(operand) == expected


@pytest.mark.parametrize("axis", [2, -1])
def test_input_has_its_channels_on_the_axis_that_a_norm_takes(tmp_path, axis):
    nodes = [node("ReduceMean", "x", "m", axes=[axis]), node("Sub", "x m", "y")]
    path = file(tmp_path, nodes, {}, {"x": [1, 5, 8]})
    assert open_model(path).graphs[0].input == (8, 5)


def test_queries_of_several_heads_meet_the_keys_of_one(tmp_path):
    """4 heads of 5 queries and one of 7 keys, of 8 numbers each."""
    nodes = [node("Transpose", "k", "kt", perm=[0, 1, 3, 2]), *SCORES[1:-1]]
    path = file(tmp_path, [*nodes, node("Mul", "s scale", "y")], {"scale": 0.5},
                {"q": [1, 4, 5, 8], "k": [1, 1, 7, 8]})  # fmt: skip
    graph = open_model(path).graphs[0]
    assert graph.nodes[-1].op.word == "attention_scores"
    totals = measure(graph).totals
    assert (totals.macs, totals.elementwise) == (4 * 5 * 7 * 8, 4 * 5 * 7)
