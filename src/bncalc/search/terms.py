"""Terms: sums of products of what is varied, with exact factors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import lcm
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction  # takes as long to load as a block to work out

Exact: TypeAlias = "int | Fraction"


class Symbol(NamedTuple):
    """A value that is varied; `order` is its place among the others, `least` its lowest value."""

    order: int
    name: str
    least: int
    whole: bool


class Composite(NamedTuple):
    """A number that is no sum of products, named by what makes it: two alike are one.

    `function` is `floor` or `ceiling` (of a quotient), `ratio`, `rest`, `ceil`, `round`, `power`,
    `divisible`, `max`, `min`, or one of a single number such as `sqrt`; the arguments are terms. It
    comes after all symbols, in the order of its making.
    """

    order: int
    function: str
    arguments: tuple[Frozen, ...]
    least: int = 0
    whole: bool = True


Atom = Symbol | Composite
Monomial = tuple[tuple[Atom, int], ...]
"""Atoms in their order, each with its power; a power below 0 divides, and without a rest."""
Frozen = tuple[tuple[Monomial, Exact], ...]
Terms = Mapping[Monomial, Exact]
ONE: Terms = {(): 1}


def frozen(terms: Terms) -> Frozen:
    """Return terms as a value that compares and is a key."""
    return tuple(sorted(terms.items(), key=lambda term: sort_key(term[0])))


def sort_key(monomial: Monomial) -> tuple[object, ...]:
    """Return where a product stands in a sum: the highest powers first, then by the alphabet."""
    degree = sum(power for _, power in monomial)
    return -degree, [(atom.order, -power) for atom, power in monomial]


def atoms_in(terms: Terms) -> set[Atom]:
    """Return the atoms in terms, and those in the arguments of parts."""
    atoms: set[Atom] = set()
    for monomial in terms:
        for atom, _ in monomial:
            atoms.add(atom)
            if isinstance(atom, Composite):
                atoms.update(*[atoms_in(dict(argument)) for argument in atom.arguments])
    return atoms


def constant(terms: Terms) -> Exact | None:
    """Return the number that terms without anything varied come to; None of other terms."""
    if not terms:
        return 0
    return terms[()] if list(terms) == [()] else None


def tidy(terms: Terms) -> dict[Monomial, Exact]:
    """Return the terms whose factors are not 0, whole factors as ints."""
    return {monomial: plain(factor) for monomial, factor in terms.items() if factor}


def plain(number: Exact) -> Exact:
    """Return a whole fraction as an int."""
    return int(number) if number.denominator == 1 else number


def quotient(number: Exact, divisor: Exact) -> Exact:
    """Return an exact quotient."""
    if isinstance(number, int) and isinstance(divisor, int) and number % divisor == 0:
        return number // divisor
    from fractions import Fraction

    return plain(Fraction(number) / divisor)


def exact(number: int | float) -> Exact:
    """Return a number as it is written: 0.1 is a tenth."""
    if isinstance(number, int):
        return number
    from fractions import Fraction

    return plain(Fraction(repr(number)))


def plus(left: Terms, right: Terms, times: Exact = 1) -> dict[Monomial, Exact]:
    """Return left + times · right."""
    terms = dict(left)
    for monomial, factor in right.items():
        terms[monomial] = terms.get(monomial, 0) + factor * times
    return tidy(terms)


def product(left: Terms, right: Terms) -> dict[Monomial, Exact]:
    """Return left · right."""
    terms: dict[Monomial, Exact] = {}
    for ours, a in left.items():
        for theirs, b in right.items():
            monomial = joined(ours, theirs)
            terms[monomial] = terms.get(monomial, 0) + a * b
    return tidy(terms)


def joined(left: Monomial, right: Monomial) -> Monomial:
    """Return the product of two products."""
    if not left or not right:
        return left or right
    powers = dict(left)
    for atom, power in right:
        powers[atom] = powers.get(atom, 0) + power
    ordered = sorted(powers.items(), key=lambda item: item[0].order)
    return tuple([(atom, power) for atom, power in ordered if power])


def over(terms: Terms, divisor: Terms) -> dict[Monomial, Exact] | None:
    """Return the exact quotient by a single product, or of two multiples; None of others."""
    if len(divisor) == 1:
        ((monomial, factor),) = divisor.items()
        inverse = tuple([(atom, -power) for atom, power in monomial])
        return product(terms, {inverse: quotient(1, factor)})
    first = next(iter(divisor), None)
    if first is None or first not in terms:
        return None
    times = quotient(terms[first], divisor[first])
    return None if plus(terms, divisor, -times) else {(): times}


def shared(terms: Terms) -> Monomial:
    """Return the product of what every product of a sum has."""
    rest = iter(terms)
    powers = dict(next(rest, ()))
    for monomial in rest:
        others = dict(monomial)
        powers = {atom: min(p, others[atom]) for atom, p in powers.items() if atom in others}
    return tuple([(atom, power) for atom, power in powers.items() if power > 0])


def is_whole(terms: Terms) -> bool:
    """Return whether the terms come to a whole number in every design."""
    return all(
        isinstance(factor, int) and all(atom.whole and power > 0 for atom, power in monomial)
        for monomial, factor in terms.items()
    )


def is_multiple(terms: Terms, divisor: int) -> bool:
    """Return whether each product is a multiple of a number, by its factor or by how it is made."""
    return is_whole(terms) and all(
        factor % divisor == 0
        or any(
            isinstance(atom, Composite)
            and atom.function == "divisible"
            and (constant(dict(atom.arguments[1])) or 1) % divisor == 0
            for atom, _ in monomial
        )
        for monomial, factor in terms.items()
    )


def evaluated(terms: Terms, value: Callable[[Atom], Any]) -> Any:
    """Return what terms come to where atoms have these values: exact numbers, or lanes."""
    total: Any = 0
    for monomial, factor in terms.items():
        term: Any = factor
        for atom, power in monomial:
            term = term * value(atom) ** power
        total += term
    return total


def settled(terms: Terms, by: int) -> tuple[dict[Monomial, Exact], dict[Monomial, Exact], int]:
    """Take ⌊terms / by⌋ apart: what divides, what is left, and by what that is divided.

    Fractions are multiplied out, and ⌊(⌊a / b⌋ + c) / d⌋ is ⌊(a + b·c) / (b·d)⌋.
    """
    common = lcm(*[factor.denominator for factor in terms.values()])
    by *= common
    outside: dict[Monomial, Exact] = {}
    inside: dict[Monomial, Exact] = {}
    for monomial, factor in terms.items():
        whole, rest = divmod(int(factor * common), by)
        divides = all(atom.whole and power > 0 for atom, power in monomial)
        if not divides or (monomial and rest):
            whole, rest = 0, int(factor * common)
        outside[monomial], inside[monomial] = whole, rest
    inside = tidy(inside)
    inner = [atom for monomial in inside for atom, _ in monomial]
    if len(inner) == 1 and is_floor(inner[0]) and inside.get(((inner[0], 1),)) == 1:
        first, divisor = map(dict, inner[0].arguments)
        offset = inside.get((), 0)
        below = constant(divisor)
        assert isinstance(below, int)
        return tidy(outside), plus(first, {(): offset * below}), by * below
    return tidy(outside), inside, by


def is_floor(atom: Atom) -> TypeGuard[Composite]:
    """Return whether an atom is ⌊a / b⌋ of a whole number b."""
    if isinstance(atom, Composite) and atom.function == "floor":
        return isinstance(constant(dict(atom.arguments[1])), int)
    return False
