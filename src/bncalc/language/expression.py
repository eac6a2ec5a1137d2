"""Expressions: a closed, spreadsheet-like language for the values of a file, never Python's eval.

Whole numbers stay exact; `/` gives a whole number where it divides, `round` rounds halves to even
as Python does, and lists are tuples. Conditions are true or false, and numbers are not conditions.
Cost is bounded by the limits below: no expression runs long, whatever it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bncalc.errors import ExpressionError, some_of, suggest
from bncalc.language.functions import ARITHMETIC, FUNCTIONS, LISTS, OF_LISTS, ORDER, RealNumber
from bncalc.named import NamedTuple
from bncalc.number import is_number

MAX_MAGNITUDE = 10**18

ExpressionValue = (
    bool | int | float | str | None | tuple["ExpressionValue", ...] | Mapping[str, object]
)
KnownNames = Mapping[str, object]


class Expression(NamedTuple):
    """A parsed expression and the names it asks for."""

    text: str
    names: frozenset[str]
    root: Term

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        """Return the value under these names; raise ExpressionError where there is none."""
        return self.root.evaluate(names)


class Term(Protocol):
    """A part of an expression: where it stands and what it is worth."""

    @property
    def offset(self) -> int: ...

    def evaluate(self, names: KnownNames) -> ExpressionValue: ...


class Constant(NamedTuple):
    value: ExpressionValue
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        return self.value


class Name(NamedTuple):
    name: str
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        if self.name not in names:
            known = f"; the names here are {some_of(sorted(names))}" if names else ""
            hint = suggest(self.name, names) or known
            raise ExpressionError(f"unknown name '{self.name}'{hint}", self.offset)
        return accepted(names[self.name], self.name, self.offset)


class Unary(NamedTuple):
    sign: str
    term: Term
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        value = self.term.evaluate(names)
        if self.sign == "not":
            return not condition(value, "not", self.term.offset)
        number = _number(value, f"unary {self.sign}", self.term.offset)
        return -number if self.sign == "-" else number


class Arithmetic(NamedTuple):
    sign: str
    left: Term
    right: Term
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        values = self.left.evaluate(names), self.right.evaluate(names)
        if isinstance(values[0], tuple) or isinstance(values[1], tuple):
            try:
                joined: ExpressionValue = LISTS[self.sign](*values)
            except (KeyError, TypeError, ValueError):
                message = f"{self.sign} cannot join {shown(values[0])} and {shown(values[1])}"
                raise ExpressionError(message, self.offset) from None
            return joined
        left = _number(values[0], self.sign, self.left.offset)
        right = _number(values[1], self.sign, self.right.offset)
        try:
            result = ARITHMETIC[self.sign](left, right)
        except ZeroDivisionError:
            message = f"division by zero: {shown(left)} {self.sign} {shown(right)}"
            raise ExpressionError(message, self.offset) from None
        except (ValueError, OverflowError) as error:
            message = f"{shown(left)} {self.sign} {shown(right)}: {error}"
            raise ExpressionError(message, self.offset) from None
        return bounded(result, self.offset)


class Relation(NamedTuple):
    sign: str
    left: Term
    right: Term
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        left, right = self.left.evaluate(names), self.right.evaluate(names)
        if self.sign == "in":
            if not isinstance(right, tuple):
                raise ExpressionError(f"'in' needs a list, not {shown(right)}", self.right.offset)
            return left in right
        if self.sign in ("==", "!="):
            return bool(left == right) is (self.sign == "==")
        if isinstance(left, str) and isinstance(right, str):
            return ORDER[self.sign](left, right)
        numbers = (
            _number(left, self.sign, self.left.offset),
            _number(right, self.sign, self.right.offset),
        )
        return bool(ORDER[self.sign](*numbers))


class Logic(NamedTuple):
    word: str
    left: Term
    right: Term
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        left = condition(self.left.evaluate(names), self.word, self.left.offset)
        if left is (self.word == "or"):
            return left
        return condition(self.right.evaluate(names), self.word, self.right.offset)


class Conditional(NamedTuple):
    condition: Term
    chosen: Term
    otherwise: Term
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        met = condition(self.condition.evaluate(names), "if", self.condition.offset)
        return (self.chosen if met else self.otherwise).evaluate(names)


class FunctionCall(NamedTuple):
    name: str
    terms: tuple[Term, ...]
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        values = tuple([term.evaluate(names) for term in self.terms])
        if self.name in OF_LISTS:
            return self.of_lists(values)
        function = FUNCTIONS[self.name]
        if function.spreads and len(values) == 1 and isinstance(values[0], tuple):
            values = values[0]
        numbers = [_number(value, self.name, self.offset) for value in values]
        try:
            return bounded(function.apply(*numbers), self.offset)
        except (ValueError, OverflowError) as error:
            raise ExpressionError(f"{self.name}: {error}", self.offset) from None

    def of_lists(self, values: tuple[ExpressionValue, ...]) -> ExpressionValue:
        try:
            value: ExpressionValue = OF_LISTS[self.name].apply(*values)
        except (ValueError, TypeError) as error:
            given = ", ".join(map(shown, values))
            message = f"{self.name} cannot take {given}: {error}"
            if self.name != "range" and not isinstance(values[0], tuple):
                message = f"{self.name} needs a list, not {shown(values[0])}"
            raise ExpressionError(message, self.offset) from None
        return value


def accepted(value: object, name: str, offset: int) -> ExpressionValue:
    """Return a value that an expression can use; raise ExpressionError for any other."""
    if value is None or isinstance(value, bool | str):
        return value
    if is_number(value):
        return bounded(value, offset)
    if isinstance(value, tuple | Mapping):  # items are looked at when they are used
        return value
    if isinstance(value, list):
        return tuple(value)
    if reason := getattr(value, "reason", ""):
        raise ExpressionError(reason, offset)
    kind = type(value).__name__
    raise ExpressionError(f"'{name}' is a {kind}, not a number, text or list", offset)


def _number(value: ExpressionValue, what: str, offset: int) -> RealNumber:
    if not is_number(value):
        raise ExpressionError(f"'{what}' needs a number, not {shown(value)}", offset)
    return value


def condition(value: ExpressionValue, word: str, offset: int) -> bool:
    """Return a truth; raise ExpressionError for what is neither true nor false."""
    if not isinstance(value, bool):
        message = f"'{word}' needs true or false, not {shown(value)}; compare it with something"
        raise ExpressionError(message, offset)
    return value


def bounded(number: RealNumber, offset: int) -> RealNumber:
    """Return a number; raise ExpressionError for one that is too large or not finite."""
    if not -MAX_MAGNITUDE <= number <= MAX_MAGNITUDE:  # as nan is not, either
        exponent = MAX_MAGNITUDE.bit_length() * 3 // 10
        raise ExpressionError(f"a number here is not finite, or beyond 10^{exponent}", offset)
    return number


def shown(value: ExpressionValue) -> str:
    """Write a value as messages do."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, tuple):
        items = ", ".join(map(shown, value[:6]))
        return f"the list [{items}{', …' if len(value) > 6 else ''}]"
    return f"the text {value[:40]!r}" if isinstance(value, str) else str(value)
