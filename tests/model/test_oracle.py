"""Counting by doing: every multiplication of small random layers, in real loops."""

import random
from typing import Any

import pytest

import bncalc
from bncalc.model.net import Net
from bncalc.model.op import Op
from bncalc.model.registry import find
from bncalc.model.shape import Shape


def starts(
    size: int, kernel: int, stride: int, dilation: int, padding: int, ceil: bool
) -> list[int]:
    """Slide a window over one padded side and write down where it starts."""
    reach = dilation * (kernel - 1)
    found: list[int] = []
    at = -padding
    while at + reach < size + padding or (
        ceil and at < size and (not found or at - stride + reach < size + padding - 1)
    ):
        found.append(at)
        at += stride
    return found


def random_layer(seed: int) -> tuple[dict[str, Any], Shape]:
    rng = random.Random(seed)
    groups = rng.choice([1, 1, 2, 3])
    fields = {
        "out": groups * rng.randint(1, 3),
        "kernel": rng.randint(1, 4),
        "stride": rng.randint(1, 3),
        "dilation": rng.randint(1, 2),
        "groups": groups,
        "padding": rng.randint(0, 2),
    }
    least = fields["dilation"] * (fields["kernel"] - 1) + 1
    height, width = (rng.randint(least, least + 5) for _ in range(2))
    return fields, Shape(groups * rng.randint(1, 3), height, width)


@pytest.mark.parametrize("chunk", range(10))
def test_convolution_multiplies_as_often_as_loops_do(chunk: int) -> None:
    for seed in range(40 * chunk, 40 * chunk + 40):
        fields, x = random_layer(seed)
        k, groups = fields["kernel"], fields["groups"]
        window = (k, fields["stride"], fields["dilation"], fields["padding"], False)
        rows, columns = starts(x.height, *window), starts(x.width, *window)
        weights, multiplications, made = set(), 0, 0
        for out in range(fields["out"]):
            group = out // (fields["out"] // groups)
            members = [c for c in range(x.channels) if c // (x.channels // groups) == group]
            for _ in rows:
                for _ in columns:
                    made += 1
                    for c in members:
                        for i in range(k):
                            for j in range(k):
                                multiplications += 1
                                weights.add((out, c, i, j))
        report = bncalc.measure(bncalc.block("conv", x, **fields))
        assert report.output == (fields["out"], len(rows), len(columns)), (fields, x)
        assert report.totals.macs == multiplications
        assert report.totals.params == len(weights)
        assert report.totals.activations == made


@pytest.mark.parametrize("chunk", range(5))
def test_pool_compares_as_often_as_loops_do(chunk: int) -> None:
    for seed in range(40 * chunk, 40 * chunk + 40):
        rng = random.Random(seed)
        k = rng.randint(1, 4)
        stride, padding, ceil = rng.randint(1, 4), rng.randint(0, k // 2), rng.random() < 0.5
        x = Shape(rng.randint(1, 3), rng.randint(k, k + 9), rng.randint(k, k + 9))
        window = (k, stride, 1, padding, ceil)
        rows, columns = starts(x.height, *window), starts(x.width, *window)
        comparisons = 0
        for _ in range(x.channels * len(rows) * len(columns)):
            comparisons += len([1 for _ in range(k * k)]) - 1
        graph = bncalc.block("max_pool", x, kernel=k, stride=stride, padding=padding, ceil=ceil)
        report = bncalc.measure(graph)
        assert report.output == (x.channels, len(rows), len(columns)), (
            seed,
            k,
            stride,
            padding,
            ceil,
            x,
        )
        assert report.totals.elementwise == comparisons


def test_transposed_convolution_multiplies_as_often_as_loops_do() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        k, stride, groups = rng.randint(1, 4), rng.randint(1, 3), rng.choice([1, 2])
        padding = rng.randint(0, (k - 1) // 2)
        x = Shape(2 * groups, rng.randint(2, 5), rng.randint(2, 5))
        out = groups * rng.randint(1, 2)
        multiplications = 0
        reached = set()
        for c in range(x.channels):
            for o in range(out):
                if c // (x.channels // groups) != o // (out // groups):
                    continue
                for row in range(x.height):
                    for column in range(x.width):
                        for i in range(k):
                            for j in range(k):
                                multiplications += 1
                                reached.add((row * stride + i, column * stride + j))
        fields: dict[str, Any] = {
            "out": out,
            "kernel": k,
            "stride": stride,
            "groups": groups,
            "padding": padding,
        }
        report = bncalc.measure(bncalc.block("conv_transpose", x, **fields))
        assert report.totals.macs == multiplications
        assert report.output.height == max(row for row, _ in reached) + 1 - 2 * padding
        assert report.output.width == max(column for _, column in reached) + 1 - 2 * padding


def test_adaptive_pool_covers_what_its_windows_cover() -> None:
    for size in range(1, 12):
        for out in range(1, 15):
            covered = 0
            for i in range(out):
                first = int(i * size / out)
                last = -int(-((i + 1) * size) // out)
                covered += len(range(first, last))
            for word, fewer in (("adaptive_avg_pool", 0), ("adaptive_max_pool", out)):
                report = bncalc.measure(bncalc.block(word, (1, size, 1), size=[out, 1]))
                assert report.totals.elementwise == covered - fewer


def test_adaptive_pool_to_the_largest_size_is_worked_out_without_a_loop() -> None:
    out = 1_000_000_000
    report = bncalc.measure(bncalc.block("adaptive_avg_pool", (2, 6, 1), size=[out, 1]))
    assert report.totals.elementwise == 2 * (6 + out - 2)


@pytest.mark.parametrize("seed", range(60))
def test_same_padding_makes_ceil_of_size_over_stride(seed: int) -> None:
    rng = random.Random(seed)
    size, stride = rng.randint(1, 30), rng.randint(1, 4)
    graph = bncalc.block("conv", (3, size, size), out=4, stride=stride, padding="same")
    assert graph.output.height == len(range(0, size, stride))


def test_a_net_built_by_hand_costs_what_its_ops_cost() -> None:
    net = Net(Shape(8, 16, 16))
    op = find("avg_pool")(kernel=2)
    assert isinstance(op, Op)
    net.build(op, net.input)
    assert net.graph("pool").output == (8, 8, 8)
