"""Lanes: each design's number is what Python makes of it alone, and no result wraps."""

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bncalc.number import divisible, largest, mapped, smallest
from bncalc.search.column import Split
from bncalc.search.lanes import Lanes

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


def outcome(work: Callable[..., Any], *numbers: Any) -> Any:
    """Return a number with its kind, or the name of the error in place of one."""
    try:
        result = work(*numbers)
    except (ArithmeticError, ValueError) as error:
        return type(error).__name__
    if isinstance(result, complex):
        return "complex"
    return (int if isinstance(result, bool) else type(result), result)


def outcomes(work: Callable[..., Any], rows: list[tuple[Any, ...]]) -> list[Any]:
    """Return the outcome of each row, worked out on lanes that part where they must."""
    try:
        result = work(*[lanes(list(column)) for column in zip(*rows, strict=True)])
    except Split as split:
        found: list[Any] = [None] * len(rows)
        for key in np.unique(split.keys):
            at = [int(i) for i in np.flatnonzero(split.keys == key)]
            for i, answer in zip(at, outcomes(work, [rows[i] for i in at]), strict=True):
                found[i] = answer
        return found
    except (ArithmeticError, ValueError) as error:
        return [type(error).__name__] * len(rows)
    if isinstance(result, complex):
        return ["complex"] * len(rows)
    if not isinstance(result, Lanes):
        kind = int if isinstance(result, bool) else type(result)
        return [(kind, result)] * len(rows)
    assert all(result.low <= one <= result.high for one in result.values) or not result.whole
    return [(int if result.whole else float, one) for one in result.values.tolist()]


@pytest.mark.parametrize("sign", SIGNS)
@settings(max_examples=25)
@given(left=NUMBERS, right=NUMBERS)
def test_two_lanes_are_worked_out_as_their_numbers_are(
    sign: Callable[[Any, Any], Any], left: list[Any], right: list[Any]
) -> None:
    rows = list(zip(left, right, strict=False))
    assert outcomes(sign, rows) == [outcome(sign, *row) for row in rows]


@pytest.mark.parametrize("sign", SIGNS)
@settings(max_examples=25)
@given(many=NUMBERS, one=st.one_of(INTEGERS, SMALL, FLOATS))
def test_lanes_meet_a_plain_number_on_either_side(
    sign: Callable[[Any, Any], Any], many: list[Any], one: Any
) -> None:
    rows = [(number,) for number in many]
    for work in (lambda x: sign(x, one), lambda x: sign(one, x)):
        assert outcomes(work, rows) == [outcome(work, *row) for row in rows]


@pytest.mark.parametrize(
    "work",
    [
        *(round, math.ceil, math.floor, math.trunc, abs, operator.neg),
        lambda x: divisible(x, 8, 8),
        lambda x: mapped(math.log, largest(x, 1)),
        lambda x: divisible(x, 3, 0),
        lambda x: x % 1 == 0,
    ],
)
@settings(max_examples=25)
@given(many=NUMBERS)
def test_roundings_are_those_of_python(work: Callable[[Any], Any], many: list[Any]) -> None:
    rows = [(number,) for number in many]
    assert outcomes(work, rows) == [outcome(work, *row) for row in rows]


@given(
    bases=st.lists(st.one_of(SMALL, st.floats(-3, 3)), min_size=1, max_size=6),
    exponents=st.lists(st.one_of(SMALL, st.floats(-3, 3)), min_size=1, max_size=6),
)
def test_powers_are_those_of_python_to_the_last_digit(
    bases: list[Any], exponents: list[Any]
) -> None:
    rows = [(float(a), float(b)) for a, b in zip(bases, exponents, strict=False)]
    assert outcomes(operator.pow, rows) == [outcome(operator.pow, *row) for row in rows]


def test_a_product_beyond_63_bits_is_exact() -> None:
    large = lanes([10**9, 10**9 - 1])
    macs = large * large * 9 * 10**5 * 10**5
    assert macs.values.tolist() == [9 * 10**28, (10**9 - 1) ** 2 * 9 * 10**10]
    assert (macs // 10**20).values.dtype == np.int64


def test_designs_part_where_python_needs_one_answer() -> None:
    widths = lanes([8, 16, 16])
    with pytest.raises(Split) as parted:
        bool(widths == 16)
    assert parted.value.keys.tolist() == [False, True, True]
    with pytest.raises(Split) as parted:
        range(widths)
    assert parted.value.keys.tolist() == [8, 16, 16]
    assert list(range(lanes([2, 2]))) == [0, 1]


def test_lanes_are_no_text_and_no_pair() -> None:
    widths = lanes([8, 16])
    assert widths != "default"
    assert widths != (8, 8)
    assert widths not in ("same", None)
