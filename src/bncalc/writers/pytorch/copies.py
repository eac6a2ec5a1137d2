"""Copies: parts of one class in a row, which the class around them makes and calls in a loop."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from bncalc.named import NamedTuple
from bncalc.writers.pytorch.layout import MANY
from bncalc.writers.pytorch.shelves import FEW
from bncalc.writers.tree import Leaf, Subtree

if TYPE_CHECKING:
    from bncalc.writers.pytorch.classes import Classes


class Copies(NamedTuple):
    """Parts alike but for the numbers in their names, and for arguments that grow by even steps.

    Each takes the map of the one before, or if a `join` follows all maps before it, which are
    joined for it unless it is `open` to many. `takes` and `gives` are the nodes of maps.
    """

    name: str
    first: int
    parts: tuple[Subtree, ...]
    steps: tuple[int, ...]
    takes: tuple[int, ...]
    gives: tuple[int, ...]
    join: Leaf | None = None
    open: bool = False

    @property
    def title(self) -> str:
        """What each of them is called."""
        return self.name or "layer"

    @property
    def form(self) -> Hashable:
        """What copies of one class have in common but for their count and their arguments."""
        return self.name, self.first, self.steps, self.join is None, self.open


def with_copies(part: Subtree, classes: Classes) -> Subtree:
    """Return a part whose children that are copies are one, if it has no other modules."""
    places = [i for i, child in enumerate(part.children) if isinstance(child, Subtree)]
    parts = tuple([child for child in part.children if isinstance(child, Subtree)])
    leaves = [child for child in part.children if isinstance(child, Leaf)]
    named = _numbered(parts)
    if named is None or classes.ties.of(part) or any(map(classes.needs_module, leaves)):
        return part
    if any(_is_other(each, classes) for each in parts):
        return part
    steps = _steps(parts, classes) if len({classes.of(each).name for each in parts}) == 1 else None
    if steps is None:
        return part
    between, after = leaves[: places[-1] + 1 - len(parts)], part.children[places[-1] + 1 :]
    given = [classes.ends(each)[0] for each in parts]
    outs = tuple([classes.ends(each)[1][0] for each in parts])
    copies = Copies(*named, parts, steps, given[0], outs[-1:])
    if given[1:] == [(before, *given[0][1:]) for before in outs[:-1]]:
        is_whole = not between and set(outs).isdisjoint(given[0])
    else:
        arriving = classes.ends(part)[0]
        joins = {leaf.node: classes.ends(leaf)[0] for leaf in leaves if classes.joins_all(leaf)}
        join, after = (after[0], after[1:]) if after else (None, ())
        if not isinstance(join, Leaf) or joins.get(join.node) != (*arriving, *outs):
            return part
        is_open = classes.of(parts[0]).layout.takes == MANY
        copies = Copies(*named, parts, steps, arriving, (join.node,), join, is_open)
        taken = given if is_open else [joins.get(each[0], each) for each in given]
        is_whole = all(each == (*arriving, *outs[:i]) for i, each in enumerate(taken))
        is_whole = is_whole and all(leaf.node in joins for leaf in between)
    inner = {*outs, *[leaf.node for leaf in between]}.difference(copies.gives)
    read = {node for child in after for node in classes.ends(child)[0]}
    if not is_whole or not inner.isdisjoint(read.union(classes.ends(part)[1])):
        return part
    return part._replace(children=(copies, *after))  # type: ignore[arg-type]  # of its class alone


def _is_other(part: Subtree, classes: Classes) -> bool:
    """Return whether a part is no module of its own that always runs and gives one map."""
    is_plain = not (classes.is_again(part) or classes.is_row(part) or classes.trains(part))
    return not is_plain or len(classes.ends(part)[1]) != 1


def _numbered(parts: Sequence[Subtree]) -> tuple[str, int] | None:
    """Return what names of parts have before their numbers, and the first; None of other names."""
    names = [part.name for part in parts]
    begun = re.fullmatch(r"(.*?)(\d+)", names[0]) if len(names) >= FEW else None
    if begun is None:
        return None
    name, first = begun[1], int(begun[2])
    return (name, first) if names == [f"{name}{first + i}" for i in range(len(names))] else None


def _steps(parts: Sequence[Subtree], classes: Classes) -> tuple[int, ...] | None:
    """Return by how much each argument grows from a part to the next; None if not evenly."""
    steps: list[int] = []
    for column in zip(*[classes.slots(part) for part in parts], strict=True):
        values = [slot.value for slot in column]
        whole = [value for value in values if isinstance(value, int)]
        step = whole[1] - whole[0] if len(whole) == len(values) else 0
        grown = [whole[0] + i * step if step else values[0] for i in range(len(values))]
        if list(map(repr, grown)) != list(map(repr, values)):
            return None
        steps.append(step)
    return tuple(steps)
