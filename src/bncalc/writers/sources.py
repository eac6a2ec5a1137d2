"""Sources: the layers of two models that read other layers, or through something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from bncalc.model.graph import Graph
from bncalc.writers.verification import OUTPUTS, Mismatch
from bncalc.writers.wiring import Wires, Wiring, Work, elementwise

_MOST_NAMED = 3


def rewired(wiring: Wiring) -> dict[int, tuple[Mismatch]]:
    """Return the layers of the first graph that read other layers than their partners, by index.

    What reads a layer through another that is named already follows.
    """
    ours, theirs, partners = wiring
    named: frozenset[int] = frozenset()
    rows: dict[int, tuple[Mismatch]] = {}
    back = {partner: node for node, partner in partners.items()}
    for node, own, other in wiring.layers():
        mapped = wiring.there(own.sources)
        if differing := mapped ^ other.sources:
            left = own.sources - {back[each] for each in other.sources}
            names = _names(ours.graph, left), _names(theirs.graph, other.sources - mapped)
            path, follows = ours.graph.nodes[node].path, differing <= named
            rows[node - 1] = (Mismatch(path, "reads", *names, follows=follows),)
            named |= differing
    return rows


def put_out_otherwise(wiring: Wiring) -> Iterator[Mismatch]:
    """Return a mismatch if the two put out maps of other layers, in whatever order."""
    ours, theirs, partners = wiring
    own, other = ours.outputs(), theirs.outputs()
    paired = frozenset(partners.values())
    known = [
        all(each is not None and each.sources <= nodes for each in side)
        for side, nodes in ((own, partners.keys()), (other, paired))
    ]
    if not all(known):
        return
    counts = (
        Counter([wiring.there(each.sources) for each in own if each]),
        Counter([each.sources for each in other if each]),
    )
    back = {partner: node for node, partner in partners.items()}
    left, added = (counts[0] - counts[1]).keys(), (counts[1] - counts[0]).keys()
    if left or added:
        yield Mismatch(
            OUTPUTS,
            "reads",
            _names(ours.graph, {back[at] for sources in left for at in sources}),
            _names(theirs.graph, {at for sources in added for at in sources}),
        )


def in_place(wiring: Wiring) -> Iterator[tuple[int, int]]:
    """Return joins, pools and the like with what is in the place of each in the second graph.

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
    for node in sorted(nodes, key=lambda node: (elementwise(wires.graph, node), node)):
        found.setdefault(wires.work[node], []).append(node)
    return found


def _names(graph: Graph, nodes: Iterable[int]) -> str | None:
    """Name a few nodes; None for none."""
    paths = [graph.nodes[index].path for index in sorted(nodes)]
    more = [f"{len(paths) - _MOST_NAMED} more"] if len(paths) > _MOST_NAMED else []
    return None if not paths else ", ".join([*paths[:_MOST_NAMED], *more])
