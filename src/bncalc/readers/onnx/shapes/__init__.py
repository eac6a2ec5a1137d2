"""Rules of shapes, by family: an operation's outputs from what is known of its inputs."""

from __future__ import annotations

from collections.abc import Mapping

from bncalc.readers.onnx.call import ShapeRule
from bncalc.readers.onnx.shapes import (
    attention,
    classical,
    contributed,
    elementwise,
    indexing,
    moving,
    packed,
    products,
    spectra,
    statistics,
    windows,
)

RULES: Mapping[str, Mapping[str, ShapeRule]] = {
    "": {
        **attention.RULES,
        **elementwise.RULES,
        **indexing.RULES,
        **moving.RULES,
        **products.RULES,
        **spectra.RULES,
        **statistics.RULES,
        **windows.RULES,
    },
    attention.PREVIEW: attention.PREVIEWED,
    classical.CLASSICAL: classical.RULES,
    "com.microsoft": contributed.RULES,
    packed.PACKED: packed.RULES,
}
"""Rules by domain and operation."""
