"""Across: weights that layers of different parts share, and which parts must be groups for that."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import takewhile

from bncalc.writers.tree import Child, Span, Subtree, span
from bncalc.writers.yaml.copies import are_shared, copies_in
from bncalc.writers.yaml.network import Network


def parts_across(network: Network) -> set[Span]:
    """Return the parts whose names must be seen around them: layers in them share weights across.

    Of two layers the largest parts that are the same, weights and all, stay as they are; those
    around them that hold only one of the two are no own blocks.
    """
    parts: set[Span] = set()
    for index in _nodes(network, network.root):
        owner = network.nodes[index].weights_of
        if owner is not None:
            chain, owners = _chain(network.root, index), _chain(network.root, owner)
            pairs = zip(chain, owners, strict=False)
            common = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))
            parts.update(_around(network, chain[common:], owners[common:]))
    return parts


def _nodes(network: Network, holder: Subtree) -> Iterator[int]:
    """Yield the nodes that blocks of ours do not place, of shared copies those of the first."""
    groups = copies_in(holder.children)
    is_row = groups and are_shared(network, groups)
    for child in groups[0] if groups and is_row else holder.children:
        if not isinstance(child, Subtree):
            yield child.node
        elif network.built(child) is None:
            yield from _nodes(network, child)


def _chain(root: Subtree, node: int) -> list[Child]:
    """Return what holds a node, the largest first, and the node itself."""
    chain: list[Child] = [root]
    while isinstance(holder := chain[-1], Subtree):
        at = bisect_right(holder.children, node, key=lambda child: span(child)[0])
        chain.append(holder.children[at - 1])
    return chain[1:]


def _around(network: Network, chain: Sequence[Child], owners: Sequence[Child]) -> Iterator[Span]:
    for at, child in enumerate(chain):
        for before, owner in enumerate(owners):
            (start, stop), (first, end) = span(child), span(owner)
            if stop - start == end - first and network.is_again(start, stop, first):
                holders = (*chain[:at], *owners[:before])
                yield from [span(holder) for holder in holders]
                return
