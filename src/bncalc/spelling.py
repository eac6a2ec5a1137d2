"""Spelling: the known word that a mistyped or unfinished one was to be.

A wrong guess misleads: another number is no slip, as `int4` for `int8`, nor is another first
letter, as `v100` for `a100`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from bncalc.named import NamedTuple

_LONGEST = 50
"""Letters of a word that is looked at; comparing two takes the product of their lengths."""
_STEM = 3
"""Letters that a word must have to be the beginning of another."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word with the fewest slips, or one that goes on or ends where this does."""
    plain, index = _plain(word), _index(tuple(known))
    ranked = []
    for ours, candidate in {*_of_its_number(plain, index), *_beginning_alike(plain, index)}:
        slips = _slips_between(plain, ours)
        if slips is None and (_begins(plain, ours) or _begins(ours, plain)):
            slips = 1
        if slips is not None:
            ranked.append((slips, abs(len(ours) - len(plain)), candidate))
    return min(ranked)[2] if ranked else None


def slip(word: str, known: Iterable[str]) -> str | None:
    """Return a known word that a word is with slips of letters: none that only begins like it."""
    plain = _plain(word)
    pairs = _of_its_number(plain, _index(tuple(known)))
    return next((word for ours, word in pairs if _slips_between(plain, ours) is not None), None)


class _Index(NamedTuple):
    """The letters of known words, each before the word itself, so that few have to be compared."""

    in_order: list[tuple[str, str]]
    by_number: dict[str, list[tuple[str, str]]]


@lru_cache(maxsize=4)
def _index(known: tuple[str, ...]) -> _Index:
    pairs = sorted([(_plain(word), word) for word in known])
    index = _Index([pair for pair in pairs if len(pair[0]) <= _LONGEST], {})
    for pair in index.in_order:
        index.by_number.setdefault(_parted(pair[0])[0], []).append(pair)
    return index


def _of_its_number(plain: str, index: _Index) -> Sequence[tuple[str, str]]:
    """Return the known words with the same digits; none for a word of one letter or too many."""
    is_compared = 2 <= len(plain) <= _LONGEST
    return index.by_number.get(_parted(plain)[0], ()) if is_compared else ()


def _beginning_alike(plain: str, index: _Index) -> Iterator[tuple[str, str]]:
    """Yield the known words that begin with a word, and those with which it begins."""
    for end in range(_STEM, len(plain) + 1 if len(plain) <= _LONGEST else 0):
        stem = plain[:end]
        for pair in islice(index.in_order, bisect_left(index.in_order, (stem,)), None):
            if pair[0] != stem and not (end == len(plain) and pair[0].startswith(stem)):
                break
            yield pair


def _slips_between(a: str, b: str) -> int | None:
    """Return the slips between words of the same number, None for too many."""
    (number, letters), (its_number, its_letters) = _parted(a), _parted(b)
    most = _allowed(len(letters))
    if number != its_number or abs(len(letters) - len(its_letters)) > most:
        return None
    slips = _slips(letters, its_letters) if _begin_alike(letters, its_letters) else most + 1
    return slips if slips <= most else None


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
    """Say whether a word begins with another that is long enough, no number cut in two."""
    rest = long[len(short) :]
    cut = short[-1:].isdigit() and rest[:1].isdigit()
    return len(short) >= _STEM and long.startswith(short) and not cut


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
