"""Quantities as people write them, exact: 4.5M, 18 MiB, 12.5 %."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

Unit = Literal["count", "bytes"]

COUNTS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
BYTES = {
    "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20,
    "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
UNITS: dict[Unit, dict[str, int]] = {"count": COUNTS, "bytes": BYTES}
NUMBER = r"[0-9]{1,18}(?:_[0-9]{3}){0,5}(?:\.[0-9]{1,18})?(?:[eE][+]?[0-9]{1,2})?"
"""Bounded, so that no text becomes a number that fills the memory."""

_QUANTITY = rf"({NUMBER}) ?([A-Za-z]*|%)"
_COUNT_HINT = "a count such as 4_000_000, 4M or 1.5G"
_BYTES_HINT = "bytes with a unit, such as 18 MiB (1024s) or 18 MB (1000s)"


class Quantity(NamedTuple):
    """A number of a unit, or where it is a `share` (1 is the whole) a part of something."""

    number: Fraction
    share: bool
    written: str

    def of(self, whole: int) -> Fraction:
        """Return what it comes to, where the whole is what a share refers to."""
        return self.number * whole if self.share else self.number


def exact(number: int, unit: str) -> str:
    """Write an amount to the last digit: 4,350,952, 18,874,368 B."""
    return f"{number:,} B" if unit == "bytes" else f"{number:,}"


def written(number: int, unit: Unit) -> str:
    """Write an amount to the last digit as `quantity` reads it: 4_350_952, 18_874_368 B."""
    return f"{number:_} B" if unit == "bytes" else f"{number:_}"


def size_text(size: int) -> str:
    """Write a size of memory to the last byte, as data sheets do: 320 KiB, or 1000 B."""
    return f"{size} B" if size % 1024 else f"{size // 1024} KiB"


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Write how many there are of something: 1 model, 2 models; `nouns` where an s is not all."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"


def first_few(names: Sequence[str], few: int = 3) -> str:
    """Write the first few of some names, and how many more there are."""
    more = f" and {len(names) - few:,} more" if len(names) > few else ""
    return ", ".join(names[:few]) + more


def listed(words: Sequence[str]) -> str:
    """Write words as a sentence has them: a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def quantity(text: str, unit: Unit) -> Quantity:
    """Read a count, bytes or a percentage; raise ValueError saying what would be right."""
    from fractions import Fraction  # takes as long to load as a block to work out

    text = text.strip()
    match = re.fullmatch(_QUANTITY, text)
    if not match:
        right = _COUNT_HINT if unit == "count" else _BYTES_HINT
        raise ValueError(f"cannot read {text[:40]!r}; write {right}, or a percentage")
    number, suffix = Fraction(match[1].replace("_", "")), match[2]
    if suffix == "%":
        return Quantity(number / 100, True, text)
    units = UNITS[unit]
    if suffix not in units:
        raise ValueError(_wrong_unit(text, match[1], suffix, unit))
    return Quantity(number * units[suffix], False, text)


def _wrong_unit(text: str, number: str, suffix: str, unit: Unit) -> str:
    if unit == "count":
        if suffix in BYTES:
            return f"{text!r} is in bytes, and this is a count; write {_COUNT_HINT}"
        near = suffix.upper() if suffix.upper() in COUNTS else ""
        return f"{text!r}: unknown unit {suffix!r}; write {number + near if near else _COUNT_HINT}"
    if not suffix:
        return f"{text!r} has no unit; write {_BYTES_HINT}"
    if suffix in COUNTS:
        return f"{text!r} is a count, and this is in bytes; write {_BYTES_HINT}"
    near = next((name for name in BYTES if name.lower() == suffix.lower()), "")
    if near:
        return f"{text!r}: {suffix} is spelt {near}, {BYTES[near]:,} bytes; write {number} {near}"
    return f"{text!r}: unknown unit {suffix!r}; write {_BYTES_HINT}"
