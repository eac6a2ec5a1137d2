"""Lists in expressions: positions, slices, and a value for each item."""

from __future__ import annotations

from collections import ChainMap

from bncalc.errors import ExpressionError
from bncalc.language.expression import ExpressionValue, KnownNames, Term, accepted, condition, shown
from bncalc.language.functions import MAX_ITEMS, leaves
from bncalc.named import NamedTuple
from bncalc.number import is_whole


class List(NamedTuple):
    terms: tuple[Term, ...]
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        return _bounded(tuple([term.evaluate(names) for term in self.terms]), self.offset)


class Index(NamedTuple):
    term: Term
    position: Term
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        items, at = _items(self.term, names), self.position.evaluate(names)
        if not is_whole(at):
            message = f"a position in a list is a whole number, not {shown(at)}"
            raise ExpressionError(message, self.position.offset)
        if not -len(items) <= at < len(items):
            message = f"position {at} is outside a list of length {len(items)} (the first is 0)"
            raise ExpressionError(message, self.position.offset)
        return accepted(items[at], "an item", self.offset)


class ListSlice(NamedTuple):
    term: Term
    start: Term | None
    stop: Term | None
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        items = _items(self.term, names)
        return items[self.end(self.start, names) : self.end(self.stop, names)]

    def end(self, term: Term | None, names: KnownNames) -> int | None:
        if term is None:
            return None
        at = term.evaluate(names)
        if not is_whole(at):
            message = f"a position in a list is a whole number, not {shown(at)}"
            raise ExpressionError(message, term.offset)
        return at


class ForEach(NamedTuple):
    """`[value for name in source if wanted]`."""

    value: Term
    name: str
    source: Term
    wanted: Term | None
    offset: int

    def evaluate(self, names: KnownNames) -> ExpressionValue:
        values = []
        steps = names.steps if isinstance(names, _Scope) else [0]
        for item in _items(self.source, names, "'for'"):
            steps[0] += 1
            if steps[0] > MAX_ITEMS:
                raise ExpressionError(f"more than {MAX_ITEMS:,} values in a list", self.offset)
            scope = _within(names, self.name, accepted(item, self.name, self.offset), steps)
            if self.wanted is None or condition(
                self.wanted.evaluate(scope), "if", self.wanted.offset
            ):
                values.append(self.value.evaluate(scope))
        return _bounded(tuple(values), self.offset)


class _Scope(ChainMap[str, object]):
    """The names within a list, and how many items have been worked out in the outermost one."""

    steps: list[int]


def _within(names: KnownNames, name: str, value: ExpressionValue, steps: list[int]) -> _Scope:
    scope = _Scope({name: value}, names)  # type: ignore[arg-type] # only the first is written to
    scope.steps = steps
    return scope


def _items(term: Term, names: KnownNames, what: str = "[ ]") -> tuple[ExpressionValue, ...]:
    items = term.evaluate(names)
    if not isinstance(items, tuple):
        raise ExpressionError(f"{what} needs a list, not {shown(items)}", term.offset)
    return items


def _bounded(items: tuple[ExpressionValue, ...], offset: int) -> ExpressionValue:
    if leaves(items) > MAX_ITEMS:
        raise ExpressionError(f"the list has more than {MAX_ITEMS:,} values", offset)
    return items
