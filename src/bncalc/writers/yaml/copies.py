"""Copies: which children of a part are the first, the second, … of one thing."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.writers.tree import Child, Leaf, Subtree, span
from bncalc.writers.yaml.network import Network


def copies_in(children: Sequence[Child]) -> list[list[Child]] | None:
    """Return the children by the copy that they are of: `0`, then `0.norm`, `1`, …"""
    groups: list[list[Child]] = []
    for child in children:
        head, dot, _ = child.name.partition(".")
        if child.name == str(len(groups)):
            groups.append([child])
        elif dot and groups and head == str(len(groups) - 1) and isinstance(child, Leaf):
            groups[-1].append(child)
        else:
            return None
    return groups


def are_rows(groups: list[list[Child]]) -> bool:
    """Return whether these are rows of copies themselves, and not alike: stages, say."""
    children = [group[0].children for group in groups if isinstance(group[0], Subtree)]
    lengths = {len(inner) for inner in children}
    rows = [copies_in(inner) for inner in children if len(inner) > 1]
    words = [
        {child.word if isinstance(child, Subtree) else "" for child, *_ in row}
        for row in rows
        if row
    ]
    return len(lengths) > 1 and any(len(of) == 1 and of != {""} for of in words)


def are_shared(network: Network, groups: list[list[Child]]) -> bool:
    """Return whether all copies share the weights of the first."""
    (start, stop), *others = [(span(group[0])[0], span(group[-1])[1]) for group in groups]
    learns = any(network.learns(index) for index in range(start, stop))
    again = [network.is_again(*other, start) for other in others]
    return learns and bool(others) and all(again)
