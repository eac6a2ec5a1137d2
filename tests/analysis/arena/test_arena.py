"""The arena against what TensorFlow Lite Micro (commit 90b983c) takes for MLPerf Tiny's networks.

Heads, tails and plans were reported by the runtime itself, on a 32-bit Arm core; constants are
those of the published files (mlcommons/tiny, 1afd2c9).
"""

from typing import NamedTuple

import pytest
from tests import shipped
from tests.rows import each_of

import bncalc
from bncalc.analysis.arena.arena import arena
from bncalc.analysis.arena.runtime import TFLM


class Row(NamedTuple):
    """Ops of the file, bytes of the head by the core's instructions, the tail with `dsp`."""

    name: str
    ops: int
    scalar: int
    dsp: int
    mve: int
    tail: int


ROWS = (
    Row("mlperf_tiny_vww", 31, 73_728, 73_728, 73_728, 27_100),
    Row("mlperf_tiny_ic", 16, 49_728, 49_728, 49_728, 5_404),
    Row("mlperf_tiny_kws", 13, 16_000, 16_000, 20_464, 6_940),
    Row("mlperf_tiny_ad", 10, 768, 768, 3_328, 2_028),
)

# Size and offset of every buffer of ResNet-8, maps and then scratch, as the runtime prints them.
RESNET8 = """
3072@0 16384@32768 16384@0 16384@16384 16384@0 8192@16384 8192@24576 8192@16384 8192@0
4096@8192 4096@12288 4096@8192 4096@0 64@4352 64@0 16@64 16@0
112@3072 576@16384 576@49152 576@24576 1152@32768 1152@12288 2304@16384 256@4096
"""
VWW_BEGINNING = "27648@0 18432@55296 18432@36864 36864@0 9216@36864"


def plan(name: str) -> list[str]:
    placement = arena(shipped.graph(name), TFLM, instructions="dsp").placement
    return [
        f"{-(-buffer.size // 16) * 16}@{offset}"
        for buffer, offset in zip(placement.buffers, placement.offsets, strict=True)
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_head_is_that_of_the_runtime_to_the_byte(row: Row) -> None:
    graph = shipped.graph(row.name)
    heads = {kind: arena(graph, TFLM, instructions=kind).head for kind in ("scalar", "dsp", "mve")}
    assert heads == {"scalar": row.scalar, "dsp": row.dsp, "mve": row.mve}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_ops_are_those_of_the_file_and_the_arena_is_within_a_hundredth(row: Row) -> None:
    taken = arena(shipped.graph(row.name), TFLM, instructions="dsp")
    assert len(taken.graph.nodes) - 1 == row.ops
    assert taken.persistent is not None
    assert abs(taken.persistent - row.tail) <= 0.02 * row.tail
    if row.dsp >= 16_000:
        assert abs(taken.size - (row.dsp + row.tail)) <= 0.01 * (row.dsp + row.tail)


def test_plan_of_resnet8_is_the_one_that_the_runtime_prints() -> None:
    assert plan("mlperf_tiny_ic") == RESNET8.split()


def test_plan_of_vww_begins_as_the_runtime_prints_it() -> None:
    assert plan("mlperf_tiny_vww")[:5] == VWW_BEGINNING.split()


@each_of([("same", 1_505_280), ("strided", 2_451_840), ("all", 2_451_840)])
def test_padding_as_an_op_of_its_own_makes_a_map(padding: str, head: int) -> None:
    taken = arena(shipped.graph("mobilenet_v2"), TFLM, instructions="dsp", padding=padding)  # type: ignore[arg-type]
    assert taken.head == head  # 96·112·112 + 96·56·56, or 96·112·112 + 96·114·114


def test_without_a_table_of_the_core_scratch_is_not_known() -> None:
    assert arena(shipped.graph("mlperf_tiny_ic"), TFLM, instructions=None).scratch is None


@each_of([(1, 2 * 5 * 5 * 8), (2, 0), (3, 0)])
def test_a_dilated_depthwise_convolution_has_no_fast_kernel_and_so_no_scratch(
    dilation: int, scratch: int
) -> None:
    """arm_depthwise_conv_wrapper_s8_get_buffer_size: two bytes a tap and channel, or none."""
    graph = bncalc.block("depthwise", (8, 20, 20), kernel=5, dilation=dilation)
    beside = arena(graph, TFLM, instructions="dsp").scratch
    assert beside is not None
    assert sum(buffer.size for buffer in beside) == scratch


def test_the_fullest_step_is_the_first_with_what_ends_highest() -> None:
    for name, path in (
        ("mlperf_tiny_ic", "residual1/add/branch1/conv2"),  # whose 576@49152 is scratch
        ("mlperf_tiny_kws", "depthwise_separable/0/depthwise"),  # 8000@8000, after 8000@0
    ):
        plan = arena(shipped.graph(name), TFLM, instructions="dsp")
        assert plan.paths[plan.step] == path


def test_padding_is_an_op_of_its_own_where_tensorflow_pads_otherwise() -> None:
    # Of 8 rows at a stride of 2 TensorFlow pads one; of columns that a stride skips it pads none.
    for kernel, stride, paths in (
        (3, 2, ("in", "conv.pad", "conv")),
        ([3, 1], [1, 2], ("in", "conv")),
    ):
        graph = bncalc.block("conv", (4, 8, 8), out=4, kernel=kernel, stride=stride)
        assert arena(graph, TFLM, instructions="dsp", padding="strided").paths == paths


@pytest.mark.parametrize(
    ("shape", "paths"),
    [((4, 1, 2), ("in", "linear.reshape", "linear")), ((4, 1, 1), ("in", "linear"))],
)
def test_a_linear_layer_needs_a_reshape_of_a_map_of_several_positions(
    shape: tuple[int, ...], paths: tuple[str, ...]
) -> None:
    taken = arena(bncalc.block("linear", shape, out=3), TFLM, instructions="dsp")
    assert taken.paths == paths
    assert [node.inputs for node in taken.graph.nodes] == [(), (0,), (1,)][: len(paths)]
