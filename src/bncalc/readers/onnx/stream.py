"""Streams: a file that cannot be mapped, read once into a map of its size with holes for weights.

Pages that nothing is written to take no memory, and every byte stays at its offset.
"""

from __future__ import annotations

import mmap

from bncalc.files import Stream
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.wire import EIGHT, FOUR, LENGTH, NUMBER

MODEL, GRAPH, FUNCTION, NODE, ATTRIBUTE, TENSOR, SPARSE = range(7)

_WITHIN = {
    MODEL: {7: GRAPH, 25: FUNCTION},
    GRAPH: {1: NODE, 5: TENSOR, 15: SPARSE},
    FUNCTION: {7: NODE, 11: ATTRIBUTE},
    NODE: {5: ATTRIBUTE},
    ATTRIBUTE: {5: TENSOR, 6: GRAPH, 10: TENSOR, 11: GRAPH},
    SPARSE: {1: TENSOR, 2: TENSOR},
}
"""Which fields of which messages are messages that may hold weights."""
_NUMBERS = {4, 5, 7, 9, 10, 11}
"""The fields of a tensor that hold its numbers."""
LARGE = 64 * 1024
"""Of numbers of more bytes the middle is skipped: at most the first and the last are looked at."""
KEPT = 1024
"""How many bytes of such numbers are kept at either end."""
_PIECE = 1024 * 1024
MOST_WITHIN = 128


def without_weights(stream: Stream, size: int) -> mmap.mmap:
    """Return a map of the file, zeros in place of weights; raise Damaged where the stream ends."""
    copy = _Copy(stream, size)
    copy.message(MODEL, size, 0)
    return copy.map


class _Copy:
    """Copies a stream into a map, message by message."""

    def __init__(self, stream: Stream, size: int) -> None:
        self.map = mmap.mmap(-1, size)
        self._stream = stream
        self._size = size
        self._at = 0

    def message(self, kind: int, stop: int, depth: int) -> None:
        """Copy a message up to an offset; those that may hold weights field by field."""
        within = _WITHIN.get(kind, {})
        if depth > MOST_WITHIN:
            raise Damaged(self._at, f"messages are nested more than {MOST_WITHIN} deep")
        while self._at < stop:
            key = self._varint()
            field, form = key >> 3, key & 7
            if form == LENGTH:
                end = self._varint() + self._at
                if end > stop:
                    raise Damaged(self._at, "a field is longer than its message")
                if field in within:
                    self.message(within[field], end, depth + 1)
                elif kind == TENSOR and field in _NUMBERS and end - self._at > LARGE:
                    self._take(self._at + KEPT)
                    self._skip(end - KEPT)
                    self._take(end)
                else:
                    self._take(end)
            elif form == NUMBER:
                self._varint()
            elif form in (FOUR, EIGHT):
                self._take(self._at + (4 if form == FOUR else 8))
            else:
                raise Damaged(self._at, f"a field is of the unknown kind {form}")

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            self._take(self._at + 1)
            byte = self.map[self._at - 1]
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise Damaged(self._at, "a number has more than ten bytes")

    def _take(self, end: int) -> None:
        """Copy up to an offset."""
        while self._at < end:
            data = self._read(end)
            self.map[self._at : self._at + len(data)] = data
            self._at += len(data)

    def _skip(self, end: int) -> None:
        while self._at < end:
            self._at += len(self._read(end))

    def _read(self, end: int) -> bytes:
        data = self._stream.read(min(end - self._at, _PIECE)) if end <= self._size else b""
        if not data:
            raise Damaged(self._at, "the file ends within a field")
        return data
