"""Modules: what each word of an Ultralytics row places, as functions of the row's arguments.

Channels are scaled where the module scales them. Facts of structure: papers and published tables.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import gcd

from bncalc.errors import ShapeError
from bncalc.model.blocks.a2c2f import A2c2f
from bncalc.model.blocks.aconv import Aconv
from bncalc.model.blocks.adown import Adown
from bncalc.model.blocks.c2f import C2f
from bncalc.model.blocks.c2f_cib import C2fCib
from bncalc.model.blocks.c2psa import C2psa
from bncalc.model.blocks.c3 import C3
from bncalc.model.blocks.c3k2 import C3k2
from bncalc.model.blocks.elan1 import Elan1
from bncalc.model.blocks.ghost import Ghost
from bncalc.model.blocks.rep_conv import RepConv
from bncalc.model.blocks.rep_ncspelan4 import RepNcspelan4
from bncalc.model.blocks.scdown import Scdown
from bncalc.model.blocks.sppelan import Sppelan
from bncalc.model.blocks.sppf import Sppf
from bncalc.model.blocks.yolo_bottleneck import YoloBottleneck
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block
from bncalc.readers.ultralytics.context import Arguments, Context, Maps

Module = Callable[[Context, tuple[Tensor, ...], Arguments, int], Maps]
"""Context, maps that arrive, arguments, repeats (1 unless the module repeats within) → maps."""


def conv(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """Conv(c2, k, s, p, g, d): convolution, batch norm, activation."""
    kernel, groups, dilation = given.whole(1, 1), given.whole(4, 1), given.whole(5, 1)
    return context.net.conv(
        maps[0],
        context.width(given),
        kernel,
        stride=given.whole(2, 1),
        padding=given.whole(3, (dilation * (kernel - 1) + 1) // 2),
        groups=groups,
        dilation=dilation,
        name="conv",
    )


def depthwise(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """DWConv(c2, k, s, d): as many groups as divide both sides."""
    out, kernel = context.width(given), given.whole(1, 1)
    return context.net.conv(
        maps[0],
        out,
        kernel,
        stride=given.whole(2, 1),
        padding=kernel // 2,
        groups=gcd(maps[0].channels, out),
        name="conv",
    )


def transposed(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """nn.ConvTranspose2d(c2, k, s, p), with a bias."""
    return context.net.op(
        "conv_transpose",
        maps[0],
        out=context.width(given),
        kernel=given.whole(1, 2),
        stride=given.whole(2, 2),
        padding=given.whole(3, 0),
        norm="none",
        act="none",
        bias=True,
    )


def upsample(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """nn.Upsample(size, scale, mode)."""
    return context.net.op("upsample", maps[0], scale=given.whole(1, 2))


def concat(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """Concat(1): channels, which are axis 1."""
    if given.whole(0, 1) != 1:
        raise ShapeError("Concat joins channels, which are its axis 1")
    return context.net.concat(*maps)


def max_pool(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """nn.MaxPool2d(k, s, p)."""
    kernel = given.whole(0)
    stride, padding = given.whole(1, kernel), given.whole(2, 0)
    return context.net.op("max_pool", maps[0], kernel=kernel, stride=stride, padding=padding)


def zero_pad(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """nn.ZeroPad2d([left, right, top, bottom])."""
    left, right, top, bottom = given.wholes(0)
    return context.net.op("pad", maps[0], size=(top, bottom, left, right))


def identity(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """nn.Identity()."""
    return context.net.op("identity", maps[0])


def spp(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """SPP(c2, k=(5, 9, 13)): pools side by side."""
    net, (x,) = context.net, maps
    y = net.conv(x, x.channels // 2, 1, name="cv1")
    pools = [net.op("max_pool", y, kernel=k, stride=1) for k in given.wholes(1, (5, 9, 13))]
    out = context.width(given)
    return net.conv(net.concat(y, *pools), out, 1, name="cv2")


def bottleneck(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """Bottleneck(c2, shortcut, g, k, e): kernels 3 and 3, in YOLOv5's own files 1 and 3."""
    block = YoloBottleneck(
        out=context.width(given),
        shortcut=given.flag(1, True),
        groups=given.whole(2, 1),
        first=1 if context.anchors else 3,
        e=given.ratio(4, 0.5),
    )
    return block.build(context.net, maps[0])


