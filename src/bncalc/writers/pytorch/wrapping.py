"""Wrapping: statements of Python in lines that are not too long, as ruff and Black break them."""

from __future__ import annotations

import re
from itertools import pairwise

LINE_WIDTH = 88
_STATEMENT = re.compile(r"((?:[\w.\[\], ]+ = |return )?)(.*)")
_NAMES = re.compile(r"[\w.\[\]]*")
_REPEATED = re.compile(r"\*\((.*) (for _ in range\(\d+\))\)(,?)")


def wrapped(statement: str, indent: int) -> list[str]:
    """Return a statement on one line; its arguments on a second; or a line for each of them."""
    match = _STATEMENT.fullmatch(statement)
    assert match is not None  # it matches any line
    head, value = match.groups()
    pad = " " * indent
    if _fits(statement, indent) or _fits(head + "(", indent):
        return _broken(head, value, indent)
    names = head.removesuffix(" = ").split(", ")
    return [pad + "(", *[f"{pad}    {name}," for name in names], *_broken(") = ", value, indent)]


def _fits(text: str, indent: int) -> bool:
    return indent + len(text) <= LINE_WIDTH


def _broken(head: str, value: str, indent: int) -> list[str]:
    """Return a value and what stands before it in as few lines as have room for it."""
    pad = " " * indent
    if _fits(head + value, indent):
        return [pad + head + value]
    if repeated := _REPEATED.fullmatch(value):
        call, copies, comma = repeated.groups()
        return [pad + "*(", *wrapped(call, indent + 4), f"{pad}    {copies}", f"{pad}){comma}"]
    if _NAMES.fullmatch(value) or not value.endswith((")", ":", "),")):
        return [f"{pad}{head}(", f"{pad}    {value}", f"{pad})"] if head else [pad + value]
    steps = _steps(value)
    start, end = _parenthesis(value, indent + len(head))
    if head and (len(steps) > 2 or not _fits(head + value[: start + 1], indent)):
        steps = [value] if len(steps) < 3 or _fits(value, indent + 4) else steps
        inner = [line for step in steps for line in _broken("", step, indent + 4)]
        return [pad + head + "(", *inner, pad + ")"]
    opening, closing = head + value[: start + 1], value[end:]
    arguments = _arguments(value[start + 1 : end])
    if _fits(together := ", ".join(arguments), indent + 4):
        return [pad + opening, f"{pad}    {together}", pad + closing]
    lines = [line for each in arguments for line in _broken("", each + ",", indent + 4)]
    return [pad + opening, *lines, pad + closing]


def _brackets(text: str) -> list[tuple[int, int]]:
    """Return where the outermost brackets of a text begin and end."""
    pairs, depth, start = [], 0, 0
    for at, character in enumerate(text):
        if character in "([":
            start = start if depth else at
            depth += 1
        elif character in ")]":
            depth -= 1
            if not depth:
                pairs.append((start, at))
    return pairs


def _steps(value: str) -> list[str]:
    """Return the calls of a chain, each with the dot before it."""
    ends = [stop + 1 for _, stop in _brackets(value) if value[stop + 1 : stop + 2] == "."]
    return [value[start:stop] for start, stop in pairwise([0, *ends, len(value)])]


def _parenthesis(value: str, before: int) -> tuple[int, int]:
    """Return where the last parenthesis begins and ends, or the last before which there is room."""
    pairs = [pair for pair in _brackets(value) if value[pair[0]] == "("]
    return next((pair for pair in reversed(pairs) if before + pair[0] < LINE_WIDTH), pairs[-1])


def _arguments(text: str) -> list[str]:
    """Return what stands between the commas of a call."""
    pieces, piece, depth = [], "", 0
    for character in text:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            pieces.append(piece.strip())
            piece = ""
        else:
            piece += character
    return [*pieces, piece.strip()]
