"""Lifetimes: how long the memory of each tensor is held while a model runs, by rows and steps."""

from __future__ import annotations

import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from bncalc.model.graph import Occupancy
from bncalc.named import NamedTuple

_FLOAT = 4


class Lifetime(NamedTuple):
    """The memory of a map and its views: its elements, and the rows that it lives through.

    `first` is the number of the row that made it, −1 for an input; `last` of the last one before
    it was gone, None where it was there to the end. An element takes `width` bytes, or as many as
    are assumed of maps if that is 0. `shared` memory is that of all images.
    """

    elements: int
    first: int
    last: int | None
    width: int = 0
    shared: bool = False


def storage_of(tensor: Any) -> int:
    """Return what tells the memory of one tensor from that of another."""
    return int(tensor.untyped_storage()._cdata)


def memory_of(tensor: Any, first: int) -> Lifetime:
    """Return the memory of a tensor, from a row or call on."""
    width = tensor.element_size()
    elements = tensor.untyped_storage().nbytes() // width
    return Lifetime(elements, first, None, 0 if tensor.is_floating_point() else width)


class Lifetimes:
    """Follows memory from the row that makes it until nobody names it any more."""

    def __init__(self) -> None:
        self._row = -1
        self._last_rows: list[int] = []
        self._all: list[Lifetime] = []
        self._alive: dict[int, tuple[int, weakref.ref[Any]]] = {}
        self._left_out: set[int] = set()

    def leave_out(self, tensor: Any) -> None:
        """Take the memory of a tensor, learned or stored, for what is there anyway."""
        self._left_out.add(storage_of(tensor))

    def follow(self, tensors: Iterable[Any]) -> None:
        """Follow the memory of tensors that are there from now on."""
        for tensor in tensors:
            storage, key = tensor.untyped_storage(), storage_of(tensor)
            if key not in self._alive and key not in self._left_out:
                self._alive[key] = (len(self._all), weakref.ref(storage, self._ends(key)))
                self._all.append(memory_of(tensor, self._row))

    def next_row(self, made: Iterable[Any]) -> None:
        """Count a row, and follow what it has made."""
        self._row += 1
        self.follow(made)

    def end_call(self) -> None:
        """Note that the rows up to here are those of a call."""
        self._last_rows.append(self._row)

    def share(self, tensor: Any) -> None:
        """Note that a tensor is worked out of weights alone, for all images."""
        key = storage_of(tensor)
        if key in self._alive:
            index, _ = self._alive[key]
            self._all[index] = self._all[index]._replace(shared=True)

    def share_statistics(self, made: Iterable[Any], given: Iterable[Any]) -> None:
        """Note that what a norm of a batch has of its channels is of all images.

        A norm of each image gives PyTorch copies of what is stored, or nothing.
        """
        stored = [each for each in given if each is not None and storage_of(each) in self._left_out]
        for each in made if stored else ():
            self.share(each)

    def all(self) -> tuple[Lifetime, ...]:
        """Return what was followed, until the last call's end."""
        end = self._last_rows[-1] if self._last_rows else -1
        return tuple([each for each in self._all if each.first <= end])

    def last_rows(self) -> tuple[int, ...]:
        """Return the last row of each call."""
        return tuple(self._last_rows)

    def _ends(self, key: int) -> Callable[[object], None]:
        def end(_: object) -> None:
            index, _ = self._alive.pop(key)
            self._all[index] = self._all[index]._replace(last=self._row)

        return end


def occupancies(
    lifetimes: Sequence[Lifetime], steps: Sequence[int], count: int
) -> Iterator[Occupancy]:
    """Return how long memory was held in `count` steps; `steps` are those of the inputs and rows.

    What a step holds is what that of its rows held that held the most.
    """
    rows = _fullest(lifetimes, steps, count)
    for elements, first, last, width, shared in lifetimes:
        start = bisect_left(rows, first)
        stop = count if last is None else bisect_right(rows, last) - 1
        if start <= stop:
            yield Occupancy(elements, start, stop, width, shared)


def _fullest(lifetimes: Sequence[Lifetime], steps: Sequence[int], count: int) -> list[int]:
    """Return for each step the row that held the most, −1 for the inputs; in between as before."""
    changes = [0] * (len(steps) + 1)
    for elements, first, last, width, _ in lifetimes:
        size = elements * (width or _FLOAT)
        changes[first + 1] += size
        changes[len(steps) if last is None else min(last + 2, len(steps))] -= size
    fullest: dict[int, int] = {}
    held = list(accumulate(changes))
    for index, step in enumerate(steps):
        if held[index] > held[fullest.setdefault(step, index)]:
            fullest[step] = index
    rows = [-1] * count
    for step in range(count):
        rows[step] = fullest[step] - 1 if step in fullest else rows[max(step - 1, 0)]
    return rows
