"""Trials: a model with one value edited, built and measured as if the file said so.

Only what an edit changes is read, placed and counted anew: an entry of the file is decoded once,
what a call has made is made again where the same shapes arrive, and each layer is counted once.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.measurement import Known, measure
from bncalc.analysis.report import Report
from bncalc.errors import BncalcError, Location
from bncalc.language.edits import Edits
from bncalc.language.source import Read
from bncalc.language.written_values import WrittenValue
from bncalc.model.graph import Graph
from bncalc.model.origin import Design
from bncalc.model.reading import Request
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple

MAX_TRIALS = 200
LAYERS = 6_000
"""A model is built no more often, and with about so many layers in all, while it is mended."""
FEWEST = 24
MOST_MENDED = 24_000
"""A larger model is built at least so often, up to so many layers; beyond, it is not mended."""


class Ceiling(NamedTuple):
    """What a number of a design may be at most. `written` says it: `params <= 4M`;
    empty for one that goes without saying.

    `number` reads it off a report; None where the report has no such part, which keeps no bound.
    For a number that must be *at least* something, both are given negative. `needs` names the
    analyses that it comes from.
    """

    written: str
    number: Callable[[Report], int | None]
    most: int
    needs: tuple[str, ...] = ()

    def excess(self, report: Report) -> float:
        """Return by how much a design is over the bound; infinity where it has no such part."""
        number = self.number(report)
        return math.inf if number is None else number - self.most


class Trial(NamedTuple):
    """What counts of a design that was built: by how much it is over each bound, and its widths."""

    excess: tuple[float, ...]
    widths: frozenset[int]
    answer: Shape


class Exhausted(Exception):
    """Raised where one more trial would be one too many."""


class Trials:
    """The trials of one design, none made twice; `now` is the design as it is written."""

    def __init__(
        self, request: Request, assumptions: Assumptions, bounds: tuple[Ceiling, ...], read: Read
    ) -> None:
        self.request = request
        self.assumptions = assumptions
        self.bounds = bounds
        self.analyses = tuple(dict.fromkeys(need for bound in bounds for need in bound.needs))
        self._edits = Edits(request.path, read)
        self.root = self._edits.root
        self._costs: Known = {}
        self._known: dict[tuple[Location, object], Trial | None] = {}
        design = self._edits.design(request)
        self.graph = design.graph
        layers = len(design.graph.nodes)
        enough = min(MAX_TRIALS, max(FEWEST, LAYERS // layers))
        self.limit = enough if FEWEST * layers <= MOST_MENDED else 0
        report = self._measured(design.graph)
        self.shares = _shares(design, report)
        self.now = self._tried(report)
        self._kept = tuple([k for k, over in enumerate(self.now.excess) if over <= 0])

    def of(self, written: WrittenValue, value: object) -> Trial | None:
        """Return the design with another value; None where it cannot be built with it.

        What a classifier answers with is given by its task: a design with another number of
        classes counts as one that cannot be. Raises Exhausted.
        """
        key = (written.location, value)
        if key not in self._known:
            if len(self._known) >= self.limit:
                raise Exhausted
            try:
                trial = self._tried(self._measured(self.edited(written, value)))
            except BncalcError:
                self._known[key] = None
            else:
                self._known[key] = trial if self._same_task(trial) else None
        return self._known[key]

    def keeps(self, trial: Trial | None, goal: tuple[int, ...]) -> bool:
        """Return whether a trial keeps the bounds of the goal, and those that are kept now."""
        return trial is not None and all(trial.excess[k] <= 0 for k in (*goal, *self._kept))

    def edited(self, written: WrittenValue, value: object) -> Graph:
        """Return the design's graph with another value; raise BncalcError if it cannot be built."""
        return self._edits.design(self.request, written, value).graph

    def _measured(self, graph: Graph) -> Report:
        return measure(graph, self.assumptions, self.analyses, known=self._costs)

    def _tried(self, report: Report) -> Trial:
        excess = tuple([bound.excess(report) for bound in self.bounds])
        return Trial(
            excess, frozenset(layer.output.channels for layer in report.layers), report.output
        )

    def _same_task(self, trial: Trial) -> bool:
        classifier = self.now.answer.positions == 1
        return not classifier or trial.answer == self.now.answer


def _shares(design: Design, report: Report) -> dict[Location, float]:
    """Return which share of params and MACs hangs on each argument, and on each line of a call.

    That is the share of the layers that a call has placed, and of those that work on their maps.
    """
    params, macs = max(report.totals.params, 1), max(report.totals.macs, 1)
    nodes, origins = design.graph.nodes, design.by_path()
    shares: dict[Location, float] = {}
    widths = list(range(len(nodes)))  # of each node, the one that made its map as wide as it is
    layers = {layer.path: layer for layer in report.layers}
    for index, node in enumerate(nodes):
        layer, source = layers.get(node.path), node.inputs[0] if node.inputs else index
        if layer is None or not layer.cost.macs:
            widths[index] = widths[source]
            continue
        share = layer.cost.params / params + layer.cost.macs / macs
        for at in {index, widths[source]}:
            origin = origins.get(nodes[at].path)
            for call in origin.calls if origin else ():
                places = {argument.location for argument in call.arguments.values()}
                for place in {*places, call.location._replace(column=0)}:
                    shares[place] = shares.get(place, 0.0) + share
    return shares
