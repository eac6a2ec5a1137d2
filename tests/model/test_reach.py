"""Windows through windows by hand, and patterns too long to be written down."""

import pytest
from tests.rows import each_of

from bncalc.model.pattern import LONGEST_PERIOD, Window, union
from bncalc.model.reach import (
    CONSTANT,
    CONTEXTUAL,
    POINTWISE,
    UNCLEAR,
    WHOLE,
    Reach,
    adapting,
    enlarging,
    repeating,
    sliding,
    transposed,
)


def test_same_pads_what_the_last_window_needs() -> None:
    """4 windows of 5 in steps of 3 reach over 14 of 10 positions: 2 before and 2 after."""
    reach = sliding((10,), (5,), (3,), (1,), "same")
    assert reach == Reach((Window((-2,), (2,), 3),))


TWICE = Window((0, 0), (0, 0), 1)
"""Each position repeated."""


@each_of([
    # Every other of twice as many: −1 to 1 of these are −1 to 0, and 1 to 3 are 0 to 1.
    (TWICE, Window((-1,), (1,), 2), Window((-1,), (0,), 1)),
    # Each of them: −1 to 1, 0 to 2, and again one further.
    (TWICE, Window((-1,), (1,), 1), Window((-1, 0), (0, 1), 1)),
    # 4 of 6 read 0–1, 1–2 and again 3 further: −1 reads −2 to −1, and 1 reads 1 to 2.
    (Window((0, 1), (1, 2), 3), Window((-1,), (1,), 2), Window((-2,), (2,), 3)),
    (Window((-1,), (1,), 2), TWICE, Window((-1, -1), (1, 1), 2)),
    (Window((-1,), (1,), 2), Window((-2,), (2,), 3), Window((-5,), (5,), 6)),
])  # fmt: skip
def test_a_window_through_a_window(seen: Window, read: Window, window: Window) -> None:
    assert seen.through(read) == window


@each_of([POINTWISE, CONTEXTUAL, WHOLE, UNCLEAR, CONSTANT, enlarging((2,))])
def test_what_reads_positions_by_themselves_sees_the_same_and_nothing_sees_a_constant(
    reach: Reach,
) -> None:
    assert reach.through(POINTWISE) is reach
    assert CONSTANT.through(reach) is CONSTANT


@pytest.mark.parametrize(
    ("period", "is_known"), [(LONGEST_PERIOD, True), (LONGEST_PERIOD + 1, False)]
)
def test_the_longest_pattern_is_known_and_a_longer_one_unclear(period: int, is_known: bool) -> None:
    single, every = Window((0,), (0,), 1), Window((0,) * period, (0,) * period, period)
    reaches: list[Reach] = [
        adapting((period + 1,), (period,)),
        repeating((period + 1,), (period,)),
        enlarging((period,)),
        transposed((1,), (period,), (1,), (0,)),
    ]
    assert [reach != UNCLEAR for reach in reaches] == [is_known] * 4
    assert (union([single, every]) is not None) is is_known
    assert (single.through(every) is not None) is is_known