def c2(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """C2(c2, n, shortcut, g, e): a chain of bottlenecks on one half."""
    net, out = context.net, context.width(given)
    both = net.conv(maps[0], 2 * int(out * given.ratio(3, 0.5)), 1, name="cv1")
    y, past = (net.op("split", both, parts=2, part=i) for i in (0, 1))
    for i in range(n):
        inner = YoloBottleneck(
            shortcut=given.flag(1, True), groups=given.whole(2, 1), first=3, e=1.0
        )
        y = net.build(inner, y, name=f"m{i}")
    return net.conv(net.concat(y, past), out, 1, name="cv2")


def c3_ghost(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Tensor:
    """C3Ghost(c2, n, shortcut, g, e): a C3 whose bottlenecks are ghost convolutions."""
    net, out = context.net, context.width(given)
    hidden = int(out * given.ratio(3, 0.5))
    y, past = (net.conv(maps[0], hidden, 1, name=name) for name in ("cv1", "cv2"))
    for i in range(n):
        with net.part("ghost_bottleneck", f"m{i}"):
            y = _ghost_bottleneck(net, y)
    return net.conv(net.concat(y, past), out, 1, name="cv3")


def _ghost_bottleneck(net: Net, x: Tensor) -> Tensor:
    y = net.build(Ghost(out=x.channels // 2, cheap=5), x)
    return net.add(x, net.build(Ghost(out=x.channels, cheap=5, act="none"), y))


def fork(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Maps:
    """CBLinear([c, …]): one 1×1 with a bias, its channels cut into maps."""
    net, widths = context.net, given.wholes(0)
    y = net.conv(maps[0], sum(widths), 1, norm="none", act="none", bias=True, name="conv")
    starts = [sum(widths[:i]) for i in range(len(widths) + 1)]
    return tuple(net.op("slice", y, start=a, stop=b) for a, b in pairwise(starts))


def _block(make: Callable[[Context, Arguments, int], Block]) -> Module:
    def place(context: Context, maps: tuple[Tensor, ...], given: Arguments, n: int) -> Maps:
        return make(context, given, n).build(context.net, maps[0])

    return place


def _c3k2(context: Context, given: Arguments, n: int) -> Block:
    deep = context.scale.letter in ("m", "l", "x")
    return C3k2(
        out=context.width(given),
        n=n,
        c3k=deep or given.flag(1, False),
        e=given.ratio(2, 0.5),
        attention=given.flag(3, False),
        groups=given.whole(4, 1),
        shortcut=given.flag(5, True),
    )


def _a2c2f(context: Context, given: Arguments, n: int) -> Block:
    large = context.scale.letter in ("l", "x")
    return A2c2f(
        out=context.width(given),
        n=n,
        attention=given.flag(1, True),
        areas=max(given.whole(2, 1), 1) if given.flag(1, True) else 1,
        residual=large or given.flag(3, False),
        mlp=1.2 if large else given.ratio(4, 2.0),
        e=given.ratio(5, 0.5),
    )


MODULES: dict[str, Module] = {
    "Conv": conv,
    "DWConv": depthwise,
    "ConvTranspose2d": transposed,
    "Upsample": upsample,
    "Concat": concat,
    "MaxPool2d": max_pool,
    "ZeroPad2d": zero_pad,
    "Identity": identity,
    "SPP": spp,
    "Bottleneck": bottleneck,
    "C2": c2,
    "C3Ghost": c3_ghost,
    "CBLinear": fork,
    "SPPF": _block(
        lambda context, given, n: Sppf(
            out=context.width(given),
            kernel=given.whole(1, 5),
            n=given.whole(2, 3),
            shortcut=given.flag(3, False),
        )
    ),
    "C3": _block(
        lambda context, given, n: C3(
            out=context.width(given),
            n=n,
            shortcut=given.flag(1, True),
            groups=given.whole(2, 1),
            e=given.ratio(3, 0.5),
        )
    ),
    "C2f": _block(
        lambda context, given, n: C2f(
            out=context.width(given),
            n=n,
            shortcut=given.flag(1, False),
            e=given.ratio(3, 0.5),
        )
    ),
    "C3k2": _block(_c3k2),
    "A2C2f": _block(_a2c2f),
    "C2PSA": _block(lambda context, given, n: C2psa(n=n)),
    "PSA": _block(lambda context, given, n: C2psa(n=1)),
    "SCDown": _block(
        lambda context, given, n: Scdown(
            out=context.width(given),
            kernel=given.whole(1, 3),
            stride=given.whole(2, 2),
        )
    ),
    "C2fCIB": _block(
        lambda context, given, n: C2fCib(
            out=context.width(given),
            n=n,
            shortcut=given.flag(1, False),
            large=given.flag(2, False),
            e=given.ratio(4, 0.5),
        )
    ),
    "RepConv": _block(lambda context, given, n: RepConv(out=context.width(given))),
    "ELAN1": _block(
        lambda context, given, n: Elan1(
            out=context.width(given), split=given.whole(1), hidden=given.whole(2)
        )
    ),
    "RepNCSPELAN4": _block(
        lambda context, given, n: RepNcspelan4(
            out=context.width(given),
            split=given.whole(1),
            hidden=given.whole(2),
            n=given.whole(3, 1),
        )
    ),
    "AConv": _block(lambda context, given, n: Aconv(out=context.width(given))),
    "ADown": _block(lambda context, given, n: Adown(out=context.width(given))),
    "SPPELAN": _block(
        lambda context, given, n: Sppelan(
            out=context.width(given),
            hidden=given.whole(1),
            kernel=given.whole(2, 5),
        )
    ),
    "GhostConv": _block(
        lambda context, given, n: Ghost(
            out=context.width(given),
            kernel=given.whole(1, 1),
            stride=given.whole(2, 1),
            cheap=5,
        )
    ),
}
"""By the word of a row, without `nn.`."""

REPEATS_WITHIN = {"C2", "C2f", "C3", "C3k2", "C3Ghost", "C2PSA", "C2fCIB", "A2C2f"}
"""Modules that take the number of repeats; any other is placed so often in a row."""


def fuse(context: Context, maps: tuple[Maps, ...], given: Arguments) -> Tensor:
    """CBFuse([i, …]): the i-th map of each fork, enlarged to the last map, and the sum of all."""
    *forks, last = maps
    if not isinstance(last, Tensor):
        raise ShapeError("the last source of CBFuse must be one map")
    chosen = []
    for source, index in zip(forks, given.wholes(0), strict=True):
        if isinstance(source, Tensor) or not 0 <= index < len(source):
            raise ShapeError(f"CBFuse takes map {index} of a CBLinear, which there is not")
        map_ = source[index]
        factor = last.shape.space[0] // map_.shape.space[0]
        chosen.append(context.net.op("upsample", map_, scale=factor) if factor > 1 else map_)
    return context.net.add(*chosen, last)
