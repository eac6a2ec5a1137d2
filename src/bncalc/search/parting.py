"""Parting: many designs worked out at once, in as few parts as the code needs answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from bncalc.errors import BncalcError
from bncalc.search.evaluation import MeasureDesigns, Refusals

PartFile: TypeAlias = Any
"""The places of some designs among all of them: a list, or an array."""


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
