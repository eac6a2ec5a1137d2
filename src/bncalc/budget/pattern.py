"""Patterns for paths: `*` and `?` within a name, `**` across folders, `!` to take out again."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc import wildcard
from bncalc.errors import Location
from bncalc.named import NamedTuple


class Pattern(NamedTuple):
    """One pattern; `text` is without the `!` of one that takes out."""

    text: str
    without: bool
    location: Location

    @property
    def is_magic(self) -> bool:
        return wildcard.is_magic(self.text)

    def matches(self, path: str) -> bool:
        """Return whether the pattern matches the whole of a path, which has slashes."""
        return wildcard.matches(self.text, path)


def pattern(text: str, location: Location) -> Pattern:
    """Read one pattern; raise ValueError if it is empty."""
    without = text.startswith("!")
    text = text.removeprefix("!").removeprefix("./")
    if not text:
        raise ValueError("a pattern is empty; write a path, with * or ** if needed")
    return Pattern(text, without, location)


def chosen(patterns: Iterable[Pattern], path: str) -> bool:
    """Return whether patterns choose a path: the last that matches it decides.

    Everything is there to begin with if the first pattern takes out, or if there is none.
    """
    answer: bool | None = None
    for pattern in patterns:
        if answer is None:
            answer = pattern.without
        if pattern.matches(path):
            answer = not pattern.without
    return answer is not False
