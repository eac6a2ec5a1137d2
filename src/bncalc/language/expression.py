"""Expressions: a closed, spreadsheet-like language for the values of a file, never Python's eval.

Whole numbers stay exact; `/` gives a whole number where it divides, `round` rounds halves to even
as Python does, and lists are tuples. Conditions are true or false, and numbers are not conditions.
Cost is bounded by the limits below: no expression runs long, whatever it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from bncalc.errors import BncalcError, suggest
from bncalc.language.functions import ARITHMETIC, FUNCTIONS, ORDER, Number
from bncalc.number import is_number, is_whole

MAX_MAGNITUDE = 10**18

Value = bool | int | float | str | None | tuple["Value", ...] | Mapping[str, object]
Names = Mapping[str, object]


class ExpressionError(BncalcError):
    """An expression cannot be read or has no value; `offset` counts from 0 into its text."""

    def __init__(self, message: str, offset: int) -> None:
        self.message = message
        self.offset = offset
        super().__init__(message)


class Expression(NamedTuple):
    """A parsed expression and the names it asks for."""

    text: str
    names: frozenset[str]
    root: Term

    def evaluate(self, names: Names) -> Value:
        """Return the value under these names; raise ExpressionError where there is none."""
        return self.root.evaluate(names)


class Term(Protocol):
    """A part of an expression: where it stands and what it is worth."""

    @property
    def offset(self) -> int: ...

    def evaluate(self, names: Names) -> Value: ...


class Constant(NamedTuple):
    value: Value
    offset: int

    def evaluate(self, names: Names) -> Value:
        return self.value


class Name(NamedTuple):
    name: str
    offset: int

    def evaluate(self, names: Names) -> Value:
        if self.name not in names:
            known = f"; the names here are {', '.join(sorted(names))}" if names else ""
            hint = suggest(self.name, names) or known
            raise ExpressionError(f"unknown name '{self.name}'{hint}", self.offset)
        return _accept(names[self.name], self.name, self.offset)


class List(NamedTuple):
    terms: tuple[Term, ...]
    offset: int

    def evaluate(self, names: Names) -> Value:
        return tuple([term.evaluate(names) for term in self.terms])


class Unary(NamedTuple):
    sign: str
    term: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        value = self.term.evaluate(names)
        if self.sign == "not":
            return not _condition(value, "not", self.term.offset)
        number = _number(value, f"unary {self.sign}", self.term.offset)
        return -number if self.sign == "-" else number


class Arithmetic(NamedTuple):
    sign: str
    left: Term
    right: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        left = _number(self.left.evaluate(names), self.sign, self.left.offset)
        right = _number(self.right.evaluate(names), self.sign, self.right.offset)
        try:
            result = ARITHMETIC[self.sign](left, right)
        except ZeroDivisionError:
            message = f"division by zero: {_show(left)} {self.sign} {_show(right)}"
            raise ExpressionError(message, self.offset) from None
        except (ValueError, OverflowError) as error:
            message = f"{_show(left)} {self.sign} {_show(right)}: {error}"
            raise ExpressionError(message, self.offset) from None
        return bounded(result, self.offset)


class Comparison(NamedTuple):
    sign: str
    left: Term
    right: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        left, right = self.left.evaluate(names), self.right.evaluate(names)
        if self.sign in ("==", "!="):
            return bool(left == right) is (self.sign == "==")
        if isinstance(left, str) and isinstance(right, str):
            return ORDER[self.sign](left, right)
        one = _number(left, self.sign, self.left.offset)
        return bool(ORDER[self.sign](one, _number(right, self.sign, self.right.offset)))


class Logic(NamedTuple):
    word: str
    left: Term
    right: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        left = _condition(self.left.evaluate(names), self.word, self.left.offset)
        if left is (self.word == "or"):
            return left
        return _condition(self.right.evaluate(names), self.word, self.right.offset)


class Choice(NamedTuple):
    condition: Term
    chosen: Term
    otherwise: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        met = _condition(self.condition.evaluate(names), "if", self.condition.offset)
        return (self.chosen if met else self.otherwise).evaluate(names)


class Index(NamedTuple):
    term: Term
    position: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        items, at = self.term.evaluate(names), self.position.evaluate(names)
        if not isinstance(items, tuple):
            raise ExpressionError(f"[ ] needs a list, not {_show(items)}", self.term.offset)
        if not is_whole(at):
            message = f"a position in a list is a whole number, not {_show(at)}"
            raise ExpressionError(message, self.position.offset)
        if not -len(items) <= at < len(items):
            message = f"position {at} is outside a list of length {len(items)} (the first is 0)"
            raise ExpressionError(message, self.position.offset)
        return items[at]


class Call(NamedTuple):
    name: str
    terms: tuple[Term, ...]
    offset: int

    def evaluate(self, names: Names) -> Value:
        values = tuple([term.evaluate(names) for term in self.terms])
        function = FUNCTIONS[self.name]
        if function.spreads and len(values) == 1 and isinstance(values[0], tuple):
            values = values[0]
        elif self.name == "len" and len(values) == 1:
            raise ExpressionError(f"len needs a list, not {_show(values[0])}", self.offset)
        if self.name == "len":
            return len(values)
        numbers = [_number(value, self.name, self.offset) for value in values]
        try:
            return bounded(function.apply(*numbers), self.offset)
        except ValueError as error:
            raise ExpressionError(f"{self.name}: {error}", self.offset) from None


def _accept(value: object, name: str, offset: int) -> Value:
    if value is None or isinstance(value, bool | str):
        return value
    if is_number(value):
        return bounded(value, offset)
    if isinstance(value, list | tuple):
        return tuple([_accept(item, name, offset) for item in value])
    if isinstance(value, Mapping):  # an act or a block with its arguments, handed on as it is
        return value
    if reason := getattr(value, "reason", ""):
        raise ExpressionError(reason, offset)
    kind = type(value).__name__
    raise ExpressionError(f"'{name}' is a {kind}, not a number, text or list", offset)


def _number(value: Value, what: str, offset: int) -> Number:
    if not is_number(value):
        raise ExpressionError(f"'{what}' needs a number, not {_show(value)}", offset)
    return value


def _condition(value: Value, word: str, offset: int) -> bool:
    if not isinstance(value, bool):
        message = f"'{word}' needs true or false, not {_show(value)}; compare it with something"
        raise ExpressionError(message, offset)
    return value


def bounded(number: Number, offset: int) -> Number:
    if not -MAX_MAGNITUDE <= number <= MAX_MAGNITUDE:  # as nan is not, either
        exponent = MAX_MAGNITUDE.bit_length() * 3 // 10
        raise ExpressionError(f"a number here is not finite, or beyond 10^{exponent}", offset)
    return number


def _show(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, tuple):
        shown = ", ".join(_show(item) for item in value[:6])
        return f"the list [{shown}{', …' if len(value) > 6 else ''}]"
    return f"the text {value[:40]!r}" if isinstance(value, str) else str(value)
