"""Charts: what a report or a comparison looks like, as SVG and as text for a terminal.

Each module is one chart: its data, taken from a report, and how it is drawn. They share scales,
marks, placing of labels, glyphs of a terminal and the writing of SVG.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
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
