"""Stages: modules that are blocks of the language too, each made from a row's arguments."""

from __future__ import annotations

from bncalc.model.blocks.aconv import Aconv
from bncalc.model.blocks.adown import Adown
from bncalc.model.blocks.aifi import Aifi
from bncalc.model.blocks.bottleneck import Bottleneck
from bncalc.model.blocks.elan1 import Elan1
from bncalc.model.blocks.ghost import Ghost
from bncalc.model.blocks.hg_block import HgBlock
from bncalc.model.blocks.hg_stem import HgStem
from bncalc.model.blocks.rep_c3 import RepC3
from bncalc.model.blocks.rep_conv import RepConv
from bncalc.model.blocks.rep_ncspelan4 import RepNcspelan4
from bncalc.model.blocks.scdown import Scdown
from bncalc.model.blocks.spp import Spp
from bncalc.model.blocks.sppelan import Sppelan
from bncalc.model.blocks.sppf import Sppf
from bncalc.model.blocks.yolo_bottleneck import YoloBottleneck
from bncalc.model.cost import Cost
from bncalc.model.net import Tensor
from bncalc.model.op import Block
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.readers.ultralytics.arguments import RowArguments
from bncalc.readers.ultralytics.context import Context, Module
from bncalc.readers.ultralytics.modules.chains import placing


def _bottleneck(context: Context, given: RowArguments) -> Block:
    """Return a bottleneck of kernels 3 and 3, in YOLOv5's own files of 1 and 3."""
    usual = (1, 3) if context.anchors else (3, 3)
    first, second = given.wholes("k", usual, count=2)
    if second != 3:
        given.only("k", (first, 3))
    return YoloBottleneck(
        out=context.width(given),
        shortcut=given.flag("shortcut", True),
        groups=given.whole("g", 1, least=1),
        first=first,
        e=given.ratio("e", 0.5),
    )


def _sppf(context: Context, given: RowArguments) -> Block:
    return Sppf(
        out=context.width(given),
        kernel=given.whole("k", 5, least=1),
        n=given.whole("n", 3, least=1),
        shortcut=given.flag("shortcut", False),
    )


def _rep_conv(context: Context, given: RowArguments) -> Block:
    for name, usual in (("k", 3), ("p", 1), ("g", 1), ("d", 1), ("act", True), ("bn", False)):
        given.only(name, usual)
    return RepConv(out=context.width(given), stride=given.whole("s", 1, least=1))


def _rep_ncspelan4(context: Context, given: RowArguments) -> Block:
    return RepNcspelan4(
        out=context.width(given),
        split=given.whole("c3", least=1),
        hidden=given.whole("c4", least=1),
        n=given.whole("n", 1),
    )


def _elan1(context: Context, given: RowArguments) -> Block:
    return Elan1(
        out=context.width(given),
        split=given.whole("c3", least=1),
        hidden=given.whole("c4", least=1),
    )


def _sppelan(context: Context, given: RowArguments) -> Block:
    return Sppelan(
        out=context.width(given),
        hidden=given.whole("c3", least=1),
        kernel=given.whole("k", 5, least=1),
    )


def _scdown(context: Context, given: RowArguments) -> Block:
    return Scdown(
        out=context.width(given),
        kernel=given.whole("k", 3, least=1),
        stride=given.whole("s", 2, least=1),
    )


def _ghost(context: Context, given: RowArguments) -> Block:
    given.only("g", 1)
    return Ghost(
        out=context.width(given),
        kernel=given.whole("k", 1, least=1),
        stride=given.whole("s", 1, least=1),
        act="default" if given.flag("act", True) else "none",
        cheap=5,
    )


def _hg_block(context: Context, given: RowArguments) -> Block:
    return HgBlock(
        mid=given.whole("cm", least=1),
        out=given.whole("c2", least=1),
        kernel=given.whole("k", 3, least=1),
        n=context.repeats,
        light=given.flag("lightconv", False),
        shortcut=given.flag("shortcut", False),
    )


def _aifi(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place an encoder layer; its sines are made from positions and frequencies for each image."""
    net, (x,) = context.net, maps
    block = Aifi(mid=given.whole("cm", 2048, least=1), heads=given.whole("num_heads", 8, least=1))
    macs = x.shape.elements // 2  # a quarter of the channels, of rows and again of columns
    cost = Cost(macs=macs, elementwise=x.shape.elements, activations=macs)
    positions = net.place(Foreign(Facts("positions", x.shape, cost=cost, family="product")), x)
    return block.encoded(net, x, positions)


def _resnet_layer(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place the stem of a ResNet, or a stage of bottlenecks that strides once."""
    net, (x,) = context.net, maps
    mid, stride = given.whole("c2", least=1), given.whole("s", 1, least=1)
    if given.whole("c1") != x.channels:
        given.only("c1", x.channels)
    if given.flag("is_first", False):
        return net.op("max_pool", net.conv(x, mid, 7, stride=2, name="conv"), kernel=3, stride=2)
    for i in range(given.whole("n", 1)):
        block = Bottleneck(mid=mid, out=given.whole("e", 4) * mid, stride=1 if i else stride)
        x = net.build(block, x, name=str(i))
    return x


STAGES = {
    "Bottleneck": Module(placing(_bottleneck), "c2 shortcut g k e"),
    "SPP": Module(
        placing(
            lambda context, given: Spp(
                out=context.width(given), kernels=given.wholes("k", (5, 9, 13))
            )
        ),
        "c2 k",
    ),
    "SPPF": Module(placing(_sppf), "c2 k n shortcut"),
    "SCDown": Module(placing(_scdown), "c2 k s"),
    "RepConv": Module(placing(_rep_conv), "c2 k s p g d act bn"),
    "ELAN1": Module(placing(_elan1), "c2 c3 c4"),
    "RepNCSPELAN4": Module(placing(_rep_ncspelan4), "c2 c3 c4 n"),
    "AConv": Module(placing(lambda context, given: Aconv(out=context.width(given))), "c2"),
    "ADown": Module(placing(lambda context, given: Adown(out=context.width(given))), "c2"),
    "SPPELAN": Module(placing(_sppelan), "c2 c3 k"),
    "GhostConv": Module(placing(_ghost), "c2 k s g act"),
    "HGStem": Module(
        placing(
            lambda context, given: HgStem(
                mid=given.whole("cm", least=1), out=given.whole("c2", least=1)
            )
        ),
        "cm c2",
    ),
    "HGBlock": Module(placing(_hg_block), "cm c2 k lightconv shortcut", repeats_within=True),
    "RepC3": Module(
        placing(
            lambda context, given: RepC3(
                out=context.width(given), n=context.repeats, e=given.ratio("e", 1.0)
            )
        ),
        "c2 e",
        repeats_within=True,
    ),
    "AIFI": Module(_aifi, "cm num_heads"),
    "ResNetLayer": Module(_resnet_layer, "c1 c2 s is_first n e"),
}
"""By the word of a row."""
