"""Placement: where each buffer lies in one arena that all of them share over time.

The rules are those of TensorFlow Lite Micro's `GreedyMemoryPlanner`.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate, chain

from bncalc.named import NamedTuple

ALIGNMENT = 16
"""Bytes that sizes and offsets are rounded up to."""


class Buffer(NamedTuple):
    """What needs `size` bytes from the step `first` to the step `last`, both included."""

    name: str
    size: int
    first: int
    last: int


class ArenaPlacement(NamedTuple):
    """Buffers and the offset of each, in bytes from the start of the arena."""

    buffers: tuple[Buffer, ...]
    offsets: tuple[int, ...]

    @property
    def size(self) -> int:
        """The highest end of a buffer: the bytes that the arena needs."""
        ends = [
            offset + aligned(buffer.size)
            for buffer, offset in zip(self.buffers, self.offsets, strict=True)
        ]
        return max(ends, default=0)

    def at(self, step: int) -> tuple[tuple[Buffer, int], ...]:
        """Return the buffers that are needed at a step, each with its offset."""
        pairs = zip(self.buffers, self.offsets, strict=True)
        return tuple(
            (buffer, offset)
            for buffer, offset in pairs
            if buffer.size and buffer.first <= step <= buffer.last
        )


def aligned(size: int) -> int:
    """Return a size rounded up to whole units of the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def place(buffers: Sequence[Buffer]) -> ArenaPlacement:
    """Place the largest buffer first, of equal size the last first, each in the lowest gap.

    A gap is free of all buffers placed before that are needed at the same time. Units: bytes.
    """
    offsets = [0] * len(buffers)
    placed = _Placed()
    for index in sorted(range(len(buffers)), key=lambda i: (-aligned(buffers[i].size), -i)):
        _, size, first, last = buffers[index]
        size = aligned(size)
        at = 0
        for offset, end, _, _ in placed.beside(first, last):
            if offset - at >= size:
                break
            at = max(at, end)
        offsets[index] = at
        if size:
            placed.add((at, at + size, first, last))
    return ArenaPlacement(tuple(buffers), tuple(offsets))


_PlacedBuffer = tuple[int, int, int, int]
"""An offset, an end, a first and a last step."""


class _Placed:
    """What has been placed, by the steps at which it is needed.

    Each buffer is in one or two stretches of steps, as long as it is needed or up to twice as long:
    so of thousands of steps only a few are looked through.
    """

    def __init__(self) -> None:
        self._stretches: dict[tuple[int, int], list[_PlacedBuffer]] = defaultdict(list)
        self._lengths: set[int] = set()

    def add(self, buffer: _PlacedBuffer) -> None:
        _, _, first, last = buffer
        length = (last - first).bit_length()
        self._lengths.add(length)
        for stretch in range(first >> length, (last >> length) + 1):
            insort(self._stretches[length, stretch], buffer)

    def beside(self, first: int, last: int) -> list[_PlacedBuffer]:
        """Return what is needed at any of some steps, by offset; some of it may be there twice."""
        stretches = [
            self._stretches.get((length, stretch), ())
            for length in self._lengths
            for stretch in range(first >> length, (last >> length) + 1)
        ]
        buffers = chain.from_iterable(stretches)
        return sorted([each for each in buffers if each[2] <= last and first <= each[3]])


def most_live(buffers: Sequence[Buffer]) -> int:
    """Return the most bytes that are needed at any step: what no placement can go below."""
    changes = [0] * (max((buffer.last for buffer in buffers), default=0) + 2)
    for buffer in buffers:
        changes[buffer.first] += buffer.size
        changes[buffer.last + 1] -= buffer.size
    return max(accumulate(changes))
