"""Terms: each function of sums of products, worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.rows import each_of

from bncalc.search import bounds, terms
from bncalc.search.terms import Composite, Monomial, Symbol, Terms

X, Y = Symbol(0, "x", 2, True), Symbol(1, "y", 3, True)
R = Symbol(2, "r", 0, False)
HALF = Fraction(1, 2)


def sum_of(*products: Any) -> dict[Monomial, Any]:
    """Return a sum: a number, or a factor and atoms, each with a power where that is not 1."""
    total: dict[Monomial, Any] = {}
    for given in products:
        factor, *atoms = given if isinstance(given, list) else [given]
        powers = [atom if type(atom) is tuple else (atom, 1) for atom in atoms]
        total[tuple(powers)] = factor
    return total


def floor_of(number: Terms, by: int) -> Composite:
    return Composite(3, "floor", (terms.frozen(number), terms.frozen({(): by})))


def divisible_by(number: int) -> Composite:
    arguments = (terms.frozen({((X, 1),): 1}), terms.frozen({(): number}), terms.frozen({}))
    return Composite(4, "divisible", arguments)


FLOOR = floor_of(sum_of([1, X], 5), 4)
"""⌊(x + 5) / 4⌋"""


@each_of(
    [
        (sum_of([6, X], [3, Y], 7), 3, sum_of([2, X], [1, Y], 2), sum_of(1), 3),
        (sum_of([6, X], [4, Y], 7), 3, sum_of([2, X], 2), sum_of([4, Y], 1), 3),
        (sum_of([HALF, X], 1), 2, {}, sum_of([1, X], 2), 4),
        (sum_of([HALF, (X, 2)], 4), 2, sum_of(2), sum_of([1, (X, 2)]), 4),
        (sum_of([4, R], 5), 2, sum_of(2), sum_of([4, R], 1), 2),
        (sum_of([4, X, (Y, -1)]), 2, {}, sum_of([4, X, (Y, -1)]), 2),
        (sum_of([1, FLOOR], 3), 2, sum_of(1), sum_of([1, X], 9), 8),
        (sum_of([1, FLOOR]), 2, {}, sum_of([1, X], 5), 8),
        (sum_of([3, FLOOR]), 2, {}, sum_of([3, FLOOR]), 2),
        (sum_of([1, (FLOOR, 2)]), 2, {}, sum_of([1, (FLOOR, 2)]), 2),
        (sum_of([1, FLOOR], [1, X]), 2, {}, sum_of([1, FLOOR], [1, X]), 2),
        (sum_of(-7), 2, sum_of(-4), sum_of(1), 2),
    ]
)
def test_what_divides_is_taken_out_of_a_floor(number, by, outside, inside, below):
    assert terms.settled(number, by) == (outside, inside, below)


@each_of(
    [
        (sum_of([6, (X, 2), Y], [2, X, (Y, 3)]), ((X, 1), (Y, 1))),
        (sum_of([6, (X, 2)], [2, Y]), ()),
        (sum_of([6, (X, -2)], [2, (X, -1)]), ()),
        (sum_of([6, (X, 2), Y]), ((X, 2), (Y, 1))),
        (sum_of([6, X], 1), ()),
        ({}, ()),
    ]
)
def test_products_share_the_least_of_their_powers(number, expected):
    assert terms.shared(number) == expected


@each_of(
    [
        (sum_of([2, X], 3), True),
        (sum_of([HALF, X]), False),
        (sum_of([2, R]), False),
        (sum_of([2, (X, -1)]), False),
        (sum_of([2, X, (Y, -1)]), False),
        ({}, True),
    ]
)
def test_terms_are_whole_if_all_of_their_parts_are(number, expected):
    assert terms.is_whole(number) is expected


@each_of(
    [
        (sum_of([4, X], 8), 4, True),
        (sum_of([4, X], 6), 4, False),
        (sum_of([3, divisible_by(8)], 4), 4, True),
        (sum_of([3, divisible_by(6)], 4), 4, False),
        (sum_of([3, FLOOR]), 4, False),
        (sum_of([4, R]), 4, False),
    ]
)
def test_multiples_are_told_by_factors_and_by_how_parts_are_made(number, divisor, expected):
    assert terms.is_multiple(number, divisor) is expected


@each_of(
    [
        (sum_of([6, X, Y], [4, X]), sum_of([2, X]), sum_of([3, Y], 2)),
        (sum_of([6, X]), sum_of([4, Y]), {((X, 1), (Y, -1)): Fraction(3, 2)}),
        (sum_of([6, X], 9), sum_of([2, X], 3), sum_of(3)),
        (sum_of([6, X], 8), sum_of([2, X], 3), None),
        (sum_of([6, Y]), sum_of([2, X], 3), None),
        (sum_of(1), {}, None),
    ]
)
def test_quotients_are_exact_or_none(number, divisor, expected):
    assert terms.over(number, divisor) == expected


@each_of(
    [
        (sum_of([1, X], 2), sum_of([1, X], -2), {((X, 2),): 1, (): -4}),
        (sum_of([1, X]), sum_of([1, (X, -1)]), sum_of(1)),
        (sum_of([2, Y]), sum_of([HALF, X]), sum_of([1, X, Y])),
        (sum_of(0), sum_of([1, X]), {}),
    ]
)
def test_products_add_powers_and_leave_out_what_is_0(left, right, expected):
    assert terms.product(left, right) == expected


@each_of(
    [
        (sum_of([1, X], 5), 7, True),
        (sum_of([1, X], 5), 8, False),
        (sum_of([1, X, Y]), 6, True),
        (sum_of([1, X, Y]), 7, False),
        (sum_of([1, (X, 2)], [-1, X]), 2, True),
        (sum_of([1, (X, 2)], [-3, X]), 0, False),
        (sum_of([1, (X, -1)], 1), 1, True),
        (sum_of([-1, (X, -1)], 1), 0, False),
        (sum_of([1, FLOOR]), 1, True),
        (sum_of([4, FLOOR], [-1, X]), 2, True),
        (sum_of([4, FLOOR], [-1, X]), 3, False),
        (sum_of([1, X], [-4, FLOOR]), -5, True),
        (sum_of([1, X], [-4, FLOOR]), -4, False),
    ]
)
def test_signs_show_what_terms_are_never_below(number, limit, expected):
    assert bounds.never_below(number, limit) is expected


@each_of(
    [
        (sum_of([2, X], [1, X, Y], 1), 11),
        (sum_of([2, X], -1), 0),
        (sum_of([2, (X, -1)], 3), 3),
        ({}, 0),
    ]
)
def test_least_of_terms_is_that_of_their_atoms(number, expected):
    assert bounds.least(number) == expected


def test_of_several_terms_those_are_left_that_can_be_the_largest():
    small, large, other = sum_of([1, X]), sum_of([1, X], 1), sum_of([1, Y])
    assert bounds.undominated([small, large, other, small]) == [large, other]
    assert bounds.undominated([large, large]) == [large]


def test_highest_powers_come_first_and_then_the_first_atoms():
    number = sum_of(1, [1, Y], [1, X], [1, X, Y], [1, (Y, 2)], [1, (X, 2)])
    order = [monomial for monomial, _ in terms.frozen(number)]
    assert order == [
        ((X, 2),), ((X, 1), (Y, 1)), ((Y, 2),), ((X, 1),), ((Y, 1),), (),
    ]  # fmt: skip
