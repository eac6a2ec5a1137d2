"""Sources: the layers of two networks that read other layers, or through something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from bncalc.analysis.report import Report
from bncalc.analysis.wiring import Wires, Wiring, Work
from bncalc.named import NamedTuple

_MOST_NAMED = 3


class Sources(NamedTuple):
    """What the first network reads somewhere and the second does not, and the reverse, by name.

    What `follows` reads in place of one layer another that is named before.
    """

    old: str | None
    new: str | None
    follows: bool = False


def rewired(wiring: Wiring) -> dict[int, Sources]:
    """Return what layers of the first network read otherwise than their partners, by index."""
    ours, theirs, partners = wiring
    named: frozenset[int] = frozenset()
    rows: dict[int, Sources] = {}
    back = {partner: node for node, partner in partners.items()}
    for node, own, other in wiring.layers():
        mapped = wiring.there(own.sources)
        if differing := mapped ^ other.sources:
            left = own.sources - {back[each] for each in other.sources}
            names = _names(ours.report, left), _names(theirs.report, other.sources - mapped)
            rows[node - 1] = Sources(*names, follows=differing <= named)
            named |= differing
    return rows


def put_out_otherwise(wiring: Wiring) -> Sources | None:
    """Return which layers only one of the two puts out, in whatever order; None if that is none."""
    ours, theirs, partners = wiring
    own = [read and read.sources for read in ours.outputs()]
    other = [read and read.sources for read in theirs.outputs()]
    paired = frozenset(partners.values())
    if any(each is None or not each <= partners.keys() for each in own):
        return None
    if any(each is None or not each <= paired for each in other):
        return None
    counts = Counter([wiring.there(each or ()) for each in own])
    further = Counter([each or frozenset() for each in other])
    if counts == further:
        return None
    back = {partner: node for node, partner in partners.items()}
    left = {back[at] for sources in counts - further for at in sources}
    added = {at for sources in further - counts for at in sources}
    return Sources(_names(ours.report, left), _names(theirs.report, added))


def in_place(wiring: Wiring) -> Iterator[tuple[int, int]]:
    """Return joins, pools and the like with what is in the place of each in the second network.

    On the way from the same layers each is paired with one that does the same, and those of which
    the first has more with those of which the second has more.
    """
    ends = [(own, other) for _, own, other in wiring.layers()]
    seen: tuple[set[int], set[int]] = (set(), set())
    for own, other in (*ends, *wiring.outputs()):
        if wiring.there(own.sources) == other.sources:
            left = own.through - seen[0], other.through - seen[1]
            yield from _in_place(_by_work(wiring.ours, left[0]), _by_work(wiring.theirs, left[1]))
            for nodes, further in zip(seen, left, strict=True):
                nodes.update(further)


_Workers = dict[Work, list[int]]


def _in_place(ours: _Workers, theirs: _Workers) -> Iterator[tuple[int, int]]:
    for work in ours:
        yield from zip(ours[work], theirs.get(work, ()), strict=False)
    for kind in dict.fromkeys([kind for kind, _ in ours]):
        yield from zip(_spare(kind, ours, theirs), _spare(kind, theirs, ours), strict=False)


def _spare(kind: str, ours: _Workers, theirs: _Workers) -> list[int]:
    """Return those of a kind of which the other side has fewer."""
    spare = [nodes[len(theirs.get(work, ())) :] for work, nodes in ours.items() if work[0] == kind]
    return list(chain(*spare))


def _by_work(wires: Wires, nodes: Iterable[int]) -> _Workers:
    """Return nodes by what they do; of windows the smaller ones come first."""
    found: _Workers = {}
    layers = wires.report.layers
    for node in sorted(nodes, key=lambda node: (layers[node - 1].cost.elementwise, node)):
        found.setdefault(wires.work[node], []).append(node)
    return found


def _names(report: Report, nodes: Iterable[int]) -> str | None:
    """Name a few nodes; None for none."""
    paths = [report.paths[index] for index in sorted(nodes)]
    more = [f"{len(paths) - _MOST_NAMED} more"] if len(paths) > _MOST_NAMED else []
    return None if not paths else ", ".join([*paths[:_MOST_NAMED], *more])
