"""The wire format of FlatBuffers: tables, vectors and texts, each looked up where it lies.

Offsets may lead anywhere, also to the same place many times, so every one is held to the file, and
what is read in all is limited.
"""

from __future__ import annotations

from struct import calcsize, unpack

from bncalc.named import NamedTuple
from bncalc.readers.binary import Bytes, Damaged

MOST_READ = 5_000_000
"""How many values a file may have that are looked at: reading them takes a few seconds."""
_LONGEST_TEXT = 4_096

BYTE, UBYTE, INT, UINT, ULONG = "<b", "<B", "<i", "<I", "<Q"
"""Kinds of numbers."""


class Flat:
    """Reads numbers of a file; nothing is copied but what is asked for."""

    def __init__(self, data: Bytes) -> None:
        self.data = data
        self._left = MOST_READ

    def number(self, at: int, form: str) -> int:
        """Return the number at an offset; raise Damaged where the file has none there."""
        size = calcsize(form)
        self.within(at, size)
        self.count(at, 1)
        return int(unpack(form, self.data[at : at + size])[0])

    def real(self, at: int) -> float:
        """Return the 32-bit number at an offset."""
        self.within(at, 4)
        self.count(at, 1)
        return float(unpack("<f", self.data[at : at + 4])[0])

    def numbers(self, at: int, count: int, form: str) -> tuple[int, ...]:
        """Return so many numbers, one after the other."""
        size = calcsize(form)
        self.within(at, count * size)
        self.count(at, count)
        return unpack(f"<{count}{form[1:]}", self.data[at : at + count * size])

    def within(self, at: int, size: int) -> None:
        """Raise Damaged unless the file has so many bytes there."""
        if not 0 <= at <= len(self.data) - size:
            raise Damaged(
                min(max(at, 0), len(self.data)),
                f"the file ends before the {size} bytes that belong here",
            )

    def count(self, at: int, values: int) -> None:
        """Raise Damaged where more is looked at than a file may have."""
        self._left -= values
        if self._left < 0:
            raise Damaged(at, f"more than {MOST_READ} values")

    def follow(self, at: int) -> int:
        """Return where the offset that lies there leads; it always leads forward."""
        step = self.number(at, UINT)
        if step == 0:
            raise Damaged(at, "an offset points to itself")
        self.within(at + step, 4)
        return at + step

    def root(self) -> FlatTable:
        return table(self, self.follow(0))


class Vector(NamedTuple):
    """So many values, the first of them at an offset."""

    at: int
    length: int


class FlatTable(NamedTuple):
    """A table at an offset; `fields` are the distances of its fields, 0 where one is not given."""

    flat: Flat
    at: int
    fields: tuple[int, ...]

    def place(self, field: int) -> int:
        """Return where a field lies; 0 where it is not given."""
        distance = self.fields[field] if field < len(self.fields) else 0
        return self.at + distance if distance else 0

    def number(self, field: int, form: str = INT, default: int = 0) -> int:
        place = self.place(field)
        return self.flat.number(place, form) if place else default

    def real(self, field: int, default: float) -> float:
        place = self.place(field)
        return self.flat.real(place) if place else default

    def vector(self, field: int, size: int) -> Vector:
        """Return the vector of a field whose values take so many bytes each; an empty one if none.

        Only where it lies is looked at.
        """
        place = self.place(field)
        if not place:
            return Vector(0, 0)
        at = self.flat.follow(place)
        count = self.flat.number(at, UINT)
        self.flat.within(at + 4, count * size)
        return Vector(at + 4, count)

    def numbers(self, field: int, form: str = INT) -> tuple[int, ...]:
        vector = self.vector(field, calcsize(form))
        return self.flat.numbers(vector.at, vector.length, form)

    def text(self, field: int) -> str:
        """Return a text; what is not UTF-8 in it is replaced."""
        vector = self.vector(field, 1)
        if vector.length > _LONGEST_TEXT:
            at, most = vector.at, _LONGEST_TEXT
            raise Damaged(at, f"a text has {vector.length} bytes; at most {most} are read")
        self.flat.count(vector.at, vector.length)
        return self.flat.data[vector.at : vector.at + vector.length].decode(errors="replace")

    def inner(self, field: int) -> FlatTable | None:
        place = self.place(field)
        return table(self.flat, self.flat.follow(place)) if place else None

    def tables(self, field: int) -> list[FlatTable]:
        vector = self.vector(field, 4)
        places = range(vector.at, vector.at + 4 * vector.length, 4)
        return [table(self.flat, self.flat.follow(place)) for place in places]


def table(flat: Flat, at: int) -> FlatTable:
    """Return the table at an offset."""
    start = at - flat.number(at, INT)
    size = flat.number(start, "<H")
    if size < 4 or size % 2:
        raise Damaged(start, f"the size of a table is {size}; it must be even and at least 4")
    return FlatTable(flat, at, flat.numbers(start + 4, (size - 4) // 2, "<H"))
