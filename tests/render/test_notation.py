"""Terms in each notation, written out by hand."""

import re
from fractions import Fraction
from math import prod
from random import Random

from tests.rows import each_of

from bncalc.render.notation import LATEX, PYTHON, TEXT, TermWriter
from bncalc.search.conditions import Requirement
from bncalc.search.terms import Atom, Composite, Exact, Monomial, Symbol, Terms, frozen

X, H = Symbol(0, "x", 1, True), Symbol(1, "h", 1, True)


def of(*factors: tuple[Exact, Monomial]) -> Terms:
    return {monomial: factor for factor, monomial in factors}


def part(function: str, *arguments: Terms) -> Composite:
    return Composite(9, function, tuple(map(frozen, arguments)))


ONLY_X = of((1, ((X, 1),)))


def floor(added: int, by: int) -> Terms:
    """Return ⌊(x + added) / by⌋."""
    number = of((1, ((X, 1),)), *([(added, ())] if added else []))
    return of((1, ((part("floor", number, {(): by}), 1),)))


def test_what_is_made_of_a_size_has_a_prime_and_of_another_name_a_number() -> None:
    names = [("h", 1), ("h", 2), ("h", 5), ("mid", 1)]
    text, latex, python = (
        [TermWriter(style, ())._derived(*name) for name in names] for style in (TEXT, LATEX, PYTHON)
    )
    assert text == ["h′", "h″", "h₅", "mid₁"]
    assert latex == ["h'", "h''", "h_{5}", r"\mathit{mid}_{1}"]
    assert python == ["h1", "h2", "h5", "mid1"]


@each_of(
    [
        ({}, "0", "0", "0"),
        (of((1, ((X, 1), (H, -1)))), "x/h", r"\frac{x}{h}", "x/h"),
        (of((Fraction(3, 2), ((X, 2), (H, -1))), (-1, ())),
         *("3·x²/(2·h) − 1", r"\frac{3\,x^{2}}{2\,h} - 1", "3*x**2/(2*h) - 1")),
        (of((Fraction(1, 2), ((X, 1),))), "x/2", r"\frac{x}{2}", "x/2"),
        (of((-1234, ((X, 1),))), "−1,234·x", r"-1{,}234\,x", "-1234*x"),
        (of((3, ((X, 1), (H, 1))), (6, ((H, 1),))), "(3·x + 6)·h", r"(3\,x + 6)\,h", "(3*x + 6)*h"),
        (floor(0, 4), "⌊x/4⌋", r"\left\lfloor \frac{x}{4} \right\rfloor", "x//4"),
        (floor(2, 4), "⌊(x + 2)/4⌋", r"\left\lfloor \frac{x + 2}{4} \right\rfloor", "(x + 2)//4"),
        (floor(3, 4), "⌈x/4⌉", r"\left\lceil \frac{x}{4} \right\rceil", "-(-x//4)"),
        (floor(0, 1), "⌊x⌋", r"\lfloor x \rfloor", "(x)//1"),
        (floor(1, 1), "⌊x + 1⌋", r"\lfloor x + 1 \rfloor", "(x + 1)//1"),
        (of((2, ((part("max", ONLY_X, {(): 8}), 1),))),
         *("max(2·x, 16)", r"\max(2\,x, 16)", "max(2*x, 16)")),
        (of((1, ((part("max", ONLY_X, {(): 8}), 2),))),
         *("max(x, 8)²", r"\operatorname{max}(x, 8)^{2}", "max(x, 8)**2")),
        (of((1, ((part("rest", ONLY_X, {(): 8}), 1),))), "(x mod 8)", r"(x \bmod 8)", "(x % 8)"),
        (of((1, ((part("power", ONLY_X, {(): Fraction(1, 2)}), 1),))),
         *("(x**(1/2))", r"x^{(\frac{1}{2})}", "(x**(1/2))")),
        (of((1, ((part("power", of((2, ((X, 1),))), {(): 3}), 1),))),
         *("((2·x)**3)", r"(2\,x)^{3}", "((2*x)**3)")),
        (of((1, ((part("ratio", of((2, ((X, 1),))), of((3, ((H, 1),)))), 1),))),
         *("(2·x/(3·h))", r"(2\,x/(3\,h))", "(2*x/(3*h))")),
        (of((1, ((part("rest", ONLY_X, of((5, ((H, 1),)))), 1),))),
         *("(x mod (5·h))", r"(x \bmod (5\,h))", "(x % (5*h))")),
        (of((1, ((part("rest", ONLY_X, {(): 1}), 1),))), "(x mod 1)", r"(x \bmod 1)", "(x % 1)"),
        (of((1, ((part("floor", ONLY_X, of((2, ((H, 1),)))), 1),))),
         *("⌊x/(2·h)⌋", r"\left\lfloor \frac{x}{2\,h} \right\rfloor", "x//(2*h)")),
        (of((1, ((part("ceiling", ONLY_X, of((2, ((H, 1),)))), 1),))),
         *("⌈x/(2·h)⌉", r"\left\lceil \frac{x}{2\,h} \right\rceil", "-(-x//(2*h))")),
        (of((1, ((part("ceiling", ONLY_X, of((1, ((H, 1),)))), 1),))),
         *("⌈x/h⌉", r"\left\lceil \frac{x}{h} \right\rceil", "-(-x//h)")),
        (of((1, ((part("divisible", ONLY_X, {(): 8}, {(): 8}), 1),))),
         *("divisible(x, 8)", r"\operatorname{divisible}(x, 8)", "divisible(x, 8)")),
        (of((1, ((part("divisible", ONLY_X, {(): 8}, {(): 16}), 1),))),
         *("divisible(x, 8, 16)", r"\operatorname{divisible}(x, 8, 16)", "divisible(x, 8, 16)")),
    ]
)  # fmt: skip
def test_terms_are_written_as_by_hand(terms: Terms, text: str, latex: str, python: str) -> None:
    assert [TermWriter(style, (X, H)).sum(terms) for style in (TEXT, LATEX, PYTHON)] == [
        text,
        latex,
        python,
    ]


