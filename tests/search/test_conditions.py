"""Conditions: what follows from another one is left out, and the rest is said plainly."""

from __future__ import annotations

from fractions import Fraction

from tests.rows import each_of

from bncalc.search.bounds import never_below
from bncalc.search.conditions import statements
from bncalc.search.terms import Composite, Exact, Frozen, Monomial, Symbol, Terms, frozen
from bncalc.search.witness import Condition

X, Y = Symbol(0, "x", 1, True), Symbol(1, "y", 1, True)
HALF = frozen({((X, 1),): Fraction(1, 2)})
UP = Composite(2, "ceil", (HALF,))
DOWN = Composite(3, "floor", (frozen({((X, 1),): 1}), frozen({(): 2})))
NAMES = {X: "x", Y: "y", UP: "⌈x/2⌉", DOWN: "⌊x/2⌋"}


def line(x: Exact, number: int = 0, *, y: int = 0, up: int = 0, down: int = 0) -> Frozen:
    """Return x·X + y·Y + up·⌈X/2⌉ + down·⌊X/2⌋ + number."""
    rounded: dict[Monomial, Exact] = {((UP, 1),): up, ((DOWN, 1),): down}
    factors = {((X, 1),): x, ((Y, 1),): y, **rounded, (): number}
    return frozen({monomial: factor for monomial, factor in factors.items() if factor})


def text(terms: Terms) -> str:
    shown = []
    for monomial, factor in terms.items():
        atoms = "·".join(NAMES[atom] for atom, _ in monomial)
        shown.append(f"{factor}·{atoms}" if atoms and factor != 1 else atoms or f"{factor}")
    return " + ".join(shown) or "0"


@each_of(
    [
        ([(">", line(1, -5)), ("≥", line(1, -5))], ["x > 5"]),
        ([(">", line(1, -5)), (">", line(1, -6, y=1))], ["x > 5"]),
        ([("≥", line(1, -3)), ("≥", line(2, -10))], ["x ≥ 5"]),
        ([("≥", line(1, -5)), ("≥", line(1, -5))], ["x ≥ 5"]),
        ([("≥", line(-1, 9))], ["x ≤ 9"]),
        ([("≥", line(1, -3)), ("≥", line(1, -2, y=1))], ["x ≥ 3"]),
        ([("≥", line(1, -3)), ("≥", line(1, -5, y=1))], ["x ≥ 3", "x + y ≥ 5"]),
        ([("≥", line(1, -5)), ("≠", line(1))], ["x ≥ 5"]),
        ([("≥", line(1, -5)), ("≠", line(1, -7))], ["x ≥ 5", "x ≠ 7"]),
        ([("≥", line(1, -5)), ("|", line(1), line(0, 2))], ["x ≥ 5", "2 | x"]),
        ([("|", line(1), line(0, 2)), ("|", line(3), line(0, 2))], ["2 | x"]),
        ([("=", line(1, -4)), ("|", line(1), line(0, 2)), ("≥", line(1, -2))], ["x = 4"]),
        ([("=", line(-1, 4)), ("≥", line(0, -2, y=1))], ["x = 4", "y ≥ 2"]),
        ([("=", line(1, y=-1)), ("≥", line(1, -3))], ["x = y", "x ≥ 3"]),
        ([("≥", line(0, -3, up=1))], ["x > 4"]),
        ([(">", line(0, -3, up=1))], ["⌈x/2⌉ > 3"]),
        ([("≥", line(0, 3, up=-1))], ["⌈x/2⌉ ≤ 3"]),
        ([("≥", line(0, -3, down=1))], ["x ≥ 6"]),
        ([("≥", line(0, -5, down=2))], ["x ≥ 6"]),
        ([("≥", line(0, -3, y=1, down=1))], ["y + ⌊x/2⌋ ≥ 3"]),
        ([("≥", frozen({((X, 1), (Y, 1)): 1, ((DOWN, 1),): 1}))], ["x·y + ⌊x/2⌋ ≥ 0"]),
        ([(">", line(0, -1, down=1))], ["⌊x/2⌋ > 1"]),  # not of x = 3
        ([("=", line(0, -1, down=1))], ["⌊x/2⌋ = 1"]),  # x is 2 or 3
        ([("≠", line(0, -1, down=1))], ["⌊x/2⌋ ≠ 1"]),
        ([("≠", line(-1, 7))], ["x ≠ 7"]),
    ]
)
def test_statements_are_few_and_plain(
    conditions: list[tuple[str, Frozen]], expected: list[str]
) -> None:
    made = statements([Condition(*condition) for condition in conditions])
    assert [f"{text(left)} {sign} {text(right)}" for left, sign, right in made] == expected


@each_of(
    [
        ({((DOWN, 1),): 2, ((X, 1),): -1}, -1, True),  # 2·⌊x/2⌋ is x, or x − 1
        ({((DOWN, 1),): 2, ((X, 1),): -1}, 0, False),
        ({((DOWN, 1),): 1, ((X, 1),): Fraction(-1, 2)}, -1, True),  # 0, or − ½
        ({((DOWN, 1),): 1, ((X, 1),): Fraction(-1, 2)}, 0, False),
        ({((DOWN, 1),): -2, ((X, 1),): 1}, 0, True),
        ({((X, 1),): 1, ((Y, 1),): 1}, 2, True),
        ({((X, 1),): 1, ((Y, 1),): -1}, 0, False),
    ]
)
def test_signs_and_roundings_show_what_terms_never_go_below(
    terms: Terms, limit: int, shown: bool
) -> None:
    assert never_below(terms, limit) == shown
