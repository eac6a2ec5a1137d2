"""Patches against MCUNetV2's published figures, and against pixels that are traced one by one."""

import random
from contextlib import suppress
from itertools import product

import pytest
from tests import shipped
from tests.rows import each_of

import bncalc
from bncalc.analysis.arena.lowering import lower
from bncalc.analysis.arena.patches import Patched, patch, patch_to_fit
from bncalc.analysis.arena.runtime import INPLACE
from bncalc.model.graph import Graph
from bncalc.model.net import Net
from bncalc.model.shape import Shape

POLICY = INPLACE.policy


@pytest.fixture(scope="module")
def mobilenet() -> Graph:
    return lower(shipped.graph("mobilenet_v2"), INPLACE)


# MobileNetV2 at 224, int8, the first 12 layers (Lin et al. 2021, arXiv:2110.15352): KiB of the
# stage, per cent of MACs that come to it with patches cut at the border, and of full size.
@pytest.mark.parametrize(
    ("side", "kib", "cut", "full"),
    [(2, 431.5, 2.9, 4.3), (3, 266.1, 6.0, 14.4), (4, 158.5, 9.3, 12.7)],
)
def test_patches_of_mobilenet_v2(
    mobilenet: Graph, side: int, kib: float, cut: float, full: float
) -> None:
    patched = patch(mobilenet, POLICY, (side, side), 12)
    assert round(patched.stage / 1024, 1) == kib
    assert round(100 * (patched.macs - patched.whole_macs) / 300_774_272, 1) == cut
    assert round(100 * (patched.full_macs - patched.whole_macs) / 300_774_272, 1) == full


def test_a_stage_is_its_last_map_and_the_pieces_between() -> None:
    net = Net(Shape(3, 8, 8))
    x = net.conv(net.conv(net.input, 4, 1), 64, 1)
    net.op("linear", net.op("global_avg_pool", net.conv(x, 4, 1)), out=2)
    patched = patch(lower(net.graph("net"), INPLACE), POLICY, (2, 2), 2)
    assert patched.stage == 64 * 8 * 8 + 4 * 4 * 4


def test_what_nothing_reads_is_not_run_in_patches() -> None:
    patched = []
    for aside in (False, True):
        net = Net(Shape(3, 8, 8))
        x = net.conv(net.input, 4, 1)
        if aside:
            net.op("sigmoid", x)
        net.op("linear", net.op("global_avg_pool", net.conv(net.conv(x, 64, 1), 4, 1)), out=2)
        patched.append(patch(lower(net.graph("net"), INPLACE), POLICY, (2, 2), 2))
    assert patched[0].stage == patched[1].stage
    assert patched[0].macs == patched[1].macs


def test_the_rest_and_the_image_of_mobilenet_v2(mobilenet: Graph) -> None:
    """The paper's 172 kB counts the residual during the depthwise convolution only."""
    patched = patch(mobilenet, POLICY, (4, 4), 12)
    assert patched.rest == 196 * 1024
    assert round((patched.stage + patched.image) / 1024, 1) == 305.5
    assert patched.largest == (3, 75, 75)
    expanded, residual = 192 * 28 * 28, 32 * 28 * 28
    assert (expanded + residual) / 1024 == 171.5
    assert patched.rest == expanded + 2 * residual


def test_maps_of_four_bytes_take_four_times_as_much(mobilenet: Graph) -> None:
    narrow, wide = (patch(mobilenet, POLICY, (4, 4), 12, map_bytes=size) for size in (1, 4))
    quadrupled = [4 * size for size in (narrow.stage, narrow.rest, narrow.image)]
    assert [wide.stage, wide.rest, wide.image] == quadrupled
    assert wide.macs == narrow.macs


def test_the_fewest_added_macs_that_fit_and_else_the_lowest_peak() -> None:
    graph = lower(shipped.graph("mlperf_tiny_ic"), INPLACE)
    tried: list[Patched] = []
    for layers, side in product(range(1, 9), range(2, 9)):
        with suppress(bncalc.UsageError):
            tried.append(patch(graph, POLICY, (side, side), layers))
    peaks = {patched.peak_with_image for patched in tried}
    assert len(peaks) > 6
    for most in peaks:
        fitting = [patched for patched in tried if patched.peak_with_image <= most]
        fewest = min(fitting, key=lambda patched: patched.macs - patched.whole_macs)
        assert patch_to_fit(graph, POLICY, most) == fewest
    lowest = min(tried, key=lambda patched: patched.peak_with_image)
    assert patch_to_fit(graph, POLICY, min(peaks) - 1) == lowest


def random_stage(seed: int) -> Graph:
    rng = random.Random(seed)
    net = Net(Shape(rng.randint(1, 3), rng.randint(9, 14), rng.randint(9, 14)))
    x = net.input
    for _ in range(rng.randint(2, 4)):
        kernel, stride = rng.choice([1, 3, 5]), rng.choice([1, 1, 2])
        y = net.conv(x, rng.randint(1, 4), kernel, stride=stride)
        x = net.add(x, y) if x.shape == y.shape and rng.random() < 0.5 else y
    return net.graph(str(seed))


