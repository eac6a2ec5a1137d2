"""Lanes of both kinds: a design's number is what Python makes of it alone, and none wraps."""

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bncalc.number import divisible, largest, mapped, smallest
from bncalc.search.evaluation import Parting
from bncalc.search.lanes import Lanes
from bncalc.search.plain_lanes import PlainLanes

INTEGERS = st.integers(-(10**12), 10**12)
SMALL = st.integers(-5, 5)
FLOATS = st.floats(-1e9, 1e9, allow_nan=False)
NUMBERS = st.one_of(
    st.lists(INTEGERS, min_size=1, max_size=6),
    st.lists(SMALL, min_size=1, max_size=6),
    st.lists(FLOATS, min_size=1, max_size=6),
)
SIGNS: list[Callable[[Any, Any], Any]] = [
    *(operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod),
    *(operator.truediv, operator.lt, operator.le, operator.gt, operator.ge),
    *(operator.eq, operator.ne, largest, smallest),
]


def lanes(numbers: list[Any]) -> Lanes:
    return Lanes.of(np.array(numbers))


def test_extremes_of_whole_numbers_part_no_designs() -> None:
    """And no designs differ in what they are compared with."""
    a, b = plain_lanes([1, 5]), plain_lanes([3, 2])
    assert largest(a, b, 2).values == [3, 5]
    assert smallest(a, b, 2).values == [1, 2]
    assert largest(a, 2).values == [2, 5]
    assert largest(a).values == [1, 5]


def plain_lanes(numbers: list[Any]) -> PlainLanes:
    return PlainLanes(numbers, type(numbers[0]) is int)


each_kind = pytest.mark.parametrize("of", [lanes, plain_lanes])
Of = Callable[[list[Any]], Any]


def outcome(work: Callable[..., Any], *numbers: Any) -> Any:
    """Return a number with its kind, or the name of the error in place of one."""
    try:
        result = work(*numbers)
    except (ArithmeticError, ValueError) as error:
        return type(error).__name__
    if isinstance(result, complex):
        return "complex"
    return (int if isinstance(result, bool) else type(result), result)


def outcomes(of: Of, work: Callable[..., Any], rows: list[tuple[Any, ...]]) -> list[Any]:
    """Return the outcome of each row, worked out on lanes that part where they must."""
    try:
        result = work(*[of(list(column)) for column in zip(*rows, strict=True)])
    except Parting as split:
        answers: list[Any] = [None] * len(rows)
        for key in set(keys := list(split.keys)):
            at = [place for place, other in enumerate(keys) if other == key]
            parts = outcomes(of, work, [rows[place] for place in at])
            for place, answer in zip(at, parts, strict=True):
                answers[place] = answer
        return answers
    except (ArithmeticError, ValueError) as error:
        return [type(error).__name__] * len(rows)
    if isinstance(result, complex):
        return ["complex"] * len(rows)
    if not isinstance(result, Lanes | PlainLanes):
        kind = int if isinstance(result, bool) else type(result)
        return [(kind, result)] * len(rows)
    if isinstance(result, Lanes) and result.whole:
        assert all(result.low <= value <= result.high for value in result.values)
    return [(int if result.whole else float, value) for value in list_of(result)]


def list_of(result: Lanes | PlainLanes) -> list[Any]:
    values: list[Any] = result.values.tolist() if isinstance(result, Lanes) else [*result.values]
    return values


# Numbers cost more to draw than to work with: all signs and both kinds meet the same ones.


@settings(max_examples=50)
@given(left=NUMBERS, right=NUMBERS)
def test_two_lanes_are_worked_out_as_their_numbers_are(left: list[Any], right: list[Any]) -> None:
    rows = list(zip(left, right, strict=False))
    for sign in SIGNS:
        alone = [outcome(sign, *row) for row in rows]
        assert outcomes(lanes, sign, rows) == outcomes(plain_lanes, sign, rows) == alone, sign


@settings(max_examples=50)
@given(numbers=NUMBERS, number=st.one_of(INTEGERS, SMALL, FLOATS))
def test_lanes_meet_a_plain_number_on_either_side(numbers: list[Any], number: Any) -> None:
    rows = [(other,) for other in numbers]
    for sign in SIGNS:
        for work in (lambda x, sign=sign: sign(x, number), lambda x, sign=sign: sign(number, x)):
            alone = [outcome(work, *row) for row in rows]
            assert outcomes(lanes, work, rows) == outcomes(plain_lanes, work, rows) == alone, sign


ROUNDINGS: list[Callable[[Any], Any]] = [
    *(round, math.ceil, math.floor, math.trunc, abs, operator.neg),
    lambda x: divisible(x, 8, 8),
    lambda x: mapped(math.log, largest(x, 1)),
    *(lambda x: mapped(math.log, x), lambda x: mapped(math.exp, x)),
    lambda x: divisible(x, 3, 0),
    lambda x: x % 1 == 0,
]


@settings(max_examples=50)
@given(numbers=NUMBERS)
@example(numbers=[1e19, -2.5])
@example(numbers=[math.inf, 2.5])
def test_roundings_are_those_of_python(numbers: list[Any]) -> None:
    rows = [(number,) for number in numbers]
    for place, work in enumerate(ROUNDINGS):
        alone = [outcome(work, *row) for row in rows]
        assert outcomes(lanes, work, rows) == outcomes(plain_lanes, work, rows) == alone, place


@given(
    bases=st.lists(st.one_of(SMALL, st.floats(-3, 3)), min_size=1, max_size=6),
    exponents=st.lists(st.one_of(SMALL, st.floats(-3, 3)), min_size=1, max_size=6),
)
def test_powers_are_those_of_python_to_the_last_digit(
    bases: list[Any], exponents: list[Any]
) -> None:
    rows = [(float(a), float(b)) for a, b in zip(bases, exponents, strict=False)]
    alone = [outcome(operator.pow, *row) for row in rows]
    assert outcomes(lanes, operator.pow, rows) == outcomes(plain_lanes, operator.pow, rows) == alone


def test_a_product_beyond_63_bits_is_exact() -> None:
    large = lanes([10**9, 10**9 - 1])
    macs = large * large * 9 * 10**5 * 10**5
    assert macs.values.tolist() == [9 * 10**28, (10**9 - 1) ** 2 * 9 * 10**10]
    assert (macs // 10**20).values.dtype == np.int64


@each_kind
def test_designs_part_where_python_needs_one_answer(of: Of) -> None:
    widths = of([8, 16, 16])
    with pytest.raises(Parting) as parted:
        bool(widths == 16)
    assert list(parted.value.keys) == [False, True, True]
    with pytest.raises(Parting) as parted:
        range(widths)
    assert list(parted.value.keys) == [8, 16, 16]
    assert list(range(of([2, 2]))) == [0, 1]


@each_kind
def test_lanes_are_no_text_and_no_pair(of: Of) -> None:
    widths = of([8, 16])
    assert widths != "default"
    assert widths != (8, 8)
    assert widths not in ("same", None)
