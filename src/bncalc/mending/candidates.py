"""Candidates: the values of a file that may be edited to change what one of its designs costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from bncalc.errors import Location
from bncalc.language.nodes import MappingNode, YamlNode
from bncalc.language.written_values import WrittenValue, quoted, written
from bncalc.model.reading import Request

_NAMED = ("vars.", "variants.", "defaults.", "define.")
_SHAPING = ("kernel", "stride", "dilation", "padding", "groups")
"""Fields that change what a layer is, and not how much of it there is."""


def candidates(root: YamlNode, request: Request) -> list[WrittenValue]:
    """Return the values that can matter to the design asked for, in written order.

    The size of the input counts once where both sides are the same: what one does the other does.
    """
    part = request.part
    others = tuple(f"{key}." for key in ("variants", "blocks") if part in _names(root, key))
    own = tuple(f"{other}{quoted(part)}." for other in others)
    left_out = (*others, "variants.", "input[")
    settled = {f"vars.{name}" for name in (*request.settings, *_names(root, "variants", part))}
    values = [
        value
        for value in written(root)
        if value.name.startswith(own)
        or not (value.name.startswith(left_out) or value.name.partition("[")[0] in settled)
    ]
    if request.input is None:
        sides = [value for value in written(root) if value.name in ("input[1]", "input[2]")]
        values += {side.value: side for side in reversed(sides)}.values()
    return values


def in_order(
    values: Iterable[WrittenValue], shares: Mapping[Location, float], changed: Collection[Location]
) -> tuple[list[WrittenValue], list[WrittenValue], list[WrittenValue]]:
    """Return values in the order in which a person would edit them: three kinds, each in order.

    They are what was `changed`, widths and depths, and the rest: kernels, strides, the input. In
    each what the file gives a name comes first, then what makes the largest share of the cost.
    """
    kinds: tuple[list[WrittenValue], list[WrittenValue], list[WrittenValue]] = ([], [], [])
    for value in values:
        other = 2 if value.name.startswith("input[") or _word(value) in _SHAPING else 1
        kinds[0 if value.location in changed else other].append(value)
    for kind in kinds:
        kind.sort(key=lambda value: (not value.name.startswith(_NAMED), -_share(value, shares)))
    return kinds


def _word(value: WrittenValue) -> str:
    """Return the last word of a name: `groups` of `vars.groups[1]`."""
    return value.name.partition("[")[0].rpartition(".")[2]


def _share(value: WrittenValue, shares: Mapping[Location, float]) -> float:
    """Return the share of the layers that an argument, or else its line, has placed."""
    at = value.location
    return shares.get(at, shares.get(at._replace(column=0), 0.0))


def _names(root: YamlNode, *keys: str) -> tuple[str, ...]:
    """Return the names in a mapping of the file, found by keys within keys."""
    node: YamlNode | None = root
    for key in keys:
        node = node.get(key) if isinstance(node, MappingNode) else None
    return tuple(key.text for key, _ in node.entries) if isinstance(node, MappingNode) else ()
