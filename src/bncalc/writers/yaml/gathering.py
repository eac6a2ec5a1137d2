"""Gathering: parts in a row that each join all maps of those before are copies of one stage."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bncalc.model.registry import JOINS
from bncalc.named import NamedTuple
from bncalc.writers.tree import Child, Leaf, Subtree
from bncalc.writers.yaml.network import Network

_FEWEST = 3


class DenseRow(NamedTuple):
    """Copies of a stage that begins with a join: of `takes`, and of what all copies before made."""

    name: str
    copies: tuple[Subtree, ...]
    takes: tuple[int, ...]
    join: int
    """The join in the last copy."""

    @property
    def gives(self) -> tuple[int, ...]:
        return tuple([copy.gives[0] for copy in self.copies])


def dense_row(network: Network, children: Sequence[Child], at: int) -> DenseRow | None:
    """Return the copies that begin with a child, None where it is not the first of some."""
    first = children[at]
    copies: list[Subtree] = []
    takes = network.ends(first)[0]
    for child in children[at:]:
        given = tuple([copy.gives[0] for copy in copies])
        if not isinstance(child, Subtree) or child.takes != (*takes, *given):
            break
        if _join(network, child) is None or not is_copy(network, child, (copies or [child])[0]):
            break
        copies.append(child)
    join = _join(network, copies[-1]) if len(copies) >= _FEWEST else None
    return None if join is None else DenseRow(_name(copies[-1]), tuple(copies), takes, join)


def _join(network: Network, copy: Subtree) -> int | None:
    """Return the join through which alone a part reads; None if it does in another way."""
    reading = [
        node
        for node in range(copy.start, copy.stop)
        if any(source < copy.start for source in network.nodes[node].inputs)
    ]
    if len(reading) != 1 or not any(
        isinstance(child, Leaf) and child.node == reading[0] for child in copy.children
    ):
        return None
    node = network.nodes[reading[0]]
    is_whole = node.op.word in JOINS and node.inputs == copy.takes
    return reading[0] if is_whole and copy.gives == (copy.stop - 1,) else None


def is_copy(network: Network, copy: Subtree, first: Subtree) -> bool:
    """Return whether a part is another one, but for the maps that arrive."""
    shift, arriving = copy.start - first.start, dict(zip(first.takes, copy.takes, strict=False))
    within = len(network.path(copy)), len(network.path(first))
    nodes = network.nodes[copy.start : copy.stop]
    others = network.nodes[first.start : first.stop]
    return len(nodes) == len(others) and all(
        node.op == other.op
        and not node.training_only
        and node.weights_of is None
        and node.inputs in (copy.takes, tuple([arriving.get(x, x + shift) for x in other.inputs]))
        and node.path[within[0] :] == other.path[within[1] :]
        for node, other in zip(nodes, others, strict=True)
    )


def _name(copy: Subtree) -> str:
    """Return what copies are called: `denselayer` of `denselayer16`."""
    return re.sub(r"[\W_]*\d+$", "", copy.name) or copy.title or "copy"
