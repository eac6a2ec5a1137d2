"""Wrapping: statements of Python in lines that are not too long, as ruff and Black break them."""

from __future__ import annotations

import re

LINE_WIDTH = 88
_TIE = re.compile(r"(self[\w.\[\]]*) = (self[\w.\[\]]*)")
_REPEATED = re.compile(r"\*\((.*) (for _ in range\(\d+\))\)(,?)")


def wrapped(statement: str, indent: int) -> list[str]:
    """Return a statement on one line; its arguments on a second; or a line for each of them."""
    pad = " " * indent
    if indent + len(statement) > LINE_WIDTH and (tie := _TIE.fullmatch(statement)):
        return [f"{pad}{tie[1]} = (", f"{pad}    {tie[2]}", f"{pad})"]
    if (
        indent + len(statement) <= LINE_WIDTH
        or "(" not in statement
        or not statement.endswith((")", ":", "),"))
    ):
        return [pad + statement]
    if repeated := _REPEATED.fullmatch(statement):
        call, copies, comma = repeated.groups()
        return [pad + "*(", *wrapped(call, indent + 4), f"{pad}    {copies}", f"{pad}){comma}"]
    opening, inner, closing = _parenthesis(statement)
    if indent + 4 + len(together := ", ".join(inner)) <= LINE_WIDTH:
        return [pad + opening, f"{pad}    {together}", pad + closing]
    lines = [pad + opening]
    for argument in inner:
        lines += wrapped(argument + ",", indent + 4)
    return [*lines, pad + closing]


def _parenthesis(statement: str) -> tuple[str, list[str], str]:
    """Take the outermost parenthesis that ends a statement apart, at its own commas."""
    end = statement.rindex(")")
    depth, start = 0, end
    for at in range(end, -1, -1):
        depth += {")": 1, "(": -1}.get(statement[at], 0)
        if depth == 0:
            start = at
            break
    pieces, piece, depth = [], "", 0
    for character in statement[start + 1 : end]:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            pieces.append(piece.strip())
            piece = ""
        else:
            piece += character
    return statement[: start + 1], [*pieces, piece.strip()], statement[end:]
