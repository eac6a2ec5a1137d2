"""Properties: what exporters note down of a model and of its operations, by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from bncalc.readers.onnx.wire import Wire

SHORT = 64
"""How many bytes a key may have, with its value's first ones."""
OURS = b"bncalc.layer", b"bncalc.parts"
"""What bncalc notes down: the path of an operation's layer, and the words of the parts around."""
Spans = Sequence[tuple[int, int]]
"""Where the file has properties that are not read yet."""


def read_properties(wire: Wire, properties: Spans, keys: tuple[bytes, ...]) -> list[str]:
    """Return the texts of properties by key, empty where there is none; no other is read."""
    texts = dict.fromkeys(keys, "")
    for key, span in properties_at(wire, properties, keys):
        texts[key] = wire.text(*span)
    return [*texts.values()]


def properties_at(
    wire: Wire, properties: Spans, keys: tuple[bytes, ...]
) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Yield where the file has the texts of properties, of those that have one of the keys."""
    beginnings = _beginnings(keys)
    for start, stop in properties:
        beginning = wire.data[start : min(stop, start + SHORT)]
        for written, key in beginnings:
            if beginning.startswith(written):
                for number, *span in wire.fields(start + len(written), stop):
                    if number == 2:
                        yield key, wire.inside(*span)
                break


@lru_cache(8)
def _beginnings(keys: tuple[bytes, ...]) -> list[tuple[bytes, bytes]]:
    """Return what properties of these keys begin with: the key comes first, then the value."""
    return [(bytes([10, len(key)]) + key, key) for key in keys]
