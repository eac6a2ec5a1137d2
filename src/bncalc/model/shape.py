"""The shape of a feature map, and comparisons that hold for one design or for all of a sweep."""

from collections.abc import Callable
from typing import NamedTuple

from bncalc.errors import ShapeError, UsageError


class Shape(NamedTuple):
    """One image's feature map: channels × height × width. A vector is a 1×1 map."""

    channels: int
    height: int = 1
    width: int = 1

    @property
    def positions(self) -> int:
        return self.height * self.width

    @property
    def elements(self) -> int:
        return self.channels * self.height * self.width

    def __str__(self) -> str:
        return f"{self.channels}×{self.height}×{self.width}"


def image(given: object) -> Shape:
    """Return what a caller gives as (channels, height, width); raise UsageError otherwise."""
    three = given if isinstance(given, (tuple, list)) and len(given) == 3 else (0,)
    if all((type(one) is int and one >= 1) or hasattr(one, "dtype") for one in three):
        return Shape(*three)
    right = "(channels, height, width), three whole numbers of at least 1"
    raise UsageError(f"input is {given!r}; it must be {right}")


def holds(condition: bool) -> bool:
    """Return whether a comparison holds: of two numbers, or of every pair in two integer arrays."""
    return bool(getattr(condition, "all", lambda: condition)())


def require(
    condition: bool,
    message: Callable[[], str],
    *,
    field: str | None = None,
    about: str = "channels",
) -> None:
    """Raise ShapeError unless the comparison holds (for every design, where it is an array).

    The message is made only where it is needed: writing an array out takes longer than all else.
    """
    if not holds(condition):
        raise ShapeError(message(), field=field, about=about)


def same(one: Shape, other: Shape) -> bool:
    """Return whether two maps have the same shape; refuse a sweep in which only some do."""
    answer = True
    for a, b in zip(one, other, strict=True):
        equal = a == b
        if not holds(equal) and bool(getattr(equal, "any", lambda: False)()):
            raise ShapeError("some designs of this sweep keep the shape here and others do not")
        answer = answer and holds(equal)
    return answer
