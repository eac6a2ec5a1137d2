"""Multiples: values that differ between alike bodies and are always so many times another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from bncalc.language.evaluation import arriving as sizes_of
from bncalc.model.ops.arranging import Reshape
from bncalc.model.ops.foreign import Custom
from bncalc.model.shape import Shape
from bncalc.writers.yaml.entry import Slot

WIDTHS = ("out", "mid")
"""The roles of fields that say how many channels there are."""
ANY = object()
"""Stands for the value of an entry that is not there."""
_ROLES = {"start": "stop", "to": "out"}
_OF_ELEMENTS = ("params", "buffers", "macs", "elementwise", "activations")
"""Numbers that an operation without a word of its own has, in its description."""

_FEW = 4
"""As many times the channels that arrive are a layer's own by rule, and not by chance."""
_NAMES = ("cin", "length", "d", "h", "w", "positions", "cin*positions")
"""What an expression can say of a map, the simplest first."""


def role(slot: Slot) -> str:
    """Return what a value is, whichever layer has it: where a map is cut is one thing."""
    name = slot.key.rpartition("_")[2]
    return _ROLES.get(name, name)


def derived(
    slot: Slot,
    values: Sequence[object],
    arriving: Sequence[Shape | None],
    widths: Mapping[str, Sequence[object]],
) -> object:
    """Return the formula of a value that is always so many times another, "" if there is none.

    The other one is an argument, or what arrives at the entry: one map for each body.
    """
    of_one = slot.entry.repeat < 2 or slot.where == "first"
    shapes = arriving if of_one else []
    if slot.entry.word in (Custom.word, Reshape.word):
        return _described(slot.key, values, _sizes(shapes))
    if role(slot) not in WIDTHS:
        return ""
    channels = {name: held for name, held in _sizes(shapes).items() if name == "cin"}
    return _multiple(values, {**widths, **channels})


def steady(values: Sequence[object], arriving: Sequence[Shape | None], entering: int) -> str:
    """Return the formula of channels that are the same everywhere, "" if they are set as a number.

    They follow what arrives if they are as many, or a few times as many, or if they come back to
    the channels that were `entering` the block: so a width is written once.
    """
    (out,) = {value for value in values if value is not ANY}
    channels = {x.channels for x in arriving if x is not None and x.has_channels}
    if type(out) is not int or len(channels) != 1:
        return ""
    (cin,) = channels
    is_few = out % cin == 0 and out // cin <= _FEW
    return _times([out], "cin", [cin]) if is_few or (out == entering and cin % out == 0) else ""


def _described(key: str, values: Sequence[object], sizes: Mapping[str, Sequence[object]]) -> object:
    """Return what describes an operation by the map that arrives: its costs, or what comes out."""
    if key in _OF_ELEMENTS:
        return _multiple(values, sizes)
    lengths = {len(value) for value in values if isinstance(value, tuple)}
    if key not in ("out", "to") or len(lengths) != 1:
        return ""
    (count,) = lengths
    rows = [value if isinstance(value, tuple) else [ANY] * count for value in values]
    single = {name: held for name, held in sizes.items() if "*" not in name}
    parts: list[object] = []
    for at, column in enumerate(zip(*rows, strict=True)):
        own = dict(list(single.items())[at : at + 1])  # `[=cin, =h, =w]` of a square map
        known = {size for size in column if size is not ANY}
        parts.append(known.pop() if len(known) == 1 else _multiple(column, {**own, **single}))
    return tuple(parts) if all(parts) else ""


def _sizes(shapes: Sequence[Shape | None]) -> dict[str, list[object]]:
    """Return what an expression can say of the maps that arrive, by name, and their elements."""
    maps = [
        {**sizes_of(x, {}), "cin*positions": x.elements} if x and x.has_channels else {}
        for x in shapes
    ]
    ordered = sorted({name for held in maps for name in held}, key=_NAMES.index)
    return {name: [held.get(name) for held in maps] for name in ordered}


def _multiple(values: Sequence[object], others: Mapping[str, Sequence[object]]) -> str:
    """Return values as so many times the first of others of which all are the same multiple."""
    formulas = [_times(values, name, held) for name, held in others.items()]
    return next(filter(None, formulas), "")


def _times(values: Sequence[object], name: str, others: Sequence[object]) -> str:
    pairs = [(a, b) for a, b in zip(values, others, strict=True) if a is not ANY]
    factors: set[Fraction | None] = {
        Fraction(a, b) if type(a) is int and type(b) is int and b else None for a, b in pairs
    }
    factor = factors.pop()
    if factors or not factor:
        return ""
    times = f"*{factor.numerator}" if factor.numerator > 1 else ""
    part = f"/{factor.denominator}" if factor.denominator > 1 else ""
    return f"={name}{times}{part}"
