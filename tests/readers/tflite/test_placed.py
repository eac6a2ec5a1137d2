"""What operations of a file become: each with all that is known of it, and its part of the plan.

`placed.txt` holds them; `pytest tests/readers/tflite/test_placed.py --golden` writes it anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.graph_lines import hold, lines_of
from tests.readers.tflite.builder import FLOAT, INT8, INT32, VALID, Operation, Tensor, model

from bncalc.model.graph import Graph
from bncalc.readers.tflite.placement import graph_of
from bncalc.readers.tflite.schema import read_model
from bncalc.readers.tflite.words import OPERATIONS

IMAGE = (2, 8, 6, 4)


class Row(NamedTuple):
    """An operation on an image, further inputs, what it puts out, and its options.

    Tuples are maps, lists whole numbers, weights are tensors; `None` is left out. The inputs are
    in the order of `order`, if it is given: 0 is the image.
    """

    word: str
    others: Sequence[object]
    out: tuple[int, ...]
    options: Mapping[int, object] = {}
    x: tuple[int, ...] = IMAGE
    order: Sequence[int] = ()

    @property
    def title(self) -> str:
        sizes = [tensor.sizes for tensor in self.tensors()]
        return f"{self.word} {self.options or ''} {sizes} {self.order or ''}".rstrip()

    def tensors(self) -> list[Tensor]:
        given = [_tensor(other) for other in self.others if other is not None]
        return [Tensor(list(self.x)), *given, Tensor(list(self.out))]

    def graph(self) -> Graph:
        tensors = self.tensors()
        indices = iter(range(1, len(tensors)))
        inputs = self.order or [0, *[-1 if o is None else next(indices) for o in self.others]]
        maps = [0, *[i for i, tensor in enumerate(tensors[:-1]) if i and not tensor.content]]
        number = OPERATIONS.index(self.word)
        operation = Operation(number, list(inputs), [len(tensors) - 1], self.options)
        data = model(tensors, [operation], maps)
        return graph_of(read_model(data), "net", len(data))


def _tensor(other: object) -> Tensor:
    if isinstance(other, list):
        content = b"".join(value.to_bytes(4, "little", signed=True) for value in other)
        return Tensor([len(other)], INT32, content)
    if isinstance(other, Tensor):
        return other
    assert isinstance(other, tuple)
    return Tensor(list(other))


def held(*sizes: int, type: int = INT8) -> Tensor:
    """Return a tensor of weights."""
    return Tensor(list(sizes), type, bytes(prod(sizes) * (1 if type == INT8 else 4)))


def bias(size: int) -> Tensor:
    return held(size, type=INT32)


def gates(*sizes: int) -> list[Tensor]:
    """Return a matrix for each of four gates."""
    return [held(*sizes) for _ in range(4)]


def sliding(wide: int, high: int, *further: int, padding: int = 0) -> dict[int, object]:
    """Return options: padding, strides, and what follows them."""
    numbers = enumerate((wide, high, *further), 1)
    return {0: ("b", padding), **{at: ("i", number) for at, number in numbers}}


ENDS = [0, 0, 1, 2, 3, 0, 0, 0]
ROWS = [
    Row("conv_2d", [held(6, 3, 5, 4), bias(6)], (2, 4, 6, 6), sliding(1, 2)),
    Row("conv_2d", [held(6, 3, 3, 2)], (2, 3, 1, 6), sliding(2, 2, padding=VALID)
        | {3: ("b", 1), 4: ("i", 2), 5: ("i", 1)}),
    Row("conv_2d", [held(6, 3, 3, 4)], (2, 8, 6, 6), {}),
    Row("conv_2d", [held(6, 3, 3, 3)], (2, 8, 6, 6), sliding(1, 1)),
    Row("conv_2d", [held(6, 3, 4)], (2, 8, 6, 6), sliding(1, 1)),
    Row("conv_2d", [held(6, 1, 3, 4)], (2, 6, 6), sliding(1, 1), (2, 6, 4)),
    Row("conv_2d", [(6, 3, 3, 4)], (2, 8, 6, 6), sliding(1, 1)),
    Row("depthwise_conv_2d", [held(1, 3, 5, 8), bias(8)], (2, 4, 6, 8),
        sliding(1, 2, 2) | {4: ("b", 3)}),
    Row("depthwise_conv_2d", [held(1, 3, 3, 4)], (2, 2, 4, 4),
        sliding(1, 1, 1, padding=VALID) | {5: ("i", 1), 6: ("i", 3)}),
    Row("depthwise_conv_2d", [held(3, 3, 4)], (2, 8, 6, 4), sliding(1, 1, 1)),
    Row("fully_connected", [held(10, 192), bias(10)], (2, 10), {0: ("b", 1)}),
    Row("fully_connected", [held(5, 4)], (2, 8, 6, 5)),
    Row("fully_connected", [held(5, 4), None], (2, 8, 6, 5)),
    Row("fully_connected", [held(5, 2, 2)], (2, 8, 6, 5)),
    Row("average_pool_2d", [], (2, 4, 2, 4), sliding(3, 2, 3, 2)),
    Row("average_pool_2d", [], (2, 3, 2, 4), sliding(3, 2, 3, 3, padding=VALID) | {5: ("b", 1)}),
    Row("average_pool_2d", [], (2, 1, 1, 4), sliding(6, 8, 6, 8, padding=VALID)),
    Row("max_pool_2d", [], (2, 1, 1, 4), sliding(6, 8, 6, 8, padding=VALID)),
    Row("max_pool_2d", [], (2, 8, 6, 4), sliding(1, 1, 6, 8)),
    Row("max_pool_2d", [], (2, 8, 6, 4), {}),
    Row("max_pool_2d", [], (2, 3, 4), sliding(2, 1, 2, 1), (2, 6, 4)),
    Row("add", [IMAGE], IMAGE, {0: ("b", 1)}),
    Row("sub", [IMAGE], IMAGE),
    Row("mul", [(2, 1, 1, 4)], IMAGE),
    Row("div", [IMAGE], IMAGE),
    Row("mul", [held(4)], IMAGE),
    Row("add", [held(1, 8, 6, 4)], IMAGE),
    Row("concatenation", [IMAGE], (2, 8, 6, 8), {0: ("i", 3), 1: ("b", 3)}),
    Row("concatenation", [IMAGE], (2, 16, 6, 4), {0: ("i", 1)}),
    Row("concatenation", [IMAGE], (2, 8, 12, 4), {0: ("i", -2)}),
    Row("concatenation", [IMAGE], (4, 8, 6, 4), {0: ("i", 0)}),
    Row("concatenation", [held(2, 8, 6, 4)], (2, 8, 6, 8), {0: ("i", 3)}),
    Row("concatenation", [(5,)], (9,), {0: ("i", 0)}, (4,)),
    Row("pad", [ENDS], (2, 11, 9, 4)),
    Row("padv2", [[0, 0, 1, 0, 0, 2, 0, 0], held(1)], (2, 9, 8, 4)),
    Row("pad", [[0, 0, 1, 0, 0, 2, 0, 1]], (2, 9, 8, 5)),
    Row("pad", [[0, 0, 1, 0, 0, -2, 0, 0]], (2, 9, 4, 4)),
    Row("pad", [[0, 0, 1, 0]], (2, 5), {}, (2, 4)),
    Row("pad", [(4, 2)], (2, 9, 8, 4)),
    Row("mean", [[1, 2]], (2, 4)),
    Row("mean", [[1]], (2, 6, 4)),
    Row("mean", [[1]], (2, 4), {}, (2, 6, 4)),
    Row("reshape", [[2, 192]], (2, 192)),
    Row("reshape", [[2, 48, 4]], (2, 48, 4)),
    Row("reshape", [[2, 1, 4]], (2, 1, 4), {}, (2, 4)),
    Row("prelu", [held(4)], IMAGE),
    Row("prelu", [held(1)], IMAGE),
    Row("prelu", [held(8, 6, 4)], IMAGE),
    Row("resize_bilinear", [[16, 18]], (2, 16, 18, 4)),
    Row("resize_bilinear", [[4, 3]], (2, 4, 3, 4), {2: ("b", 1)}),
    Row("leaky_relu", [], IMAGE, {0: ("f", 0.2)}),
    Row("gelu", [], IMAGE, {0: ("b", 1)}),
    Row("resize_nearest_neighbor", [[16, 18]], (2, 16, 18, 4)),
    *[Row(word, [], IMAGE) for word in (
        "elu", "exp", "gelu", "hard_swish", "leaky_relu", "log", "logistic", "relu", "relu6",
        "softmax", "sqrt", "square", "tanh", "abs", "l2_normalization", "log_softmax", "quantize",
        "relu_0_to_1", "rsqrt", "sum", "non_max_suppression_v4",
    )],
    Row("squared_difference", [IMAGE], IMAGE),
    Row("maximum", [held(4, type=FLOAT)], IMAGE),
    Row("arg_max", [[3]], (2, 8, 6)),
    Row("transpose", [[0, 3, 1, 2]], (2, 4, 8, 6)),
    Row("transpose_conv", [[2, 16, 12, 3], held(3, 2, 2, 4), bias(3)], (2, 16, 12, 3),
        sliding(2, 2), IMAGE, [1, 2, 0, 3]),
    Row("transpose_conv", [[2, 16, 12, 3], held(3, 2, 2, 4)], (2, 16, 12, 3), sliding(2, 2), IMAGE,
        [1, 2, 0]),
    Row("transpose_conv", [(4,), held(3, 2, 2, 4)], (2, 16, 12, 3), sliding(2, 2), IMAGE,
        [1, 2, 0]),
    Row("conv_3d_transpose", [(5,), held(3, 3, 3, 5, 4)], (1, 8, 12, 16, 5), {4: ("b", 1)},
        (1, 4, 6, 8, 4), [1, 2, 0]),
    Row("conv_3d", [held(3, 3, 3, 4, 5)], (1, 4, 6, 8, 5), {4: ("b", 2)}, (1, 4, 6, 8, 4)),
    Row("add", [IMAGE], IMAGE, {0: ("b", 5)}),
    Row("l2_normalization", [], IMAGE, {0: ("b", 1)}),
    Row("mean", [[3]], (2, 2, 2), {}, (2, 2, 2, 4)),
    Row("mean", [[-3, -2]], (2, 4)),
    Row("mean", [[0]], (1,), {}, ()),
    Row("batch_matmul", [(2, 8, 4, 5)], (2, 8, 6, 5)),
    Row("batch_matmul", [(2, 8, 6, 5)], (2, 8, 4, 5), {0: ("b", 1)}),
    Row("batch_matmul", [(2, 6, 5)], (2, 4, 5), {0: ("b", 1)}, (2, 6, 4)),
    Row("batch_matmul", [held(4, 5)], (2, 8, 6, 5)),
    Row("svdf", [held(10, 4), held(10, 3), bias(10)], (2, 10), {}, (2, 4)),
    Row("svdf", [held(10, 4), held(10, 3)], (2, 10), {1: ("b", 1)}, (2, 4)),
    Row("conv_3d", [held(3, 3, 3, 4, 5), bias(5)], (1, 4, 6, 8, 5), {}, (1, 4, 6, 8, 4)),
    Row("unidirectional_sequence_lstm", [*gates(6, 4), *gates(6, 6), *[held(6)] * 3, *[bias(6)] * 4,
        held(3, 6), bias(3)], (1, 5, 3), {}, (1, 5, 4)),
    Row("bidirectional_sequence_lstm", [*gates(6, 4), *gates(6, 6), *[None] * 3, *[bias(6)] * 4,
        None, None, *gates(2, 4), *gates(2, 2)], (1, 5, 8), {}, (1, 5, 4)),
    Row("unidirectional_sequence_rnn", [held(6, 4), held(6, 6), bias(6)], (1, 5, 6), {}, (1, 5, 4)),
    Row("rnn", [held(6, 4), held(6, 6), bias(6)], (5, 6), {}, (5, 4)),
    Row("lstm", [held(6, 4), held(6, 6), bias(6)], (5, 6), {}, (5, 4)),
    Row("split", [[1]], (2, 8, 6, 2), {0: ("i", 2)}, IMAGE, [1, 0]),
    Row("relu", [], (3, 2, 3, 2, 3, 4), {}, (3, 2, 3, 2, 3, 4)),
]  # fmt: skip


def _planned(graph: Graph) -> Iterator[str]:
    """Yield the maps of a file, what it needs beside, and what nobody knows."""
    plan = graph.conversion
    assert plan is not None
    maps = [f"{span.name} {span.size} B {span.first}-{span.last}" for span in plan.maps]
    yield f"  maps: {', '.join(maps)}; steps: {' '.join(map(str, plan.steps))}"
    further = [f"{span.name} {span.size} B {span.first}-{span.last}" for span in plan.scratch]
    further += [f"unknown scratch of {word}" for word in plan.unknown]
    if further or plan.variables:
        yield f"  beside: {', '.join(further)}; {plan.variables} B"


def test_layers_of_operations_are_those_kept(request: pytest.FixtureRequest) -> None:
    lines = []
    for row in ROWS:
        graph = row.graph()
        lines += [row.title, *lines_of(graph), *_planned(graph)]
    hold(lines, Path(__file__).with_name("placed.txt"), request)
