"""Patterns: what each output position reads along one axis, one after the other and in turns."""

from math import gcd, lcm
from typing import TYPE_CHECKING

from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

LONGEST_PERIOD = 4096


class Window(NamedTuple):
    """What each output position reads along one axis: `first[i]` to `last[i]`, gaps included.

    The pattern repeats after `len(first)` outputs, `advance` positions further on. A stride of 2 is
    a period of 1 that advances by 2; upsampling by 2 a period of 2 that advances by 1. Nothing is
    cut at the border: in the padding positions are negative, or beyond the end.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]
    advance: int

    @property
    def size(self) -> int:
        """The most positions that one output reads."""
        return max([b - a for a, b in zip(self.first, self.last, strict=True)]) + 1

    @property
    def stride(self) -> "int | Fraction":
        """How far the window moves from one output to the next; on average, with a period."""
        if len(self.first) == 1:
            return self.advance
        from fractions import Fraction  # 3 ms, for the few networks that enlarge a map

        return Fraction(self.advance, len(self.first))

    def start(self, output: int) -> int:
        """Return the first position that an output reads."""
        return _at(self.first, self.advance, output)

    def stop(self, output: int) -> int:
        """Return the last position that an output reads."""
        return _at(self.last, self.advance, output)

    def through(self, inner: "Window") -> "Window | None":
        """Return what is read of the image, where `inner` reads a map whose positions read `self`.

        None where the pattern gets longer than `LONGEST_PERIOD`.
        """
        period, ahead = len(self.first), inner.advance
        if period == len(inner.first) == 1:
            (a,), (b,), step = self
            return Window((a + step * inner.first[0],), (b + step * inner.last[0],), step * ahead)
        turns = period // gcd(period, ahead)
        if turns * len(inner.first) > LONGEST_PERIOD:
            return None
        shifts = range(0, turns * ahead, ahead)
        return Window(
            tuple(
                [_at(self.first, self.advance, i + shift) for shift in shifts for i in inner.first]
            ),
            tuple(
                [_at(self.last, self.advance, i + shift) for shift in shifts for i in inner.last]
            ),
            turns * ahead // period * self.advance,
        )

    def repeated(self, period: int) -> "Window":
        """Return the same, written with a period that is a multiple of its own."""
        turns = period // len(self.first)
        if turns == 1:
            return self
        shifts = range(0, turns * self.advance, self.advance)
        return Window(
            tuple([i + shift for shift in shifts for i in self.first]),
            tuple([i + shift for shift in shifts for i in self.last]),
            turns * self.advance,
        )


def _at(pattern: tuple[int, ...], advance: int, position: int) -> int:
    turn, phase = divmod(position, len(pattern))
    return pattern[phase] + turn * advance


def union(windows: list[Window]) -> Window | None:
    """Return the least window around all; None where their strides differ."""
    first = windows[0]
    if all(window == first for window in windows):
        return first
    period = lcm(*[len(window.first) for window in windows])
    if period > LONGEST_PERIOD:
        return None
    alike = [window.repeated(period) for window in windows]
    if len({window.advance for window in alike}) > 1:
        return None
    return Window(
        tuple(map(min, *[window.first for window in alike])),
        tuple(map(max, *[window.last for window in alike])),
        alike[0].advance,
    )


def concentric(windows: list[Window]) -> bool:
    """Return whether windows of one stride have their centres in the same places."""
    period = lcm(*[len(window.first) for window in windows])
    alike = [window.repeated(period) for window in windows]
    return (
        len({tuple(map(sum, zip(window.first, window.last, strict=True))) for window in alike}) == 1
    )