def traced(graph: Graph, last: int, grid: tuple[int, int]) -> tuple[int, int]:
    """Return the MACs of all pieces and the positions that the largest needs of the image."""
    output = graph.nodes[last].output
    steps = [-(-size // n) for size, n in zip(output.space, grid, strict=True)]
    macs, most = 0, 0
    for corner in product(
        *[range(0, size, step) for size, step in zip(output.space, steps, strict=True)]
    ):
        wanted: list[set[tuple[int, int]]] = [set() for _ in graph.nodes]
        wanted[last] = {
            (y, x)
            for y in range(corner[0], min(corner[0] + steps[0], output.space[0]))
            for x in range(corner[1], min(corner[1] + steps[1], output.space[1]))
        }
        for index in range(last, 0, -1):
            node = graph.nodes[index]
            box = boxed(wanted[index])
            wanted[index] = box
            k, s = getattr(node.op, "kernel", (1,))[0], getattr(node.op, "stride", (1,))[0]
            for source in node.inputs:
                high, wide = graph.nodes[source].output.space
                for (y, x), dy, dx in product(box, range(k), range(k)):
                    at = (y * s + dy - k // 2, x * s + dx - k // 2)
                    if 0 <= at[0] < high and 0 <= at[1] < wide:
                        wanted[source].add(at)
            channels = graph.nodes[node.inputs[0]].output.channels
            if node.op.word == "conv":
                macs += len(box) * k * k * channels * node.output.channels
        most = max(most, len(boxed(wanted[0])))
    return macs, most


def boxed(positions: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the rectangle around positions: what an engine keeps of a map."""
    rows, columns = [y for y, _ in positions], [x for _, x in positions]
    return set(product(range(min(rows), max(rows) + 1), range(min(columns), max(columns) + 1)))


@each_of(range(25))
def test_macs_and_the_halo_are_those_of_traced_pixels(seed: int) -> None:
    graph = random_stage(seed)
    convolutions = [i for i, node in enumerate(graph.nodes) if node.op.word == "conv"]
    for layers in range(1, len(convolutions)):
        try:
            patched = patch(graph, POLICY, (2, 2), layers)
        except bncalc.UsageError:
            continue
        last = next(
            i
            for i in range(convolutions[layers - 1], len(graph.nodes))
            if graph.nodes[i].op.word == "add" or i == convolutions[layers - 1]
            if {s for n in graph.nodes[i + 1 :] for s in n.inputs if s <= i} == {i}
        )
        assert (patched.macs, patched.largest.positions) == traced(graph, last, (2, 2))


def test_a_piece_that_reads_only_padding_needs_nothing_before_it() -> None:
    net = Net(Shape(1, 4))
    x = net.op("conv", net.conv(net.input, 1, 1), out=1, kernel=1, padding=2)
    net.conv(x, 1, 1)
    patched = patch(net.graph("padded"), POLICY, (8,), 2)
    assert patched.macs == patched.whole_macs == 4 + 8


def test_what_needs_all_of_a_map_cannot_run_in_patches() -> None:
    net = Net(Shape(3, 8, 8))
    x = net.op("global_avg_pool", net.conv(net.input, 4, 3))
    net.conv(net.conv(x, 4, 1), 4, 1)
    with pytest.raises(bncalc.UsageError, match=r"global_avg_pool needs all of its input"):
        patch(net.graph("gate"), POLICY, (1, 1), 2)


def test_a_map_is_not_cut_into_more_pieces_than_it_has_rows(mobilenet: Graph) -> None:
    with pytest.raises(bncalc.UsageError, match="32×28×28 cannot be cut into 29×1 patches"):
        patch(mobilenet, POLICY, (29, 1), 12)


def test_layers_that_end_in_several_maps_are_refused() -> None:
    net = Net(Shape(3, 16, 16))
    x = net.conv(net.input, 3, 3)
    net.add(net.conv(x, 3, 3), net.input)
    with pytest.raises(
        bncalc.UsageError, match="1 patch layers do not end in one map: in and conv1 "
    ):
        patch(net.graph("net"), POLICY, (2, 2), 1)


@pytest.mark.parametrize("layers", [0, 52])
def test_layers_are_counted_from_the_first_convolution(mobilenet: Graph, layers: int) -> None:
    with pytest.raises(bncalc.UsageError, match="from 1 to 51"):
        patch(mobilenet, POLICY, (2, 2), layers)


def test_layers_end_where_a_sum_with_an_earlier_map_does() -> None:
    net = Net(Shape(3, 16, 16))
    x = net.act(net.conv(net.input, 3, 3))
    net.conv(net.add(x, net.input), 3, 3)
    patched = patch(net.graph("net"), POLICY, (2, 2), 1)
    assert (patched.whole_macs, patched.largest) == (81 * 256, Shape(3, 9, 9))
