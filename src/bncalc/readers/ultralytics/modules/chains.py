"""Chains: blocks whose units run one after the other on a part of the channels."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.errors import ShapeError
from bncalc.model.blocks.a2c2f import A2c2f
from bncalc.model.blocks.c2 import C2
from bncalc.model.blocks.c2f import C2f
from bncalc.model.blocks.c2f_cib import C2fCib
from bncalc.model.blocks.c2psa import C2psa
from bncalc.model.blocks.c3 import C3
from bncalc.model.blocks.c3_ghost import C3Ghost
from bncalc.model.blocks.c3k2 import C3k2
from bncalc.model.blocks.c3tr import C3tr
from bncalc.model.net import Tensor
from bncalc.model.op import Block
from bncalc.readers.ultralytics.arguments import RowArguments
from bncalc.readers.ultralytics.context import Context, Module, RowPlacer


def placing(make: Callable[[Context, RowArguments], Block]) -> RowPlacer:
    """Return how a block that is made from a row's arguments is placed."""

    def place(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
        return context.net.fill(make(context, given), maps[0])

    return place


def _grouped(
    kind: type[C2 | C2f | C3], *, shortcut: bool
) -> Callable[[Context, RowArguments], Block]:
    """Return how a chain of bottlenecks is made; `shortcut` holds if the row says nothing of it."""

    def make(context: Context, given: RowArguments) -> Block:
        return kind(
            out=context.width(given),
            n=context.repeats,
            shortcut=given.flag("shortcut", shortcut),
            groups=given.whole("g", 1, least=1),
            e=given.ratio("e", 0.5),
        )

    return make


def _c2f_cib(context: Context, given: RowArguments) -> Block:
    given.only("g", 1)
    return C2fCib(
        out=context.width(given),
        n=context.repeats,
        shortcut=given.flag("shortcut", False),
        large=given.flag("lk", False),
        e=given.ratio("e", 0.5),
    )


def _c2psa(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
    """Place attention on one half of the channels, of which it keeps the number."""
    (x,), out = maps, context.width(given)
    given.only("e", 0.5)
    if out != x.channels:
        raise ShapeError(f"it keeps the {x.channels} channels that arrive, and c2 makes {out}")
    return context.net.fill(C2psa(n=context.repeats), x)


def _c3_ghost(context: Context, given: RowArguments) -> Block:
    """Return a C3 of ghost bottlenecks, which add what enters them whatever the row says."""
    return C3Ghost(out=context.width(given), n=context.repeats, e=given.ratio("e", 0.5))


def _c3tr(context: Context, given: RowArguments) -> Block:
    return C3tr(out=context.width(given), n=context.repeats, e=given.ratio("e", 0.5))


def _c3k2(context: Context, given: RowArguments) -> Block:
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


def _a2c2f(context: Context, given: RowArguments) -> Block:
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


_IN_CHAIN = "c2 shortcut g e"

CHAINS = {
    "C2": Module(placing(_grouped(C2, shortcut=True)), _IN_CHAIN, repeats_within=True),
    "C2f": Module(placing(_grouped(C2f, shortcut=False)), _IN_CHAIN, repeats_within=True),
    "C3": Module(placing(_grouped(C3, shortcut=True)), _IN_CHAIN, repeats_within=True),
    "C3Ghost": Module(placing(_c3_ghost), _IN_CHAIN, repeats_within=True),
    "C3TR": Module(placing(_c3tr), _IN_CHAIN, repeats_within=True),
    "C3k2": Module(placing(_c3k2), "c2 c3k e attn g shortcut", repeats_within=True),
    "A2C2f": Module(
        placing(_a2c2f), "c2 a2 area residual mlp_ratio e g shortcut", repeats_within=True
    ),
    "C2fCIB": Module(placing(_c2f_cib), "c2 shortcut lk g e", repeats_within=True),
    "C2PSA": Module(_c2psa, "c2 e", repeats_within=True),
    "PSA": Module(_c2psa, "c2 e"),
}
"""By the word of a row."""
