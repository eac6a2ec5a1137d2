"""Trials: a model with one value edited, built and measured anew as if the file said so."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.errors import BncalcError, Location
from bncalc.language.model import read_language
from bncalc.language.nodes import Node
from bncalc.language.source import Read
from bncalc.language.written import Written, with_value
from bncalc.model.graph import Graph
from bncalc.model.reading import Request
from bncalc.model.shape import Shape

MAX_TRIALS = 200
MAX_LAYERS = 200_000
"""A model is built no more often, and with no more layers in all, while its mending is sought."""
_FEWEST = 16
"""What fewer trials could find is not worth the wait that so large a model is."""


class Bound(NamedTuple):
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
        self,
        request: Request,
        assumptions: Assumptions,
        bounds: tuple[Bound, ...],
        read: Read,
    ) -> None:
        self.request = request
        self.assumptions = assumptions
        self.bounds = bounds
        self.analyses = tuple(dict.fromkeys(need for one in bounds for need in one.needs))
        self.read = read
        self.root = read(request.path)
        self._files: dict[str, Node] = {}
        self._known: dict[tuple[Location, object], Trial | None] = {}
        graph = self.graph()
        limit = min(MAX_TRIALS, MAX_LAYERS // len(graph.nodes))
        self.limit = limit if limit >= _FEWEST else 0
        self.now = self._measured(graph)
        self._kept = tuple([k for k, over in enumerate(self.now.excess) if over <= 0])

    def spent(self, share: float) -> bool:
        """Return whether more than a share of the trials has been made."""
        return len(self._known) > self.limit * share

    def of(self, one: Written, value: object) -> Trial | None:
        """Return the design with another value; None where it cannot be built with it.

        What a classifier answers with is given by its task: a design with another number of
        classes counts as one that cannot be. Raises Exhausted.
        """
        key = (one.location, value)
        if key not in self._known:
            if len(self._known) >= self.limit:
                raise Exhausted
            try:
                trial = self._measured(self.graph(one, value))
            except BncalcError:
                self._known[key] = None
            else:
                self._known[key] = trial if self._same_task(trial) else None
        return self._known[key]

    def keeps(self, trial: Trial | None, goal: tuple[int, ...]) -> bool:
        """Return whether a trial keeps the bounds of the goal, and those that are kept now."""
        return trial is not None and all(trial.excess[k] <= 0 for k in (*goal, *self._kept))

    def graph(self, one: Written | None = None, value: object = None) -> Graph:
        """Return the design, with one other value; raise BncalcError where it cannot be built."""
        root = self.root if one is None else with_value(self.root, one, value)

        def read(path: str) -> Node:
            if path == self.request.path:
                return root
            if path not in self._files:
                self._files[path] = self.read(path)
            return self._files[path]

        return read_language(self.request, read)[0].designs[0].graph

    def _measured(self, graph: Graph) -> Trial:
        report = measure(graph, self.assumptions, self.analyses)
        excess = tuple([one.excess(report) for one in self.bounds])
        return Trial(excess, frozenset(one.output.channels for one in report.layers), report.output)

    def _same_task(self, trial: Trial) -> bool:
        classifier = self.now.answer.positions == 1
        return not classifier or trial.answer == self.now.answer
