"""Counting by doing: every multiplication of small random layers, in real loops.

Maps have one, two or three axes, and every axis a size, a kernel, a stride and a padding of its
own. The loops go over positions and taps; none of them multiplies sizes.
"""

import random
from itertools import product
from typing import Any, NamedTuple

import pytest
from tests.rows import each_of

import bncalc
from bncalc.model.net import Net
from bncalc.model.op import Op
from bncalc.model.registry import find
from bncalc.model.shape import Shape

Sizes = tuple[int, ...]
AXES = (1, 2, 3)


def starts(
    size: int, kernel: int, stride: int, dilation: int, padding: int, ceil: bool = False
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


class Case(NamedTuple):
    """A layer of windows and the map that it is given, with other sizes along each axis."""

    x: Shape
    kernel: Sizes
    stride: Sizes
    dilation: Sizes
    padding: Sizes
    groups: int
    out: int

    @property
    def fields(self) -> dict[str, Any]:
        return {key: value for key, value in self._asdict().items() if key != "x"}

    def starts(self, *, ceil: bool = False) -> list[list[int]]:
        """Return where the windows start, along each axis."""
        sides = zip(
            self.x.space, self.kernel, self.stride, self.dilation, self.padding, strict=True
        )
        return [starts(*side, ceil) for side in sides]


def random_case(seed: int, axes: int) -> Case:
    rng = random.Random(seed)
    groups = rng.choice([1, 1, 2, 3])
    most = (4, 4, 3)[axes - 1]

    def each(low: int, high: int) -> Sizes:
        return tuple(rng.randint(low, high) for _ in range(axes))

    kernel, dilation = each(1, most), each(1, 2)
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    space = [rng.randint(span, span + (9, 5, 2)[axes - 1]) for span in spans]
    return Case(
        Shape(groups * rng.randint(1, 3), *space),
        kernel,
        each(1, 3),
        dilation,
        each(0, 2),
        groups,
        groups * rng.randint(1, 3),
    )


def grid(sizes: Sizes) -> list[Sizes]:
    """Return every place of a grid."""
    return list(product(*map(range, sizes)))


@pytest.mark.parametrize("axes", AXES)
def test_convolution_multiplies_as_often_as_loops_do(axes: int) -> None:
    for seed in range(120):
        case = random_case(seed, axes)
        weights, multiplications, made = set(), 0, 0
        for out in range(case.out):
            group = out // (case.out // case.groups)
            width = case.x.channels // case.groups
            for _ in product(*case.starts()):
                made += 1
                for channel in range(group * width, (group + 1) * width):
                    for tap in grid(case.kernel):
                        multiplications += 1
                        weights.add((out, channel, tap))
        report = bncalc.measure(bncalc.block("conv", case.x, **case.fields))
        assert report.output == (case.out, *map(len, case.starts())), case
        assert report.totals.macs == multiplications
        assert report.totals.params == len(weights)
        assert report.totals.activations == made


@pytest.mark.parametrize("axes", AXES)
def test_pool_compares_as_often_as_loops_do(axes: int) -> None:
    for seed in range(120):
        case = random_case(seed, axes)
        ceil = seed % 2 == 0
        padding = tuple(min(pad, k // 2) for pad, k in zip(case.padding, case.kernel, strict=True))
        case = case._replace(padding=padding, dilation=(1,) * axes)
        comparisons = 0
        for _ in range(case.x.channels):
            for _ in product(*case.starts(ceil=ceil)):
                comparisons += len(grid(case.kernel)) - 1
        windows = {name: case.fields[name] for name in ("kernel", "stride", "padding")}
        report = bncalc.measure(bncalc.block("max_pool", case.x, **windows, ceil=ceil))
        assert report.output == (case.x.channels, *map(len, case.starts(ceil=ceil))), (seed, case)
        assert report.totals.elementwise == comparisons


@pytest.mark.parametrize("axes", AXES)
def test_transposed_convolution_multiplies_as_often_as_loops_do(axes: int) -> None:
    for seed in range(40):
        case = random_case(seed, axes)
        space = tuple(min(size, (5, 5, 2)[axes - 1]) + 1 for size in case.x.space)
        padding = tuple(
            min(pad, (k - 1) // 2) for pad, k in zip(case.padding, case.kernel, strict=True)
        )
        x = Shape(case.x.channels, *space)
        multiplications = 0
        reached: list[set[int]] = [set() for _ in range(axes)]
        for channel in range(x.channels):
            group = channel // (x.channels // case.groups)
            for out in range(case.out):
                if out // (case.out // case.groups) != group:
                    continue
                for position in grid(space):
                    for tap in grid(case.kernel):
                        multiplications += 1
                        for axis in range(axes):
                            reach = tap[axis] * case.dilation[axis]
                            reached[axis].add(position[axis] * case.stride[axis] + reach)
        fields = {**case.fields, "padding": padding}
        report = bncalc.measure(bncalc.block("conv_transpose", x, **fields))
        assert report.totals.macs == multiplications
        sides = [max(at) + 1 - 2 * pad for at, pad in zip(reached, padding, strict=True)]
        assert report.output == (case.out, *sides), case


def test_adaptive_pool_covers_what_its_windows_cover() -> None:
    for size in range(1, 12):
        for out in range(1, size + 1):
            covered = 0
            for i in range(out):
                first = int(i * size / out)
                last = -int(-((i + 1) * size) // out)
                covered += len(range(first, last))
            for word, fewer in (("adaptive_avg_pool", 0), ("adaptive_max_pool", out)):
                report = bncalc.measure(bncalc.block(word, (1, size), size=out))
                assert report.totals.elementwise == covered - fewer
                tall = bncalc.block(word, (1, size, 1), size=[out, 1])
                assert bncalc.measure(tall).totals.elementwise == covered - fewer
                deep = bncalc.block(word, (1, size, 1, 2), size=[out, 1, 2])
                assert bncalc.measure(deep).totals.elementwise == 2 * covered - 2 * fewer


def test_adaptive_pool_to_the_largest_size_is_worked_out_without_a_loop() -> None:
    out = 1_000_000_000
    report = bncalc.measure(bncalc.block("adaptive_avg_pool", (2, 6, 1), size=[out, 1]))
    assert report.totals.elementwise == 2 * (6 + out - 2)


@pytest.mark.parametrize("axes", AXES)
def test_a_linear_enlargement_weighs_the_neighbours_at_the_corners(axes: int) -> None:
    x = Shape(2, *range(2, 2 + axes))
    factors = tuple(range(2, 2 + axes))
    operations = 0
    for _ in range(x.channels):
        for _ in grid(tuple(size * factor for size, factor in zip(x.space, factors, strict=True))):
            weighed = len(grid((2,) * axes))
            operations += weighed + (weighed - 1)
    report = bncalc.measure(bncalc.block("upsample", x, scale=factors, mode="bilinear"))
    assert report.totals.elementwise == operations


@pytest.mark.parametrize("axes", AXES)
def test_attention_multiplies_every_query_with_every_key(axes: int) -> None:
    x = Shape(6, *range(2, 2 + axes))
    net = Net(x)
    scores = net.op("attention_scores", net.input, net.input, heads=2)
    net.op("attention_mix", scores, net.input)
    multiplications = 0
    for _ in range(2):  # heads, of three channels each
        for _ in grid(x.space):
            for _ in grid(x.space):
                multiplications += len(range(3)) + len(range(3))  # for the score, and the mix
    report = bncalc.measure(net.graph("attention"))
    assert report.totals.macs == multiplications
    assert report.output == x


@pytest.mark.parametrize("axes", AXES)
def test_a_norm_has_a_scale_and_a_shift_for_each_channel(axes: int) -> None:
    x = Shape(6, *range(2, 2 + axes))
    for word in ("batch_norm", "layer_norm", "instance_norm"):
        report = bncalc.measure(bncalc.block(word, x, affine=True))
        each = report.layers[0].cost.elementwise // len(
            [(c, *at) for c in range(6) for at in grid(x.space)]
        )
        assert (report.totals.params, report.output) == (12, x)
        assert each == (2 if word == "batch_norm" else 7)


@each_of(range(60))
def test_same_padding_makes_ceil_of_size_over_stride(seed: int) -> None:
    rng = random.Random(seed)
    size, stride = rng.randint(1, 30), rng.randint(1, 4)
    graph = bncalc.block("conv", (3, size, size), out=4, stride=stride, padding="same")
    assert graph.output.space == (len(range(0, size, stride)),) * 2


def test_a_net_built_by_hand_costs_what_its_ops_cost() -> None:
    net = Net(Shape(8, 16, 16))
    op = find("avg_pool")(kernel=2)
    assert isinstance(op, Op)
    net.build(op, net.input)
    report = bncalc.measure(net.graph("pool"))
    assert (report.output, report.totals.elementwise) == ((8, 8, 8), 8 * 64 * (3 + 1))
