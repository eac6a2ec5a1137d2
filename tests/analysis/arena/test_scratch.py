"""Scratch of kernels, by hand from what CMSIS-NN asks for: columns of inputs in 16 bits, sums."""

from tests.rows import each_of

from bncalc.analysis.arena.scratch import scratch
from bncalc.model.op import Op
from bncalc.model.ops.convolution import Conv, Linear
from bncalc.model.ops.pooling import AvgPool, GlobalAvgPool
from bncalc.model.shape import Shape


def depthwise(**fields: object) -> Conv:
    return Conv(out=8, groups=8, **fields)


@each_of(
    [
        # two columns of 2 bytes: 9 taps of 3 channels, in fours, with `mve` in sixteens
        (Conv(out=4, kernel=3), 3, {"reference": 0, "scalar": 112, "dsp": 112, "mve": 128}),
        # of each of two groups 4 channels, 36 values
        (Conv(out=4, kernel=3, groups=2), 8, {"dsp": 144, "mve": 192}),
        (Conv(out=4, kernel=1), 8, {"dsp": 0, "mve": 0}),
        (Conv(out=4, kernel=1, padding=1), 8, {"dsp": 32, "mve": 64}),
        (Conv(out=4, kernel=1, dilation=2), 8, {"dsp": 32}),
        # one channel in one group: no channel multiplier, 9 values; 4 in 4 groups are one
        (Conv(out=4, kernel=3), 1, {"dsp": 48}),
        (Conv(out=8, kernel=3, groups=4), 4, {"dsp": 0, "mve": 0}),
        (Conv(out=8, kernel=1, groups=8, padding=1), 8, {"dsp": 0}),
        # 3×3 has a kernel of its own, unless it is padded by more; others unfold 8 channels
        (depthwise(kernel=3), 8, {"scalar": 0, "dsp": 0, "mve": 4 * 124 * 9}),
        (depthwise(kernel=3, padding=2), 8, {"scalar": 0, "dsp": 2 * 9 * 8}),
        (depthwise(kernel=5), 8, {"scalar": 0, "dsp": 2 * 25 * 8, "mve": 4 * 124 * 25}),
        (depthwise(kernel=3, dilation=2), 8, {"dsp": 0, "mve": 0}),
        (AvgPool(kernel=2), 8, {"scalar": 0, "dsp": 32, "mve": 0}),
        (GlobalAvgPool(), 8, {"dsp": 32}),
        (Linear(out=5), 8, {"dsp": 0, "mve": 20}),
    ]
)
def test_scratch_by_hand(op: Op, channels: int, bytes_of: dict[str, int]) -> None:
    x = Shape(channels, 12, 12)
    output = op.output(x)
    assert {core: scratch(op, (x,), output, core) for core in bytes_of} == bytes_of