@each_of(
    [
        (ONLY_X, "≤", {(): 5}, "x ≤ 5", "x <= 5"),
        ({(): 4}, "|", ONLY_X, "4 divides x", "(x) % (4) == 0"),
        ({(): 4}, "∤", ONLY_X, "4 does not divide x", "(x) % (4) != 0"),
        (ONLY_X, "|", {(): 4}, "x divides 4", "(x) and (4) % (x) == 0"),
        ({(): 1}, "|", ONLY_X, "x is whole", "(x) % (1) == 0"),
        ({(): 1}, "∤", ONLY_X, "x is not whole", "(x) % (1) != 0"),
    ]
)
def test_conditions_are_written_as_by_hand(
    left: Terms, sign: str, right: Terms, text: str, python: str
) -> None:
    statement = Requirement(left, sign, right)
    written = [TermWriter(style, (X, H)).statement(statement) for style in (TEXT, PYTHON)]
    assert written == [text, python]


def test_a_sum_of_whole_fractions_is_divided_as_a_whole_number_in_python() -> None:
    half = of((Fraction(1, 2), ((X, 2),)), (Fraction(1, 3), ((X, 1),)))
    assert TermWriter(PYTHON, (X,)).total(half) == "(3*x**2 + 2*x)//6"
    assert TermWriter(TEXT, (X,)).total(half) == "x²/2 + x/3"


VALUES = {"x": Fraction(12), "h": Fraction(7)}


def divisor(random: Random) -> Terms:
    """Return one or two products that are above 0."""
    products = [(), ((X, 1),), ((H, 1),), ((X, 1), (H, 1)), ((H, 2),)]
    return {random.choice(products): factor(random) for _ in range(random.randint(1, 2))}


def factor(random: Random) -> Fraction:
    return Fraction(random.choice((1, 1, 2, 5)), random.choice((1, 1, 2)))


def drawn(random: Random, atoms: list[Atom]) -> Terms:
    """Return a sum of products of these atoms and of parts that are made here and join them."""
    terms: dict[Monomial, Fraction] = {}
    for _ in range(random.randint(1, 3)):
        if random.random() < 0.4 and len(atoms) < 6:
            function = random.choice(("floor", "ceiling", "rest", "ratio"))
            number = drawn(random, atoms)
            made = part(function, number, divisor(random))
            atoms += [] if made in atoms else [made]
        chosen = random.sample(range(len(atoms)), random.randint(0, 2))
        monomial = tuple([(atoms[at], random.choice((1, 1, 2))) for at in sorted(chosen)])
        terms[monomial] = factor(random) * random.choice((1, -1))
    return terms


def value(terms: Terms) -> Fraction:
    total = Fraction(0)
    for monomial, times in terms.items():
        total += times * prod([worth(atom) ** power for atom, power in monomial])
    return total


def worth(atom: Atom) -> Fraction:
    if isinstance(atom, Symbol):
        return VALUES[atom.name]
    left, right = [value(dict(argument)) for argument in atom.arguments]
    match atom.function:
        case "floor":
            return Fraction(left // right)
        case "ceiling":
            return Fraction(-(-left // right))
        case "rest":
            return left - left // right * right
    return left / right


@each_of(range(40))
def test_python_comes_to_what_the_terms_do(seed: int) -> None:
    atoms: list[Atom] = [X, H]
    terms = drawn(Random(seed), atoms)
    writer = TermWriter(PYTHON, atoms)
    scope = {"Fraction": Fraction, **VALUES}
    for name, meaning in {**writer.definitions([terms]), "answer": writer.sum(terms)}.items():
        exec(re.sub(r"\b\d+", r"Fraction(\g<0>)", f"{name} = {meaning}"), scope)
    assert scope["answer"] == value(terms)


def test_a_sum_that_is_whole_is_divided_as_such_in_python() -> None:
    assert TermWriter(PYTHON, (X, H)).total(of((1, ((X, 1), (H, -1))))) == "x//h"
