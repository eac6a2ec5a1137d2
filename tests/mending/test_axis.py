"""The values that a number could have instead, and the nearest of them that will do."""

import math

from hypothesis import given
from hypothesis import strategies as st
from tests.rows import each_of

from bncalc.language.source import read
from bncalc.language.written_values import written
from bncalc.mending.axis import Direction, axes, beyond, coarser, eights, nearest


def axes_of(text: str) -> tuple[Direction, ...]:
    """Return the axes of the last value of a text."""
    return axes(written(read(text, "f"))[-1])


@each_of(
    [
        ("layers: [{conv: {out: 64}}]", [63, 65], [1, 512]),
        ("layers: [{conv: {kernel: 5}}]", [3, 7], [1, 39]),
        ("layers: [{conv: {kernel: 2}}]", [4], [16]),
        ("layers: [{conv: {kernel: 3}}]", [1, 5], [1, 23]),
        ("layers: [{conv: {stride: 1}}]", [2], [8]),
        ("vars: {width: 1.0}", [0.99, 1.01], [0.01, 8.0]),
        ("vars: {width: 0.125}", [0.124, 0.126], [0.001, 1.0]),
        ("vars: {width: 1}", [0.99, 2], [0.01, 8]),
        ("vars: {width: 1e-9}", [], []),
        ("vars: {width: 1000000000}", [], []),
        ("vars: {width: 0}", [], []),
        ("vars: {width: true}", [], []),
        ("vars: {width: =1}", [], []),
    ]
)
def test_a_number_has_neighbours_and_ends(text, first, last):
    axes = axes_of(text)
    assert [axis.value(1) for axis in axes] == first
    assert [axis.value(axis.last) for axis in axes] == last
    assert [type(axis.value(1)) for axis in axes] == [type(value) for value in first]


def test_coarser_axes_keep_to_what_divides_the_value():
    down, up = axes_of("layers: [{conv: {groups: 24}}]")
    assert [axis.step for axis in coarser(down)] == [-1, -2, -4, -8]
    assert [axis.step for axis in coarser(up)] == [1, 2, 4, 8]
    assert down.probes == (12, 8)
    assert [up.value(probe) for probe in up.probes] == [48, 32]
    assert [axis.step for axis in coarser(axes_of("layers: [{conv: {groups: 8}}]")[1])] == [
        1,
        2,
        4,
        8,
    ]


@given(st.integers(1, 500), st.integers(1, 500), st.sampled_from([1, 2]))
def test_the_nearest_position_is_found_in_few_steps(first, more, power):
    looked: set[int] = set()

    def over(position: int) -> float:
        looked.add(position)
        return float((first + more - position) ** power - (more + 1) ** power) + 0.5

    assert nearest(lambda position: over(position) <= 0, over, 0, first + more) == first
    assert len(looked) <= 2 * (first + more).bit_length() + 4


@each_of(
    [
        # 30 over and 70 under: the line between them meets 0 at 30. Then the one before is left.
        (lambda at: 30 - at, 30, 100, [30, 29]),
        # At 10, half is left, and 10 - 10·9/19 is 6. More than half of that is left: the middle is
        # next; of three positions 6 - 3·1/2 is 5, which leaves two.
        ({0: 10, 20: -10, 10: -9, 6: -1, 3: 1, 5: -1}.get, 5, 20, [10, 6, 3, 5, 4]),
        # Half is left above 50, and 100 - 50·10/15 is 67. Of 50 more than half is left above that.
        (
            {0: 10, 100: -10, 50: 5, 67: 1, 83: -1, 75: -1, 71: -1, 69: -1}.get,
            *(69, 100, [50, 67, 83, 75, 71, 69, 68]),
        ),
        # A line so steep that 1 is nothing of it.
        ({0: 1, 20: -(10**18)}.get, 1, 20, [1]),
        # What cannot be built is on no line, nor is what misses by nothing, but for another bound.
        (lambda at: math.inf if at < 6 else -1, 6, 10, [5, 7, 6]),
        (lambda at: 0 if at < 3 else -1, 3, 10, [5, 2, 3]),
    ]
)
def test_where_a_search_looks(over, first, last, looked):
    at_which = []

    def keeps(position):
        at_which.append(position)
        return position >= first

    assert nearest(keeps, over, 0, last) == first
    assert at_which == looked


def test_large_widths_are_counted_in_eights():
    down, up = axes_of("layers: [{conv: {out: 32}}]")
    assert [axis.value(1) for axis in (*eights(down), *eights(up))] == [24, 40]
    for text in (
        "out: 63",
        "out: 24",
        "out: [8, 64]",
        "kernel: 40",
        "groups: 40",
        "stride: [1, 40]",
    ):
        widths = [64] if "[8" in text else []
        assert [axis.at for axis in eights(axes_of(f"layers: [{{conv: {{{text}}}}}]")[0])] == widths


def test_what_lies_beyond_is_the_next_the_last_and_other_widths():
    (down, _) = axes_of("layers: [{conv: {out: 1000}}]")
    tried = beyond(down, 500, frozenset((64, 700)))
    assert tried == [501, 749, down.position(64), down.last]
    assert down.position(700) not in tried
    assert beyond(down, down.last - 1, frozenset()) == [999]
    nearer = beyond(down, 500, frozenset((64, 200, 300)))
    assert nearer == [501, down.position(300), 749, down.position(200), down.last]


def test_a_change_is_a_share_of_the_present_value():
    down, up = axes_of("layers: [{conv: {kernel: 5}}]")
    assert (down.change(1), up.change(3)) == (2 / 5, 6 / 5)


def test_a_value_has_its_position():
    down, up = axes_of("vars: {width: 0.125}")
    assert (up.position(0.2), down.position(0.1), up.position(0.1259)) == (75, 25, 1)
    down, up = axes_of("layers: [{conv: {kernel: 5}}]")
    assert (up.position(9), down.position(3), down.probes) == (2, 1, (1,))
