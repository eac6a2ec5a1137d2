"""Candidates: the values of a file that may be edited to change what one of its designs costs."""

from __future__ import annotations

from bncalc.language.nodes import MappingNode, Node
from bncalc.language.written import Written, said, written
from bncalc.model.reading import Request

_FIRST = ("vars.", "variants.", "defaults.", "input[")


def candidates(root: Node, request: Request) -> list[Written]:
    """Return the values that can matter to the design asked for, those with a name first.

    The size of the input counts once where both sides are the same: what one does the other does.
    """
    part = request.part
    others = tuple(f"{key}." for key in ("variants", "blocks") if part in _names(root, key))
    own = tuple(f"{other}{said(part)}." for other in others)
    left_out = (*others, "variants.", "input[")
    settled = {f"vars.{name}" for name in (*request.settings, *_names(root, "variants", part))}
    found = [
        one
        for one in written(root)
        if one.name.startswith(own)
        or not (one.name.startswith(left_out) or one.name.partition("[")[0] in settled)
    ]
    if request.input is None:
        sides = [one for one in written(root) if one.name in ("input[1]", "input[2]")]
        found += {one.value: one for one in reversed(sides)}.values()
    return sorted(found, key=lambda one: not one.name.startswith(_FIRST))


def _names(root: Node, *keys: str) -> tuple[str, ...]:
    """Return the names in a mapping of the file, found by keys within keys."""
    node: Node | None = root
    for key in keys:
        node = node.get(key) if isinstance(node, MappingNode) else None
    return tuple(key.text for key, _ in node.entries) if isinstance(node, MappingNode) else ()
