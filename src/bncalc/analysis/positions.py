"""Positions: which node of one network is which of another, by what it reads and what reads it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Literal

from bncalc.named import NamedTuple

Keys = Sequence[Hashable]
Look = Literal["both", "before", "after"]
_MASK = (1 << 61) - 1


class Wiring(NamedTuple):
    """What each node of a network reads, whether it only hands that on, and which are put out.

    What hands on what it reads, as a join or a pool does, is looked through: two sources of one
    network have others of them.
    """

    reads: Sequence[Sequence[int]]
    hands_on: Sequence[bool]
    ends: Collection[int]


class Round(NamedTuple):
    """What each node is said to be, on both sides, and where to look for its place.

    It is that with all `before` it, with all `after` it, or with `both`. Of those that cannot be
    told apart so none is paired, unless the round is `bold`.
    """

    ours: Keys
    theirs: Keys
    look: Look
    bold: bool = True


def by_position(
    ours: Wiring, theirs: Wiring, pairs: Mapping[int, int], rounds: Iterable[Round]
) -> dict[int, int]:
    """Return pairs of nodes with those that are known, each round from where the last has come to.

    In which order nodes run makes no difference, but for those that cannot be told apart: of these
    one is paired beside what is paired already, else the first with the first. Each round takes
    time that grows with the number of edges.
    """
    found = dict(pairs)
    fewer = min(len(ours.reads), len(theirs.reads))
    for kinds, others, look, bold in rounds if len(found) < fewer else ():
        ends = {node: node for node in found}, {partner: node for node, partner in found.items()}
        keys = _keys(ours, kinds, ends[0], look), _keys(theirs, others, ends[1], look)
        if not bold:
            found |= _alone(keys, found)
        elif look == "after":
            _pair(keys, (_readers(ours), _readers(theirs)), found, backwards=True)
        else:
            _pair(keys, (ours.reads, theirs.reads), found)
        if len(found) == fewer:
            break
    return found


def _alone(keys: tuple[Keys, Keys], found: Mapping[int, int]) -> dict[int, int]:
    """Return pairs of nodes whose key no other node has that is not paired."""
    taken = set(found.values())
    ours = _unique([(key, node) for node, key in enumerate(keys[0]) if node not in found])
    theirs = _unique([(key, node) for node, key in enumerate(keys[1]) if node not in taken])
    return {node: theirs[key] for key, node in ours.items() if key in theirs}


def _unique(keyed: list[tuple[Hashable, int]]) -> dict[Hashable, int]:
    counts = Counter([key for key, _ in keyed])
    return {key: node for key, node in keyed if counts[key] == 1}


def _pair(
    keys: tuple[Keys, Keys],
    near: tuple[Sequence[Sequence[int]], Sequence[Sequence[int]]],
    found: dict[int, int],
    *,
    backwards: bool = False,
) -> None:
    """Pair nodes of one key; of several those whose neighbours are paired already."""
    taken = set(found.values())
    free: dict[Hashable, list[int]] = defaultdict(list)
    nodes, others = range(len(keys[0])), range(len(keys[1]))
    for node in others if backwards else reversed(others):  # the first to go comes last
        if node not in taken:
            free[keys[1][node]].append(node)
            free[keys[1][node], tuple(sorted(near[1][node]))].append(node)
    for node in reversed(nodes) if backwards else nodes:
        if node not in found and keys[0][node] in free:
            beside = tuple(sorted([found.get(other, -1) for other in near[0][node]]))
            for key in ((keys[0][node], beside), keys[0][node]):
                left = free.get(key, [])
                while left and left[-1] in taken:
                    left.pop()
                if left:
                    found[node] = left.pop()
                    taken.add(found[node])
                    break


def _keys(wiring: Wiring, kinds: Keys, anchors: Mapping[int, int], look: Look) -> Keys:
    before = _before(wiring, kinds, anchors) if look != "after" else [0] * len(kinds)
    after = _after(wiring, kinds, anchors) if look != "before" else before
    if look == "before":
        return list(zip(kinds, before, strict=True))
    return list(zip(kinds, before, after, strict=True))


def _before(wiring: Wiring, kinds: Keys, anchors: Mapping[int, int]) -> list[int]:
    """Return a number for each node for all that leads to it, whatever the order."""
    sums: list[int] = []
    given: list[int] = []
    for node, read in enumerate(wiring.reads):
        arriving = sum([given[source] for source in read]) & _MASK
        sums.append(arriving)
        given.append(arriving if wiring.hands_on[node] else _own(node, kinds, anchors, arriving))
    return sums


def _after(wiring: Wiring, kinds: Keys, anchors: Mapping[int, int]) -> list[int]:
    """Return a number for each node for all that it leads to, whatever the order."""
    sums = [hash(node in wiring.ends) for node in range(len(kinds))]
    for node in range(len(kinds) - 1, -1, -1):
        sums[node] &= _MASK
        own = sums[node] if wiring.hands_on[node] else _own(node, kinds, anchors, sums[node])
        for source in wiring.reads[node]:
            sums[source] += own
    return sums


def _own(node: int, kinds: Keys, anchors: Mapping[int, int], reached: int) -> int:
    """Return the number of a node: that of its pair, or of what it is and what it is reached by."""
    anchor = anchors.get(node)
    return hash((kinds[node], reached) if anchor is None else (anchor,))


def _readers(wiring: Wiring) -> list[list[int]]:
    readers: list[list[int]] = [[] for _ in wiring.reads]
    for node, read in enumerate(wiring.reads):
        for source in read:
            readers[source].append(node)
    return readers
