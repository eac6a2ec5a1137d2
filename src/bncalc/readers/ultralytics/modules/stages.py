"""Stages: modules that are blocks of the language too, each made from a row's arguments."""

from __future__ import annotations

from bncalc.errors import ShapeError
from bncalc.model.blocks.aifi import Aifi
from bncalc.model.blocks.bottleneck import Bottleneck
from bncalc.model.cost import Cost
from bncalc.model.net import Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.quantity import plural
from bncalc.readers.ultralytics.arguments import RowArguments
from bncalc.readers.ultralytics.context import Context, Module, RowMaps
from bncalc.readers.ultralytics.modules.fields import (
    act,
    block,
    flag,
    ratio,
    repeats,
    whole,
    width,
)


def _first_kernel(context: Context, given: RowArguments) -> int:
    """Return the first kernel of a bottleneck: 3, in YOLOv5's own files 1; the second is 3."""
    usual = (1, 3) if context.anchors else (3, 3)
    first, second = given.wholes("k", usual, count=2)
    if second != 3:
        given.only("k", (first, 3))
    return first


def _are_c3(context: Context, given: RowArguments) -> bool:
    """Return whether units are C3: they are at the scales from m on, whatever the row says."""
    return given.flag("c3k", False) or context.scale.letter in ("m", "l", "x")


def _areas(_: Context, given: RowArguments) -> int:
    areas = max(given.whole("area", 1, least=-1), 1)
    return areas if given.flag("a2", True) else 1


def _is_residual(context: Context, given: RowArguments) -> bool:
    return given.flag("residual", False) or context.scale.letter in _LARGE


def _mlp(context: Context, given: RowArguments) -> float:
    ratio = given.ratio("mlp_ratio", 2.0)
    return 1.2 if context.scale.letter in _LARGE else ratio


_LARGE = ("l", "x")
"""Scales at which an A2C2f is residual whatever the row says, with narrower layers."""


