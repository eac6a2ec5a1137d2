"""Stages: modules that are blocks of the language too, each made from a row's arguments."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.errors import ShapeError
from bncalc.model.blocks.a2c2f import A2c2f
from bncalc.model.blocks.aconv import Aconv
from bncalc.model.blocks.adown import Adown
from bncalc.model.blocks.aifi import Aifi
from bncalc.model.blocks.bottleneck import Bottleneck
from bncalc.model.blocks.c2 import C2
from bncalc.model.blocks.c2f import C2f
from bncalc.model.blocks.c2f_cib import C2fCib
from bncalc.model.blocks.c2psa import C2psa
from bncalc.model.blocks.c3 import C3
from bncalc.model.blocks.c3_ghost import C3Ghost
from bncalc.model.blocks.c3k2 import C3k2
from bncalc.model.blocks.c3tr import C3tr
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
from bncalc.readers.ultralytics.arguments import Arguments
from bncalc.readers.ultralytics.context import Context, Module, Place


def _placing(make: Callable[[Context, Arguments], Block]) -> Place:
    def place(context: Context, maps: tuple[Tensor, ...], given: Arguments) -> Tensor:
        return make(context, given).build(context.net, maps[0])

    return place


def _bottleneck(context: Context, given: Arguments) -> Block:
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


def _c2(context: Context, given: Arguments) -> Block:
    return C2(
        out=context.width(given),
        n=context.repeats,
        shortcut=given.flag("shortcut", True),
        groups=given.whole("g", 1, least=1),
        e=given.ratio("e", 0.5),
    )


def _c2f(context: Context, given: Arguments) -> Block:
    return C2f(
        out=context.width(given),
        n=context.repeats,
        shortcut=given.flag("shortcut", False),
        groups=given.whole("g", 1, least=1),
        e=given.ratio("e", 0.5),
    )


def _c2f_cib(context: Context, given: Arguments) -> Block:
    given.only("g", 1)
    return C2fCib(
        out=context.width(given),
        n=context.repeats,
        shortcut=given.flag("shortcut", False),
        large=given.flag("lk", False),
        e=given.ratio("e", 0.5),
    )


def _c2psa(context: Context, maps: tuple[Tensor, ...], given: Arguments) -> Tensor:
    """Place attention on one half of the channels, of which it keeps the number."""
    (x,), out = maps, context.width(given)
    given.only("e", 0.5)
    if out != x.channels:
        raise ShapeError(f"it keeps the {x.channels} channels that arrive, and c2 makes {out}")
    return C2psa(n=context.repeats).build(context.net, x)


def _c3(context: Context, given: Arguments) -> Block:
    return C3(
        out=context.width(given),
        n=context.repeats,
        shortcut=given.flag("shortcut", True),
        groups=given.whole("g", 1, least=1),
        e=given.ratio("e", 0.5),
    )


def _c3_ghost(context: Context, given: Arguments) -> Block:
    """Return a C3 of ghost bottlenecks, which add what enters them whatever the row says."""
    return C3Ghost(out=context.width(given), n=context.repeats, e=given.ratio("e", 0.5))


def _c3tr(context: Context, given: Arguments) -> Block:
    return C3tr(out=context.width(given), n=context.repeats, e=given.ratio("e", 0.5))


def _c3k2(context: Context, given: Arguments) -> Block:
    """Return a C3k2, whose units are C3 at the scales from m on, whatever the row says."""
    deep = context.scale.letter in ("m", "l", "x")
    return C3k2(
        out=context.width(given),
        n=context.repeats,
        c3k=given.flag("c3k", False) or deep,
        e=given.ratio("e", 0.5),
        attention=given.flag("attn", False),
        groups=given.whole("g", 1, least=1),
        shortcut=given.flag("shortcut", True),
    )


def _a2c2f(context: Context, given: Arguments) -> Block:
    """Return an A2C2f, which is residual at the scales l and x, with narrower layers."""
    given.only("g", 1)
    large, attention = context.scale.letter in ("l", "x"), given.flag("a2", True)
    areas, mlp = given.whole("area", 1, least=-1), given.ratio("mlp_ratio", 2.0)
    return A2c2f(
        out=context.width(given),
        n=context.repeats,
        attention=attention,
        areas=max(areas, 1) if attention else 1,
        residual=given.flag("residual", False) or large,
        mlp=1.2 if large else mlp,
        e=given.ratio("e", 0.5),
    )


def _sppf(context: Context, given: Arguments) -> Block:
    return Sppf(
        out=context.width(given),
        kernel=given.whole("k", 5, least=1),
        n=given.whole("n", 3, least=1),
        shortcut=given.flag("shortcut", False),
    )


def _rep_conv(context: Context, given: Arguments) -> Block:
    for name, usual in (("k", 3), ("p", 1), ("g", 1), ("d", 1), ("act", True), ("bn", False)):
        given.only(name, usual)
    return RepConv(out=context.width(given), stride=given.whole("s", 1, least=1))


def _rep_ncspelan4(context: Context, given: Arguments) -> Block:
    return RepNcspelan4(
        out=context.width(given),
        split=given.whole("c3", least=1),
        hidden=given.whole("c4", least=1),
        n=given.whole("n", 1),
    )


def _elan1(context: Context, given: Arguments) -> Block:
    return Elan1(
        out=context.width(given),
        split=given.whole("c3", least=1),
        hidden=given.whole("c4", least=1),
    )


def _sppelan(context: Context, given: Arguments) -> Block:
    return Sppelan(
        out=context.width(given),
        hidden=given.whole("c3", least=1),
        kernel=given.whole("k", 5, least=1),
    )


def _scdown(context: Context, given: Arguments) -> Block:
    return Scdown(
        out=context.width(given),
        kernel=given.whole("k", 3, least=1),
        stride=given.whole("s", 2, least=1),
    )


def _ghost(context: Context, given: Arguments) -> Block:
    given.only("g", 1)
    return Ghost(
        out=context.width(given),
        kernel=given.whole("k", 1, least=1),
        stride=given.whole("s", 1, least=1),
        act="default" if given.flag("act", True) else "none",
        cheap=5,
    )


def _hg_block(context: Context, given: Arguments) -> Block:
    return HgBlock(
        mid=given.whole("cm", least=1),
        out=given.whole("c2", least=1),
        kernel=given.whole("k", 3, least=1),
        n=context.repeats,
        light=given.flag("lightconv", False),
        shortcut=given.flag("shortcut", False),
    )


def _aifi(context: Context, maps: tuple[Tensor, ...], given: Arguments) -> Tensor:
    """Place an encoder layer; its sines are made from positions and frequencies for each image."""
    net, (x,) = context.net, maps
    block = Aifi(mid=given.whole("cm", 2048, least=1), heads=given.whole("num_heads", 8, least=1))
    macs = x.shape.elements // 2  # a quarter of the channels, of rows and again of columns
    cost = Cost(macs=macs, elementwise=x.shape.elements, activations=macs)
    positions = net.place(Foreign(Facts("positions", x.shape, cost=cost, family="product")), x)
    return block.encoded(net, x, positions)


def _resnet_layer(context: Context, maps: tuple[Tensor, ...], given: Arguments) -> Tensor:
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


_IN_CHAIN = "c2 shortcut g e"

STAGES = {
    "Bottleneck": Module(_placing(_bottleneck), "c2 shortcut g k e"),
    "C2": Module(_placing(_c2), _IN_CHAIN, repeats_within=True),
    "C2f": Module(_placing(_c2f), _IN_CHAIN, repeats_within=True),
    "C3": Module(_placing(_c3), _IN_CHAIN, repeats_within=True),
    "C3Ghost": Module(_placing(_c3_ghost), _IN_CHAIN, repeats_within=True),
    "C3TR": Module(_placing(_c3tr), _IN_CHAIN, repeats_within=True),
    "C3k2": Module(_placing(_c3k2), "c2 c3k e attn g shortcut", repeats_within=True),
    "A2C2f": Module(
        _placing(_a2c2f), "c2 a2 area residual mlp_ratio e g shortcut", repeats_within=True
    ),
    "C2fCIB": Module(_placing(_c2f_cib), "c2 shortcut lk g e", repeats_within=True),
    "C2PSA": Module(_c2psa, "c2 e", repeats_within=True),
    "PSA": Module(_c2psa, "c2 e"),
    "SPP": Module(
        _placing(
            lambda context, given: Spp(
                out=context.width(given), kernels=given.wholes("k", (5, 9, 13))
            )
        ),
        "c2 k",
    ),
    "SPPF": Module(_placing(_sppf), "c2 k n shortcut"),
    "SCDown": Module(_placing(_scdown), "c2 k s"),
    "RepConv": Module(_placing(_rep_conv), "c2 k s p g d act bn"),
    "ELAN1": Module(_placing(_elan1), "c2 c3 c4"),
    "RepNCSPELAN4": Module(_placing(_rep_ncspelan4), "c2 c3 c4 n"),
    "AConv": Module(_placing(lambda context, given: Aconv(out=context.width(given))), "c2"),
    "ADown": Module(_placing(lambda context, given: Adown(out=context.width(given))), "c2"),
    "SPPELAN": Module(_placing(_sppelan), "c2 c3 k"),
    "GhostConv": Module(_placing(_ghost), "c2 k s g act"),
    "HGStem": Module(
        _placing(
            lambda context, given: HgStem(
                mid=given.whole("cm", least=1), out=given.whole("c2", least=1)
            )
        ),
        "cm c2",
    ),
    "HGBlock": Module(_placing(_hg_block), "cm c2 k lightconv shortcut", repeats_within=True),
    "RepC3": Module(
        _placing(
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
