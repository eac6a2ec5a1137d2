"""Spelling: the known word that a mistyped or unfinished one was to be.

A wrong guess misleads: another number is no slip, as `int4` for `int8`, nor is another first
letter, as `v100` for `a100`.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_LONGEST = 50
"""Letters of a word that is looked at; comparing two takes the product of their lengths."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word with the fewest slips, or one that goes on or ends where this does."""
    plain = _plain(word)
    ranked = []
    for candidate, ours in _comparable(plain, known):
        slips = _slips_between(plain, ours)
        if slips is None and (_begins(plain, ours) or _begins(ours, plain)):
            slips = 1
        if slips is not None:
            ranked.append((slips, abs(len(ours) - len(plain)), candidate))
    return min(ranked)[2] if ranked else None


def slip(word: str, known: Iterable[str]) -> str | None:
    """Return a known word that a word is with slips of letters: none that only begins like it."""
    plain = _plain(word)
    pairs = _comparable(plain, known)
    return next((word for word, ours in pairs if _slips_between(plain, ours) is not None), None)


def _comparable(plain: str, known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the known words that are compared, each with its letters."""
    if 2 <= len(plain) <= _LONGEST:
        for candidate in known:
            ours = _plain(candidate)
            if len(ours) <= _LONGEST:
                yield candidate, ours


def _slips_between(a: str, b: str) -> int | None:
    """Return the slips between words of the same number, None for too many."""
    (number, letters), (its_number, its_letters) = _parted(a), _parted(b)
    if number != its_number or not _begin_alike(letters, its_letters):
        return None
    slips = _slips(letters, its_letters)
    return slips if slips <= _allowed(len(letters)) else None


def _allowed(length: int) -> int:
    return 0 if length < 2 else 1 if length < 8 else 2


_LATIN = str.maketrans("асԁеһіјорѕухαικνορυ", "acdehijopsyxaiknopu")
"""Cyrillic and Greek letters that look like Latin ones, from another keyboard or a paper."""


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    """Return a word in small Latin letters, without signs and without the s of a plural."""
    return re.sub(r"[\W_]", "", word.lower().translate(_LATIN)).removesuffix("s")


@lru_cache(maxsize=4096)
def _parted(word: str) -> tuple[str, str]:
    """Return the digits of a word, and what is not a digit."""
    return re.sub(r"\D", "", word), re.sub(r"\d", "", word)


def _begin_alike(a: str, b: str) -> bool:
    """Say whether words begin with the same letter, or with two that are swapped."""
    return a[:1] == b[:1] or (len(a) > 1 and a[:2] == b[1::-1])


def _begins(short: str, long: str) -> bool:
    """Say whether a word begins with another of three letters or more, no number cut in two."""
    rest = long[len(short) :]
    cut = short[-1:].isdigit() and rest[:1].isdigit()
    return len(short) >= 3 and long.startswith(short) and not cut


def _slips(a: str, b: str) -> int:
    """Return how many letters were missed, added, mistaken or swapped with the next."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a):
        last, before, row = before, row, [i + 1]
        for j, other in enumerate(b):
            slips = min(before[j] + (letter != other), before[j + 1] + 1, row[j] + 1)
            if i and j and letter == b[j - 1] and a[i - 1] == other:
                slips = min(slips, last[j - 1] + 1)
            row.append(slips)
    return row[-1]
