"""Rules: values that expressions compute from those that vary, and conditions that designs keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bncalc.errors import ExpressionError, UsageError
from bncalc.language.expression import Expression
from bncalc.language.parser import parse
from bncalc.named import NamedTuple


class SpaceRule(NamedTuple):
    """A name and the expression of its value; of a condition the name is empty."""

    name: str
    expression: Expression

    def value(self, values: Mapping[str, Any]) -> Any:
        """Return what it comes to; raise UsageError where it comes to nothing."""
        try:
            return self.expression.evaluate(values)
        except ExpressionError as error:
            what = f"{self.name} = " if self.name else ""
            raise UsageError(f"{what}{self.expression.text}: {error.message}") from None

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether a condition holds; raise UsageError where it is neither true nor false."""
        answer = self.value(values)
        if not isinstance(answer, bool):
            raise UsageError(f"{self.expression.text} is {answer}; a condition is true or false")
        return answer


def rule_of(text: str) -> SpaceRule:
    """Read NAME=EXPRESSION; raise UsageError where it cannot be read."""
    name, equals, expression = text.partition("=")
    if not equals or not name.strip() or expression.startswith("="):
        raise UsageError(f"--tie {text}: write NAME=EXPRESSION, as in width=1.1**phi")
    return SpaceRule(name.strip(), parsed(f"--tie {text}", expression))


def condition_of(text: str) -> SpaceRule:
    """Read an expression that is true or false of a design."""
    return SpaceRule("", parsed(f"--where {text}", text))


def parsed(where: str, text: str) -> Expression:
    """Parse an expression, with or without the `=` that it has in a file."""
    try:
        return parse(text.strip().removeprefix("="))
    except ExpressionError as error:
        raise UsageError(f"{where}: {error.message}") from None
