"""PNG: an SVG as pixels, by resvg, which is an extra: pip install 'bncalc[png]'."""

from __future__ import annotations

from bncalc.errors import UsageError


def png(svg: str) -> bytes:
    """Return the picture as PNG, two pixels for each of the SVG; raise UsageError without resvg."""
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        message = "PNG needs resvg: pip install 'bncalc[png]', or write an .svg file"
        raise UsageError(message) from None
    return bytes(svg_to_bytes(svg_string=svg, zoom=2))
