"""Rules of shapes: rows by hand, a row an operation; `make check-frameworks` runs them for real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from tests.readers.onnx.encoder import (
    BOOL,
    INT64,
    Graph,
    function,
    graph,
    model,
    node,
    span,
    tensor,
    typed,
    value,
)
from tests.rows import each_of

from bncalc.readers.binary import Damaged
from bncalc.readers.onnx import interpretation
from bncalc.readers.onnx.inference import Execution
from bncalc.readers.onnx.inputs import settle
from bncalc.readers.onnx.interpretation import infer
from bncalc.readers.onnx.proto import read_model
from bncalc.readers.onnx.value import Value
from bncalc.readers.onnx.wire import Wire

Numbers = tuple[float, ...]


class Row(NamedTuple):
    """One operation on inputs of these sizes, and the sizes of what it puts out.

    `held` are small tensors in the file, in the order of the inputs that follow; `kinds` are the
    types of inputs that are not floats.
    """

    op: str
    sizes: list[tuple[int, ...]]
    expected: Sequence[tuple[int, ...] | None]
    attributes: Mapping[str, Any] = {}
    held: Sequence[Any] = ()
    opset: int = 17
    kinds: Mapping[str, int] = {}

    def file(self) -> bytes:
        inputs = {f"x{i}": list(dims) for i, dims in enumerate(self.sizes)}
        held = {f"c{i}": each for i, each in enumerate(self.held)}
        tensors = [tensor(n, *_sized(each)) for n, each in held.items() if each is not None]
        names = [*inputs, *[name if held[name] is not None else "" for name in held]]
        outputs = [f"y{i}" for i in range(len(self.expected))]
        operation = node(self.op, names, outputs, name=self.op, **self.attributes)
        return model(graph([operation], tensors, inputs, outputs, self.kinds), opset=self.opset)


def _sized(held: Any) -> tuple[list[int], Any]:
    """Return sizes and values of a list, a number, or a tuple of sizes that stands for weights."""
    if isinstance(held, tuple):
        return list(held), None
    return ([len(held)], held) if isinstance(held, list) else ([], [held])


IMAGE = (1, 6, 8, 10)

ROWS = [
    Row("STFT", [(1, 64, 1)], [(1, 7, 9, 2)], held=[8, None, 16], opset=17),
    Row("DFT", [(1, 12, 1)], [(1, 7, 2)], {"axis": 1, "onesided": 1}, opset=17),
    Row("DFT", [(1, 12, 1)], [(1, 16, 2)], held=[16, 1], opset=20),
    Row("CenterCropPad", [IMAGE], [(1, 6, 4, 12)], {"axes": [2, 3]}, [[4, 12]], opset=18),
    Row("AffineGrid", [(1, 2, 3)], [(1, 5, 7, 2)], held=[[1, 3, 5, 7]], opset=20),
    Row("LayerNormalization", [(1, 5, 8)], [(1, 5, 8), (1, 5, 1), (1, 5, 1)], held=[(8,), (8,)]),
    Row("Relu", [IMAGE], [IMAGE]),
    Row("Add", [(2, 1, 4), (3, 1)], [(2, 3, 4)]),
    Row("Sum", [(2, 3), (3,), (1, 1)], [(2, 3)]),
    Row("Less", [(2, 3), (3,)], [(2, 3)]),
    Row("Clip", [IMAGE], [IMAGE], held=[0.0, 6.0]),
    Row("Clip", [IMAGE], [IMAGE], {"min": 0.0, "max": 6.0}, opset=7),
    Row("Cast", [(3, 2)], [(3, 2)], {"to": 7}),
    Row("PRelu", [IMAGE], [IMAGE], held=[(6, 1, 1)]),
    Row("Conv", [IMAGE], [(1, 4, 6, 8)], held=[(4, 6, 3, 3)]),
    Row("Conv", [IMAGE], [(1, 4, 4, 5)], {"pads": [1, 1, 1, 1], "strides": [2, 2]}, [(4, 6, 3, 3)]),
    Row("Conv", [IMAGE], [(1, 4, 9, 8)], {"pads": [1, 0, 2, 0]}, [(4, 6, 3, 3)]),
    Row("Conv", [IMAGE], [(1, 6, 4, 6)], {"dilations": [2, 2], "group": 6}, [(6, 1, 3, 3)]),
    Row("Conv", [IMAGE], [(1, 4, 4, 5)],
        {"auto_pad": "SAME_UPPER", "strides": [2, 2]}, [(4, 6, 3, 3)]),
    Row("Conv", [IMAGE], [(1, 4, 3, 4)], {"auto_pad": "VALID", "strides": [2, 2]}, [(4, 6, 3, 3)]),
    Row("Conv", [(1, 2, 50)], [(1, 4, 12)], {"pads": [2, 2], "strides": [4]}, [(4, 2, 8)]),
    Row("Conv", [(1, 2, 4, 8, 8)], [(1, 4, 4, 8, 8)], {"pads": [1] * 6}, [(4, 2, 3, 3, 3)]),
    Row("ConvTranspose", [IMAGE], [(1, 4, 16, 20)], {"strides": [2, 2]}, [(6, 4, 2, 2)]),
    Row("ConvTranspose", [IMAGE], [(1, 4, 16, 20)],
        {"strides": [2, 2], "pads": [1] * 4, "output_padding": [1, 1]}, [(6, 4, 3, 3)]),
    Row("ConvTranspose", [IMAGE], [(1, 4, 17, 21)],
        {"strides": [2, 2], "output_shape": [17, 21]}, [(6, 4, 3, 3)]),
    Row("ConvTranspose", [IMAGE], [(1, 8, 16, 20)],
        {"strides": [2, 2], "auto_pad": "SAME_UPPER", "group": 2}, [(6, 4, 3, 3)]),
    Row("MaxPool", [IMAGE], [(1, 6, 4, 5)], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    Row("MaxPool", [(1, 6, 7, 7)], [(1, 6, 4, 4)],
        {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
    Row("MaxPool", [(1, 2, 6, 6)], [(1, 2, 4, 4), (1, 2, 4, 4)], {"kernel_shape": [3, 3]}),
    Row("MaxUnpool", [(1, 1, 3, 4), (1, 1, 3, 4)], [(1, 1, 5, 6)],
        {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [0, 1, 1, 1]}, kinds={"x1": INT64}),
    Row("AveragePool", [(1, 6, 5, 5)], [(1, 6, 3, 3)],
        {"kernel_shape": [1, 1], "strides": [2, 2], "ceil_mode": 1}, opset=19),
    Row("GlobalAveragePool", [IMAGE], [(1, 6, 1, 1)]),
    Row("Resize", [IMAGE], [(1, 6, 16, 20)], held=[None, [1.0, 1.0, 2.0, 2.0]]),
    Row("Resize", [IMAGE], [(1, 6, 5, 7)], held=[None, [1.0, 1.0, 0.7, 0.7]]),
    Row("Resize", [(1, 1, 10, 10)], [(1, 1, 7, 3)], held=[None, [1.0, 1.0, 0.7, 0.3]]),
    Row("Resize", [IMAGE], [(1, 6, 3, 4)], held=[None, None, [1, 6, 3, 4]]),
    Row("Resize", [IMAGE], [(1, 6, 3, 4)],
        {"axes": [2, 3], "keep_aspect_ratio_policy": "not_larger"}, [None, None, [3, 20]], 19),
    Row("Resize", [IMAGE], [(1, 6, 16, 20)], held=[[1.0, 1.0, 2.0, 2.0]], opset=10),
    Row("Upsample", [IMAGE], [(1, 6, 16, 20)], {"scales": [1.0, 1.0, 2.0, 2.0]}, opset=7),
    Row("Upsample", [IMAGE], [(1, 6, 16, 20)], held=[[1.0, 1.0, 2.0, 2.0]], opset=9),
    Row("MatMul", [(5, 1, 2, 3), (4, 3, 7)], [(5, 4, 2, 7)]),
    Row("MatMul", [(3,), (4, 3, 7)], [(4, 7)]),
    Row("MatMul", [(4, 2, 3), (3,)], [(4, 2)]),
    Row("MatMul", [(3,), (3,)], [()]),
    Row("Gemm", [(1, 6)], [(1, 4)], {"transB": 1}, [(4, 6), (4,)]),
    Row("Gemm", [(6, 1)], [(1, 4)], {"transA": 1}, [(6, 4), (4,)]),
    Row("Einsum", [(2, 3, 4), (2, 4, 5)], [(2, 3, 5)], {"equation": "bij,bjk->bik"}),
    Row("Einsum", [(2, 3, 4), (4, 5)], [(2, 3, 5)], {"equation": "...i,ij->...j"}),
    Row("Einsum", [(3, 4), (4, 5)], [(3, 5)], {"equation": "ij,jk"}),
    Row("LSTM", [(7, 1, 4)], [(7, 2, 1, 5), (2, 1, 5), (2, 1, 5)],
        {"hidden_size": 5, "direction": "bidirectional"}, [(2, 20, 4), (2, 20, 5), (2, 40)]),
    Row("GRU", [(7, 1, 4)], [(7, 1, 1, 5), (1, 1, 5)],
        {"hidden_size": 5}, [(1, 15, 4), (1, 15, 5)]),
    Row("Shape", [IMAGE], [(2,)], {"start": 1, "end": -1}),
    Row("Reshape", [IMAGE], [(1, 6, 80)], held=[[0, 0, -1]]),
    Row("Reshape", [(0, 3)], [(3, 0)], {"allowzero": 1}, [[3, 0]]),
    Row("Flatten", [IMAGE], [(1, 480)]),
    Row("Flatten", [IMAGE], [(48, 10)], {"axis": -1}),
    Row("Squeeze", [(1, 6, 1, 1)], [(6,)]),
    Row("Squeeze", [(1, 6, 1, 1)], [(1, 6, 1)], held=[[-1]]),
    Row("Squeeze", [(1, 6, 1, 1)], [(1, 6)], {"axes": [2, 3]}, opset=11),
    Row("Unsqueeze", [(6,)], [(1, 6, 1)], held=[[0, 2]]),
    Row("Unsqueeze", [(6,)], [(1, 6, 1)], {"axes": [0, -1]}, opset=11),
    Row("Transpose", [(2, 3, 4)], [(4, 3, 2)]),
    Row("Transpose", [(2, 3, 4)], [(2, 4, 3)], {"perm": [0, 2, 1]}),
    Row("Concat", [(1, 2, 3), (1, 5, 3)], [(1, 7, 3)], {"axis": -2}),
    Row("Split", [(1, 7, 3)], [(1, 3, 3), (1, 3, 3), (1, 1, 3)],
        {"axis": 1, "num_outputs": 3}, opset=18),
    Row("Split", [(1, 7, 3)], [(1, 2, 3), (1, 5, 3)], {"axis": 1}, [[2, 5]]),
    Row("Split", [(1, 6, 3)], [(1, 2, 3), (1, 4, 3)], {"axis": 1, "split": [2, 4]}, opset=11),
    Row("Slice", [(1, 8, 9)], [(1, 3, 4)], held=[[1, 8], [7, 0], [1, 2], [2, -2]]),
    Row("Slice", [(1, 8, 9)], [(1, 2, 9)], {"starts": [-2], "ends": [99], "axes": [1]}, opset=9),
    Row("Slice", [(4,)], [(4,)], held=[[-1], [-(2**63)], [0], [-1]]),
    Row("Slice", [(4, 2)], [(1, 2)], held=[[-5], [-(2**63)], [0], [-2]]),
    Row("Gather", [(5, 6, 7)], [(5, 2, 7)], {"axis": 1}, [[0, 3]]),
    Row("Gather", [(5, 6)], [(5,)], {"axis": -1}, [2]),
    Row("Expand", [(3, 1)], [(2, 3, 4)], held=[[2, 1, 4]]),
    Row("Tile", [(2, 3)], [(4, 9)], held=[[2, 3]]),
    Row("Pad", [IMAGE], [(1, 6, 11, 12)], held=[[0, 0, 1, 2, 0, 0, 2, 0]]),
    Row("Pad", [IMAGE], [(1, 6, 8, 13)], held=[[1, 2], None, [3]], opset=18),
    Row("Pad", [IMAGE], [(1, 6, 10, 10)], {"pads": [0, 0, 1, 0, 0, 0, 1, 0]}, opset=10),
    Row("DepthToSpace", [(1, 8, 3, 4)], [(1, 2, 6, 8)], {"blocksize": 2}),
    Row("SpaceToDepth", [(1, 2, 6, 8)], [(1, 8, 3, 4)], {"blocksize": 2}),
    Row("TopK", [(1, 9)], [(1, 4), (1, 4)], held=[[4]]),
    Row("ArgMax", [(1, 9, 4)], [(1, 4)], {"axis": 1, "keepdims": 0}),
    Row("ReduceMean", [IMAGE], [(1, 6, 1, 1)], {"axes": [2, 3]}),
    Row("ReduceMean", [IMAGE], [(1, 6)], {"keepdims": 0}, [[2, 3]], 18),
    Row("ReduceSum", [IMAGE], [(1, 1, 1, 1)]),
    Row("LayerNormalization", [(1, 5, 6)], [(1, 5, 6)], held=[(6,), (6,)]),
    Row("BatchNormalization", [IMAGE], [IMAGE], held=[(6,), (6,), (6,), (6,)]),
    Row("GridSample", [IMAGE, (1, 3, 4, 2)], [(1, 6, 3, 4)]),
    Row("RoiAlign", [IMAGE, (3, 4)], [(3, 6, 2, 5)],
        {"output_height": 2, "output_width": 5}, [[0, 0, 0]]),
    Row("GlobalMaxPool", [IMAGE], [(1, 6, 1, 1)]),
    Row("LpPool", [IMAGE], [(1, 6, 4, 5)], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    Row("Col2Im", [(1, 5, 5)], [(1, 1, 5, 5)], held=[[5, 5], [1, 5]], opset=18),
    Row("RNN", [(7, 1, 4)], [(7, 1, 1, 5), (1, 1, 5)],
        {"hidden_size": 5}, [(1, 5, 4), (1, 5, 5)]),
    Row("GatherElements", [(5,)], [(3,)], held=[[0, 2, 1]]),
    Row("GatherND", [(5, 6, 7)], [(7,)], held=[[1, 2]]),
    Row("ScatterElements", [(5,)], [(5,)], held=[[1, 3], [0.5, 1.5]]),
    Row("Size", [IMAGE], [()]),
    Row("EyeLike", [(3, 4)], [(3, 4)]),
    Row("ArgMin", [(1, 9, 4)], [(1, 1, 4)], {"axis": 1}),
    Row("ReduceMax", [IMAGE], [(1, 8, 10)], {"axes": [1], "keepdims": 0}),
    Row("OneHot", [], [(3, 4)], held=[[0, 2, 1], 4, [0, 9]]),
    Row("OneHot", [], [(4, 3)], {"axis": 0}, [[0, 2, 1], 4, [0, 9]]),
    Row("Det", [(4, 3, 3)], [(4,)]),
    Row("NegativeLogLikelihoodLoss", [(3, 5)], [(3,)], {"reduction": "none"}, [[0, 4, 1]]),
    Row("SoftmaxCrossEntropyLoss", [(3, 5)], [(), (3, 5)], held=[[0, 4, 1]]),
    Row("Range", [], [(4,)], held=[3, 10, 2]),
    Row("Range", [], [(3,)], held=[5, 0, -2]),
    Row("Range", [], [(0,)], held=[5, 1, 1]),
    Row("ConstantOfShape", [], [(2, 3)], held=[[2, 3]]),
    Row("HannWindow", [], [(10,)], held=[10]),
    Row("MelWeightMatrix", [], [(9, 8)], held=[8, 16, 8000, 0.0, 4000.0]),
]  # fmt: skip


def trace_of(data: bytes) -> Execution:
    wire = Wire(data)
    proto = read_model(wire)
    inputs = settle(proto.graph, "net.onnx", {}, None)
    return infer(wire, proto, inputs.values, inputs.symbols)


def infer_file(data: bytes) -> dict[str, Value]:
    """Return the values of a file by name."""
    trace = trace_of(data)
    return dict(zip(trace.names, trace.values, strict=True))


CLASSICAL = [
    ("Scaler", [(3, 6)], {"scale": [1.0]}, [(3, 6)]),
    ("ArrayFeatureExtractor", [(3, 6), (2,)], {}, [(3, 2)]),
    ("ArrayFeatureExtractor", [(6,), (1, 4)], {}, [(1, 4)]),
    ("LinearRegressor", [(3, 6)], {"targets": 2}, [(3, 2)]),
    ("TreeEnsembleRegressor", [(6,)], {"n_targets": 2}, [(1, 2)]),
    ("TreeEnsemble", [(5, 6)], {"n_targets": 3}, [(5, 3)]),
    ("LinearClassifier", [(3, 6)], {"classlabels_ints": [0, 1]}, [(3,), (3, 2)]),
    ("TreeEnsembleClassifier", [(3, 6)], {"classlabels_int64s": [0, 1, 5]}, [(3,), (3, 3)]),
    ("TreeEnsembleClassifier", [(3, 6)], {}, [None, None]),
]
"""Operations of classical machine learning."""


@each_of(CLASSICAL)
def test_features_labels_and_scores_have_sizes(op, sizes, attributes, expected):
    inputs = {f"x{i}": list(dims) for i, dims in enumerate(sizes)}
    outputs = [f"y{i}" for i in range(len(expected))]
    made = node(op, [*inputs], outputs, domain="ai.onnx.ml", **attributes)
    values = infer_file(model(graph([made], [], inputs, outputs)))
    assert [values[name].dims for name in outputs] == expected


OLD_ROWS = [
    Row("Add", [IMAGE, (6,)], [IMAGE], {"broadcast": 1, "axis": 1}, opset=6),
    Row("Mul", [IMAGE, (6, 8)], [IMAGE], {"broadcast": 1, "axis": -3}, opset=6),
    Row("Sub", [IMAGE, (8, 10)], [IMAGE], {"broadcast": 1}, opset=6),
    Row("Less", [IMAGE, (1, 6)], [IMAGE], {"broadcast": 1, "axis": 0}, opset=1),
    Row("Cast", [IMAGE], [IMAGE], {"to": "FLOAT16"}, opset=1),
    Row("Concat", [IMAGE, IMAGE], [(1, 12, 8, 10)], opset=3),
    Row("Crop", [IMAGE], [(1, 6, 4, 4)], {"border": [1, 1, 5, 3]}, opset=8),
    Row("Crop", [IMAGE], [(1, 6, 5, 3)], {"border": [1, 2, 0, 0], "scale": [5, 3]}, opset=8),
    Row("Crop", [IMAGE], [None], {"border": [1, 2, 0]}, opset=8),
    Row("Crop", [(6, 8, 10)], [None], {"border": [1, 2, 0, 0]}, opset=8),
    Row("Tile", [IMAGE], [(1, 12, 8, 10)], held=[2.0, 1.0], opset=1),
    Row("Upsample", [IMAGE], [(1, 6, 16, 30)], {"height_scale": 2.0, "width_scale": 3.0}, opset=1),
]
"""What the first operator sets say in another way, and onnxruntime runs no longer."""
OLD_WORDS = ["Affine", "Erfc", "ImageScaler", "ParametricSoftplus", "ScaledTanh"]
"""What is, or was, no operation of the standard, and converters write all the same."""
ALL = [*ROWS, *OLD_ROWS, *[Row(word, [IMAGE], [IMAGE], opset=1) for word in OLD_WORDS]]


@each_of(ALL, ids=[f"{i}-{row.op}" for i, row in enumerate(ALL)])
def test_outputs_have_the_sizes_of_the_standard(row):
    values = infer_file(row.file())
    assert [values[f"y{i}"].dims for i in range(len(row.expected))] == row.expected


def chain(*operations: bytes, tensors: Sequence[bytes] = ()) -> Numbers | None:
    """Return the numbers of `y`, the end of a chain that begins with the shape `s` of an image."""
    start = node("Shape", "x", "s")
    data = model(graph([start, *operations], tensors, {"x": [1, 3, 32, 48]}, "y"))
    return infer_file(data)["y"].numbers


def test_numbers_of_small_tensors_are_followed():
    last = [tensor("i", [], [3]), tensor("two", [1], [2])]
    gather = node("Gather", "s i", "w")
    assert chain(gather, node("Identity", "w", "y"), tensors=last) == (48,)
    rows = [gather, node("Unsqueeze", "w zero", "v"), node("Div", "v two", "h")]
    zero = tensor("zero", [1], [0])
    joined = node("Concat", "v h", "y", axis=0)
    assert chain(*rows, joined, tensors=[*last, zero]) == (48, 24)


@each_of(
    [
        ([node("OneHot", "two four off", "y")], (0, 0, 9, 0)),
        ([node("OneHot", "last four off", "y")], (0, 0, 0, 9)),
        ([node("Tile", "off two", "y")], (0, 9, 0, 9)),
        ([node("ScatterElements", "s two last", "y")], (1, 3, -1, 48)),
        ([node("ReduceMax", "s", "y", keepdims=0)], (48,)),
        ([node("ReduceSum", "s", "y")], (84,)),
        ([node("Clip", "s four thirty", "y")], (4, 4, 32, 32)),
        ([node("Equal", "s thirty", "e"), node("NonZero", "e", "y")], (2,)),
        ([node("Concat", "square column", "y", axis=1)], (1, 2, 5, 3, 4, 6)),
        ([node("Slice", "s zero three zero two", "y")], (1, 32)),
        ([node("Slice", "s last zero zero last", "y")], (48, 32, 3)),
    ]
)
def test_numbers_are_followed_where_exporters_make_sizes_of_them(operations, expected):
    held = [tensor("two", [1], [2]), tensor("last", [1], [-1]), tensor("four", [], [4])]
    held += [tensor("off", [2], [0, 9]), tensor("thirty", [], [32])]
    held += [tensor("square", [2, 2], [1, 2, 3, 4]), tensor("column", [2, 1], [5, 6])]
    held += [tensor("zero", [1], [0]), tensor("three", [1], [3])]
    assert chain(*operations, tensors=held) == expected


def test_whole_numbers_divide_towards_zero():
    held = [tensor("a", [2], [7, -7]), tensor("b", [1], [2])]
    assert chain(node("Div", "a b", "y"), tensors=held) == (3, -3)


def test_pads_as_pytorch_writes_them_are_turned_round():
    """[left, right, top, bottom] becomes the begins and the ends of all four axes."""
    held = [tensor("p", [8], [1, 2, 3, 4, 0, 0, 0, 0]), tensor("pairs", [2], [-1, 2])]
    held += [tensor("from", [1], [-1]), tensor("to", [1], [-(2**63)]), tensor("axis", [1], [0])]
    held += [tensor("flat", [1], [-1])]
    steps = [
        node("Reshape", "p pairs", "q"),
        node("Slice", "q from to axis from", "r"),
        node("Transpose", "r", "t", perm=[1, 0]),
        node("Reshape", "t flat", "y"),
    ]
    assert chain(*steps, tensors=held) == (0, 0, 3, 1, 0, 0, 4, 2)


def test_floats_are_rounded_to_32_bits():
    """0.7 in 32 bits is below 0.7, and 10 times that is 7 once it is rounded."""
    held = [tensor("scale", [1], [0.7]), tensor("ten", [1], [10.0])]
    steps = [node("Mul", "ten scale", "a"), node("Floor", "a", "y")]
    assert chain(*steps, tensors=held) == (7.0,)


def test_number_that_is_scaled_back_is_known():
    held = [tensor("c", [2], [2.0, 1.1]), tensor("scale", [], [0.5]), tensor("z", [], [3])]
    steps = [node("QuantizeLinear", "c scale z", "q"), node("DequantizeLinear", "q scale z", "y")]
    assert chain(*steps, tensors=held) == (2.0, 1.0)


def test_numbers_that_no_int64_holds_are_not_known():
    held = [tensor("a", [1], [2**40])]
    steps = [node("Mul", "a a", "b"), node("Mul", "b b", "c"), node("Mul", "c c", "y")]
    assert chain(*steps, tensors=held) is None


def branches(condition: int) -> bytes:
    then = graph([node("Relu", "x", "a")], outputs="a")
    other = graph([node("Flatten", "x", "b")], outputs="b")
    held = [tensor("axes", [], [condition])]
    equal = [node("Size", "s", "n"), node("Equal", "n axes", "c")]
    decided = node("If", "c", "y", then_branch=then, else_branch=other)
    steps = [node("Shape", "x", "s"), *equal, decided]
    return model(graph(steps, held, {"x": [1, 3, 4, 4]}, "y"))


@pytest.mark.parametrize(("axes", "expected"), [(4, (1, 3, 4, 4)), (3, (1, 48))])
def test_branch_is_decided_by_shapes(axes, expected):
    trace = trace_of(branches(axes))
    assert trace.values[trace.outputs[0]].dims == expected
    assert [step.call.op for step in trace.steps][-1] == ("Relu" if axes == 4 else "Flatten")


def test_functions_are_written_out_with_the_attributes_of_the_call():
    axis = span(1, "axis") + span(21, "at")
    flatten = node("Flatten", "a", "b") + span(5, axis)
    own = function("my", "Flat", "a", "b", [flatten], takes="at")
    calls = [node("Flat", "x", "y", domain="my", at=2, name="f")]
    trace = trace_of(model(graph(calls, [], {"x": [2, 3, 4]}, "y"), functions=[own]))
    assert trace.values[trace.outputs[0]].dims == (6, 4)
    assert [step.scope for step in trace.steps] == [("f",)]


def test_a_sequence_within_a_function_is_cut_along_the_axis_of_the_call():
    along = span(5, span(1, "axis") + span(21, "at"))
    nodes = [node("SplitToSequence", "a", "s") + along, node("SequenceAt", "s zero", "b")]
    own = function("my", "Part", "a zero", "b", nodes, takes="at")
    calls = [node("Part", "x zero", "y", domain="my", at=1)]
    body = graph(calls, [tensor("zero", [], [0])], {"x": [2, 3, 4]}, "y")
    trace = trace_of(model(body, functions=[own]))
    assert trace.values[trace.outputs[0]].dims == (2, 1, 4)


def test_a_branch_and_a_turn_within_a_function_have_the_attributes_of_its_call():
    flatten = node("Flatten", "a", "f") + span(5, span(1, "axis") + span(21, "at"))
    branch = graph([flatten], [], {}, "f")
    turn = graph(
        [node("Identity", "going", "on"), node("Identity", "h", "h2"), flatten],
        [],
        {"turn": [], "going": [], "h": []},
        "on h2 f",
        {"turn": INT64, "going": BOOL},
    )
    nodes = [
        node("If", "yes", "b", then_branch=branch, else_branch=branch),
        node("Loop", "twice  yes", "h3 c", body=turn),
    ]
    own = function("my", "Flat", "a yes twice", "b c", nodes, takes="at")
    held = [tensor("yes", [], [1]), tensor("twice", [], [2])]
    calls = [node("Flat", "x yes twice", "y z", domain="my", at=2)]
    trace = trace_of(model(graph(calls, held, {"x": [2, 3, 4]}, "y z"), functions=[own]))
    assert [trace.values[place].dims for place in trace.outputs] == [(6, 4), (2, 6, 4)]


def test_each_call_of_a_function_has_its_own_attributes():
    flatten = node("Flatten", "a", "b") + span(5, span(1, "axis") + span(21, "at"))
    own = function("my", "Flat", "a", "b", [flatten], takes="at")
    calls = [node("Flat", "x", name, domain="my", at=at) for name, at in (("y", 1), ("z", 2))]
    trace = trace_of(model(graph(calls, [], {"x": [2, 3, 4]}, "y z"), functions=[own]))
    assert [trace.values[place].dims for place in trace.outputs] == [(2, 12), (6, 4)]


def test_call_of_a_function_is_of_the_one_that_its_overload_names():
    own = [
        function("my", "F", "a", "b", [node("Flatten", "a", "b", axis=axis)]) + span(13, name)
        for name, axis in (("one", 1), ("two", 2), ("", 0))
    ]
    calls = [node("F", "x", name, domain="my") + span(8, name) for name in ("one", "two")]
    calls.append(node("F", "x", "y", domain="my"))
    trace = trace_of(model(graph(calls, [], {"x": [2, 3, 4]}, "one two y"), functions=own))
    assert [trace.values[place].dims for place in trace.outputs] == [(2, 12), (6, 4), (1, 24)]


def test_function_may_be_given_less_than_it_takes_and_asked_for_less_than_it_puts_out():
    limited = graph([node("Clip", "a b", "t")], outputs="t")
    always = node("Constant", [], "true", value=typed("", [], BOOL, b"\1"))
    nodes = [always, node("If", "true", "c", then_branch=limited, else_branch=limited)]
    inner = function("my", "F", "a b", "c d", [*nodes, node("Flatten", "c", "d")])
    outer = function("my", "G", "a b", "c", [node("F", "a b", "c", domain="my")])
    for inputs in ("x", ["x", ""]):
        body = graph([node("G", inputs, "y", domain="my")], [], {"x": [2, 3, 4]}, "y")
        trace = trace_of(model(body, functions=[inner, outer]))
        assert [step.call.op for step in trace.steps] == ["Constant", "Clip", "Flatten"]
        assert trace.values[trace.outputs[0]].dims == (2, 3, 4)


def test_function_that_calls_itself_is_refused():
    own = function("my", "F", "a", "b", [node("F", "a", "b", domain="my")])
    with pytest.raises(Damaged, match="functions are nested more than 32 deep"):
        infer_file(
            model(graph([node("F", "x", "y", domain="my")], [], {"x": [1]}, "y"), functions=[own])
        )


def test_functions_that_grow_without_end_are_refused(monkeypatch):
    monkeypatch.setattr(interpretation, "MOST_STEPS", 500)
    levels = []
    for level in range(20):
        calls = [node(f"F{level + 1}", "a", f"b{i}", domain="my") for i in range(4)]
        levels.append(function("my", f"F{level}", "a", "b0", calls))
    data = graph([node("F0", "x", "y", domain="my")], [], {"x": [1]}, "y")
    leaf = function("my", "F20", "a", "b", [node("Relu", "a", "b")])
    with pytest.raises(Damaged, match="more than 500 operations"):
        infer_file(model(data, functions=[*levels, leaf]))


def test_sizes_that_depend_on_content_are_not_known():
    steps = [node("NonZero", "x", "a"), node("Transpose", "a", "y")]
    assert infer_file(model(graph(steps, [], {"x": [1, 3]}, "y")))["y"].dims is None


def test_operation_that_is_not_known_has_the_sizes_that_the_file_records():
    body = graph([node("Own", "x", "m", domain="my"), node("Relu", "m", "y")], [], {"x": [1]}, "y")
    recorded = Graph(body + span(13, value("m", [1, 7])))
    assert infer_file(model(recorded))["y"].dims == (1, 7)


@each_of(
    [
        (node("Add", "x w", "y"), r"Add '': sizes 1×3×4×4 and 7 do not broadcast"),
        (node("Conv", "x", "y", name="c"), r"Conv 'c': input 1 is missing"),
        (node("Conv", "x w", "y"), r"Conv '': the input has 4 axes and the weights have 1"),
        (node("Relu", "z", "y"), r"Relu reads 'z', which nothing before it makes"),
        (
            node("Transpose", "x", "y", perm=[0, 0, 1, 2]),
            r"perm \[0, 0, 1, 2\] is not an order of 4",
        ),
        (node("Flatten", "x", "y", axis="a"), r"axis must be a whole number"),
        (node("Concat", "x", "y", axis=9), r"there is no axis 9 among 4"),
        (node("MaxPool", "x", "y", kernel_shape=[2, 2], strides=[0, 1]), "kernel, strides and"),
        (node("Split", "x", "y a b", axis=1, num_outputs=2), "there are 2 parts, and 3 outputs"),
        (node("SplitToSequence", "x", "y", axis=-9), "SplitToSequence '': there is no axis -9 amo"),
        (node("Einsum", "x", "y", equation="abcd->e"), "its inputs and attributes do not match"),
        (node("Relu", "x", "z"), r"no operation makes the model's output 'y'"),
    ]
)
def test_contradiction_names_the_operation_and_its_place(operation, message):
    body = graph([operation], [typed("w", [7], INT64, bytes(56))], {"x": [1, 3, 4, 4]}, "y")
    with pytest.raises(Damaged, match=message):
        infer_file(model(body))


def test_power_of_a_whole_number_that_was_made_a_float_is_a_fraction():
    held = [tensor("i", [], [3]), tensor("half", [], [-0.5])]
    steps = [node("Gather", "s i", "n"), node("Cast", "n", "f", to=1), node("Pow", "f half", "y")]
    assert chain(*steps, tensors=held) == pytest.approx((48**-0.5,))


def test_what_does_not_fit_in_a_branch_keeps_the_error_that_it_was(monkeypatch):
    """So that a mistake of the program's own is seen by those who look for it."""
    mistake = KeyError("of the program")

    def mistaken(node):
        raise mistake

    monkeypatch.setattr("bncalc.readers.onnx.control.branch", mistaken)
    empty = graph([node("Relu", "x", "t")], outputs="t")
    body = graph([node("If", "x", "y", then_branch=empty, else_branch=empty)], [], {"x": [1]}, "y")
    with pytest.raises(Damaged, match="If '': its inputs and attributes do not match") as error:
        infer_file(model(body))
    assert error.value.__cause__ is mistake