def _c2psa(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> RowMaps:
    """Place attention on one half of the channels, of which it keeps the number."""
    (x,), out = maps, context.width(given)
    given.only("e", 0.5)
    if out != x.channels:
        message = f"c2 makes {out} of {plural(x.channels, 'channel')}; it must keep their number"
        raise ShapeError(message, field="out")
    return block("c2psa", n=repeats)(context, maps, given)


def _aifi(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place an encoder layer; its sines are made from positions and frequencies for each image."""
    net, (x,) = context.net, maps
    encoder = Aifi(mid=given.whole("cm", 2048, least=1), heads=given.whole("num_heads", 8, least=1))
    macs = x.shape.elements // 2  # a quarter of the channels, of rows and again of columns
    cost = Cost(macs=macs, elementwise=x.shape.elements, activations=macs)
    positions = net.place(Foreign(Facts("positions", x.shape, cost=cost, family="product")), x)
    return encoder.encoded(net, x, positions)


def _resnet_layer(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place the stem of a ResNet, or a stage of bottlenecks that strides once."""
    net, (x,) = context.net, maps
    mid, stride = given.whole("c2", least=1), given.whole("s", 1, least=1)
    if given.whole("c1") != x.channels:
        given.only("c1", x.channels)
    if given.flag("is_first", False):
        return net.op("max_pool", net.conv(x, mid, 7, stride=2, name="conv"), kernel=3, stride=2)
    for i in range(given.whole("n", 1)):
        unit = Bottleneck(mid=mid, out=given.whole("e", 4) * mid, stride=1 if i else stride)
        x = net.build(unit, x, name=str(i))
    return x


def _chain(word: str, *, shortcut: bool) -> Module:
    """Return a chain of bottlenecks; `shortcut` holds if the row says nothing of it."""
    fields = {"shortcut": flag("shortcut", shortcut), "groups": whole("g", 1), "e": ratio("e", 0.5)}
    return Module(block(word, out=width, n=repeats, **fields), "c2 shortcut g e", True)


_HALF = ratio("e", 0.5)
_MIDDLE = {"out": width, "split": whole("c3"), "hidden": whole("c4")}

STAGES = {
    "C2": _chain("c2", shortcut=True),
    "C2f": _chain("c2f", shortcut=False),
    "C3": _chain("c3", shortcut=True),
    # ghost bottlenecks add what enters them whatever the row says
    "C3Ghost": Module(block("c3_ghost", out=width, n=repeats, e=_HALF), "c2 shortcut g e", True),
    "C3TR": Module(block("c3tr", out=width, n=repeats, e=_HALF), "c2 shortcut g e", True),
    "C3k2": Module(
        block(
            "c3k2", out=width, n=repeats, c3k=_are_c3, e=_HALF, attention=flag("attn", False),
            groups=whole("g", 1), shortcut=flag("shortcut", True),
        ),
        "c2 c3k e attn g shortcut", True,
    ),
    "A2C2f": Module(
        block(
            "a2c2f", {"g": 1}, out=width, n=repeats, attention=flag("a2", True), areas=_areas,
            residual=_is_residual, mlp=_mlp, e=_HALF,
        ),
        "c2 a2 area residual mlp_ratio e g shortcut", True,
    ),
    "C2fCIB": Module(
        block(
            "c2f_cib", {"g": 1}, out=width, n=repeats, shortcut=flag("shortcut", False),
            large=flag("lk", False), e=_HALF,
        ),
        "c2 shortcut lk g e", True,
    ),
    "C2PSA": Module(_c2psa, "c2 e", True),
    "PSA": Module(_c2psa, "c2 e"),
    "Bottleneck": Module(
        block(
            "yolo_bottleneck", out=width, shortcut=flag("shortcut", True), groups=whole("g", 1),
            first=_first_kernel, e=_HALF,
        ),
        "c2 shortcut g k e",
    ),
    "SPP": Module(
        block("spp", out=width, kernels=lambda _, given: given.wholes("k", (5, 9, 13))), "c2 k"
    ),
    "SPPF": Module(
        block(
            "sppf", out=width, kernel=whole("k", 5), n=whole("n", 3),
            shortcut=flag("shortcut", False),
        ),
        "c2 k n shortcut",
    ),
    "SCDown": Module(
        block("scdown", out=width, kernel=whole("k", 3), stride=whole("s", 2)), "c2 k s"
    ),
    "RepConv": Module(
        block(
            "rep_conv", {"k": 3, "p": 1, "g": 1, "d": 1, "act": True, "bn": False},
            out=width, stride=whole("s", 1),
        ),
        "c2 k s p g d act bn",
    ),
    "ELAN1": Module(block("elan1", **_MIDDLE), "c2 c3 c4"),
    "RepNCSPELAN4": Module(
        block("rep_ncspelan4", **_MIDDLE, n=whole("n", 1, least=0)), "c2 c3 c4 n"
    ),
    "AConv": Module(block("aconv", out=width), "c2"),
    "ADown": Module(block("adown", out=width), "c2"),
    "SPPELAN": Module(
        block("sppelan", out=width, hidden=whole("c3"), kernel=whole("k", 5)), "c2 c3 k"
    ),
    "GhostConv": Module(
        block(
            "ghost", {"g": 1}, out=width, kernel=whole("k", 1), stride=whole("s", 1), act=act,
            cheap=5,
        ),
        "c2 k s g act",
    ),
    "HGStem": Module(block("hg_stem", mid=whole("cm"), out=whole("c2")), "cm c2"),
    "HGBlock": Module(
        block(
            "hg_block", mid=whole("cm"), out=whole("c2"), kernel=whole("k", 3), n=repeats,
            light=flag("lightconv", False), shortcut=flag("shortcut", False),
        ),
        "cm c2 k lightconv shortcut", True,
    ),
    "RepC3": Module(block("rep_c3", out=width, n=repeats, e=ratio("e", 1.0)), "c2 e", True),
    "AIFI": Module(_aifi, "cm num_heads"),
    "ResNetLayer": Module(_resnet_layer, "c1 c2 s is_first n e"),
}  # fmt: skip
"""By the word of a row."""
