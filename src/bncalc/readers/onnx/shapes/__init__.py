"""Rules of shapes, by family: an operation's outputs from what is known of its inputs.

A family is imported when an operation is the first that those before it have no rule for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from bncalc.loading import loaded
from bncalc.readers.onnx.call import ShapeRule

PACKED = "com.microsoft.nchwc"
"""The domain of what onnxruntime does to maps with packed channels."""
PREVIEW = "ai.onnx.preview"
"""The domain of what may come into the standard."""
FAMILIES: Mapping[str, str] = {
    "": (
        "windows:RULES elementwise:RULES moving:RULES products:RULES indexing:RULES "
        "statistics:RULES attention:RULES spectra:RULES"
    ),
    "ai.onnx.ml": "classical:RULES",
    "com.microsoft": "contributed:RULES",
    PACKED: "packed:RULES",
    PREVIEW: "attention:PREVIEWED",
}
"""The families of a domain, those of most networks first."""


@lru_cache(1000)
def rule_of(domain: str, op: str) -> ShapeRule | None:
    """Return the rule of an operation; None if there is none."""
    return next((rules[op] for rules in rules_of(domain) if op in rules), None)


def rules_of(domain: str) -> Iterator[Mapping[str, ShapeRule]]:
    """Yield the rules of a domain by operation, a family at a time."""
    for family in FAMILIES.get(domain, "").split():
        yield loaded(f"readers.onnx.shapes.{family}")
