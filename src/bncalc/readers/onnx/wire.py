"""The wire format of Protocol Buffers: the fields of a message, each with its place in the file."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from struct import unpack
from typing import Any

from bncalc.readers.binary import Bytes, Damaged

MOST_FIELDS = 5_000_000
"""How many fields a file may have: reading them takes a few seconds."""
LONGEST_NAME, _LONGEST_TEXT = 1_000, 100_000

NUMBER, EIGHT, LENGTH, FOUR = 0, 1, 2, 5
"""The kinds of field: a varint, eight bytes, a length with as many bytes, four bytes."""


class FileMap(mmap.mmap):
    """A map of a file that is read from its start to its end.

    A system that caches files in large pieces maps the whole piece around a byte that is looked at,
    and counts it as memory of the process: 200 MiB for the headers of half a GiB of weights.
    """

    _mapped_from = 0

    def passed(self, at: int) -> None:
        """Let go of what lies before an offset, if it is much. It can still be looked at."""
        if at - self._mapped_from > _MOST_MAPPED and hasattr(mmap, "MADV_DONTNEED"):
            self.madvise(mmap.MADV_DONTNEED)
            self._mapped_from = at


_MOST_MAPPED = 4 * 1024 * 1024


class Wire:
    """Reads fields from a map of a file; nothing is copied but what is asked for.

    A field is its number and a span of the file, `start` up to `stop`; in place of a span a varint
    has its value, and −1 for `stop`.
    """

    def __init__(self, data: Bytes) -> None:
        self.data = data
        self.alike: dict[tuple[type, bytes | None], Any] = {}
        """What short stretches of messages were read as, for those that come again."""
        self._left = MOST_FIELDS
        self._number_at = 0

    def fields(self, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Yield the fields of the message in a span of the file; raise Damaged where it breaks.

        A number in place of a span is damage too.
        """
        data, (at, _) = self.data, self.inside(start, stop)
        for count in range(self._left):
            if at >= stop:
                self._left -= count
                return
            key = data[at]
            at += 1
            if key > 127:
                key, at = self.varint(at - 1, stop)
            kind = key & 7
            if kind == LENGTH:
                size = data[at] if at < stop else 128
                at += 1
                if size > 127:  # most lengths and numbers are one byte
                    size, at = self.varint(at - 1, stop)
                end = at + size
                if end > stop:
                    whole = "its message" if stop < len(data) else "the file"
                    left = f"{whole} ends after {stop - at}"
                    raise Damaged(at, f"a field has {size} bytes, and {left}")
                yield key >> 3, at, end
                at = end
            elif kind == NUMBER:
                self._number_at = at
                value = data[at] if at < stop else 128
                at += 1
                if value > 127:
                    value, at = self.varint(at - 1, stop)
                yield key >> 3, value, -1
            elif kind in (FOUR, EIGHT):
                size = 4 if kind == FOUR else 8
                if size > stop - at:
                    raise Damaged(
                        at, f"a number has {size} bytes, and its message ends after {stop - at}"
                    )
                yield key >> 3, at, at + size
                at += size
            else:
                raise Damaged(at - 1, f"a field is of the unknown kind {kind}")
        if at < stop:
            raise Damaged(at, f"the file has more than {MOST_FIELDS} fields")

    def passed(self, at: int) -> None:
        """Say that what is before an offset has been read."""
        if isinstance(self.data, FileMap):
            self.data.passed(at)

    def varint(self, at: int, stop: int) -> tuple[int, int]:
        """Return the number that begins at an offset, unsigned, and where it ends."""
        data, value = self.data, 0
        for shift in range(0, 70, 7):
            if at >= stop:
                raise Damaged(at, "a number is cut off")
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value, at
        raise Damaged(at, "a number has more than ten bytes")

    def integer(self, value: int, stop: int) -> int:
        """Return the integer of a field; raise Damaged where the field has a span."""
        if stop >= 0:
            raise Damaged(value, "bytes are here, and a number is expected")
        return signed(value)

    def integers(self, value: int, stop: int) -> list[int]:
        """Return the integers of a repeated field: one, or those packed in its span."""
        if stop < 0:
            return [signed(value)]
        numbers, at = [], value
        while at < stop:
            number, at = self.varint(at, stop)
            numbers.append(signed(number))
        return numbers

    def real(self, start: int, stop: int) -> float:
        """Return the 32-bit number of a field."""
        if stop - start != 4:
            raise Damaged(
                start if stop >= 0 else self._number_at,
                "something else is here, and a number of four bytes is expected",
            )
        return float(unpack("<f", self.data[start:stop])[0])

    def reals(self, start: int, stop: int) -> list[float]:
        """Return the 32-bit numbers of a repeated field: one, or those packed in its span."""
        self.inside(start, stop)
        if (stop - start) % 4:
            raise Damaged(
                start, f"{stop - start} bytes are not a whole number of four-byte numbers"
            )
        return list(unpack(f"<{(stop - start) // 4}f", self.data[start:stop]))

    def inside(self, start: int, stop: int) -> tuple[int, int]:
        """Return the span of a field; raise Damaged where the field is a number."""
        if stop < 0:
            raise Damaged(self._number_at, "a number is here, and bytes are expected")
        return start, stop

    def raw(self, start: int, stop: int) -> bytes:
        """Return the bytes of a field, at most `_LONGEST_TEXT`."""
        if 0 <= stop - start <= _LONGEST_TEXT:
            return self.data[start:stop]
        raise self._too_long(start, stop, "a text", _LONGEST_TEXT)

    def opening(self, start: int, stop: int) -> bytes:
        """Return the bytes of a field that may be of any length, the first `_LONGEST_TEXT`."""
        start, stop = self.inside(start, stop)
        return self.data[start : min(stop, start + _LONGEST_TEXT)]

    def name(self, start: int, stop: int) -> str:
        """Return a name: a text of at most `LONGEST_NAME` bytes."""
        if 0 <= stop - start <= LONGEST_NAME:
            try:
                return self.data[start:stop].decode()
            except UnicodeDecodeError as error:
                raise _no_text(start, error) from None
        raise self._too_long(start, stop, "a name", LONGEST_NAME)

    def text(self, start: int, stop: int) -> str:
        """Return the text of a field; raise Damaged for what is not UTF-8."""
        try:
            return self.raw(start, stop).decode()
        except UnicodeDecodeError as error:
            raise _no_text(start, error) from None

    def _too_long(self, start: int, stop: int, what: str, most: int) -> Damaged:
        self.inside(start, stop)
        return Damaged(start, f"{what} has {stop - start} bytes; at most {most} are read")


def _no_text(start: int, error: UnicodeDecodeError) -> Damaged:
    return Damaged(start + error.start, "a text is not UTF-8")


def signed(value: int) -> int:
    """Return a varint as the int64 that it stands for."""
    if value < 1 << 63:
        return value
    value &= 0xFFFF_FFFF_FFFF_FFFF
    return value - (1 << 64) if value >> 63 else value
