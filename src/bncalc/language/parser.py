"""The parser of expressions: text becomes terms, by operator precedence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NoReturn

from bncalc.errors import ExpressionError, hint_for
from bncalc.language.expression import (
    Arithmetic,
    Conditional,
    Constant,
    Expression,
    ExpressionValue,
    FunctionCall,
    Logic,
    Name,
    Relation,
    Term,
    Unary,
    bounded,
)
from bncalc.language.functions import FUNCTIONS, OF_LISTS
from bncalc.language.lists import ForEach, Index, List, ListSlice
from bncalc.named import NamedTuple, new

MAX_LENGTH = 500
_MAX_DEPTH = 50


@lru_cache(maxsize=1_000)
def parse(text: str) -> Expression:
    """Parse the text that follows the `=`; raise ExpressionError where it is not an expression."""
    if len(text) > MAX_LENGTH:
        message = f"the expression has {len(text)} characters, more than {MAX_LENGTH}"
        raise ExpressionError(message, MAX_LENGTH)
    parser = _Parser(text)
    root = parser.expression()
    parser.expect("end")
    return Expression(text, frozenset(parser.names), root)


_WORDS: dict[str, ExpressionValue] = {"true": True, "false": False, "null": None}
_LITERALS = frozenset(("number", "text", *_WORDS))
_VALUES = _LITERALS | {"name", "(", "["}
_RESERVED = frozenset(("and", "or", "not", "if", "else", "for", "in", *_WORDS))

# How tightly an operator holds what stands to its left; unary minus sits between * and **.
_CHOICE, _NOT, _COMPARISON, _UNARY, _POWER = 1, 4, 5, 8, 9
_STRENGTH = {
    **dict.fromkeys(("if",), _CHOICE),
    **dict.fromkeys(("or",), 2),
    **dict.fromkeys(("and",), 3),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), _COMPARISON),
    **dict.fromkeys(("+", "-"), 6),
    **dict.fromkeys(("*", "/", "//", "%"), 7),
    **dict.fromkeys(("**",), _POWER),
}
_TOKEN = re.compile(
    r"[ \t\r\n]*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<sign>\*\*|//|[=!<>]=|[-+*/%<>()\[\],:])|(?P<end>\Z))"
)


class _Token(NamedTuple):
    kind: str  # number, name, text, or the sign or reserved word itself
    text: str
    offset: int


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            offset = len(text) - len(text[position:].lstrip(" \t\r\n"))
            raise ExpressionError(_stray(text[offset:]), offset)
        kind, written = match.lastgroup, match[match.lastgroup]
        if kind == "sign" or written in _RESERVED:
            kind = written
        yield new(_Token, (kind, written, match.start(match.lastgroup)))
        if kind == "end":
            return
        position = match.end()


def _stray(rest: str) -> str:
    if rest[0] in "'\"":
        return f"the quote {rest[0]} is not closed"
    meant = {"=": "==", "&": "and", "|": "or", "!": "not", "^": "**", ".": "a name without dots"}
    hint = f"; did you mean {meant[rest[0]]}?" if rest[0] in meant else ""
    return f"{rest[0]!r} is not allowed in an expression{hint}"


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
        if self._depth > _MAX_DEPTH:
            message = f"the expression is nested deeper than {_MAX_DEPTH} levels"
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
        seen = f"'{self._token.text}'" if self._token.text else "the end"
        raise ExpressionError(f"expected {wanted}, not {seen}", self._token.offset)

    def _infix(self, left: Term, token: _Token, strength: int) -> Term:
        if token.kind == "if":
            condition = self.expression(_CHOICE)
            self.expect("else")
            return Conditional(condition, left, self.expression(_CHOICE - 1), token.offset)
        if token.kind == "**":  # to the right first: 2**3**2 is 2**9, and 2**-1 is a half
            return Arithmetic("**", left, self.expression(_UNARY - 1), token.offset)
        right = self.expression(strength)
        if token.kind in ("and", "or"):
            return Logic(token.kind, left, right, token.offset)
        if strength != _COMPARISON:
            return Arithmetic(token.kind, left, right, token.offset)
        if _STRENGTH.get(self._token.kind) == _COMPARISON:
            message = "comparisons do not chain: write a < b and b < c"
            raise ExpressionError(message, self._token.offset)
        return Relation(token.kind, left, right, token.offset)

    def _prefix(self) -> Term:
        token = self._token
        if token.kind in ("+", "-", "not"):
            self._advance()
            strength = _NOT if token.kind == "not" else _UNARY
            return Unary(token.kind, self.expression(strength - 1), token.offset)
        term = self._atom(token)
        while self._token.kind == "[":
            term = self._within(term, self._advance())
        return term

    def _within(self, term: Term, opening: _Token) -> Term:
        """Parse a position or a slice, up to its bracket."""
        start = None if self._token.kind == ":" else self.expression()
        if start is not None and self._token.kind != ":":
            self.expect("]")
            return Index(term, start, opening.offset)
        self.expect(":")
        stop = None if self._token.kind == "]" else self.expression()
        self.expect("]")
        return ListSlice(term, start, stop, opening.offset)

    def _atom(self, token: _Token) -> Term:
        if token.kind not in _VALUES:
            self._refuse("a value")
        self._advance()
        if token.kind in _LITERALS:
            return Constant(_literal(token), token.offset)
        if token.kind == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if token.kind == "[":
            return self._list(token)
        if self._token.kind == "(":
            return self._call(token)
        self.names.add(token.text)
        return Name(token.text, token.offset)

    def _list(self, token: _Token) -> Term:
        """Parse a list, or `[value for name in list if condition]`."""
        outside, self.names = self.names, set()
        first = None if self._token.kind == "]" else self.expression()
        if first is None or self._token.kind != "for":
            if first is not None and self._token.kind != "]":
                self.expect(",")
            self.names |= outside
            return List(((first,) if first else ()) + self._arguments("]"), token.offset)
        self._advance()
        name = self.expect("name").text
        self.expect("in")
        inside, self.names = self.names, set()
        source = self.expression(_CHOICE)
        outside |= self.names
        self.names, wanted = inside, None
        if self._token.kind == "if":
            self._advance()
            wanted = self.expression()
        self.expect("]")
        self.names = outside | (self.names - {name})
        return ForEach(first, name, source, wanted, token.offset)

    def _call(self, token: _Token) -> Term:
        function = FUNCTIONS.get(token.text) or OF_LISTS.get(token.text)
        if function is None:
            hint = hint_for(token.text, (*FUNCTIONS, *OF_LISTS))
            raise ExpressionError(f"unknown function '{token.text}'{hint}", token.offset)
        self._advance()
        terms = self._arguments(")")
        if not function.least <= len(terms) <= function.most:
            wanted = _ARGUMENTS.get((function.least, function.most), "arguments")
            raise ExpressionError(f"{token.text} takes {wanted}, not {len(terms)}", token.offset)
        return FunctionCall(token.text, terms, token.offset)

    def _arguments(self, closing: str) -> tuple[Term, ...]:
        terms: list[Term] = []
        while self._token.kind != closing:
            terms.append(self.expression())
            if self._token.kind != closing:
                self.expect(",")
        self._advance()
        return tuple(terms)


_ARGUMENTS = {
    (1, 1): "1 argument",
    (2, 2): "2 arguments",
    (1, 2): "1 or 2 arguments",
    (2, 3): "2 or 3 arguments",
    (1, 3): "1 to 3 arguments",
}


def _literal(token: _Token) -> ExpressionValue:
    if token.kind == "text":
        return token.text[1:-1]
    if token.kind in _WORDS:
        return _WORDS[token.kind]
    number = int(token.text) if token.text.isdigit() else float(token.text)
    return bounded(number, token.offset)
