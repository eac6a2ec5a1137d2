"""Folded norms: a network that has them against one whose exporter folded them into its layers."""

from __future__ import annotations

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.difference import Difference, difference
from bncalc.analysis.folding import fold_norm
from bncalc.analysis.measurement import measure
from bncalc.change.version import Version
from bncalc.named import NamedTuple


class FoldedNorms(NamedTuple):
    """The side whose norms are folded already, and how many layers differ with those of both."""

    name: str
    left: int


def folded_norms(between: Difference, old: Version, new: Version) -> FoldedNorms | None:
    """Return which side has its batch norms folded, if most of what differs comes of that."""
    assumptions = new.report.assumptions
    if not between.changes or assumptions.fold_norm or old.design is None or new.design is None:
        return None
    graphs = [version.design.graph for version in (old, new) if version.design]
    folded = [fold_norm(graph) for graph in graphs]
    norms = [len(a.nodes) - len(b.nodes) for a, b in zip(graphs, folded, strict=True)]
    if 0 not in norms or not any(norms):
        return None
    both = Assumptions(batch=assumptions.batch)
    left = len(difference(*[measure(graph, both) for graph in folded]).changes)
    side = (old, new)[norms.index(0)]
    return FoldedNorms(side.report.name, left) if 2 * left < len(between.changes) else None
