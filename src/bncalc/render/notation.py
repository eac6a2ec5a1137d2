"""Notation: formulas as text, LaTeX or Python, the named parts of each with what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from keyword import iskeyword
from math import lcm

from bncalc.named import NamedTuple
from bncalc.search import terms as algebra
from bncalc.search.break_even import BreakEven, ClosedForm
from bncalc.search.conditions import Requirement
from bncalc.search.terms import Atom, Composite, Exact, Monomial, Symbol, Terms

_INLINE = ("max", "min", "rest")
"""Functions whose parts are written where they stand, and get no name."""
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RESERVED = frozenset(("ceil", "divisible", "exp", "log", "max", "min", "round", "sqrt"))
"""Names that Python needs for what they stand for."""
_SIZES = frozenset(("h", "w", "size"))
_PRIMES = ("", "′", "″", "‴", "⁗")


class NotationStyle(NamedTuple):
    """How one notation writes products, powers, quotients and functions."""

    times: str
    power: str
    over: str
    floor: str
    ceil: str
    floored: str
    thousands: str
    call: str
    joined: Mapping[str, str]
    signs: Mapping[str, str]


TEXT = NotationStyle(
    "·", "{0}{1}", "{0}/{1}", "⌊{0}/{1}⌋", "⌈{0}/{1}⌉", "⌊{0}⌋", ",", "{0}({1})",
    {"rest": "({0} mod {1})", "ratio": "({0}/{1})", "power": "({0}**{1})"},
    dict(zip("≥>≤<=≠", "≥>≤<=≠", strict=True)),
)  # fmt: skip
LATEX = NotationStyle(
    r"\,", "{0}^{{{1}}}", r"\frac{{{0}}}{{{1}}}",
    r"\left\lfloor \frac{{{0}}}{{{1}}} \right\rfloor",
    r"\left\lceil \frac{{{0}}}{{{1}}} \right\rceil", r"\lfloor {0} \rfloor",
    "{,}", r"\operatorname{{{0}}}({1})",
    {"rest": r"({0} \bmod {1})", "ratio": "({0}/{1})", "power": "{0}^{{{1}}}"},
    {"≥": r"\ge", ">": ">", "≤": r"\le", "<": "<", "=": "=", "≠": r"\ne",
     "|": r"\mid", "∤": r"\nmid"},
)  # fmt: skip
PYTHON = NotationStyle(
    "*", "{0}**{1}", "{0}/{1}", "{0}//{1}", "-(-{0}//{1})", "({0})//1", "", "{0}({1})",
    {"rest": "({0} % {1})", "ratio": "({0}/{1})", "power": "({0}**{1})"},
    {"≥": ">=", ">": ">", "≤": "<=", "<": "<", "=": "==", "≠": "!="},
)  # fmt: skip


class TermWriter:
    """Writes terms in one style, and names the parts that it meets in the order of their making."""

    def __init__(self, style: NotationStyle, atoms: Iterable[Atom]) -> None:
        self.style = style
        self._names: dict[Atom, str] = {}
        self._atoms = list(atoms)
        for atom in self._atoms:
            if isinstance(atom, Symbol):
                self._names[atom] = self._free(self._symbol(atom.name))
        counts: dict[str, int] = {}
        for atom in self._atoms:
            if isinstance(atom, Composite) and atom.function not in _INLINE:
                base = _base(atom)
                counts[base] = counts.get(base, 0) + 1
                self._names[atom] = self._free(self._derived(base, counts[base]))

    def definitions(self, used: Iterable[Terms]) -> dict[str, str]:
        """Return what each named part in the terms stands for, inner parts first."""
        wanted = {atom for terms in used for atom in algebra.atoms_in(terms)}
        return {
            self._names[atom]: self._call(atom)
            for atom in self._atoms
            if atom in wanted and isinstance(atom, Composite) and atom in self._names
        }

    def name(self, atom: Atom) -> str:
        """Return what an atom is called, or what it is where it has no name."""
        return self._names.get(atom) or self._call(atom)

    def total(self, terms: Terms) -> str:
        """Write a sum that comes to a whole number: Python divides it as such."""
        common = lcm(*[factor.denominator for factor in terms.values()])
        if self.style is not PYTHON or common == 1:
            return self.sum(terms, whole=True)
        return f"({self.sum(algebra.product(terms, {(): common}), whole=True)})//{common}"

    def sum(self, terms: Terms, *, whole: bool = False) -> str:
        """Write a sum of products, what all its products share put before or after it.

        If `whole`, each product is known to come to a whole number.
        """
        shared = _shared_sizes(terms)
        if shared and len(terms) > 1:
            inside = algebra.product(terms, {tuple([(atom, -power) for atom, power in shared]): 1})
            inner = self.sum(inside, whole=whole)
            return f"({inner}){self.style.times}{self._product(shared)}"
        maximum = _scaled_extreme(terms)
        if maximum is not None:
            return self._extreme(*maximum)
        text = ""
        for monomial, factor in algebra.frozen(terms):
            sign = "-" if self.style is not TEXT else "−"
            joint = f" {sign if factor < 0 else '+'} " if text else ("" if factor > 0 else sign)
            text += joint + self._term(factor if factor > 0 else -factor, monomial, whole)
        return text or "0"

    def statement(self, statement: Requirement) -> str:
        """Write a condition."""
        left, right = self.sum(statement.left), self.sum(statement.right)
        if statement.sign in self.style.signs:
            return f"{left} {self.style.signs[statement.sign]} {right}"
        divides = statement.sign == "|"
        if self.style is PYTHON:
            nonzero = "" if algebra.constant(statement.left) else f"({left}) and "
            return f"{nonzero}({right}) % ({left}) {'==' if divides else '!='} 0"
        if statement.left == algebra.ONE and self.style is TEXT:
            return f"{right} is {'' if divides else 'not '}whole"
        return f"{left} {'divides' if divides else 'does not divide'} {right}"

    def _symbol(self, name: str) -> str:
        """Write a name; that of an item of a list as an index, or as Python can have it."""
        if self.style is PYTHON:
            return name.replace("[", "_").removesuffix("]")
        if self.style is TEXT or len(name) == 1:
            return name
        name, _, item = name.partition("[")
        index = f"_{{{item.removesuffix(']')}}}" if item else ""
        return rf"\mathit{{{name}}}".replace("_", r"\_") + index

    def _free(self, name: str) -> str:
        """Return a name that Python can have, and that nothing else has."""
        if self.style is PYTHON:
            while name in _RESERVED or iskeyword(name) or name in self._names.values():
                name += "_"
        return name

    def _derived(self, base: str, number: int) -> str:
        if self.style is PYTHON:
            return f"{base}{number}"
        if self.style is LATEX:
            primes = "'" * number if base in _SIZES and number < len(_PRIMES) else f"_{{{number}}}"
            return self._symbol(base) + primes
        if base in _SIZES and number < len(_PRIMES):
            return base + _PRIMES[number]
        return base + str(number).translate(_SUBSCRIPT)

    def _term(self, factor: Exact, monomial: Monomial, whole: bool) -> str:
        above = tuple([(atom, power) for atom, power in monomial if power > 0])
        below = tuple([(atom, -power) for atom, power in monomial if power < 0])
        numerator = self._scaled(factor.numerator, above)
        if factor.denominator == 1 and not below:
            return numerator
        denominator = self._scaled(factor.denominator, below)
        if below and len(below) + (factor.denominator > 1) > 1 and self.style is not LATEX:
            denominator = f"({denominator})"
        if self.style is PYTHON and whole:
            return f"{numerator}//{denominator}"
        return self.style.over.format(numerator, denominator)

    def _scaled(self, factor: int, monomial: Monomial) -> str:
        if factor == 1 and monomial:
            return self._product(monomial)
        number = f"{factor:,}".replace(",", self.style.thousands)
        return self.style.times.join([number, self._product(monomial)] if monomial else [number])

    def _product(self, monomial: Monomial) -> str:
        return self.style.times.join([self._power(atom, power) for atom, power in monomial])

    def _power(self, atom: Atom, power: int) -> str:
        name = self.name(atom)
        if power == 1:
            return name
        digits = str(power).translate(_SUPERSCRIPT) if self.style is TEXT else str(power)
        return self.style.power.format(name, digits)

    def _call(self, atom: Atom) -> str:
        assert isinstance(atom, Composite)
        arguments = [dict(argument) for argument in atom.arguments]
        if atom.function == "floor":
            return self._floor(*arguments)
        if atom.function == "ceiling":
            return self._divided(self.style.ceil, *arguments)
        if atom.function in self.style.joined:
            left, right = arguments
            is_power = atom.function == "power"
            joined = self._inner(left, tight=is_power), self._inner(right, tight=True)
            return self.style.joined[atom.function].format(*joined)
        if atom.function == "divisible" and arguments[1] == arguments[2]:
            del arguments[2]
        written = ", ".join([self.sum(argument) for argument in arguments])
        return self.style.call.format(atom.function, written)

    def _floor(self, number: Terms, divisor: Terms) -> str:
        """Write ⌊(x + d − 1) / d⌋ as ⌈x / d⌉."""
        by = algebra.constant(divisor)
        style = self.style.floor
        if isinstance(by, int) and by > 1 and number.get((), 0) == by - 1:
            number, style = algebra.plus(number, {(): by - 1}, -1), self.style.ceil
        if by == 1:
            return self.style.floored.format(self.sum(number))
        return self._divided(style, number, divisor)

    def _divided(self, style: str, number: Terms, divisor: Terms) -> str:
        if self.style is LATEX:
            return style.format(self.sum(number), self.sum(divisor))
        return style.format(self._inner(number), self._inner(divisor, tight=True))

    def _inner(self, terms: Terms, *, tight: bool = False) -> str:
        """Write terms so that a sign before or after them is about all of them.

        If `tight`, that sign would take a product apart, or a fraction, as x // 2·y does.
        """
        text = self.sum(terms)
        is_product = tight and not all(map(_is_single, *zip(*terms.items(), strict=True)))
        return f"({text})" if is_product or len(terms) > 1 or " " in text else text

    def _extreme(self, function: str, several: list[Terms]) -> str:
        written = ", ".join([self.sum(terms) for terms in several])
        if self.style is LATEX:
            return rf"\{function}({written})"
        return f"{function}({written})"


def _is_single(monomial: Monomial, factor: Exact) -> bool:
    """Return whether a product is a whole number or an atom alone."""
    if not monomial:
        return factor.denominator == 1 and factor > 0
    return factor == 1 and len(monomial) == 1 and monomial[0][1] == 1


def _base(part: Composite) -> str:
    """Return what a part is called after: the one symbol that it is worked out from, or c."""
    names = {
        atom.name for atom in algebra.atoms_in(dict(part.arguments[0])) if isinstance(atom, Symbol)
    }
    sizes = names & _SIZES if part.function in ("floor", "ceiling") else set()
    return names.pop() if len(names) == 1 and sizes else "c"


def _shared_sizes(terms: Terms) -> Monomial:
    """Return the sizes of the map that every product of a sum has: weights · h · w."""
    return tuple([(atom, power) for atom, power in algebra.shared(terms) if _is_size(atom)])


def _is_size(atom: Atom) -> bool:
    return (atom.name if isinstance(atom, Symbol) else _base(atom)) in _SIZES


def _scaled_extreme(terms: Terms) -> tuple[str, list[Terms]] | None:
    """Return a maximum that is all of the terms, its factor multiplied into what it is of."""
    if len(terms) == 1:
        ((monomial, factor),) = terms.items()
        if len(monomial) == 1 and monomial[0][1] == 1 and factor > 0:
            part = monomial[0][0]
            if isinstance(part, Composite) and part.function in ("max", "min"):
                scale: Terms = {(): factor}
                return part.function, [algebra.product(dict(a), scale) for a in part.arguments]
    return None


def closed_form_line(word: str, form: ClosedForm) -> str:
    """Write the params in terms of what was given: params = 2·cin·mid + 9·mid²."""
    writer = TermWriter(TEXT, form.atoms)
    text = f"params = {writer.sum(form.params)}"
    if form.plain is not None:
        text += f", plain {writer.sum(form.plain)}"
    sides = [side for each in form.conditions for side in (each.left, each.right)]
    definitions = writer.definitions([form.params, form.plain or {}, *sides])
    if definitions:
        text += ", with " + ", ".join([f"{name} = {means}" for name, means in definitions.items()])
    if form.conditions:
        text += " if " + " and ".join(map(writer.statement, form.conditions))
    saves = [_while(each) for each in form.break_evens]
    return text + (f"; {word} saves while {' and '.join(saves)}" if saves else "")


def _while(break_even: BreakEven) -> str:
    if break_even.share is not None:
        return f"{break_even.name} < {break_even.share:.3f}·cin"
    return f"{break_even.name} < {break_even.value:.4g}"
