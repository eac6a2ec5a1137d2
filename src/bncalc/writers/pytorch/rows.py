"""Rows: modules in a row, equal ones counted, so that parts of a class may have more or fewer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from bncalc.named import NamedTuple
from bncalc.writers.tree import Child, Subtree

if TYPE_CHECKING:
    from bncalc.writers.pytorch.classes import Classes


class Repeat(NamedTuple):
    """Equal modules that follow each other; of none it is what others have there."""

    child: Child
    times: int


class Row(NamedTuple):
    """A part that is no more than its modules, one after the other, and how often each is there."""

    name: str
    start: int
    stop: int
    repeats: tuple[Repeat, ...]
    takes: tuple[int, ...]
    gives: tuple[int, ...]


def with_rows(parts: list[Subtree], classes: Classes) -> list[Subtree]:
    """Return parts of one word whose rows are counted where they are of unlike lengths.

    Where in some the first module differs from the equal ones after it, it stands apart in all.
    """
    rows = [row for part in parts for row in _rows(part, classes)]
    lengths = {(row.name, len(row.children)) for row in rows}
    names = Counter([name for name, _ in lengths])
    stretches = {id(row): list(_stretches(row, classes)) for row in rows if names[row.name] > 1}
    begun = {
        (row.name, _kinds(stretches[id(row)]), at)
        for row in rows
        if id(row) in stretches
        for at, (_, repeats) in enumerate(stretches[id(row)])
        if [repeat.times for repeat in repeats[:-1]] == [1]
    }

    def counted(row: Child) -> Child | Row:
        if id(row) not in stretches:
            return row
        assert isinstance(row, Subtree)
        kinds, repeats = _kinds(stretches[id(row)]), []
        for at, (_, each) in enumerate(stretches[id(row)]):
            apart = (row.name, kinds, at) in begun and len(each) == 1
            repeats += _apart(*each[0]) if apart else each
        return Row(row.name, row.start, row.stop, tuple(repeats), row.takes, row.gives)

    return [
        part._replace(children=tuple(map(counted, part.children)))  # type: ignore[arg-type]
        if any(id(child) in stretches for child in part.children)
        else part
        for part in parts
    ]


def _rows(part: Subtree, classes: Classes) -> Iterator[Subtree]:
    for child in part.children if not classes.ties.of(part) else ():
        if isinstance(child, Subtree) and not classes.is_again(child) and classes.is_row(child):
            yield child


Stretch = tuple[Hashable, list[Repeat]]
"""Modules in a row of one kind: what they have in common, and which of them are equal."""


def _stretches(row: Subtree, classes: Classes) -> Iterator[Stretch]:
    def kind(child: Child) -> Hashable:
        return classes.form(child, row)[1:]  # without its number

    def values(child: Child) -> str:
        return repr([slot.value for slot in classes.slots(child)])

    for common, children in groupby(row.children, kind):
        equal = [list(each) for _, each in groupby(children, values)]
        yield common, [Repeat(each[0], len(each)) for each in equal]


def _kinds(stretches: list[Stretch]) -> tuple[Hashable, ...]:
    return tuple([kind for kind, _ in stretches])


def _apart(child: Child, count: int) -> list[Repeat]:
    return [Repeat(child, 1), Repeat(child, count - 1)]
