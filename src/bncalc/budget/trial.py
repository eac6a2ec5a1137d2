"""Trials: a model with one value edited, built and measured anew as if the file said so."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.report import Report, measure
from bncalc.errors import BncalcError, Location
from bncalc.language.decoder import Read
from bncalc.language.model import Overrides, open_file
from bncalc.language.source import Node
from bncalc.language.written import Written, with_value
from bncalc.model.graph import Graph

MAX_TRIALS = 200
"""A model is built no more often than this while its mending is looked for."""


class Bound(NamedTuple):
    """What a number of a design may be at most. `written` says it: `params <= 4M`;
    empty for one that goes without saying.

    `number` reads it off a report; None where the report has no such part, which keeps no bound.
    For a number that must be *at least* something, both are given negative.
    """

    written: str
    number: Callable[[Report], int | None]
    most: int

    def excess(self, report: Report) -> float:
        """Return by how much a design is over the bound; infinity where it has no such part."""
        number = self.number(report)
        return math.inf if number is None else number - self.most


class Trial(NamedTuple):
    """A design that was built, and by how much it is over each bound."""

    graph: Graph
    report: Report
    excess: tuple[float, ...]


class Exhausted(Exception):
    """Raised where one more trial would be one too many."""


class Trials:
    """The trials of one design, none made twice; `now` is the design as it is written."""

    def __init__(
        self,
        path: str,
        part: str,
        overrides: Overrides,
        assumptions: Assumptions,
        bounds: tuple[Bound, ...],
        read: Read,
    ) -> None:
        self.path = path
        self.part = part
        self.overrides = overrides
        self.assumptions = assumptions
        self.bounds = bounds
        self.read = read
        self.root = read(path)
        self._files: dict[str, Node] = {}
        self._known: dict[tuple[Location, object], Trial | None] = {}
        self.now = self._build(self.root)

    @property
    def count(self) -> int:
        return len(self._known)

    def of(self, one: Written, value: object) -> Trial | None:
        """Return the design with another value; None where it cannot be built with it.

        What a classifier answers with is given by its task: a design with another number of
        classes counts as one that cannot be. Raises Exhausted.
        """
        key = (one.location, value)
        if key not in self._known:
            if len(self._known) >= MAX_TRIALS:
                raise Exhausted
            try:
                trial = self._build(with_value(self.root, one, value))
            except BncalcError:
                self._known[key] = None
            else:
                self._known[key] = trial if self._same_task(trial) else None
        return self._known[key]

    def _same_task(self, trial: Trial) -> bool:
        answer = self.now.report.output
        classifier = answer.height == answer.width == 1
        return not classifier or trial.report.output == answer

    def _build(self, root: Node) -> Trial:
        def read(path: str) -> Node:
            if path == self.path:
                return root
            if path not in self._files:
                self._files[path] = self.read(path)
            return self._files[path]

        graph = open_file(self.path, self.part, self.overrides, read).graphs[0]
        report = measure(graph, self.assumptions)
        return Trial(graph, report, tuple([one.excess(report) for one in self.bounds]))
