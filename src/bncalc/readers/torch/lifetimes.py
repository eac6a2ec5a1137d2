"""Lifetimes: how long the memory of each tensor is held while a model runs."""

from __future__ import annotations

import weakref
from typing import Any

from bncalc.named import NamedTuple


class Lifetime(NamedTuple):
    """The memory of a map and its views: its elements, and the calls that it lives through.

    `first` is the number of the call that made it, −1 for an input; `last` of the last one before
    it was gone, None where it was there to the end.
    """

    elements: int
    first: int
    last: int | None


class Lifetimes:
    """Follows memory from the call that makes it until nobody names it any more."""

    def __init__(self) -> None:
        self._calls = 0
        self._all: list[Lifetime] = []
        self._alive: dict[int, tuple[int, weakref.ref[Any]]] = {}

    def follow(self, tensor: Any) -> None:
        """Follow the memory of a tensor that the present call puts out."""
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key not in self._alive:
            size = storage.nbytes() // tensor.element_size()
            self._alive[key] = (len(self._all), weakref.ref(storage, lambda _: self._end(key)))
            self._all.append(Lifetime(size, self._calls - 1, None))

    def next_call(self) -> None:
        """Count a call; what follows is put out by it."""
        self._calls += 1

    def all(self) -> tuple[Lifetime, ...]:
        """Return what was followed."""
        return tuple(self._all)

    def _end(self, key: int) -> None:
        index, _ = self._alive.pop(key)
        self._all[index] = self._all[index]._replace(last=self._calls - 1)
