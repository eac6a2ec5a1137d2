"""The parts of a model that budgets may be for: its stages, its blocks, its layers."""

from __future__ import annotations

from bncalc.analysis.metric import METRICS, Metric
from bncalc.analysis.report import Report
from bncalc.budget.budgets import Budget
from bncalc.budget.decision import Amount
from bncalc.budget.pattern import chosen
from bncalc.budget.verdict import Scope
from bncalc.language.grammar import GROUPS, JOINS

_LISTS = (*GROUPS, *JOINS, "branch")


class PartNumbers:
    """The numbers of one report; those of its parts are worked out once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._parts: dict[str, dict[str, int]] = {}

    def whole(self, metric: str) -> int:
        number: int = METRICS[metric].total(self.report)
        return number

    def part(self, metric: str, path: str) -> int | None:
        """Return a number of a part, of the whole where there is no path; None: no such part."""
        if not path:
            return self.whole(metric)
        if metric not in self._parts:
            self._parts[metric] = by_path(self.report, METRICS[metric])
        return self._parts[metric].get(path)

    def amount(self, metric: str, path: str) -> Amount | None:
        """Return the same beside the number of the whole, which shares are of."""
        value = self.part(metric, path)
        return None if value is None else Amount(value, self.whole(metric))


def paths(budget: Budget, report: Report) -> list[str]:
    """Return the paths of the parts that a budget is for; one empty path for the whole model."""
    if budget.scope == "model":
        return [""]
    return [path for path in parts(report, budget.scope) if chosen(budget.match, path)]


def parts(report: Report, scope: Scope) -> list[str]:
    """Return the paths of the stages, blocks or layers, in running order.

    A stage is what is at the top level, a part or a single layer; together they are the
    model. A block is a part that is more than a list, a join, a branch or the copies of a block.
    """
    layers = [layer.path for layer in report.layers]
    if scope == "layer":
        return layers
    if scope == "stage":
        return list(dict.fromkeys(path.partition("/")[0] for path in layers))
    known = {*layers, *(section.path for section in report.sections)}
    blocks = [section.path for section in report.sections if section.word not in _LISTS]
    return [path for path in blocks if f"{path}/0" not in known]


def by_path(report: Report, metric: Metric) -> dict[str, int]:
    """Return what a metric comes to for every layer and every part, by path.

    Raises TypeError for a metric that only a whole design has.
    """
    if metric.layers is None:
        raise TypeError(metric.doc)
    sums: dict[str, int] = {}
    for layer, amount in zip(report.layers, metric.layers(report), strict=True):
        at = len(layer.path)
        while at > 0:
            within = layer.path[:at]
            sums[within] = sums.get(within, 0) + amount
            at = layer.path.rfind("/", 0, at)
    return sums
