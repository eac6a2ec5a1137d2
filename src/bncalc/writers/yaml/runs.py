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
    chain = _Chain(network, children, at)
    for period in range(1, _LONGEST + 1):
        if not chain.has(2 * period - 1):
            return None
        first = tuple(chain.parts[:period])
        if not any(network.learns(i) for i in range(first[0].start, first[-1].stop)):
            continue
        same = period
        parts = chain.parts
        while chain.has(same) and _is_equal(network, parts[same], parts[same - period]):
            same += 1
        times = same // period
        if times > 1:
            return Run(_name(first), first, times, parts[times * period - 1])
    return None


class _Chain:
    """The parts from a child on that each take one map, which no other reads, as far as asked."""

    def __init__(self, network: Network, children: Sequence[Child], at: int) -> None:
        self.parts: list[Subtree] = []
        self._network = network
        self._children = children
        self._at = at

    def has(self, index: int) -> bool:
        """Return whether the chain has so many parts and one more."""
        while len(self.parts) <= index:
            at = self._at + len(self.parts)
            child = self._children[at] if at < len(self._children) else None
            if not isinstance(child, Subtree) or not self._continues(child):
                return False
            self.parts.append(child)
        return True

    def _continues(self, child: Subtree) -> bool:
        network = self._network
        if len(child.takes) != 1 or len(child.gives) != 1:
            return False
        before = self.parts[-1].gives[0] if self.parts else child.takes[0]
        readers = network.readers[before] if self.parts else []
        if child.takes[0] != before or any(reader >= child.stop for reader in readers):
            return False
        if any(index in network.uses for index in range(child.start, child.stop)):
            return False
        return all(owner is None for owner in network.owners(child.start, child.stop))


def _is_equal(network: Network, part: Subtree, other: Subtree) -> bool:
    """Return whether a part is another once more, named alike but for a number."""
    names = [re.sub(r"\d+", "#", each.name) for each in (part, other)]
    return names[0] == names[1] and is_copy(network, part, other)


def _name(first: Sequence[Subtree]) -> str:
    """Return what copies are called: `block2` of `block2-1`, and of a mere number that."""
    name = first[0].name
    return re.sub(r"[\W_]*\d+$", "", name) or name
