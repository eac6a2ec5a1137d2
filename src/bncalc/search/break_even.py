"""The break-even of a block: up to which value it has fewer params than what it replaces."""

from __future__ import annotations

from collections.abc import Mapping
from math import nextafter
from typing import Any

from bncalc.model.building import Defaults
from bncalc.model.field_types import Integer, Number
from bncalc.model.graph import Graph
from bncalc.model.net import graph_of
from bncalc.model.op import Block
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.number import is_number
from bncalc.search import terms as algebra
from bncalc.search.conditions import Requirement, statements
from bncalc.search.polynomial import Derivation
from bncalc.search.terms import Atom, Composite, Exact, Symbol, Terms
from bncalc.search.witness import terms_of


class BreakEven(NamedTuple):
    """A block saves while the value of `name` is below `share` times cin, or below `value`."""

    name: str
    value: float
    share: float | None


class ClosedForm(NamedTuple):
    """The params of a block in terms of the values given, and those of what it replaces."""

    atoms: tuple[Atom, ...]
    params: Terms
    plain: Terms | None
    conditions: tuple[Requirement, ...]
    break_evens: tuple[BreakEven, ...]


def closed_form(
    kind: type[Block], given: Mapping[str, Any], input: Shape, defaults: Defaults
) -> ClosedForm:
    """Derive the params of a block in terms of cin and of the numbers that are given."""
    derivation = Derivation()
    arriving = Shape(derivation.symbol("cin", input.channels), *input.space)  # type: ignore[arg-type]
    fields = {
        field.name: derivation.symbol(field.name, given[field.name])
        for field in kind.fields
        if isinstance(field.type, Integer | Number) or _is_optional(field.type)
        if is_number(given.get(field.name))
    }
    block = kind(**{**given, **fields})
    params = terms_of(_params(graph_of(block, arriving, defaults)))
    replaced = block.replaces(arriving)
    plain = None
    if replaced is not None and not isinstance(replaced, kind):
        plain = terms_of(_params(graph_of(replaced, arriving, defaults)))
    difference = algebra.plus(params, plain or {}, -1)
    return ClosedForm(
        atoms=tuple(derivation.values),
        params=params,
        plain=plain,
        conditions=tuple(statements(derivation.conditions)),
        break_evens=tuple(_break_evens(derivation, difference)) if plain else (),
    )


def _is_optional(type: object) -> bool:
    """Return whether a field is one number, or is left to the block."""
    return any(isinstance(each, Integer | Number) for each in getattr(type, "types", ()))


def _params(graph: Graph) -> Any:
    costs = [node.op.cost(graph.input_shapes(node), node.output) for node in graph.nodes]
    return sum([cost.params for cost in costs])


def _break_evens(derivation: Derivation, difference: Terms) -> list[BreakEven]:
    """Return the values at which a difference goes from below 0 to above it."""
    if any(isinstance(atom, Composite) for monomial in difference for atom, _ in monomial):
        return []
    cin, *others = [atom for atom in derivation.values if isinstance(atom, Symbol)]
    points = []
    for symbol in others:
        factors = _by_power(derivation, difference, symbol)
        if _turns_once(factors):
            value = _root(factors)
            share = value / derivation.values[cin] if _scales(difference, cin, symbol) else None
            points.append(BreakEven(symbol.name, value, share))
    return points


def _by_power(derivation: Derivation, terms: Terms, symbol: Symbol) -> dict[int, Exact]:
    """Return the factors of the powers of one symbol, the others at the witness."""
    factors: dict[int, Exact] = {}
    for monomial, factor in terms.items():
        power = dict(monomial).get(symbol, 0)
        rest = tuple([(atom, p) for atom, p in monomial if atom != symbol])
        worth = derivation.exact({rest: factor})
        factors[power] = factors.get(power, 0) + worth
    return dict(sorted(factors.items()))


def _turns_once(factors: Mapping[int, Exact]) -> bool:
    """Return whether a sum of powers is below 0 and then above it, by Descartes' rule of signs."""
    signs = [factor > 0 for factor in factors.values() if factor]
    return signs == sorted(signs) and len(set(signs)) == 2


def _root(factors: Mapping[int, Exact]) -> float:
    """Return where it turns, as the nearest float from below."""

    def below(x: float) -> bool:
        return sum(factor * x**power for power, factor in factors.items()) < 0

    low, high = 0.0, 1.0
    while below(high):
        low, high = high, high * 2
    while nextafter(low, high) < high:
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return low


def _scales(terms: Terms, cin: Symbol, symbol: Symbol) -> bool:
    """Return whether the value grows as cin does: all products have as many factors of both."""
    degrees = {sum(p for atom, p in monomial if atom in (cin, symbol)) for monomial in terms}
    return len(degrees) == 1
