"""Binary files: the bytes that a reader looks at, and what it says of bytes that cannot be."""

from __future__ import annotations

from math import isnan
from struct import pack
from typing import Protocol, overload


class Damaged(Exception):
    """Bytes that are not what they must be; `at` is their offset in the file."""

    def __init__(self, at: int, message: str) -> None:
        self.at = at
        self.message = message
        super().__init__(f"byte {at}: {message}")


class Bytes(Protocol):
    """What is read from: the bytes of a file, or a map of it."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, key: int, /) -> int: ...
    @overload
    def __getitem__(self, key: slice, /) -> bytes: ...


def shortest(number: float, usual: float) -> float:
    """Return the shortest decimal that is the same float32, the usual number for NaN."""
    if isnan(number):
        return usual
    for digits in range(1, 10):
        decimal = float(f"{number:.{digits}g}")
        if _float32(decimal) == _float32(number):
            return decimal
    return number


def _float32(number: float) -> bytes:
    try:
        return pack("<f", number)
    except OverflowError:
        return b""
