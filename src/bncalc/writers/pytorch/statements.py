"""Statements of a forward: those that a person would write as one are put together."""

from __future__ import annotations

import re

from bncalc.named import NamedTuple
from bncalc.writers.pytorch.lines.code import is_closed
from bncalc.writers.pytorch.wrapping import LINE_WIDTH


class Statement(NamedTuple):
    """Names that take what a call gives; `condition` is the line under which it runs."""

    targets: tuple[str, ...]
    call: str
    condition: str = ""
    follows: bool = False
    """Whether it belongs to the statement before, as a norm to its convolution."""
    pointwise: bool = False

    @property
    def text(self) -> str:
        return f"{', '.join(self.targets)} = {self.call}" if self.targets else self.call

    @property
    def indent(self) -> int:
        return 12 if self.condition else 8


def tidied(statements: list[Statement]) -> list[Statement]:
    """Return statements as a person would write them."""
    return _folded(_unturned(_divided(statements)))


_PART = re.compile(r"((\w+)\.chunk\((\d+), \d+\))\[0\]")


def _divided(statements: list[Statement]) -> list[Statement]:
    """Put the statements that take all parts of a map, one after the other, into one."""
    divided: list[Statement] = []
    at = 0
    while at < len(statements):
        part = _PART.fullmatch(statements[at].call)
        row = statements[at : at + int(part[3])] if part else []
        calls = [f"{part[1]}[{i}]" for i in range(int(part[3]))] if part else []
        names = [name for each in row for name in each.targets]
        is_whole = calls == [each.call for each in row if not each.condition]
        if part and is_whole and len({*names[:-1], part[2]}) == len(names):
            divided.append(Statement(tuple(names), part[1]))
            at += len(row)
        else:
            divided.append(statements[at])
            at += 1
    return divided


_TURN = re.compile(r"\.(movedim|transpose)\((-?\d), (-?\d)\)")


def _unturned(statements: list[Statement]) -> list[Statement]:
    """Leave a map turned where only what works on any axes lies before it is turned back."""
    for at, statement in enumerate(statements):
        *_, turn = (None, *_TURN.finditer(statement.call))
        is_last = turn is not None and turn.end() == len(statement.call)
        if turn is None or not is_last or statement.condition or not is_closed(statement.call):
            continue
        end = at + 1
        while end < len(statements) and _is_between(statements[end], statement.targets):
            end += 1
        method, first, second = turn.groups()
        axes = f"{second}, {first}" if method == "movedim" else f"{first}, {second}"
        back = f"{statement.targets[0]}.{method}({axes})"
        if end < len(statements) and _is_only_turned(statements[end], statement.targets, back):
            reader = statements[end]
            call = reader.call.replace(back, statement.targets[0])
            statements[at] = statement._replace(call=statement.call[: turn.start()])
            statements[end] = reader._replace(call=call)
    return statements


def _is_between(statement: Statement, targets: tuple[str, ...]) -> bool:
    return statement.pointwise and statement.targets == targets and not statement.condition


def _is_only_turned(statement: Statement, targets: tuple[str, ...], back: str) -> bool:
    """Return whether a statement reads a map for the last time, once, and turned back."""
    uses = re.findall(rf"(?<![\w.]){targets[0]}\b", statement.call)
    is_last = statement.targets == targets and not statement.condition
    return (
        is_last
        and len(uses) == 1
        and re.search(rf"(?<![\w.]){re.escape(back)}", statement.call) is not None
    )


def _folded(statements: list[Statement]) -> list[Statement]:
    """Put each call that follows another into one statement with it, where it fits on a line."""
    folded: list[Statement] = []
    for statement in statements:
        before = folded[-1] if folded else None
        if (
            before is not None
            and statement.follows
            and before.condition == statement.condition
            and before.targets == statement.targets
            and (call := _nested(statement, before))
            and before.indent + len(f"{before.targets[0]} = {call}") <= LINE_WIDTH
        ):
            folded[-1] = before._replace(call=call)
        elif statement.call != ", ".join(statement.targets):
            folded.append(statement)
    return folded


def _nested(statement: Statement, before: Statement) -> str:
    """Return a module's call with the call before as its argument; empty for any other."""
    match = re.fullmatch(r"(self[.\w\[\]\"]+)\((\w+)\)", statement.call)
    return f"{match[1]}({before.call})" if match and (match[2],) == before.targets else ""
