"""Expressions: a closed, spreadsheet-like language for the values of a file, never Python's eval.

Whole numbers stay exact; `/` gives a whole number where it divides, `round` rounds halves to even
as Python does, and lists are tuples. Conditions are true or false, and numbers are not conditions.
Cost is bounded by the limits below: no expression runs long, whatever it says.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, NoReturn, Protocol

from bncalc.errors import BncalcError, instead, suggest

MAX_LENGTH = 500
MAX_DEPTH = 50
MAX_MAGNITUDE = 10**18
MAX_EXPONENT = 64

Number = int | float
Value = bool | int | float | str | None | tuple["Value", ...]
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


def parse(text: str) -> Expression:
    """Parse the text that follows the `=`; raise ExpressionError where it is not an expression."""
    if len(text) > MAX_LENGTH:
        message = f"the expression has {len(text)} characters, more than {MAX_LENGTH}"
        raise ExpressionError(message, MAX_LENGTH)
    parser = _Parser(text)
    root = parser.expression()
    parser.expect("end")
    return Expression(text, frozenset(parser.names), root)


class Term(Protocol):
    """A part of an expression: where it stands and what it is worth."""

    @property
    def offset(self) -> int: ...

    def evaluate(self, names: Names) -> Value: ...


class _Constant(NamedTuple):
    value: Value
    offset: int

    def evaluate(self, names: Names) -> Value:
        return self.value


class _Name(NamedTuple):
    name: str
    offset: int

    def evaluate(self, names: Names) -> Value:
        if self.name not in names:
            known = f"; the names here are {', '.join(sorted(names))}" if names else ""
            hint = suggest(self.name, names) or known
            raise ExpressionError(f"unknown name '{self.name}'{hint}", self.offset)
        return _accept(names[self.name], self.name, self.offset)


class _List(NamedTuple):
    terms: tuple[Term, ...]
    offset: int

    def evaluate(self, names: Names) -> Value:
        return tuple([term.evaluate(names) for term in self.terms])


class _Unary(NamedTuple):
    sign: str
    term: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        value = self.term.evaluate(names)
        if self.sign == "not":
            return not _condition(value, "not", self.term.offset)
        number = _number(value, f"unary {self.sign}", self.term.offset)
        return -number if self.sign == "-" else number


class _Arithmetic(NamedTuple):
    sign: str
    left: Term
    right: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        left = _number(self.left.evaluate(names), self.sign, self.left.offset)
        right = _number(self.right.evaluate(names), self.sign, self.right.offset)
        try:
            result = _ARITHMETIC[self.sign](left, right)
        except ZeroDivisionError:
            message = f"division by zero: {_show(left)} {self.sign} {_show(right)}"
            raise ExpressionError(message, self.offset) from None
        except (ValueError, OverflowError) as error:
            message = f"{_show(left)} {self.sign} {_show(right)}: {error}"
            raise ExpressionError(message, self.offset) from None
        return _bounded(result, self.offset)


class _Comparison(NamedTuple):
    sign: str
    left: Term
    right: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        left, right = self.left.evaluate(names), self.right.evaluate(names)
        if self.sign in ("==", "!="):
            return (left == right) is (self.sign == "==")
        if isinstance(left, str) and isinstance(right, str):
            return _ORDER[self.sign](left, right)
        one = _number(left, self.sign, self.left.offset)
        return _ORDER[self.sign](one, _number(right, self.sign, self.right.offset))


class _Logic(NamedTuple):
    word: str
    left: Term
    right: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        left = _condition(self.left.evaluate(names), self.word, self.left.offset)
        if left is (self.word == "or"):
            return left
        return _condition(self.right.evaluate(names), self.word, self.right.offset)


class _Choice(NamedTuple):
    condition: Term
    chosen: Term
    otherwise: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        met = _condition(self.condition.evaluate(names), "if", self.condition.offset)
        return (self.chosen if met else self.otherwise).evaluate(names)


class _Index(NamedTuple):
    term: Term
    position: Term
    offset: int

    def evaluate(self, names: Names) -> Value:
        items, at = self.term.evaluate(names), self.position.evaluate(names)
        if not isinstance(items, tuple):
            raise ExpressionError(f"[ ] needs a list, not {_show(items)}", self.term.offset)
        if not isinstance(at, int) or isinstance(at, bool):
            message = f"a position in a list is a whole number, not {_show(at)}"
            raise ExpressionError(message, self.position.offset)
        if not -len(items) <= at < len(items):
            message = f"position {at} is outside a list of length {len(items)} (the first is 0)"
            raise ExpressionError(message, self.position.offset)
        return items[at]


class _Call(NamedTuple):
    name: str
    terms: tuple[Term, ...]
    offset: int

    def evaluate(self, names: Names) -> Value:
        values = tuple([term.evaluate(names) for term in self.terms])
        function = _FUNCTIONS[self.name]
        if function.spreads and len(values) == 1 and isinstance(values[0], tuple):
            values = values[0]
        elif self.name == "len" and len(values) == 1:
            raise ExpressionError(f"len needs a list, not {_show(values[0])}", self.offset)
        if self.name == "len":
            return len(values)
        numbers = [_number(value, self.name, self.offset) for value in values]
        try:
            return _bounded(function.apply(*numbers), self.offset)
        except ValueError as error:
            raise ExpressionError(f"{self.name}: {error}", self.offset) from None


def _accept(value: object, name: str, offset: int) -> Value:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return _bounded(value, offset)
    if isinstance(value, list | tuple):
        return tuple([_accept(item, name, offset) for item in value])
    kind = type(value).__name__
    raise ExpressionError(f"'{name}' is a {kind}, not a number, text or list", offset)


def _number(value: Value, what: str, offset: int) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ExpressionError(f"'{what}' needs a number, not {_show(value)}", offset)
    return value


def _condition(value: Value, word: str, offset: int) -> bool:
    if not isinstance(value, bool):
        message = f"'{word}' needs true or false, not {_show(value)}; compare it with something"
        raise ExpressionError(message, offset)
    return value


def _bounded(number: Number, offset: int) -> Number:
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


def _divide(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def _power(base: Number, exponent: Number) -> Number:
    if abs(exponent) > MAX_EXPONENT:
        raise ValueError(f"the exponent is beyond {MAX_EXPONENT}")
    result: object = base**exponent
    if not isinstance(result, int | float):
        raise ValueError("a negative number has no such root")
    return result


def _extreme(choose: Callable[[tuple[Number, ...]], Number]) -> Callable[..., Number]:
    def apply(*numbers: Number) -> Number:
        if not numbers:
            raise ValueError("the list is empty")
        return choose(numbers)

    return apply


def _divisible(x: Number, divisor: Number, minimum: Number | None = None) -> Number:
    """Round to a multiple, never below nine tenths: make_divisible of the MobileNet authors."""
    minimum = divisor if minimum is None else minimum
    if not (isinstance(divisor, int) and isinstance(minimum, int) and divisor > 0 <= minimum):
        raise ValueError(f"the divisor {divisor} and minimum {minimum} must be whole, at least 1")
    nearest = (2 * x + divisor) // 2 if isinstance(x, int) else int(x + divisor / 2)
    rounded = max(minimum, nearest // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * x else rounded


class _Function(NamedTuple):
    apply: Callable[..., Number]
    least: int = 1
    most: int = 1
    spreads: bool = False  # takes several arguments, or one list of them


_FUNCTIONS = {
    "min": _Function(_extreme(min), 1, MAX_LENGTH, spreads=True),
    "max": _Function(_extreme(max), 1, MAX_LENGTH, spreads=True),
    "sum": _Function(lambda *numbers: sum(numbers), 1, MAX_LENGTH, spreads=True),
    "len": _Function(lambda *items: len(items), 1, MAX_LENGTH, spreads=True),
    "round": _Function(round),
    "ceil": _Function(math.ceil),
    "floor": _Function(math.floor),
    "abs": _Function(abs),
    "divisible": _Function(_divisible, 2, 3),
}
_ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": _power,
}
_ORDER: dict[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
_RESERVED = frozenset(("and", "or", "not", "if", "else", *_WORDS))

# How tightly an operator holds what stands to its left; unary minus sits between * and **.
_CHOICE, _NOT, _COMPARISON, _UNARY, _POWER = 1, 4, 5, 8, 9
_STRENGTH = {
    **dict.fromkeys(("if",), _CHOICE),
    **dict.fromkeys(("or",), 2),
    **dict.fromkeys(("and",), 3),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _COMPARISON),
    **dict.fromkeys(("+", "-"), 6),
    **dict.fromkeys(("*", "/", "//", "%"), 7),
    **dict.fromkeys(("**",), _POWER),
}
_TOKEN = re.compile(
    r"[ \t\r\n]*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<sign>\*\*|//|[=!<>]=|[-+*/%<>()\[\],])|(?P<end>\Z))"
)


class _Token(NamedTuple):
    kind: str  # number, name, text, or the sign or reserved word itself
    text: str
    offset: int


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while True:
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            offset = len(text) - len(text[position:].lstrip(" \t\r\n"))
            raise ExpressionError(_stray(text[offset:]), offset)
        kind, written = found.lastgroup, found[found.lastgroup]
        if kind == "sign" or written in _RESERVED:
            kind = written
        yield _Token(kind, written, found.start(found.lastgroup))
        if kind == "end":
            return
        position = found.end()


def _stray(rest: str) -> str:
    if rest[0] in "'\"":
        return f"the quote {rest[0]} is not closed"
    instead = {"=": "==", "&": "and", "|": "or", "!": "not", "^": "**", ".": "a name without dots"}
    hint = f"; did you mean {instead[rest[0]]}?" if rest[0] in instead else ""
    return f"{rest[0]!r} cannot stand in an expression{hint}"


class _Parser:
    """Operator precedence, after Pratt: one loop, and as much recursion as there is nesting."""

    def __init__(self, text: str) -> None:
        self.names: set[str] = set()
        self._tokens = _tokens(text)
        self._token = next(self._tokens)
        self._depth = 0

    def expression(self, floor: int = 0) -> Term:
        """Parse what holds together more tightly than `floor`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f"the expression is nested deeper than {MAX_DEPTH} levels"
            raise ExpressionError(message, self._token.offset)
        left = self._prefix()
        while (strength := _STRENGTH.get(self._token.kind, 0)) > floor:
            left = self._infix(left, self._advance(), strength)
        self._depth -= 1
        return left

    def expect(self, kind: str) -> _Token:
        """Take a token of this kind, or say what stands in its place."""
        if self._token.kind != kind:
            self._refuse("an operator or the end" if kind == "end" else f"'{kind}'")
        return self._advance()

    def _advance(self) -> _Token:
        token = self._token
        if token.kind != "end":
            self._token = next(self._tokens)
        return token

    def _refuse(self, wanted: str) -> NoReturn:
        found = f"'{self._token.text}'" if self._token.text else "the end"
        raise ExpressionError(f"expected {wanted}, not {found}", self._token.offset)

    def _infix(self, left: Term, token: _Token, strength: int) -> Term:
        if token.kind == "if":
            condition = self.expression(_CHOICE)
            self.expect("else")
            return _Choice(condition, left, self.expression(_CHOICE - 1), token.offset)
        if token.kind == "**":  # to the right first: 2**3**2 is 2**9, and 2**-1 is a half
            return _Arithmetic("**", left, self.expression(_UNARY - 1), token.offset)
        right = self.expression(strength)
        if token.kind in ("and", "or"):
            return _Logic(token.kind, left, right, token.offset)
        if strength != _COMPARISON:
            return _Arithmetic(token.kind, left, right, token.offset)
        if _STRENGTH.get(self._token.kind) == _COMPARISON:
            message = "comparisons do not chain: write a < b and b < c"
            raise ExpressionError(message, self._token.offset)
        return _Comparison(token.kind, left, right, token.offset)

    def _prefix(self) -> Term:
        token = self._token
        if token.kind in ("+", "-", "not"):
            self._advance()
            strength = _NOT if token.kind == "not" else _UNARY
            return _Unary(token.kind, self.expression(strength - 1), token.offset)
        term = self._atom(token)
        while self._token.kind == "[":
            opening = self._advance()
            term = _Index(term, self.expression(), opening.offset)
            self.expect("]")
        return term

    def _atom(self, token: _Token) -> Term:
        if token.kind not in ("number", "text", "name", "(", "[", *_WORDS):
            self._refuse("a value")
        self._advance()
        if token.kind in ("number", "text", *_WORDS):
            return _Constant(_literal(token), token.offset)
        if token.kind == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if token.kind == "[":
            return _List(self._arguments("]"), token.offset)
        if self._token.kind == "(":
            return self._call(token)
        self.names.add(token.text)
        return _Name(token.text, token.offset)

    def _call(self, token: _Token) -> Term:
        function = _FUNCTIONS.get(token.text)
        if function is None:
            hint = instead(token.text, _FUNCTIONS)
            raise ExpressionError(f"unknown function '{token.text}'{hint}", token.offset)
        self._advance()
        terms = self._arguments(")")
        if not function.least <= len(terms) <= function.most:
            wanted = {1: "1 argument", 3: "2 or 3 arguments"}.get(function.most, "arguments")
            raise ExpressionError(f"{token.text} takes {wanted}, not {len(terms)}", token.offset)
        return _Call(token.text, terms, token.offset)

    def _arguments(self, closing: str) -> tuple[Term, ...]:
        terms: list[Term] = []
        while self._token.kind != closing:
            terms.append(self.expression())
            if self._token.kind != closing:
                self.expect(",")
        self._advance()
        return tuple(terms)


def _literal(token: _Token) -> Value:
    if token.kind == "text":
        return token.text[1:-1]
    if token.kind in _WORDS:
        return _WORDS[token.kind]
    number = int(token.text) if token.text.isdigit() else float(token.text)
    return _bounded(number, token.offset)
