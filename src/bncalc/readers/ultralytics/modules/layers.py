"""Layers: modules that are one convolution, a pool, or a change of sizes."""

from __future__ import annotations

from math import gcd

from bncalc.model.net import Tensor
from bncalc.readers.ultralytics.arguments import ACTIVATIONS, RowArguments
from bncalc.readers.ultralytics.context import Context, Module


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
        act="default" if given.flag("act", True) else "none",
        name="conv",
    )


def transposed(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place a transposed convolution, with a bias unless it says otherwise."""
    return context.net.op(
        "conv_transpose",
        maps[0],
        out=context.width(given),
        kernel=given.whole("k", 2, least=1),
        stride=given.whole("s", 2, least=1),
        padding=given.whole("p", 0),
        output_padding=given.whole("output_padding", 0),
        groups=given.whole("groups", 1, least=1),
        norm="none",
        act="none",
        bias=given.flag("bias", True),
    )


def upsample(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place an enlargement by a factor."""
    given.only("size", None)
    mode = given.choice("mode", "nearest", ("nearest", "bilinear", "bicubic"))
    factor = given.whole("scale_factor", 2, least=1)
    return context.net.op("upsample", maps[0], scale=factor, mode=mode)


def max_pool(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place a max pool that strides by its window."""
    return _pool(context, maps[0], given, "max_pool")


def average_pool(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place an average pool that strides by its window."""
    return _pool(context, maps[0], given, "avg_pool")


def _pool(context: Context, x: Tensor, given: RowArguments, word: str) -> Tensor:
    kernel = given.whole("k", least=1)
    stride, padding = given.whole("s", kernel, least=1), given.whole("p", 0)
    return context.net.op(word, x, kernel=kernel, stride=stride, padding=padding)


def zero_pad(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place a padding of zeros: left, right, top, bottom."""
    left, right, top, bottom = given.wholes("sides", count=4)
    return context.net.op("pad", maps[0], size=(top, bottom, left, right))


def identity(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place the map as it is."""
    return context.net.op("identity", maps[0])


def batch_norm(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place a norm of the channels that arrive, whatever their number is said to be."""
    return context.net.op("batch_norm", maps[0])


def activation(word: str) -> Module:
    """Return the module that is an activation; how it works in place is of no matter."""

    def place(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
        return context.net.op(word, maps[0])

    return Module(place, "setting inplace")


LAYERS = {
    "AvgPool2d": Module(average_pool, "k s p"),
    "BatchNorm2d": Module(batch_norm, "channels"),
    "Conv": Module(conv, "c2 k s p g d act"),
    "DWConv": Module(depthwise, "c2 k s d act"),
    "Focus": Module(focus, "c2 k s p g act"),
    "ConvTranspose2d": Module(transposed, "c2 k s p output_padding groups bias"),
    "Upsample": Module(upsample, "size scale_factor mode"),
    "MaxPool2d": Module(max_pool, "k s p"),
    "ZeroPad2d": Module(zero_pad, "sides"),
    "Identity": Module(identity),
    **{name: activation(word) for name, word in ACTIVATIONS.items() if name != "Identity"},
}
