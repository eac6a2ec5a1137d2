"""Glyphs: what a terminal draws a chart with, and a plainer set for one without Unicode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bncalc.named import NamedTuple


class Glyphs(NamedTuple):
    """Blocks by how full a cell is, marks of points, and lines of axes."""

    upward: str
    rightward: str
    fills: str
    front: str
    behind: str
    vertical: str
    tick: str
    corner: str
    horizontal: str

    def bar(self, share: float, width: int, fill: int = 0) -> str:
        """Draw a bar from the left that covers a share of so many cells."""
        if fill:
            return self.fills[fill] * round(share * width)
        parts = len(self.rightward) - 1
        full, rest = divmod(round(max(0.0, share) * width * parts), parts)
        return self.rightward[-1] * full + (self.rightward[rest] if rest else "")

    def column(self, share: float, height: int) -> list[str]:
        """Draw a bar from the bottom, a cell a line, the lowest first; what is there is seen."""
        parts = len(self.upward) - 1
        filled = round(share * height * parts)
        filled = max(filled, 1) if share > 0 else 0
        full, rest = divmod(filled, parts)
        cells = [self.upward[-1]] * full + ([self.upward[rest]] if rest else [])
        return cells + [" "] * (height - len(cells))

    def framed(
        self, rows: Iterable[str], values: Mapping[int, str], left: int, cells: int
    ) -> list[str]:
        """Return rows of cells, from the top, right of an axis that has values, and above one."""
        lines = [
            f"{values.get(at, ''):>{left}}{self.tick if at in values else self.vertical}{row}"
            for at, row in enumerate(rows)
        ]
        return [*lines, " " * left + self.corner + self.horizontal * cells]


UNICODE = Glyphs(
    upward=" ▁▂▃▄▅▆▇█", rightward=" ▏▎▍▌▋▊▉█", fills="█▒░▓▚▞", front="●", behind="○", vertical="│",
    tick="┤", corner="└", horizontal="─",
)  # fmt: skip
ASCII = Glyphs(
    upward=" #", rightward=" #", fills="#:.%*+", front="@", behind="o", vertical="|", tick="|",
    corner="+", horizontal="-",
)  # fmt: skip


def columns_of(values: Sequence[float], cells: int) -> list[float]:
    """Return the largest value of each cell's share of a row, so that a peak is always seen."""
    if not values:
        return []
    cells = min(cells, len(values))
    edges = [len(values) * i // cells for i in range(cells + 1)]
    return [max(values[edges[i] : edges[i + 1]]) for i in range(cells)]


def in_ascii(text: str) -> str:
    """Return a text without characters that a plain terminal lacks."""
    for character, plain in _PLAIN.items():
        text = text.replace(character, plain)
    return text.encode("ascii", "replace").decode()


_PLAIN = {"×": "x", "÷": "/", "→": "->", "µ": "u", "…": "...", "–": "-", "−": "-", "·": "*"}
