"""Wrapping: statements of Python in lines that are not too long, as ruff and Black break them."""

from __future__ import annotations

import re
from itertools import pairwise

LINE_WIDTH = 88
_STATEMENT = re.compile(r'((?:[\w.\[\]", ]+ = |return )?)(.*)')
_NAMES = re.compile(r'[\w.\[\]"]*')
_SIGNS = r"[-+*/@%&|]|\*\*|//|[<>]=?|[!=]="
_SIGN = re.compile(rf" ({_SIGNS}) ")
_GROUP = re.compile(rf"((?:{_SIGNS})? ?\()(.*)(\),?)")
_WEAKEST = (("<", "<=", ">", ">=", "==", "!="), ("|",), ("&",), ("+", "-"))
"""Signs that bind less than others, the weakest first."""
_HELD = re.compile(r"([\[{])(.*)([\]}],?)")
"""A list or dictionary, and a comma maybe."""
_SIMPLE = r"-?(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|\d[\d.]*(?:e[-+]?\d+)?)"
_POWER = re.compile(rf"(?<![\w.)\]])({_SIMPLE}) \*\* ({_SIMPLE})(?![\w.(\[])")
"""A power of names and numbers, round whose sign there are no spaces."""
_REPEATED = re.compile(r"\*\((.*) (for _ in range\(\w+\))\)(,?)")


def wrapped(statement: str, indent: int) -> list[str]:
    """Return a statement on one line; its arguments on a second; or a line for each of them."""
    statement = _POWER.sub(r"\1**\2", statement)
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
    if not head and (held := _HELD.fullmatch(value)):
        opening, items, closing = held.groups()
        inner = [line for each in _arguments(items) for line in _broken("", each + ",", indent + 4)]
        return [pad + opening, *inner, pad + closing]
    operands = _operands(value)
    if len(operands) > 1 and not (head and _ends_in_call(head + value, operands[-1], indent)):
        return _joined(head, operands, indent)
    if _NAMES.fullmatch(value) or not value.endswith((")", ":", "]", "),", "],")):
        return [f"{pad}{head}(", f"{pad}    {value}", f"{pad})"] if head else [pad + value]
    return _called(head, value, indent)


def _joined(head: str, operands: list[str], indent: int) -> list[str]:
    """Return operands, in one line or each after its sign in its own, in brackets after a head."""
    pad = " " * indent
    if head:
        return [pad + head + "(", *_joined("", operands, indent + 4), pad + ")"]
    if _fits(together := " ".join(operands), indent):
        return [pad + together]
    return [line for each in operands for line in _operand(each, indent)]


def _called(head: str, value: str, indent: int) -> list[str]:
    """Return what ends in a call with its arguments on lines of their own, or a line a call."""
    pad = " " * indent
    steps = _steps(value)
    if not head and len(steps) > 2:
        return [line for step in steps for line in _broken("", step, indent)]
    start, end = _opened(value, indent + len(head))
    if head and (len(steps) > 2 or not _fits(head + value[: start + 1], indent)):
        steps = [value] if len(steps) < 3 or _fits(value, indent + 4) else steps
        inner = [line for step in steps for line in _broken("", step, indent + 4)]
        return [pad + head + "(", *inner, pad + ")"]
    opening, closing = head + value[: start + 1], value[end:]
    arguments = _arguments(value[start + 1 : end])
    if len(arguments) == 1 and (not start or value[start - 1] in " (="):  # a group, no tuple
        return [pad + opening, *_broken("", arguments[0], indent + 4), pad + closing]
    if _fits(together := ", ".join(arguments), indent + 4):
        return [pad + opening, f"{pad}    {together}", pad + closing]
    lines = [line for each in arguments for line in _broken("", each + ",", indent + 4)]
    return [pad + opening, *lines, pad + closing]


def _operand(text: str, indent: int) -> list[str]:
    """Return an operand and the sign before it, a group in as many lines as it takes."""
    pad = " " * indent
    if _fits(text, indent) or not _is_group(text):
        return _broken("", text, indent)
    opening, inner, closing = _GROUP.fullmatch(text).groups()  # type: ignore[union-attr]
    return [pad + opening, *_broken("", inner, indent + 4), pad + closing]


def _operands(value: str) -> list[str]:
    """Return what the outermost signs of a text stand between, the weakest signs of them."""
    brackets = _brackets(value)
    signs = [
        match
        for match in _SIGN.finditer(value)
        if not any(start < match.start() < stop for start, stop in brackets)
    ]
    kinds = [[match for match in signs if match[1] in kind] for kind in _WEAKEST]
    weak = next(filter(None, kinds), signs)
    starts = [0, *[match.start() + 1 for match in weak]]
    return [value[start:stop].strip() for start, stop in pairwise([*starts, len(value)])]


def _ends_in_call(value: str, operand: str, indent: int) -> bool:
    """Return whether a value ends in a call to whose arguments there is room."""
    if _is_group(operand) or not operand.endswith((")", "),")):
        return False
    return _fits(value[: _brackets(value)[-1][0] + 1], indent)


def _is_group(operand: str) -> bool:
    """Return whether an operand is all in brackets that are none of a call."""
    match = _GROUP.fullmatch(operand)
    return match is not None and len(_brackets(operand)) == 1


def _brackets(text: str) -> list[tuple[int, int]]:
    """Return where the outermost brackets of a text begin and end."""
    pairs, depth, start = [], 0, 0
    for at, character in enumerate(text):
        if character in "([{":
            start = start if depth else at
            depth += 1
        elif character in ")]}":
            depth -= 1
            if not depth:
                pairs.append((start, at))
    return pairs


def _steps(value: str) -> list[str]:
    """Return the calls of a chain, each with the dot before it."""
    ends = [stop + 1 for _, stop in _brackets(value) if value[stop + 1 : stop + 2] == "."]
    return [value[start:stop] for start, stop in pairwise([0, *ends, len(value)])]


def _opened(value: str, before: int) -> tuple[int, int]:
    """Return where the last bracket begins and ends, or the last before which there is room.

    Of a function it is that of its arguments.
    """
    kinds = "(" if value.endswith(":") else "(["
    pairs = [pair for pair in _brackets(value) if value[pair[0]] in kinds]
    return next((pair for pair in reversed(pairs) if before + pair[0] < LINE_WIDTH), pairs[-1])


def _arguments(text: str) -> list[str]:
    """Return what stands between the commas of a call."""
    pieces, piece, depth = [], "", 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            pieces.append(piece.strip())
            piece = ""
        else:
            piece += character
    return [*pieces, piece.strip()]
