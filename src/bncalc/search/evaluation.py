"""Evaluation: what each of several designs costs, and why some of them cannot be built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bncalc.errors import BncalcError, SpecError
from bncalc.named import NamedTuple

DesignValues = Mapping[str, Any]
"""What is varied, by name."""
MeasureDesigns = Callable[[DesignValues], Sequence[Any]]
"""Returns the numbers of the design that has these values; of several, where they are lanes."""


class Refusal(NamedTuple):
    """Why designs cannot be built: what is wrong with one of them, its values, and how many."""

    place: str
    """What tells reasons apart that differ in more than their numbers."""
    message: str
    example: DesignValues
    designs: int


class Refusals:
    """Counts designs that cannot be built, by what is wrong first; numbers make no difference."""

    def __init__(self) -> None:
        self._by_place: dict[str, Refusal] = {}

    def add(self, error: BncalcError, example: DesignValues, count: int = 1) -> None:
        """Count designs that fail alike."""
        place = _place(error)
        known = self._by_place.get(place, Refusal(place, reason(error), example, 0))
        self._by_place[place] = known._replace(designs=known.designs + count)

    def knows(self, error: BncalcError) -> bool:
        """Return whether a design has failed alike."""
        return _place(error) in self._by_place

    def listed(self) -> list[Refusal]:
        """Return the reasons, the most frequent first."""
        return sorted(self._by_place.values(), key=lambda refusal: -refusal.designs)


def reason(error: BncalcError) -> str:
    """Return the first thing that is wrong with a design."""
    return str(error.problems[0]) if isinstance(error, SpecError) else str(error)


def _place(error: BncalcError) -> str:
    if isinstance(error, SpecError):
        problem = error.problems[0]
        return f"{problem.location} {_words(problem.message)}"
    return _words(str(error))


def _words(text: str) -> str:
    return "".join([letter for letter in text if letter.isalpha() or letter == " "])
