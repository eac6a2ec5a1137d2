"""Patterns of windows along an axis: what each output reads, told position by position."""

from fractions import Fraction
from itertools import product

from tests.rows import each_of

from bncalc.model.pattern import Window, concentric, union

SLIDING = Window((-1,), (1,), 2)
"""Three positions around every other one."""
DOUBLED = Window((0, 0), (0, 0), 1)
"""Each position twice."""
BLENDED = Window((-1, 0), (0, 1), 1)
"""Each position twice, blended with the one before and the one after."""
WINDOWS = (Window((0,), (0,), 1), SLIDING, DOUBLED, BLENDED, Window((0, 1, 3), (2, 4, 4), 5))


def reads(window: Window) -> list[tuple[int, int]]:
    return [(window.start(output), window.stop(output)) for output in range(-7, 30)]


@each_of(
    [
        (SLIDING, 3, 2, [(-1, 1), (1, 3), (3, 5), (5, 7)]),
        (DOUBLED, 1, Fraction(1, 2), [(0, 0), (0, 0), (1, 1), (1, 1)]),
        (BLENDED, 2, Fraction(1, 2), [(-1, 0), (0, 1), (0, 1), (1, 2)]),
        (WINDOWS[-1], 4, Fraction(5, 3), [(0, 2), (1, 4), (3, 4), (5, 7)]),
    ]
)
def test_what_the_first_outputs_read(
    window: Window, size: int, stride: int | Fraction, first: list[tuple[int, int]]
) -> None:
    assert (window.size, window.stride, reads(window)[7:11]) == (size, stride, first)


@each_of(product(WINDOWS, WINDOWS))
def test_what_a_map_reads_is_read_through_it(outer: Window, inner: Window) -> None:
    through = outer.through(inner)
    assert through is not None
    ends = [(outer.start(first), outer.stop(last)) for first, last in reads(inner)]
    assert reads(through) == ends


@each_of(product(WINDOWS, [1, 2, 3]))
def test_a_longer_period_reads_the_same(window: Window, turns: int) -> None:
    period = turns * len(window.first)
    repeated = window.repeated(period)
    assert (len(repeated.first), reads(repeated)) == (period, reads(window))


@each_of(
    [
        ([SLIDING, SLIDING], SLIDING, True),
        ([SLIDING, Window((-2,), (2,), 2)], Window((-2,), (2,), 2), True),
        ([SLIDING, Window((0,), (2,), 2)], Window((-1,), (2,), 2), False),
        ([SLIDING, Window((0,), (0,), 1)], None, None),
        ([DOUBLED, BLENDED], BLENDED, False),
        ([DOUBLED, DOUBLED.repeated(4)], DOUBLED.repeated(4), True),
        ([Window((0,), (0,), 1), Window((-1, 0), (1, 2), 2)], Window((-1, 0), (1, 2), 2), True),
        ([Window((0,), (0,), 1), BLENDED], None, None),
    ]
)
def test_windows_of_one_stride_are_joined_and_may_have_their_centres_apart(
    windows: list[Window], joined: Window | None, is_concentric: bool | None
) -> None:
    assert union(windows) == union(windows[::-1]) == joined
    if is_concentric is not None:
        assert concentric(windows) is is_concentric
