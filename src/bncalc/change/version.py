"""A version: one design as it was, or as it is, and where its numbers are from."""

from __future__ import annotations

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.model.origin import Design
from bncalc.named import NamedTuple
from bncalc.opening.model import Model
from bncalc.opening.stock import Stock


class Place(NamedTuple):
    """Where a design is held: in which file, empty for a saved report, and what picks it there."""

    file: str
    part: str


class Version(NamedTuple):
    """A design on one side of a change. A saved report knows neither model nor design."""

    report: Report
    model: Model | None = None
    design: Design | None = None

    @property
    def title(self) -> str:
        """The name of the design in its file, without what a call sets."""
        return self.report.name.removesuffix(self.model.name.echo if self.model else "")

    @property
    def place(self) -> Place:
        if self.model is None or self.design is None:
            return Place("", self.report.name)
        return Place(self.model.name.path, part_of(self.model, self.design))


def part_of(model: Model, design: Design) -> str:
    """Return what picks a design within its file: a variant, an alternative, or nothing."""
    if model.alternatives:
        return design.graph.name.removesuffix(model.name.echo)
    return model.variant or ""


def versions(
    model: Model, assumptions: Assumptions, also: tuple[str, ...] = (), stock: Stock | None = None
) -> tuple[Version, ...]:
    """Measure the designs of a model; `also` names the further analyses that are wanted.

    What is in `stock` is not measured again, and what is measured is added to it.
    """
    known = None if stock is None else stock.layers(assumptions)
    return tuple(
        [
            Version(measure(design.graph, assumptions, also, known=known), model, design)
            for design in model.designs
        ]
    )
