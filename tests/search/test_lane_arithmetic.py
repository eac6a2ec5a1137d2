"""The arithmetic of columns: limits that hold and are as narrow as can be, nothing that wraps."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from tests.rows import each_of

from bncalc.language.functions import ARITHMETIC
from bncalc.search.column import LIMIT, ArrayColumn
from bncalc.search.lanes import Lanes, packed

SIDES = [(low, high) for low in range(-3, 4) for high in range(low, 4)]
SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.floordiv,
    "remainder": operator.mod,
    "ratio": operator.truediv,
    "power": operator.pow,
}
EXACT = ("add", "subtract", "multiply", "divide", "remainder")


def column(*numbers: float) -> Lanes:
    return Lanes.of(np.array(numbers))


def between(low: int, high: int) -> Lanes:
    """Return a column whose limits are known, and whose numbers are both of them."""
    return Lanes(np.array([low, high]), low, high)


@each_of(EXACT)
def test_limits_are_those_of_all_numbers_between(word):
    """Of sums, products and quotients they are the least there are; those of a rest hold."""
    work = SIGNS[word]
    for left, right in product(SIDES, SIDES):
        if word in ("divide", "remainder") and right[0] <= 0 <= right[1]:
            continue
        made = work(between(*left), between(*right))
        ranges = [range(low, high + 1) for low, high in (left, right)]
        values = [work(a, b) for a, b in product(*ranges)]
        told, there = (made.low, made.high), (min(values), max(values))
        assert made.values.tolist() == [work(*pair) for pair in zip(left, right, strict=True)]
        if word == "remainder" or right[1] < 0:
            assert told[0] <= there[0] <= there[1] <= told[1], (left, right)
        else:
            assert told == there, (left, right)


def test_limits_of_a_rest_are_narrow_where_nothing_is_below_0():
    rests = {pair: between(*pair) % 5 for pair in ((0, 3), (0, 9), (-1, 9))}
    assert [(rest.low, rest.high) for rest in rests.values()] == [(0, 3), (0, 4), (0, 4)]
    rest = between(0, 9) % between(2, 7)
    assert (rest.low, rest.high) == (0, 6)
    rest = between(0, 9) % between(-7, -2)
    assert (rest.low, rest.high) == (-7, 7)


@each_of(
    [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne],
    ids=lambda question: question.__name__,
)
def test_question_is_answered_at_once_where_limits_settle_it(question):
    for left, right in product(SIDES, SIDES):
        made = between(*left).compared(between(*right), question)
        ranges = [range(low, high + 1) for low, high in (left, right)]
        truths = {question(a, b) for a, b in product(*ranges)}
        if len(truths) == 1 and question not in (operator.eq, operator.ne):
            assert made is truths.pop(), (left, right)
        elif isinstance(made, ArrayColumn):
            pairs = zip(left, right, strict=True)
            assert made.values.tolist() == [question(*pair) for pair in pairs]
            assert (made.low, made.high) == (0, 1)
        else:
            assert {made} == truths


@each_of([max, min], ids=lambda choose: choose.__name__)
def test_extreme_is_one_of_two_where_limits_settle_it(choose):
    for left, right in product(SIDES, SIDES):
        sides = between(*left), between(*right)
        made = Lanes.extreme(sides, choose)
        pairs = zip(left, right, strict=True)
        assert made.values.tolist() == [choose(pair) for pair in pairs]
        settled = left[1] <= right[0] or right[1] <= left[0]
        assert any(made is side for side in sides) is settled
        if not settled:
            assert (made.low, made.high) == tuple(map(choose, left, right))
    assert Lanes.extreme((3, between(0, 2), 5), choose) in (5, 5) or choose is min
    assert Lanes.extreme((3, 5), choose) == choose(3, 5)


@each_of(
    [
        ("add", 2**62, 2**62), ("subtract", -(2**62), 2**62 + 1), ("multiply", 2**32, 2**32),
        ("multiply", -(2**40), 2**40), ("add", LIMIT, 1), ("add", LIMIT - 1, 1),
        ("subtract", -LIMIT, 1), ("multiply", LIMIT, 1), ("divide", 2**70, 3),
        ("remainder", 2**70, 7),
    ]
)  # fmt: skip
def test_numbers_beyond_63_bits_do_not_wrap(word, left, right):
    first = Lanes.of(packed([left, left - 1]))
    made = SIGNS[word](first, Lanes.of(packed([right, right])))
    assert made.values.tolist() == [SIGNS[word](left, right), SIGNS[word](left - 1, right)]
    assert made.low <= min(made.values)
    assert max(made.values) <= made.high


def test_wide_limits_are_tightened_before_wide_integers_are_used():
    wide = Lanes(np.array([2, 3]), -LIMIT, LIMIT)
    made = wide * between(4, 5)
    assert (made.values.dtype, made.low, made.high) == (np.int64, 8, 15)


@each_of([([LIMIT, 1], "i"), ([LIMIT + 1, 1], "O"), ([-LIMIT, 1], "i"), ([-LIMIT - 1, 1], "O")])
def test_whole_numbers_are_packed_as_narrow_as_they_fit(numbers, kind):
    made = packed(numbers)
    assert (made.dtype.kind, made.tolist()) == (kind, numbers)


def test_nothing_is_worked_out_of_what_changes_nothing():
    numbers = between(2, 3)
    assert numbers + 0 is numbers
    assert numbers + False is numbers
    assert numbers * 1 is numbers
    assert numbers * True is numbers
    assert numbers * False == 0
    assert numbers // 1 is numbers
    assert numbers % 1 == 0
    assert (numbers + 0.0).values.dtype.kind == "f"
    for work, other in product(SIGNS.values(), ({}, None)):
        with pytest.raises(TypeError):
            work(numbers, other)
    assert numbers.compared("2", operator.lt) is NotImplemented


@each_of([*EXACT, "ratio"])
def test_floats_make_floats(word):
    work = SIGNS[word]
    for left, right in (
        (column(1.5, -2.5), 2),
        (column(3, -4), 1.5),
        (column(3, 4), column(0.5, 2)),
    ):
        made = work(left, right)
        rights = right.values.tolist() if isinstance(right, ArrayColumn) else [right] * 2
        assert made.values.dtype.kind == "f"
        assert made.values.tolist() == [work(*p) for p in zip(left.values, rights, strict=True)]


def test_quotient_of_large_whole_numbers_is_as_near_as_that_of_python():
    large = 2**60 + 1
    made = Lanes.of(np.array([large, 3])) / Lanes.of(np.array([7, 3]))
    assert made.values.tolist() == [large / 7, 1.0]
    large = 2**53 + 3  # as a float it would be 2**53 + 4
    made = Lanes.of(np.array([large, 3])) / Lanes.of(np.array([3, 3]))
    assert made.values.tolist() == [large / 3, 1.0]
    large = 2**53 + 1  # as a float it would be 2**53
    left, right = (Lanes.of(np.array([times * large, 3])) for times in (3, 1))
    assert (left / right).values.tolist() == [3.0, 1.0]


def test_whole_number_by_others_is_no_question_of_each_design():
    divide: Callable[..., Any] = ARITHMETIC["/"]
    made = divide(6, column(1.5, 4.0))
    assert made.values.tolist() == [4.0, 1.5]


@each_of(["divide", "remainder", "ratio"])
def test_zero_divides_nothing(word):
    with pytest.raises(ZeroDivisionError):
        SIGNS[word](between(1, 2), 0)
    with pytest.raises(ZeroDivisionError):
        SIGNS[word](between(1, 2), between(0, 0))
