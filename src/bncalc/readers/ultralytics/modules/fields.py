"""Fields: how the arguments of a row become those of the one block or op that a module is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bncalc.model.net import Tensor
from bncalc.model.registry import find
from bncalc.readers.ultralytics.arguments import RowArguments
from bncalc.readers.ultralytics.context import Context, RowPlacer

RowField = Callable[[Context, RowArguments], object]
"""What a field is by the row, and by what the file says of the whole model."""


def width(context: Context, given: RowArguments) -> int:
    return context.width(given)


def repeats(context: Context, _: RowArguments) -> int:
    return context.repeats


def act(_: Context, given: RowArguments) -> str:
    return "default" if given.flag("act", True) else "none"


def whole(name: str, default: int | None = None, *, least: int = 1) -> RowField:
    return lambda _, given: given.whole(name, default, least=least)


def flag(name: str, default: bool) -> RowField:
    return lambda _, given: given.flag(name, default)


def ratio(name: str, default: float) -> RowField:
    return lambda _, given: given.ratio(name, default)


def block(word: str, only: Mapping[str, object] | None = None, /, **fields: object) -> RowPlacer:
    """Return how a block is placed; of the arguments in `only` nothing but these values is known.

    A field is a value, or what works it out.
    """

    def place(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
        for name, value in (only or {}).items():
            given.only(name, value)
        return context.net.fill(find(word)(**_values(fields, context, given)), maps[0])

    return place


def op(word: str, **fields: object) -> RowPlacer:
    """Return how an op is placed, as a layer of its own; its fields are as those of a block."""

    def place(context: Context, maps: tuple[Tensor, ...], given: RowArguments) -> Tensor:
        return context.net.op(word, maps[0], **_values(fields, context, given))

    return place


def _values(fields: Mapping[str, object], context: Context, given: RowArguments) -> dict[str, Any]:
    return {name: each(context, given) if callable(each) else each for name, each in fields.items()}
