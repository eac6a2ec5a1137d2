"""Evaluation: many designs worked out at once, in as few parts as the code needs answers.

Designs that cannot be built are counted by the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from bncalc.errors import BncalcError, SpecError
from bncalc.named import NamedTuple

DesignValues = Mapping[str, Any]
"""What is varied, by name."""
MeasureDesigns = Callable[[DesignValues], Sequence[Any]]
"""Returns the numbers of the design that has these values; of several, where they are lanes."""
PartFile: TypeAlias = Any
"""The places of some designs among all of them: a list, or an array."""


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
        self.put(Refusal(_place(error), reason(error), example, count))

    def put(self, refusal: Refusal) -> None:
        """Count the designs of a refusal among those that were refused alike before."""
        known = self._by_place.get(refusal.place, refusal._replace(designs=0))
        self._by_place[refusal.place] = known._replace(designs=known.designs + refusal.designs)

    def knows(self, error: BncalcError) -> bool:
        """Return whether a design has failed alike."""
        return _place(error) in self._by_place

    def listed(self) -> list[Refusal]:
        """Return the reasons, the most frequent first and equal ones by their places."""
        return sorted(self._by_place.values(), key=lambda each: (-each.designs, each.place))


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


class Parting(BaseException):
    """Raised where designs part: those with equal `keys` still go together.

    No ordinary exception, because what rejects a value catches ValueError and TypeError.
    """

    def __init__(self, keys: Any) -> None:
        self.keys = keys
        super().__init__()


def in_parts(
    measured: MeasureDesigns,
    parts: list[PartFile],
    values_at: Callable[[PartFile], Mapping[str, Any]],
    parted: Callable[[PartFile, Any], list[PartFile]],
    refusals: Refusals,
) -> Iterator[tuple[PartFile, Sequence[Any]]]:
    """Return the numbers of each part that can be built; count the other designs as refused.

    `values_at` gives the values of a part, `parted` its designs apart by the keys of a split.
    """
    while parts:
        part = parts.pop()
        try:
            answers = measured(values_at(part))
        except Parting as split:
            parts += parted(part, split.keys)
        except BncalcError as error:
            first = values_at(part[:1])
            refusals.add(_in_plain_numbers(error, measured, first, refusals), first, len(part))
        else:
            yield part, answers


def _in_plain_numbers(
    error: BncalcError, measured: MeasureDesigns, first: Mapping[str, Any], refusals: Refusals
) -> BncalcError:
    """Return the error that the first of several designs raises alone, once for each reason."""
    if not refusals.knows(error):
        try:
            measured(first)
        except BncalcError as plain:
            return plain
    return error
