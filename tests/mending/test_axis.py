"""The values that a number could have instead, and the nearest of them that will do."""

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
        ("vars: {width: 5000000000}", [], []),
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


@given(st.integers(1, 500), st.integers(1, 500), st.sampled_from([1, 2]))
def test_the_nearest_position_is_found_in_few_steps(first, more, power):
    looked: set[int] = set()

    def over(position: int) -> float:
        looked.add(position)
        return float((first + more - position) ** power - (more + 1) ** power) + 0.5

    assert nearest(lambda position: over(position) <= 0, over, 0, first + more) == first
    assert len(looked) <= 2 * (first + more).bit_length() + 4


def test_large_widths_are_counted_in_eights():
    down, up = axes_of("layers: [{conv: {out: 64}}]")
    assert [axis.value(1) for axis in (*eights(down), *eights(up))] == [56, 72]
    for text in ("conv: {out: 63}", "conv: {out: 8}", "conv: {kernel: 16}", "conv: {groups: 16}"):
        assert [*eights(axes_of(f"layers: [{{{text}}}]")[0])] == []


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
