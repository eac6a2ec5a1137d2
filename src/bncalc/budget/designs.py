"""Measured models: every model that budgets are for, opened and measured once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bncalc.analysis import metric
from bncalc.analysis.measurement import measure
from bncalc.budget.budgets import Budgets
from bncalc.budget.coverage import Named
from bncalc.budget.parts import Numbers
from bncalc.change.versions import Side
from bncalc.errors import Problem, SpecError, UsageError
from bncalc.opening.model import Overrides, open_models


class Measured(NamedTuple):
    """One design of a model: `model` as it was named, `source` as the base may know it.

    `alone` is the name that opens this design alone.
    """

    model: str
    source: str
    alone: str
    side: Side
    numbers: Numbers

    @property
    def name(self) -> str:
        return self.numbers.report.name


def measured(names: Iterable[Named], budgets: Budgets) -> dict[str, list[Measured]]:
    """Return the designs of every model, by its name; raise one SpecError for all that is wrong."""
    found: dict[str, list[Measured]] = {}
    problems: list[Problem] = []
    for name, location in names:
        if name not in found:
            found[name] = []
            try:
                found[name] += _designs(name, budgets)
            except SpecError as error:
                problems += error.problems
            except UsageError as error:
                problems.append(Problem(location, str(error)))
    if problems:
        raise SpecError(problems)
    return found


def analyses(budgets: Budgets) -> tuple[str, ...]:
    """Return the analyses that the limits need, beyond the report itself."""
    active = [budget for budget in budgets.budgets if budget.level != "off"]
    words = [limit.metric for budget in active for limit in budget.limits]
    return metric.analyses([metric.METRICS[word] for word in words])


def _designs(name: str, budgets: Budgets) -> list[Measured]:
    """Return all designs of a name: each variant, each alternative."""
    found = []
    also = analyses(budgets)
    models = open_models(name, Overrides(input=budgets.input))
    for model in models:
        for design in model.designs:
            title = design.graph.name.removesuffix(model.name.echo)
            alone = str(model.name._replace(part=title))
            source = name if len(models) == 1 else alone
            alone = alone if model.alternatives else source
            report = measure(design.graph, budgets.assumptions, also)
            side = Side(report, model, design)
            found.append(Measured(name, source, alone, side, Numbers(report)))
    return found
