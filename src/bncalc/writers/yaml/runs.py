"""Runs: equal parts among others, each after the one before, are copies of one, or of a few."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bncalc.named import NamedTuple
from bncalc.writers.tree import Child, Subtree
from bncalc.writers.yaml.gathering import is_copy
from bncalc.writers.yaml.network import Network

_LONGEST = 4
"""Of so many parts in turn one copy is at most."""


class Run(NamedTuple):
    """Copies of a few parts: those of the first copy, how many copies, and what they are called."""

    name: str
    first: tuple[Subtree, ...]
    times: int
    last: Subtree


def run_of(network: Network, children: Sequence[Child], at: int) -> Run | None:
    """Return the copies that begin with a child, None where none follows that is equal."""
    chain = _chain(network, children, at)
    for period in range(1, min(_LONGEST, len(chain) // 2) + 1):
        same = period
        while same < len(chain) and _is_equal(network, chain[same], chain[same - period]):
            same += 1
        times = same // period
        first = tuple(chain[:period])
        learns = any(network.learns(i) for i in range(first[0].start, first[-1].stop))
        if times > 1 and learns:
            return Run(_name(first), first, times, chain[times * period - 1])
    return None


def _chain(network: Network, children: Sequence[Child], at: int) -> list[Subtree]:
    """Return the parts from a child on that each take one map, which no other reads."""
    chain: list[Subtree] = []
    for child in children[at:]:
        if not isinstance(child, Subtree) or len(child.takes) != 1 or len(child.gives) != 1:
            break
        before = chain[-1].gives[0] if chain else child.takes[0]
        readers = network.readers[before] if chain else []
        if child.takes[0] != before or any(reader >= child.stop for reader in readers):
            break
        if any(index in network.uses for index in range(child.start, child.stop)):
            break
        if any(owner is not None for owner in network.owners(child.start, child.stop)):
            break
        chain.append(child)
    return chain


def _is_equal(network: Network, part: Subtree, other: Subtree) -> bool:
    """Return whether a part is another once more, named alike but for a number."""
    names = [re.sub(r"\d+", "#", each.name) for each in (part, other)]
    return names[0] == names[1] and is_copy(network, part, other)


def _name(first: Sequence[Subtree]) -> str:
    """Return what copies are called: `block2` of `block2-1`, and of a mere number that."""
    name = first[0].name
    return re.sub(r"[\W_]*\d+$", "", name) or name
