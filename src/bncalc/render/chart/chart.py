"""A chart: one picture of numbers, drawn as SVG or in the characters of a terminal."""

from __future__ import annotations

from typing import Protocol

from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.svg import Theme


class Chart(Protocol):
    """What every chart can do. `title` says what it shows, in a line."""

    @property
    def title(self) -> str: ...

    def svg(self, theme: Theme) -> str:
        """Return the picture."""
        ...

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        """Return the lines of the terminal, none longer than the width, the title left out."""
        ...
