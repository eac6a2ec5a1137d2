"""Layers: modules that are one convolution, a pool, or a change of sizes; and joins of maps."""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import gcd

from bncalc.errors import ShapeError
from bncalc.model.net import Tensor
from bncalc.readers.ultralytics.arguments import ACTIVATIONS, RowArguments
from bncalc.readers.ultralytics.context import Context, Module, RowMaps
from bncalc.readers.ultralytics.modules.fields import act, flag, op, whole, width


def conv(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place a convolution, batch norm and activation."""
    return _convolution(context, maps[0], given, given.whole("g", 1))


def focus(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place squares of 2×2 as channels, and the convolution of them."""
    squares = context.net.op("space_to_depth", maps[0], factor=2, order="drc")
    return conv(context, (squares,), given)


def depthwise(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place a convolution of as many groups as divide both sides."""
    return _convolution(context, maps[0], given, gcd(maps[0].channels, context.width(given)))


def _convolution(context: Context, x: Tensor, given: RowArguments, groups: int) -> Tensor:
    kernel, dilation = given.whole("k", 1, least=1), given.whole("d", 1)
    return context.net.conv(
        x,
        context.width(given),
        kernel,
        stride=given.whole("s", 1, least=1),
        padding=given.whole("p", (dilation * (kernel - 1) + 1) // 2),
        groups=groups,
        dilation=dilation,
        act=act(context, given),
        name="conv",
    )


def upsample(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place an enlargement to a size or by a factor, whose sizes are rounded down."""
    (x,), mode = maps, given.choice("mode", "nearest", ("nearest", "bilinear", "bicubic"))
    if given.is_given("size"):
        given.only("scale_factor", None)
        return context.net.op("upsample", x, size=given.sides("size"), mode=mode)
    factor = given.ratio("scale_factor", 2)
    if factor == int(factor):
        return context.net.op("upsample", x, scale=int(factor), mode=mode)
    size = [int(side * factor) for side in x.shape.space]
    return context.net.op("upsample", x, size=size, mode=mode)


def zero_pad(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place a padding of zeros: left, right, top, bottom."""
    left, right, top, bottom = given.wholes("sides", count=4)
    return context.net.op("pad", maps[0], size=(top, bottom, left, right))


_POOL = {
    "kernel": whole("k"),
    "stride": lambda _, given: given.whole("s", given.whole("k", least=1), least=1),
    "padding": whole("p", 0, least=0),
}
"""A pool strides by its window unless the row says otherwise."""
_TRANSPOSED = op(
    "conv_transpose", out=width, kernel=whole("k", 2), stride=whole("s", 2),
    padding=whole("p", 0, least=0), output_padding=whole("output_padding", 0, least=0),
    groups=whole("groups", 1), norm="none", act="none", bias=flag("bias", True),
)  # fmt: skip

LAYERS = {
    "AvgPool2d": Module(op("avg_pool", **_POOL), "k s p"),
    "BatchNorm2d": Module(op("batch_norm"), "channels"),  # of those that arrive
    "Conv": Module(conv, "c2 k s p g d act"),
    "DWConv": Module(depthwise, "c2 k s d act"),
    "Focus": Module(focus, "c2 k s p g act"),
    "ConvTranspose2d": Module(_TRANSPOSED, "c2 k s p output_padding groups bias"),
    "Upsample": Module(upsample, "size scale_factor mode"),
    "MaxPool2d": Module(op("max_pool", **_POOL), "k s p"),
    "ZeroPad2d": Module(zero_pad, "sides"),
    "Identity": Module(op("identity")),
    # in place or not is of no matter
    **{
        name: Module(op(word), "setting inplace")
        for name, word in ACTIVATIONS.items()
        if name != "Identity"
    },
}


def concat(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place maps one after the other along their channels, which are axis 1."""
    given.only("dimension", 1)
    return context.net.concat(*maps)


def fork(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> RowMaps:
    """Place one 1×1 with a bias, and cut its channels into maps."""
    net, widths = context.net, given.wholes("c2s")
    for name, usual in (("k", 1), ("s", 1), ("p", 0), ("g", 1)):
        given.only(name, usual)
    y = net.conv(maps[0], sum(widths), 1, norm="none", act="none", bias=True, name="conv")
    ends = accumulate(widths, initial=0)
    return tuple([net.op("slice", y, start=a, stop=b) for a, b in pairwise(ends)])


def fuse(context: Context, maps: tuple[RowMaps, ...], given: RowArguments) -> Tensor:
    """Place the chosen map of each fork, enlarged to the last map, and the sum of all."""
    *forks, last = maps
    if not forks:
        raise ShapeError(
            "it takes maps of CBLinear and the map that they are added to", field="from"
        )
    if not isinstance(last, Tensor):
        raise ShapeError("the last source of CBFuse must be one map")
    chosen = []
    for source, index in zip(forks, given.wholes("idx", count=len(forks)), strict=True):
        if isinstance(source, Tensor) or index >= len(source):
            raise ShapeError(f"CBFuse takes map {index} of a CBLinear, which does not exist")
        map_ = source[index]
        factor = last.shape.space[0] // map_.shape.space[0]
        if factor > 1:
            map_ = context.net.op("upsample", map_, scale=factor, called="function")
        chosen.append(map_)
    return context.net.add(*chosen, last)


JOINS = {
    "Concat": Module(concat, "dimension", takes="several"),
    "CBLinear": Module(fork, "c2s k s p g"),
    "CBFuse": Module(fuse, "idx", takes="forks"),
}
