"""The budget that a call spells out: `--max params=4M`."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc.budget.budgets import Budget, Budgets, Limit
from bncalc.budget.limit_reader import LimitReader, device_limits
from bncalc.budget.pattern import Pattern, pattern
from bncalc.errors import CALL, Problem, SpecError, UsageError
from bncalc.language.nodes import MappingNode, ScalarNode, YamlNode
from bncalc.model.device import Device

_NAME = "command line"


def inline(
    models: Iterable[str],
    most: Iterable[str],
    least: Iterable[str],
    growth: Iterable[str],
    device: Device | None = None,
) -> Budget:
    """Return a budget from METRIC=QUANTITY texts, and from the sizes of a device.

    Raises SpecError for all that is wrong in the texts.
    """
    problems: list[Problem] = []
    given = [("--max", most), ("--min", least), ("--max-growth", growth)]
    limits = tuple(
        limit
        for option, texts in given
        for text in texts
        for limit in _limit(option, text, problems)
    )
    if problems:
        raise SpecError(problems)
    if device is not None:
        limits = device_limits(device, CALL, limits)
    return Budget(_NAME, patterns(models), limits, location=CALL, device=device)


def with_device(budgets: Budgets, device: Device) -> Budgets:
    """Return budgets that hold their models to the sizes of a device as well."""
    limits = device_limits(device, CALL)
    further = {
        budget.models: Budget(
            f"{budget.name}, on {device.name}", budget.models, limits, location=CALL, device=device
        )
        for budget in budgets.budgets
        if budget.level != "off"
    }
    return budgets._replace(budgets=(*budgets.budgets, *further.values()))


def patterns(models: Iterable[str]) -> tuple[Pattern, ...]:
    """Return the models that a call names."""
    try:
        return tuple(pattern(model, CALL) for model in models)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _limit(option: str, text: str, problems: list[Problem]) -> tuple[Limit, ...]:
    metric, equals, amount = text.partition("=")
    if not equals:
        problems.append(Problem(CALL, f"{option} {text}: write METRIC=QUANTITY, such as params=4M"))
        return ()
    value: YamlNode = _scalar(amount)
    if option == "--min":
        value = MappingNode(((_scalar("min"), value),), CALL)
    wrong: list[Problem] = []
    limits = MappingNode(((_scalar(metric), value),), CALL)
    read = LimitReader(wrong).limits(limits, growth=option == "--max-growth", scope="model")
    problems += [
        problem._replace(message=f"{option} {text}: {problem.message}") for problem in wrong
    ]
    return read


def _scalar(text: str) -> ScalarNode:
    return ScalarNode(text.strip(), text.strip(), True, CALL)
