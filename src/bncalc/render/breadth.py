"""How much room a text takes on a screen: measured, folded at words, cut from the left."""

from __future__ import annotations

import re
from functools import lru_cache

_MOST_WORD = 24
"""A longer word, an address or a path, may be broken anywhere."""

_SPACE = r"(?<!\d) | (?!(?:[kMGTP]|[KMGTP]iB|B|%|[mµn]?s)(?!\w))"
"""Where a line may end: not between a number and its unit."""

_SINGLE = dict.fromkeys(map(ord, "×÷·−–—…→│─█▉▊▋▌▍▎▏°²³µ≈≤≥"), "x")
"""Signs of ours that take one cell, as all of ASCII does; a pattern would take long to compile."""


def breadth(text: str) -> int:
    """Return how many cells of a screen a text takes: two for 卷, none for a combining accent."""
    return len(text) if text.isascii() else _breadth(text)


@lru_cache(1024)  # shapes and bars come again
def _breadth(text: str) -> int:
    return len(text) if text.translate(_SINGLE).isascii() else sum(map(_cells, text))


def _cells(letter: str) -> int:
    from unicodedata import category, east_asian_width

    if category(letter) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1


def broadest_word(text: str) -> int:
    """Return the least room that a text can be folded to."""
    return min(max(map(breadth, re.split(_SPACE, text))), _MOST_WORD)


def folded(text: str, room: int) -> list[str]:
    """Break a text into lines at its words; a word that is wider than all the room, anywhere."""
    if breadth(text) <= room:
        return [text]
    lines = [""]
    for word in re.split(_SPACE, text):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if breadth(longer) <= room:
            lines[-1] = longer
            continue
        pieces = _pieces(word, room)
        lines = [*lines, *pieces] if lines[-1] else [*lines[:-1], *pieces]
    return lines


def _pieces(word: str, room: int) -> list[str]:
    """Break a word into pieces that are as wide as the room."""
    pieces, start, used = [], 0, 0
    for at, letter in enumerate(word):
        used += (cells := _cells(letter))
        if used > room and at > start:
            pieces.append(word[start:at])
            start, used = at, cells
    return [*pieces, word[start:]]


def cut(name: str, room: int) -> str:
    """Cut a name from the left, at a slash if that leaves most of it: …/conv2."""
    if breadth(name) <= room:
        return name
    kept = _end(name, room - 1)
    slash = kept.find("/")
    return f"…{kept[slash:] if 0 <= slash < len(kept) / 2 else kept}"


def shortened(name: str, room: int) -> str:
    """Cut a name from the left to what a room holds, for its end tells names apart."""
    if breadth(name) <= room:
        return name
    return f"…{_end(name, room - 1)}" if room > 1 else ""


def _end(name: str, room: int) -> str:
    """Return the end of a name that a room holds."""
    start, left = len(name), room
    while start and _cells(name[start - 1]) <= left:
        start -= 1
        left -= _cells(name[start])
    return name[start:]


def begun(name: str, room: int) -> str:
    """Return the beginning of a name that a room holds."""
    while breadth(name) > room:
        name = name[:-1]
    return name


def padded(text: str, room: int, *, right: bool = False) -> str:
    """Fill a text with spaces to so many cells, before it if it stands at the `right`."""
    space = " " * (room - breadth(text))
    return space + text if right else text + space


def aligned(name: str, room: int, *, right: bool = False) -> str:
    """Return a name in just so many cells, cut from the left or filled with spaces."""
    return padded(shortened(name, room), room, right=right)


def in_cells(text: str) -> list[str]:
    """Return what each cell of a screen shows of a text: a wide letter leaves its second empty."""
    shown: list[str] = []
    for letter in text:
        cells = _cells(letter)
        if cells or not shown:
            shown += [letter, ""][: max(cells, 1)]
        else:
            shown[-1] += letter
    return shown
