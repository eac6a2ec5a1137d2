"""Provenance: what an answer of a search comes from, so that anybody can have it again."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc._version import __version__
from bncalc.search.axis import Axis
from bncalc.search.limits import SearchLimit
from bncalc.search.rule import SpaceRule

VERSION = f"bncalc {__version__}"


def searched(
    axes: Iterable[Axis],
    rules: Iterable[SpaceRule],
    conditions: Iterable[SpaceRule],
    limits: Iterable[SearchLimit],
) -> str:
    """Write a space on one line: width 0.5:1:0.25, size 128,160; where size < 150; MACs ≤ 300M."""
    parts = [", ".join([f"{axis.name} {axis.written}" for axis in axes])]
    parts += [f"{rule.name} = {rule.expression.text}" for rule in rules]
    parts += [f"where {condition.expression.text}" for condition in conditions]
    return "; ".join([*parts, *map(str, limits)])


def in_columns(space: str, seed: int | None) -> tuple[tuple[str, object], ...]:
    """Return what each line of a CSV says of the whole; where nothing was drawn there is no seed.

    Columns, and not a comment above the header: not every reader of CSV knows comments.
    """
    return (("space", space), ("seed", seed), ("version", __version__))
