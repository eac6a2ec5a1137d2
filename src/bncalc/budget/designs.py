"""Designs: every design that budgets are for, opened and measured once."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc.analysis import metric
from bncalc.analysis.assumptions import Assumptions
from bncalc.budget.budgets import Budget, Budgets, Limit
from bncalc.budget.coverage import NamedModel
from bncalc.budget.decision import Decision
from bncalc.budget.parts import PartNumbers
from bncalc.budget.verdict import Check, Scope, Subject
from bncalc.change.version import Version, part_of, versions
from bncalc.errors import Location, Problem, SpecError, UsageError
from bncalc.model.device import Device
from bncalc.named import NamedTuple
from bncalc.opening.model import Overrides, open_models
from bncalc.opening.name import ModelName
from bncalc.opening.stock import Stock

_OF_DEVICES = ("ram", "flash")
"""Metrics that depend on the device of a budget."""


class MeasuredDesign(NamedTuple):
    """A design of a model: `model` as it was named, and the name that opens this design alone."""

    model: str
    alone: ModelName
    version: Version
    numbers: PartNumbers
    also: tuple[str, ...] = ()
    """The analyses that its limits need, beyond the report itself."""

    @property
    def name(self) -> str:
        return self.numbers.report.name

    @property
    def key(self) -> Key:
        """What tells it from others: the design, and the device that it was measured for."""
        return _key(self.alone, self.version.report.assumptions)

    def device_of(self, metric: str) -> str:
        """Return the device that a metric is worked out for; empty for one alike on all."""
        device = self.numbers.report.assumptions.device
        return device.name if device and metric in _OF_DEVICES else ""

    def check(
        self,
        budget: Budget,
        limit: Limit,
        decision: Decision,
        value: int,
        scope: Scope,
        path: str = "",
    ) -> Check:
        """Return a decision on a number of the design, or of a part of it, as a check."""
        weaker = decision.status == "fail" and budget.level == "warn"
        return Check(
            rule=decision.rule,
            budget=budget.name,
            subject=Subject(self.model, self.name, scope, path),
            metric=limit.metric,
            status="warn" if weaker else decision.status,
            value=value,
            bound=decision.bound,
            written=decision.written,
            base=None,
            location=Location(self.alone.path),
            budget_location=limit.location,
            message=budget.message,
            reason=decision.reason,
            device=self.device_of(limit.metric),
        )


Key = tuple[str, Device | None]


def measured(
    covering: Iterable[tuple[Budget, tuple[NamedModel, ...]]], budgets: Budgets
) -> tuple[list[list[MeasuredDesign]], list[Problem]]:
    """Return the designs under each budget, and all that is wrong with models."""
    covering = list(covering)
    designs: dict[Key, list[MeasuredDesign]] = {}
    stock = Stock()
    problems: list[Problem] = []
    for budget, models in covering:
        assumptions = assumed(budgets, budget)
        for name, location in models:
            key = _key(name, assumptions)
            if key in designs:
                continue
            designs[key] = []
            try:
                designs[key] += _designs(name, budgets, assumptions, stock)
            except SpecError as error:
                problems += error.problems
            except UsageError as error:
                problems.append(Problem(location, str(error)))
    under = [
        [
            design
            for named in models
            for design in designs[_key(named.model, assumed(budgets, budget))]
        ]
        for budget, models in covering
    ]
    return under, problems


def assumed(budgets: Budgets, budget: Budget) -> Assumptions:
    """Return what the numbers of a budget rest on: what the file assumes, on its device."""
    if budget.device is None:
        return budgets.assumptions
    return budgets.assumptions._replace(device=budget.device)


def analyses(budgets: Budgets, assumptions: Assumptions) -> tuple[str, ...]:
    """Return the analyses that the limits need which rest on the same, beyond the report itself."""
    words = [
        limit.metric
        for budget in budgets.budgets
        if budget.level != "off" and assumed(budgets, budget) == assumptions
        for limit in budget.limits
    ]
    return metric.analyses([metric.METRICS[word] for word in words])


def _key(name: ModelName, assumptions: Assumptions) -> Key:
    return (str(name), assumptions.device)


def _designs(
    name: ModelName, budgets: Budgets, assumptions: Assumptions, stock: Stock
) -> list[MeasuredDesign]:
    """Return all designs of a name: each variant, each alternative."""
    designs = []
    also = analyses(budgets, assumptions)
    for model in open_models(name, Overrides(input=budgets.input), stock=stock):
        for version in versions(model, assumptions, also, stock):
            assert version.design is not None
            alone = model.name._replace(part=part_of(model, version.design) or model.name.part)
            designs.append(
                MeasuredDesign(str(name), alone, version, PartNumbers(version.report), also)
            )
    return designs
