"""The budget that a call spells out: `--max params=4M`."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc.budget.budgets import Budget, Limit
from bncalc.budget.limits import LimitReader
from bncalc.budget.pattern import Pattern, pattern
from bncalc.errors import Location, Problem, UsageError
from bncalc.language.source import Mapping, Node, Scalar

NAME = "command line"
_PLACE = Location("the command line")


def inline(
    models: Iterable[str], most: Iterable[str], least: Iterable[str], growth: Iterable[str]
) -> Budget:
    """Return a budget from METRIC=QUANTITY texts; raise UsageError for what is wrong in one."""
    limits = [
        *(_limit("--max", text) for text in most),
        *(_limit("--min", text) for text in least),
        *(_limit("--max-growth", text) for text in growth),
    ]
    return Budget(NAME, patterns(models), tuple(limits), location=_PLACE)


def patterns(models: Iterable[str]) -> tuple[Pattern, ...]:
    """Return the models that a call names."""
    try:
        return tuple(pattern(one, _PLACE) for one in models)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _limit(option: str, text: str) -> Limit:
    metric, equals, amount = text.partition("=")
    if not equals:
        raise UsageError(f"{option} {text}: write METRIC=QUANTITY, such as params=4M")
    value: Node = _scalar(amount)
    if option == "--min":
        value = Mapping(((_scalar("min"), value),), _PLACE)
    problems: list[Problem] = []
    growth = option == "--max-growth"
    limits = Mapping(((_scalar(metric), value),), _PLACE)
    found = LimitReader(problems).limits(limits, growth=growth, scope="model")
    if problems:
        raise UsageError(f"{option} {text}: {problems[0].message}")
    return found[0]


def _scalar(text: str) -> Scalar:
    return Scalar(text.strip(), text.strip(), True, _PLACE)
