"""Shelves: parts that only hold numbered modules, which the part around them calls itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from bncalc.model.graph import Graph
from bncalc.writers.pytorch.lines.line import TENSORS, Line
from bncalc.writers.tree import CONTAINERS, Child, Subtree, span

_STEP = re.compile(r"\w+")
FEW = 3
"""From so many on parts in a row are copies, which a loop calls."""
ShelvedText = tuple[list[str], str]
"""The steps that lead to a module on its shelf, and what makes it."""


def without_shelves(part: Subtree, graph: Graph, lines: Mapping[int, Line]) -> Subtree:
    """Return a part with the modules of a shelf in its place, each called `shelf[0]`.

    If they are not numbered from 0 on, or some are others once more, it is `shelf["1"]`.
    """
    children: list[Child] = []
    for child in part.children:
        inner = without_shelves(child, graph, lines) if isinstance(child, Subtree) else child
        if isinstance(inner, Subtree) and _is_shelf(inner, lines):
            is_shared = any(node.owner is not None for node in graph.nodes[slice(*span(inner))])
            mark = '"' if is_shared or not _is_from_0(inner) else ""
            for each in inner.children:
                number, *_ = steps_to(each.name)
                rest = each.name.removeprefix(number)
                children.append(each._replace(name=f"{inner.name}[{mark}{number}{mark}]{rest}"))
        else:
            children.append(inner)
    return part._replace(children=tuple(children))


def _is_shelf(part: Subtree, lines: Mapping[int, Line]) -> bool:
    """Return whether a part has no code of its own, and is no row, no copies and no block."""
    is_numbered = [child.name for child in part.children] == [*map(str, range(len(part.children)))]
    if len(part.gives) == 1 and is_numbered and (len(part.takes) == 1 or len(part.children) >= FEW):
        return False
    if len(part.takes) == len(part.gives) == 1 and part.word not in CONTAINERS:
        return False
    return all(
        child.name[0].isdigit() and (isinstance(child, Subtree) or _is_module(lines[child.node]))
        for child in part.children
    )


def _is_from_0(part: Subtree) -> bool:
    numbers = dict.fromkeys([steps_to(child.name)[0] for child in part.children])
    return list(numbers) == [str(i) for i in range(len(numbers))]


def _is_module(line: Line) -> bool:
    return bool(line.module) and line.module not in TENSORS


def is_on_shelf(name: str) -> bool:
    return "[" in name


def steps_to(name: str) -> list[str]:
    """Return the names that lead to a child: its own, or those of its shelf and its place there."""
    return _STEP.findall(name)


def shelf(modules: Iterable[ShelvedText], *, is_list: bool) -> str:
    """Return what makes a shelf of modules."""
    held = []
    for key, group in groupby(modules, lambda module: module[0][0]):
        inner = [(steps[1:], text) for steps, text in group]
        text = inner[0][1] if not inner[0][0] else shelf(inner, is_list=False)
        held.append(text if is_list else f'"{key}": {text}')
    items = ", ".join(held)
    return f"nn.ModuleList([{items}])" if is_list else f"nn.ModuleDict({{{items}}})"
