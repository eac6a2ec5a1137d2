"""Placement against an obvious simulator: bytes of an arena, occupied one step at a time."""

import random
from itertools import pairwise

from tests.rows import each_of
from tests.work import calls

from bncalc.analysis.arena.placement import ArenaPlacement, Buffer, aligned, most_live, place


def random_buffers(seed: int) -> list[Buffer]:
    rng = random.Random(seed)
    steps = rng.randint(1, 12)
    buffers = []
    for index in range(rng.randint(1, 14)):
        first = rng.randint(0, steps)
        size = rng.choice([0, 16, 32, rng.randint(1, 200)])
        buffers.append(Buffer(str(index), size, first, rng.randint(first, steps)))
    return buffers


def simulate(buffers: list[Buffer]) -> list[int]:
    """Try every aligned offset from 0 upwards, in the order of the rule, unit by unit."""
    order = sorted(enumerate(buffers), key=lambda pair: (aligned(pair[1].size), pair[0]))
    taken: set[tuple[int, int]] = set()  # (step, unit)
    offsets = [0] * len(buffers)
    for index, buffer in reversed(order):
        units = aligned(buffer.size) // 16
        at = 0
        while any(
            (step, at + unit) in taken
            for step in range(buffer.first, buffer.last + 1)
            for unit in range(units)
        ):
            at += 1
        taken |= {
            (step, at + unit)
            for step in range(buffer.first, buffer.last + 1)
            for unit in range(units)
        }
        offsets[index] = at * 16
    return offsets


def test_placement_is_that_of_the_simulator_and_never_below_the_bound() -> None:
    """Ten thousand random lifetimes, in plans of up to fourteen."""
    placed = 0
    for seed in range(1500):
        buffers = random_buffers(seed)
        placement = place(buffers)
        assert list(placement.offsets) == simulate(buffers), seed
        assert placement.size >= most_live(buffers), seed
        assert placement.size >= max(aligned(buffer.size) for buffer in buffers), seed
        placed += len(buffers)
    assert placed >= 10_000


def test_a_plan_of_hundreds_of_buffers_is_that_of_the_simulator() -> None:
    rng = random.Random(0)
    firsts = [rng.randrange(300) for _ in range(400)]
    buffers = [
        Buffer(
            str(index),
            rng.choice([16, 48, rng.randint(1, 160)]),
            first,
            first + rng.choice([1, 1, 2, 40]),
        )
        for index, first in enumerate(firsts)
    ]
    assert list(place(buffers).offsets) == simulate(buffers)


class Step(int):
    """A step that is compared by a call, so that comparisons are counted."""

    def __le__(self, other: int) -> bool:
        return int(self) <= int(other)


def test_a_buffer_of_many_is_as_much_work_as_one_of_few() -> None:
    few, many = (
        [Buffer("", 16 + step % 7, Step(step), Step(step + 1)) for step in range(count)]
        for count in (50, 400)
    )
    assert calls(lambda: place(many)) < 10 * calls(lambda: place(few))


@each_of(range(50))
def test_no_two_buffers_share_a_byte_at_a_step(seed: int) -> None:
    placement = place(random_buffers(seed))
    for step in range(13):
        live = sorted((offset, offset + buffer.size) for buffer, offset in placement.at(step))
        assert all(before[1] <= two[0] for before, two in pairwise(live))


def test_of_equal_size_the_last_added_comes_first() -> None:
    placement = place([Buffer("a", 16, 0, 1), Buffer("b", 16, 1, 2)])
    assert placement.offsets == (16, 0)


def test_the_largest_is_placed_first_and_the_rest_fill_its_gaps() -> None:
    buffers = [Buffer("small", 16, 0, 0), Buffer("large", 100, 0, 2), Buffer("late", 32, 2, 2)]
    placement = place(buffers)
    assert placement.offsets == (112, 0, 112)
    assert placement.size == 112 + 32


def test_nothing_to_place_takes_nothing() -> None:
    assert place([]) == ArenaPlacement((), ())
    assert place([]).size == most_live([]) == 0
