"""The shape of a feature map, and the statements about it that a design must fulfil."""

from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING

from bncalc.errors import ShapeError


class Shape(tuple[int, ...]):
    """One image's feature map: channels, then the size of each axis of positions.

    A vector has no axis, a sequence one, an image two, a volume three. A single position keeps the
    axes of the map that it was made from: 1000×1×1 after an image.
    """

    __slots__ = ()
    has_channels = True

    def __new__(cls, channels: int, *space: int) -> "Shape":
        return tuple.__new__(cls, (channels, *space))

    if TYPE_CHECKING:

        @property
        def channels(self) -> int: ...
        @property
        def space(self) -> tuple[int, ...]: ...
        @property
        def elements(self) -> int: ...

    else:  # a getter in C costs a third
        channels = property(itemgetter(0))
        space = property(itemgetter(slice(1, None)))
        elements = property(prod)

    @property
    def positions(self) -> int:
        return prod(self[1:])

    @property
    def axes(self) -> int:
        """How many sizes a position is counted by."""
        return len(self) - 1

    def single(self, channels: int) -> "Shape":
        """Return one position of other channels, with as many axes."""
        return Shape(channels, *(1,) * self.axes)

    def __str__(self) -> str:
        return shown(self)

    def __repr__(self) -> str:
        return f"Shape({', '.join(map(str, self))})"

    def __getnewargs__(self) -> tuple[int, ...]:
        return tuple(self)


class Unsized(Shape):
    """A tensor whose sizes depend on content: as a size it has 0, and it is written `?`.

    An op that asks for its channels or positions refuses it.
    """

    __slots__ = ()
    has_channels = False

    def __new__(cls) -> "Unsized":
        return tuple.__new__(cls, (0,))

    @property
    def channels(self) -> int:
        raise ShapeError(f"a tensor of {self} has no channels")

    @property
    def space(self) -> tuple[int, ...]:
        raise ShapeError(f"a tensor of {self} has no positions", about="axes")

    @property
    def positions(self) -> int:
        raise ShapeError(f"a tensor of {self} has no positions", about="axes")

    @property
    def axes(self) -> int:
        raise ShapeError(f"a tensor of {self} has no positions", about="axes")

    def __str__(self) -> str:
        return "?"

    def __repr__(self) -> str:
        return "Unsized()"

    def __getnewargs__(self) -> tuple[int, ...]:
        return ()


def collapsed(value: object) -> object:
    """Return a size that all axes have in place of a size for each: 3 and [3, 3] are the same."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def shown(sizes: tuple[int, ...]) -> str:
    """Write sizes as people do: 56×56."""
    return "×".join(map(str, sizes))


def need_divisible(number: int, what: str, by: int, *, field: str, about: str = "channels") -> None:
    """Raise ShapeError unless the value of a field divides a number of something."""
    if number % by != 0:
        message = f"{number} {what} are not divisible by {field} {by}"
        raise ShapeError(message, field=field, about=about)
