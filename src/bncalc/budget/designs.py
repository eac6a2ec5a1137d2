"""Designs: every design that budgets are for, opened and measured once."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc.analysis import metric
from bncalc.budget.budgets import Budgets
from bncalc.budget.coverage import Named
from bncalc.budget.parts import Numbers
from bncalc.change.version import Version, part_of, versions
from bncalc.errors import Problem, SpecError, UsageError
from bncalc.named import NamedTuple
from bncalc.opening.model import Overrides, open_models
from bncalc.opening.name import ModelName


class Measured(NamedTuple):
    """A design of a model: `model` as it was named, and the name that opens this design alone."""

    model: str
    alone: ModelName
    version: Version
    numbers: Numbers

    @property
    def name(self) -> str:
        return self.numbers.report.name


def measured(names: Iterable[Named], budgets: Budgets) -> dict[str, list[Measured]]:
    """Return the designs of every model, by its name; raise one SpecError for all that is wrong."""
    designs: dict[str, list[Measured]] = {}
    problems: list[Problem] = []
    also = analyses(budgets)
    for name, location in names:
        if str(name) not in designs:
            designs[str(name)] = []
            try:
                designs[str(name)] += _designs(name, budgets, also)
            except SpecError as error:
                problems += error.problems
            except UsageError as error:
                problems.append(Problem(location, str(error)))
    if problems:
        raise SpecError(problems)
    return designs


def analyses(budgets: Budgets) -> tuple[str, ...]:
    """Return the analyses that the limits need, beyond the report itself."""
    active = [budget for budget in budgets.budgets if budget.level != "off"]
    words = [limit.metric for budget in active for limit in budget.limits]
    return metric.analyses([metric.METRICS[word] for word in words])


def _designs(name: ModelName, budgets: Budgets, also: tuple[str, ...]) -> list[Measured]:
    """Return all designs of a name: each variant, each alternative."""
    designs = []
    for model in open_models(name, Overrides(input=budgets.input)):
        for version in versions(model, budgets.assumptions, also):
            assert version.design is not None
            alone = model.name._replace(part=part_of(model, version.design) or model.name.part)
            designs.append(Measured(str(name), alone, version, Numbers(version.report)))
    return designs
