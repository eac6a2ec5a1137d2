"""Patterns for paths: `*` and `?` within a name, `**` across folders, `!` to take out again."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from bncalc.errors import Location


class Pattern(NamedTuple):
    """One pattern; `text` is without the `!` of one that takes out."""

    text: str
    without: bool
    location: Location

    @property
    def is_magic(self) -> bool:
        return "*" in self.text or "?" in self.text

    def matches(self, path: str) -> bool:
        """Tell whether the pattern matches the whole of a path, which has slashes."""
        return _expression(self.text).fullmatch(path) is not None


def pattern(text: str, location: Location) -> Pattern:
    """Read one pattern; raise ValueError where it is empty."""
    without = text.startswith("!")
    text = text.removeprefix("!").removeprefix("./")
    if not text:
        raise ValueError("a pattern is empty; write a path, in which * and ** may stand")
    return Pattern(text, without, location)


def chosen(patterns: Iterable[Pattern], path: str) -> bool:
    """Tell whether patterns choose a path: the last that matches it decides.

    Everything is there to begin with where the first pattern takes out, or where there is none.
    """
    answer: bool | None = None
    for one in patterns:
        if answer is None:
            answer = one.without
        if one.matches(path):
            answer = not one.without
    return answer is not False


def files(one: Pattern, folder: str) -> list[str]:
    """Return the files in a folder that a pattern matches, with slashes, in order of name.

    What is hidden is matched only by a name that begins with a dot, as in a shell.
    """
    from glob import glob

    text = one.text.replace("[", "[[]")  # whose sets of characters are no part of our patterns
    found = glob(text, root_dir=folder, recursive=True)  # noqa: PTH207 - Path.glob finds hidden ones
    paths = [path for path in found if os.path.isfile(os.path.join(folder, path))]  # noqa: PTH113, PTH118
    return sorted(path.replace(os.sep, "/") for path in paths)


@cache
def _expression(text: str) -> re.Pattern[str]:
    *folders, last = text.split("/")
    parts = ["(?:[^/]+/)*" if one == "**" else f"{_name(one)}/" for one in folders]
    parts.append(".+" if last == "**" else _name(last))
    return re.compile("".join(parts), re.DOTALL)


def _name(text: str) -> str:
    """Return the regular expression for a name between two slashes."""
    return re.sub(r"\\\*(?:\\\*)*", "[^/]*", re.escape(text)).replace(r"\?", "[^/]")
