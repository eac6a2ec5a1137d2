"""TensorFlow Lite files: operations by hand, the plan of a file, and bytes that cannot be."""

import random
import struct
from pathlib import Path

import pytest
from tests.program import run
from tests.readers.tflite.builder import (
    FLOAT,
    HALF,
    INT8,
    INT32,
    RELU6,
    SAME,
    VALID,
    Fields,
    Operation,
    Tensor,
    model,
)
from tests.repository import Repository
from tests.rows import each_of

import bncalc
from bncalc.analysis.arena.arena import Arena, arena
from bncalc.analysis.arena.runtime import TFLM
from bncalc.model.graph import Graph
from bncalc.model.ops.foreign import Foreign
from bncalc.readers.tflite.flatbuffer import Flat
from bncalc.readers.tflite.words import OPERATIONS

NUMBER = {word: number for number, word in enumerate(OPERATIONS)}


def weights(*sizes: int, type: int = INT8) -> Tensor:
    width = {INT8: 1, HALF: 2}.get(type, 4)
    count = 1
    for size in sizes:
        count *= size
    return Tensor(list(sizes), type, bytes(count * width))


def numbers(*values: int, rows: int = 0) -> Tensor:
    content = b"".join(value.to_bytes(4, "little", signed=True) for value in values)
    return Tensor([rows, len(values) // rows] if rows else [len(values)], INT32, content)


def bias(size: int) -> Tensor:
    return weights(size, type=INT32)


def opened(path: Path, data: bytes) -> Graph:
    path = path / "net.tflite"
    path.write_bytes(data)
    return bncalc.network(str(path))


IMAGE = Tensor([1, 8, 8, 4])
CONV: Fields = {0: ("b", SAME), 1: ("i", 2), 2: ("i", 2), 3: ("b", RELU6)}
SMALL = model(
    [IMAGE, weights(6, 3, 3, 4), bias(6), Tensor([1, 4, 4, 6]), numbers(1, 96), Tensor([1, 96])],
    [Operation(NUMBER["conv_2d"], [0, 1, 2], [3], CONV), Operation(NUMBER["reshape"], [3, 4], [5])],
)

BY_HAND = [
    # word, tensors besides the input, options, inputs, op, output, params, MACs
    ("conv_2d", [weights(6, 3, 3, 4), bias(6), Tensor([1, 4, 4, 6])], CONV, [0, 1, 2], "conv",
     (6, 4, 4), 216 + 6, 216 * 16),
    ("conv_2d", [weights(6, 3, 3, 4), Tensor([1, 6, 6, 6])],
     {0: ("b", VALID), 1: ("i", 1), 2: ("i", 1)}, [0, 1], "conv", (6, 6, 6), 216, 216 * 36),
    (
        "conv_2d", [weights(6, 3, 3, 2), Tensor([1, 8, 8, 6])],
        {0: ("b", SAME), 1: ("i", 1), 2: ("i", 1)}, [0, 1],
        "conv", (6, 8, 8), 108, 108 * 64,  # two groups
    ),
    ("depthwise_conv_2d", [weights(1, 3, 5, 8), bias(8), Tensor([1, 8, 8, 8])],
     {0: ("b", SAME), 1: ("i", 1), 2: ("i", 1), 3: ("i", 2)}, [0, 1, 2], "conv", (8, 8, 8), 120 + 8,
     120 * 64),
    ("fully_connected", [weights(10, 256), bias(10), Tensor([1, 10])], {}, [0, 1, 2], "linear",
     (10, 1, 1), 2560 + 10, 2560),
    ("fully_connected", [weights(5, 4), Tensor([1, 8, 8, 5])], {2: ("B", 1)}, [0, 1], "linear",
     (5, 8, 8), 20, 20 * 64),
    ("average_pool_2d", [Tensor([1, 1, 1, 4])],
     {0: ("b", VALID), 1: ("i", 8), 2: ("i", 8), 3: ("i", 8), 4: ("i", 8)}, [0], "global_avg_pool",
     (4, 1, 1), 0, 0),
    ("max_pool_2d", [Tensor([1, 4, 4, 4])],
     {0: ("b", VALID), 1: ("i", 2), 2: ("i", 2), 3: ("i", 2), 4: ("i", 2)}, [0], "max_pool",
     (4, 4, 4), 0, 0),
    ("max_pool_2d", [Tensor([1, 8, 8, 4])],
     {0: ("b", SAME), 1: ("i", 1), 2: ("i", 1), 3: ("i", 3), 4: ("i", 3)}, [0], "max_pool",
     (4, 8, 8), 0, 0),
    ("reshape", [numbers(6), Tensor([1, 2, 2, 2, 8, 4])], {}, [0, 1],
     "reshape", (4, 4, 2, 8), 0, 0),
    ("mean", [numbers(1, 2), Tensor([1, 4])], {}, [0, 1], "global_avg_pool", (4, 1, 1), 0, 0),
    ("add", [Tensor([1, 8, 8, 4])], {}, [0, 0], "add", (4, 8, 8), 0, 0),
    ("mul", [weights(4), Tensor([1, 8, 8, 4])], {}, [0, 1], "mul", (4, 8, 8), 4, 0),
    ("mul", [weights(1), Tensor([1, 8, 8, 4])], {}, [0, 1], "mul", (4, 8, 8), 0, 0),
    ("concatenation", [Tensor([1, 8, 8, 8])], {0: ("i", 3)}, [0, 0], "concat", (8, 8, 8), 0, 0),
    ("concatenation", [Tensor([1, 16, 8, 4])], {0: ("i", 1)}, [0, 0], "concat", (4, 16, 8), 0, 0),
    ("pad", [numbers(0, 0, 1, 2, 3, 0, 0, 0, rows=4), Tensor([1, 11, 11, 4])], {}, [0, 1], "pad",
     (4, 11, 11), 0, 0),
    ("softmax", [Tensor([1, 8, 8, 4])], {}, [0], "softmax", (4, 8, 8), 0, 0),
    ("hard_swish", [Tensor([1, 8, 8, 4])], {}, [0], "hard_swish", (4, 8, 8), 0, 0),
    ("prelu", [weights(1, 1, 4), Tensor([1, 8, 8, 4])], {}, [0, 1], "prelu", (4, 8, 8), 4, 0),
    ("resize_nearest_neighbor", [numbers(16, 16), Tensor([1, 16, 16, 4])], {}, [0, 1], "upsample",
     (4, 16, 16), 0, 0),
    ("transpose", [numbers(0, 3, 1, 2), Tensor([1, 4, 8, 8])], {}, [0, 1], "transpose", (8, 4, 8),
     0, 0),
    ("quantize", [Tensor([1, 8, 8, 4])], {}, [0], "quantize", (4, 8, 8), 0, 0),
    ("transpose_conv", [numbers(1, 16, 16, 2), weights(2, 2, 2, 4), bias(2),
     Tensor([1, 16, 16, 2])], {1: ("i", 2), 2: ("i", 2)}, [1, 2, 0, 3], "transpose_conv",
     (2, 16, 16), 32 + 2, 32 * 64),
]  # fmt: skip


@each_of(BY_HAND, ids=[f"{row[0]}{at}" for at, row in enumerate(BY_HAND)])
def test_operations_are_ours(row: tuple[object, ...], tmp_path: Path) -> None:
    word, others, options, inputs, op, output, params, macs = row
    assert isinstance(others, list)
    tensors = [IMAGE, *others]
    operation = Operation(NUMBER[str(word)], inputs, [len(tensors) - 1], options)  # type: ignore[arg-type]
    graph = opened(tmp_path, model(tensors, [operation]))
    report = bncalc.measure(graph)
    assert (report.layers[0].op, tuple(report.output)) == (op, output)
    assert (report.totals.params, report.totals.macs) == (params, macs)
    assert not report.uncounted
    foreign = op in ("mul", "quantize", "reshape", "transpose", "transpose_conv")
    assert isinstance(graph.nodes[1].op, Foreign) == foreign


@each_of([(SAME, 8, False), (VALID, 6, True)])
def test_an_average_leaves_its_padding_out(
    padding: int, size: int, counts: bool, tmp_path: Path
) -> None:
    window: Fields = {0: ("b", padding), **dict.fromkeys((1, 2), ("i", 1))}
    window |= dict.fromkeys((3, 4), ("i", 3))
    pool = Operation(NUMBER["average_pool_2d"], [0], [1], window)
    graph = opened(tmp_path, model([IMAGE, Tensor([1, size, size, 4])], [pool]))
    assert vars(graph.nodes[1].op)["count_padding"] is counts


@each_of(
    [
        # input, word, what else there is, options, inputs, output, whether it is an op of ours
        ([1, 1, 2, 4], "mean", [numbers(1, 2), Tensor([1, 4])], {}, (4, 1, 1), True),
        ([1, 1, 1, 4], "mean", [numbers(1, 2), Tensor([1, 4])], {}, (4,), False),
        ([1, 8, 4], "pad", [numbers(0, 0, 1, 2, 0, 0, rows=3), Tensor([1, 11, 4])], {},
         (4, 11), True),
        ([1, 4], "pad", [numbers(0, 0, 1, 2, rows=2), Tensor([1, 7])], {}, (7,), False),
        ([1, 8, 8, 4], "dequantize", [Tensor([1, 8, 8, 4], FLOAT)], {}, (4, 8, 8), False),
    ]
)  # fmt: skip
def test_what_is_ours_depends_on_the_map(
    sizes: list[int],
    word: str,
    others: list[Tensor],
    options: Fields,
    output: tuple[int, ...],
    is_ours: bool,
    tmp_path: Path,
) -> None:
    tensors = [Tensor(sizes), *others]
    inputs = [*range(len(tensors) - 1)]
    operation = Operation(NUMBER[word], inputs, [len(tensors) - 1], options)
    graph = opened(tmp_path, model(tensors, [operation]))
    assert [isinstance(node.op, Foreign) for node in graph.nodes[1:]] == [not is_ours]
    assert tuple(graph.nodes[1].output) == output


@each_of(
    [
        ("l2_normalization", [IMAGE], 3 * 256),
        ("sum", [numbers(1, 2), Tensor([1, 4])], 256 - 4),  # by what arrives, which is more
        ("arg_max", [numbers(3), Tensor([1, 8, 8])], 256 - 64),
        ("resize_bilinear", [numbers(16, 16), Tensor([1, 16, 16, 4])], 4 * 7 * 256),
        ("log_softmax", [IMAGE], 4 * 256),  # a softmax and a logarithm
        ("rsqrt", [IMAGE], 2 * 256),  # a root and a division
        ("floor_div", [IMAGE, IMAGE], 2 * 256),  # a division and a rounding
    ],
)
def test_what_works_on_elements_works_on_those_of_the_largest_map(
    word: str, others: list[Tensor], elementwise: int, tmp_path: Path
) -> None:
    tensors = [IMAGE, *others]
    inputs = [*range(len(others))]
    graph = opened(tmp_path, model(tensors, [Operation(NUMBER[word], inputs, [len(others)])]))
    assert bncalc.measure(graph).totals.elementwise == elementwise


@pytest.mark.parametrize("type_of", [(INT8, INT32), (FLOAT, FLOAT)])
def test_lstm_multiplies_with_its_matrices_at_every_step(
    type_of: tuple[int, int], tmp_path: Path
) -> None:
    kind, wide = type_of
    matrices = [weights(20, 28, type=kind)] * 4 + [weights(20, 20, type=kind)] * 4
    states = [Tensor([1, 20], kind, variable=True)] * 2
    tensors = [Tensor([1, 28, 28]), *matrices, *[weights(20, type=wide)] * 4, *states]
    inputs = [*range(9), -1, -1, -1, *range(9, 13), -1, -1, 13, 14]
    lstm = Operation(NUMBER["unidirectional_sequence_lstm"], inputs, [15])
    report = bncalc.measure(opened(tmp_path, model([*tensors, Tensor([1, 28, 20])], [lstm])))
    assert report.uncounted == ()
    assert report.totals.params == 4 * 20 * (28 + 20) + 4 * 20
    assert report.totals.macs == 28 * 4 * 20 * (28 + 20)


def test_batch_of_images_is_left_out(tmp_path: Path) -> None:
    image = Tensor([2, 8, 8, 4])
    graph = opened(tmp_path, model([image, image], [Operation(NUMBER["relu"], [0], [1])]))
    assert (graph.input, graph.output) == ((4, 8, 8), (4, 8, 8))


def test_an_activation_that_is_part_of_an_operation_is_a_layer_of_its_own(tmp_path: Path) -> None:
    graph = opened(tmp_path, SMALL)
    assert [node.path for node in graph.nodes] == ["in", "conv", "conv.act", "flatten"]
    assert graph.nodes[2].op.word == "relu6"


def test_weights_count_by_their_own_width_and_flash_is_the_file(tmp_path: Path) -> None:
    graph = opened(tmp_path, SMALL)
    assert bncalc.measure(graph).totals.weight_bytes == 216 + 4 * 6
    done = run("memory", str(tmp_path / "net.tflite"), "--device", "stm32f746", "-f", "csv")
    sizes = dict(line.split(",")[:2] for line in done.stdout.splitlines()[1:])
    assert (sizes["flash"], sizes["flash/weights"]) == (str(len(SMALL)), "216")
    checked = run("check", str(tmp_path / "net.tflite"), "--device", "stm32f746", "--all").stdout
    assert f"{len(SMALL):,} B" in checked


def test_what_the_language_has_no_word_for_is_listed(tmp_path: Path) -> None:
    operation = Operation(32, [0], [1], custom="Detect\u202e!")
    graph = opened(tmp_path, model([IMAGE, Tensor([1, 10])], [operation]))
    assert [layer.op for layer in bncalc.measure(graph).uncounted] == ["custom_detect__"]
    operation = Operation(120, [0], [1])
    graph = opened(tmp_path, model([IMAGE, Tensor([1, 10])], [operation]))
    assert [layer.op for layer in bncalc.measure(graph).uncounted] == ["non_max_suppression_v4"]


@each_of(
    [("conv_2d", [4, 1, 1, 4]), ("depthwise_conv_2d", [1, 1, 1, 4]), ("fully_connected", [8, 4])],
)
def test_weights_that_are_worked_out_are_no_layer_of_ours(
    word: str, sizes: list[int], tmp_path: Path
) -> None:
    tensors = [IMAGE, Tensor(sizes), Tensor([1, 8, 8, 4])]
    stride: Fields = {0: ("b", SAME), 1: ("i", 1), 2: ("i", 1)}
    options = {2: ("B", 1)} if word == "fully_connected" else stride
    operation = Operation(NUMBER[word], [0, 1], [2], options)
    graph = opened(tmp_path, model(tensors, [operation], inputs=[0, 1]))
    (node,) = [node for node in graph.nodes if not node.op.is_input]
    assert (node.op.word, node.op.counted) == (word, False)
    assert bncalc.measure(graph).totals.params == 0


def test_weights_that_two_operations_have_count_once(tmp_path: Path) -> None:
    shared = [IMAGE, weights(4, 1, 1, 4), IMAGE, IMAGE]
    options: Fields = {1: ("i", 1), 2: ("i", 1)}
    first, two = (Operation(3, [at, 1], [to], options) for at, to in ((0, 2), (2, 3)))
    report = bncalc.measure(opened(tmp_path, model(shared, [first, two])))
    assert (report.totals.params, report.totals.macs) == (16, 2 * 16 * 64)
    assert report.totals.weight_bytes == 16


@pytest.mark.parametrize(("word", "at"), [("dequantize", 0), ("densify", 1)])
def test_weights_that_are_written_out_once_are_those_of_the_file(
    word: str, at: int, tmp_path: Path
) -> None:
    """A convolution of 4 to 6 channels with 3·3·4·6 = 216 weights of two bytes."""
    tensors = [Tensor([1, 8, 8, 4], FLOAT), Tensor([6, 3, 3, 4], FLOAT)]
    tensors.insert(at, weights(6, 3, 3, 4, type=HALF))
    tensors.append(Tensor([1, 8, 8, 6], FLOAT))
    options: Fields = {1: ("i", 1), 2: ("i", 1)}
    operations = [Operation(NUMBER[word], [at], [2]), Operation(3, [1 - at, 2], [3], options)]
    graph = opened(tmp_path, model(tensors, operations, [1 - at]))
    report = bncalc.measure(graph)
    assert (report.totals.params, report.totals.macs) == (216, 216 * 64)
    assert (report.uncounted, report.totals.weight_bytes) == ((), 2 * 216)
    assert sorted(map.name for map in plan(graph).maps) == ["conv", "in"]
    assert graph.conversion is not None
    assert graph.conversion.variables == 4 * 216


def plan(graph: Graph, instructions: str | None = "reference") -> Arena:
    return arena(graph, TFLM, instructions=instructions)


def test_the_plan_has_the_maps_of_the_file(tmp_path: Path) -> None:
    buffers = plan(opened(tmp_path, SMALL))
    assert [(map.name, map.size, map.first, map.last) for map in buffers.maps] == [
        ("in", 256, 0, 1),
        ("conv", 96, 1, 2),
        ("flatten", 96, 2, 2),
    ]
    assert buffers.head == 256 + 96
    assert plan(opened(tmp_path, SMALL), "dsp").head == 256 + 96 + 4 * 9 * 4


def test_maps_are_as_wide_as_the_file_has_them_and_state_is_kept_beside(tmp_path: Path) -> None:
    tensors = [
        Tensor([1, 8], FLOAT),
        Tensor([1, 8]),
        Tensor([1, 100], INT8, variable=True),
        Tensor([1, 8]),
    ]
    operations = [Operation(NUMBER["quantize"], [0], [1]), Operation(NUMBER["relu"], [1, 2], [3])]
    buffers = plan(opened(tmp_path, model(tensors, operations)))
    assert [map.size for map in buffers.maps] == [32, 8, 8]
    without = plan(opened(tmp_path, model([*tensors[:2], Tensor([1, 8]), tensors[3]], operations)))
    assert (buffers.persistent or 0) - (without.persistent or 0) == 100


def test_scratch_of_a_mean_is_its_own_on_every_core(tmp_path: Path) -> None:
    tensors = [IMAGE, numbers(1, 2), Tensor([1, 4])]
    graph = opened(tmp_path, model(tensors, [Operation(NUMBER["mean"], [0, 1], [2])]))
    for instructions in ("reference", "scalar", "dsp", "mve"):
        assert [each.size for each in plan(graph, instructions).scratch or ()] == [16, 16, 8]


@pytest.mark.parametrize("outputs", [[], [2]])
def test_what_puts_out_nothing_or_only_a_state_has_no_scratch(
    outputs: list[int], tmp_path: Path
) -> None:
    tensors = [IMAGE, numbers(1, 2), Tensor([1, 4], variable=True), Tensor([1, 4])]
    operations = [
        Operation(NUMBER["mean"], [0, 1], outputs),
        Operation(NUMBER["mean"], [0, 1], [3]),
    ]
    graph = opened(tmp_path, model(tensors, operations))
    assert [node.op.word for node in graph.nodes] == ["input", "global_avg_pool"]
    assert [each.size for each in plan(graph).scratch or ()] == [16, 16, 8]


@pytest.mark.parametrize(
    ("operation", "tensor"),
    [(Operation(NUMBER["svdf"], [0], [1]), IMAGE), (Operation(3, [0, 2], [1]), IMAGE)],
)
def test_scratch_that_nobody_knows_is_not_nothing(
    operation: Operation, tensor: Tensor, tmp_path: Path
) -> None:
    data = model([IMAGE, tensor, weights(4, 1, 1, 4, type=FLOAT)], [operation], outputs=[1])
    assert plan(opened(tmp_path, data), "dsp").scratch is None
    done = run("memory", str(tmp_path / "net.tflite"), "--device", "stm32f746")
    assert "may fit stm32f746" in done.stdout
    checked = run("check", str(tmp_path / "net.tflite"), "--device", "stm32f746")
    assert checked.returncode == 1
    assert "the scratch of" in checked.stdout


def test_several_inputs_and_outputs_have_their_names(tmp_path: Path) -> None:
    tensors = [IMAGE, IMAGE, IMAGE]
    graph = opened(tmp_path, model(tensors, [Operation(0, [0, 1], [2])], [0, 1], [2, 0]))
    report = bncalc.measure(graph)
    assert [port.path for port in report.inputs] == ["tensor0", "tensor1"]
    assert {port.name for port in report.outputs} == {"tensor0", "tensor2"}
    (alone,) = bncalc.measure(opened(tmp_path, SMALL)).outputs
    assert alone.name is None


def test_only_the_main_subgraph_is_read_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "net.tflite"
    path.write_bytes(model([IMAGE, IMAGE], [Operation(NUMBER["relu"], [0], [1])], further=2))
    assert (
        "the file has 3 subgraphs, and only the main one is read" in run("show", str(path)).stderr
    )


def test_sizes_that_depend_on_content_are_not_those_that_the_file_has_for_now(
    tmp_path: Path,
) -> None:
    """The file has sizes of 1 where it knows none; an open batch is 1."""
    sliced = Tensor([1, 1, 8, 4], signature=[-1, -1, 8, 4])
    tensors = [IMAGE._replace(signature=[-1, 8, 8, 4]), numbers(0, 0), sliced]
    tensors += [weights(6, 3, 3, 4), Tensor([1, 1, 8, 6], signature=[-1, -1, 8, 6])]
    operations = [Operation(NUMBER["slice"], [0, 1], [2]), Operation(3, [2, 3], [4], CONV)]
    graph = opened(tmp_path, model(tensors, operations))
    report = bncalc.measure(graph)
    assert [layer.op for layer in report.uncounted] == ["conv_2d"]
    assert (report.totals.params, report.totals.macs) == (216, 0)
    told = run("show", str(tmp_path / "net.tflite")).stderr
    assert "sizes depend on the data from slice on and are not known there" in told


@each_of([(8, (8, 128), ()), (3, (0,), ("add", "softmax"))])
def test_open_sizes_that_follow_from_others_are_filled_in(
    channels: int, output: tuple[int, ...], unknown: tuple[str, ...], tmp_path: Path
) -> None:
    """An image as rows, joined with itself: the first axis of the new sizes is the image's own.

    A number for each channel is added to all rows; three fit no rows of eight.
    """
    row, rows = Tensor([1], INT32), Tensor([1, 1, 4], signature=[-1, -1, 4])
    wide = Tensor([1, 1, 8], signature=[-1, -1, -1])
    tensors = [IMAGE, Tensor([4], INT32), numbers(0), numbers(1), row, numbers(-1), numbers(4)]
    tensors += [Tensor([3], INT32), rows, rows, wide, wide, wide, weights(channels)]
    operations = [
        Operation(NUMBER["shape"], [0], [1]),
        Operation(NUMBER["strided_slice"], [1, 2, 3, 3], [4], {4: ("i", 1)}),
        Operation(NUMBER["pack"], [4, 5, 6], [7], {0: ("i", 3)}),
        Operation(NUMBER["reshape"], [0, 7], [8]),
        Operation(NUMBER["concatenation"], [8, 8], [9], {0: ("i", 1)}),
        Operation(NUMBER["concatenation"], [9, 9], [10], {0: ("i", -1)}),
        Operation(NUMBER["add"], [10, 13], [11]),
        Operation(NUMBER["softmax"], [11], [12]),
    ]
    graph = opened(tmp_path, model(tensors, operations, outputs=[12]))
    sizes = [tuple(node.output) for node in graph.nodes[-5:]]
    assert sizes == [(4, 64), (4, 128), (8, 128), output, output]
    assert tuple(layer.op for layer in bncalc.measure(graph).uncounted) == unknown


def test_a_map_is_padded_with_the_number_that_the_file_has(tmp_path: Path) -> None:
    ends, number = (
        numbers(0, 0, 1, 0, 0, 2, 0, 0, rows=4),
        Tensor([1], FLOAT, struct.pack("<f", -0.5)),
    )
    image, padded = IMAGE._replace(type=FLOAT), Tensor([1, 9, 10, 4], FLOAT)
    made = Operation(NUMBER["padv2"], [0, 1, 2], [3])
    graph = opened(tmp_path, model([image, ends, number, padded], [made]))
    assert graph.nodes[-1].op.value == -0.5  # type: ignore[attr-defined]
    assert bncalc.measure(graph).totals.params == 0


def test_every_command_takes_a_file_and_a_glob_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opened(tmp_path, SMALL)
    (tmp_path / "bncalc.budget.yaml").write_text(
        "version: 1\nbudgets:\n  - name: a\n    models: '*.tflite'\n    device: stm32f746\n"
    )
    for call in (
        ("check",), ("show", "net.tflite"), ("compare", "net.tflite", "resnet18"),
        ("diff", "net.tflite", "net.tflite"), ("memory", "net.tflite"),
        ("plot", "arena", "net.tflite", "--device", "stm32f746"), ("conventions", "net.tflite"),
    ):  # fmt: skip
        done = run(*call)
        assert (done.returncode, done.stderr) == (0, ""), call


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("net.tflite@width=2", "it has no width"),
        ("net.tflite#a", "holds no design 'a'"),
        ("net.tflite@3,8,8", "the input of net.tflite is 4×8×8, and no other"),
    ],
)
def test_what_cannot_be_set_is_said(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opened(tmp_path, SMALL)
    done = run("show", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_an_operation_on_constants_or_too_many_maps_is_kept_by_its_name(tmp_path: Path) -> None:
    tensors = [IMAGE, weights(1, 8, 8, 4), IMAGE, IMAGE]
    relus = [Operation(NUMBER["relu"], inputs, [out]) for inputs, out in (([1], 2), ([0, 2], 3))]
    graph = opened(tmp_path, model(tensors, relus))
    assert [node.op.word for node in graph.nodes] == ["input", "relu", "relu"]


def test_a_product_of_constants_is_not_counted_and_a_number_is_no_matrix(tmp_path: Path) -> None:
    tensors = [IMAGE, weights(1, 8, 8), weights(4, 8), weights(4, 4), weights(4), Tensor([1, 8, 4])]
    rnn = Operation(NUMBER["unidirectional_sequence_rnn"], [1, 2, 3, 4, -1], [5])
    report = bncalc.measure(opened(tmp_path, model(tensors, [rnn])))
    assert [layer.op for layer in report.uncounted] == ["unidirectional_sequence_rnn"]
    product = Operation(NUMBER["batch_matmul"], [0, 1], [2], {0: b"\x01"})
    data = model([Tensor([4]), weights(4, 4), Tensor([4])], [product])
    with pytest.raises(bncalc.SpecError, match=r"a matrix product reads a tensor of sizes \[4\]"):
        opened(tmp_path, data)


def test_contents_may_follow_all_tables(tmp_path: Path) -> None:
    sizes = struct.pack("<2i", 1, 8 * 8 * 4)
    tensors = [IMAGE, Tensor([2], INT32, sizes), Tensor([1, 256])]
    reshape = Operation(NUMBER["reshape"], [0, 1], [2])
    tables = model(tensors, [reshape], after=0)
    data = model(tensors, [reshape], after=len(tables)) + sizes
    assert opened(tmp_path, data).nodes == opened(tmp_path, model(tensors, [reshape])).nodes
    with pytest.raises(bncalc.SpecError):
        opened(tmp_path, data[:-1])


def test_a_file_of_a_commit_is_read(repository: Repository) -> None:
    tensors = [IMAGE, weights(64, 3, 3, 4), Tensor([1, 8, 8, 64])]  # more than a pointer has
    data = model(
        tensors, [Operation(NUMBER["conv_2d"], [0, 1], [2], CONV | {1: ("i", 1), 2: ("i", 1)})]
    )
    (repository.folder / "net.tflite").write_bytes(data)
    repository.commit("a file")
    (repository.folder / "net.tflite").unlink()
    done = run("show", "HEAD:net.tflite", "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "conv" in done.stdout


RELU = Operation(NUMBER["relu"], [0], [1])


@each_of(
    [
        (b"", "this is not a TensorFlow Lite model"),
        (b"\x00" * 8, "this is not a TensorFlow Lite model"),
        (b"\x00" * 4 + b"TFL3", "an offset points to itself"),
        (SMALL[:40], "the file ends before the"),
        (model([IMAGE, IMAGE], [RELU], inputs=[7]), "tensor 7 is named, and the model has 2"),
        (model([IMAGE, IMAGE], [RELU], inputs=[]), "no input or no output"),
        (model([IMAGE, IMAGE], [RELU], outputs=[]), "no input or no output"),
        (model([IMAGE, IMAGE], [Operation(0, [0, 9], [1])]),
         "tensor 9 is named, and the model has 2"),
        (model([Tensor([1, -4]), IMAGE], [RELU]), "no tensor can have the sizes ["),
        (model([Tensor([2**31 - 1] * 4), IMAGE], [RELU]), "no tensor can have the sizes ["),
        (model([Tensor([1] * 9), IMAGE], [RELU]), "no tensor can have the sizes ["),
        (model([Tensor([0, 0]), IMAGE], [RELU]), "are not fixed, and none can be set"),
        (model([Tensor([1, 4, 4, 1]), numbers(2**30, 2), Tensor([1, 2**30, 2, 1])],
         [Operation(NUMBER["resize_bilinear"], [0, 1], [2])]),
         "resize_bilinear: size is [1073741824, 2]; it must be at most 1,000,000,000"),
        (model([IMAGE, IMAGE._replace(buffer=3)], [RELU]),
         "a tensor is in buffer 3, and the file has 3"),
        (model([IMAGE] * 3, [Operation(19, [1], [2]), RELU]),
         "is read before any operation makes it"),
    ]
)  # fmt: skip
def test_bytes_that_cannot_be_are_said_with_their_place(
    data: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "net.tflite"
    path.write_bytes(data)
    done = run("show", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "byte " in done.stderr


def test_a_text_may_be_the_last_thing_of_a_file() -> None:
    """It is what is written first: FlatBuffers builds a file from its end."""
    table = struct.pack("<IHHHxxiI", 12, 6, 8, 4, 8, 4)
    name = struct.pack("<I8sxxxx", 8, b"a tensor")
    assert Flat(table + name).root().text(0) == "a tensor"


def test_offsets_that_lead_to_one_place_many_times_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file can name one large table a million times: what is looked at is limited."""
    monkeypatch.setattr("bncalc.readers.tflite.flatbuffer.MOST_READ", 200)
    with pytest.raises(bncalc.SpecError, match="more than 200 values"):
        opened(tmp_path, SMALL)


def test_a_file_has_as_many_operations_as_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bncalc.readers.tflite.schema.MOST_OPERATIONS", 2)
    opened(tmp_path, SMALL)  # it has two
    monkeypatch.setattr("bncalc.readers.tflite.schema.MOST_OPERATIONS", 1)
    with pytest.raises(bncalc.SpecError, match="more than 1 operations"):
        opened(tmp_path, SMALL)


def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(4)
    for _ in range(400):
        data = bytearray(SMALL)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(8, len(data))] = rng.choice([0, 1, 127, 255, rng.randrange(256)])
        try:
            plan(opened(tmp_path, bytes(data[: rng.choice([len(data), rng.randrange(len(data))])])))
        except bncalc.BncalcError:
            continue
