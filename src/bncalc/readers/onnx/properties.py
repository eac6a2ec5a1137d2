"""Properties: what exporters note down of a model and of its operations, by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bncalc.readers.onnx.wire import Wire

SHORT = 64
"""How many bytes a key may have, with its value's first ones."""
Spans = Sequence[tuple[int, int]]
"""Where the file has properties that are not read yet."""


def read_properties(wire: Wire, properties: Spans, keys: Sequence[bytes]) -> list[str]:
    """Return the texts of properties by key, empty where there is none; no other is read."""
    texts = dict.fromkeys(keys, "")
    for key, span in properties_at(wire, properties, keys):
        texts[key] = wire.text(*span)
    return [*texts.values()]


def properties_at(
    wire: Wire, properties: Spans, keys: Sequence[bytes]
) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Yield where the file has the texts of properties, of those that have one of the keys."""
    beginnings = tuple([bytes([10, len(key)]) + key for key in keys])  # the key comes first
    for start, stop in properties:
        if wire.data[start : min(stop, start + SHORT)].startswith(beginnings):
            (_, at, end), *others = wire.fields(start, stop)
            for number, *span in others:
                if number == 2:
                    yield wire.raw(at, end), wire.inside(*span)
