"""The shape of a feature map, and the statements about it that a design must fulfil."""

from collections.abc import Callable
from typing import NamedTuple

from bncalc.errors import ShapeError, UsageError
from bncalc.number import is_whole


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
    if all(is_whole(size) and size >= 1 for size in three):
        return Shape(*three)
    right = "(channels, height, width), three whole numbers of at least 1"
    raise UsageError(f"input is {given!r}; it must be {right}")


def require(
    condition: bool,
    message: Callable[[], str],
    *,
    field: str | None = None,
    about: str = "channels",
) -> None:
    """Raise ShapeError unless the comparison holds. The message is made only where it is needed."""
    if not condition:
        raise ShapeError(message(), field=field, about=about)
