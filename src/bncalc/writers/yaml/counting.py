"""Counting: what a network computes that a file of the language can count, and not say."""

from __future__ import annotations

from collections.abc import Iterator

from bncalc.model.graph import Graph, Node
from bncalc.model.ops.foreign import Foreign
from bncalc.writers.pytorch.lines import line_of
from bncalc.writers.pytorch.lines.line import Line
from bncalc.writers.refusal import grouped
from bncalc.writers.yaml.views import CUTS

_ORDER = "it reads its map in another order of elements"
_CALL = "its call has arguments or numbers that the language cannot say"


def counts_only(graph: Graph, other: Graph) -> list[str]:
    """Return what a graph computes that it does not as its file is read, a sentence for each kind.

    `other` is what has been read, with the same nodes. Of two lines of code that differ the one
    that is known is meant; a node without a line says so itself.
    """
    return [*graph.counts_only, *grouped(_lost(graph, other))]


def _lost(graph: Graph, other: Graph) -> Iterator[tuple[Node, str]]:
    for ours, theirs in zip(graph.nodes, other.nodes, strict=True):
        if ours.code is None and not ours.views and not isinstance(ours.op, Foreign):
            continue
        if not ours.views and {ours.op.word, theirs.op.word} == {*CUTS}:
            continue
        line, read = line_of(graph, ours), line_of(other, theirs)
        if isinstance(read, Line) and line != read:
            usual = _ORDER if ours.views else _CALL
            yield ours, usual if isinstance(line, Line) else line
