"""Parts: where params and MACs lie, a row for each level of the network, width by share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from bncalc.analysis.metric import METRICS
from bncalc.analysis.report import Report
from bncalc.named import NamedTuple
from bncalc.quantity import exact
from bncalc.render import units
from bncalc.render.breadth import begun, breadth, in_cells, shortened
from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.svg import WIDTH, Drawing, Theme, fitted, text_width

_LEVELS = 4
_ROW = 28
_READABLE, _LEAST = 50, 10
"""Pixels, and cells, for what is left of a name that is cut from the left."""


class Piece(NamedTuple):
    """A part or layer at a level, from a share of the whole up to another, in units of a metric."""

    name: str
    path: str
    level: int
    start: int
    stop: int


class Icicle(NamedTuple):
    """The pieces of a network by one metric, and the whole that they are shares of."""

    name: str
    word: str
    pieces: tuple[Piece, ...]
    whole: int

    @property
    def title(self) -> str:
        return f"{self.name}: {METRICS[self.word].title} by part, {self._amount(self.whole)} in all"

    def _amount(self, amount: int) -> str:
        return exact(amount, METRICS[self.word].quantity)

    def svg(self, theme: Theme) -> str:
        levels = 1 + max((piece.level for piece in self.pieces), default=0)
        drawing = Drawing(
            theme,
            24 + levels * _ROW,
            self.title,
            "Rows are the levels of the network; the width of a part is its share.",
        )
        drawing.heading()
        scale = WIDTH / self.whole if self.whole else 0
        for piece in self.pieces:
            x, width = piece.start * scale, (piece.stop - piece.start) * scale
            if width >= 0.5:
                self._rectangle(drawing, piece, x, width)
        return drawing.render()

    def _rectangle(self, drawing: Drawing, piece: Piece, x: float, width: float) -> None:
        y, share = 24 + piece.level * _ROW, units.share(piece.stop - piece.start, self.whole)
        fill = drawing.theme.series[0] if piece.level else drawing.theme.muted
        tip = f"{piece.path or self.name}: {self._amount(piece.stop - piece.start)} ({share})"
        opacity = drawing.theme.shade(piece.level - 1)
        drawing.rectangle(x, y, max(width - 1, 0.5), _ROW - 2, fill, opacity=opacity, tip=tip)
        room = width - 8
        label = next(
            (text for text in (f"{piece.name} {share}", piece.name) if text_width(text) <= room),
            fitted(piece.name, room) if room >= _READABLE else "",
        )
        if label:
            drawing.text(x + 5, y + 17, label, drawing.theme.ink)

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        levels = 1 + max((piece.level for piece in self.pieces), default=0)
        return [self._line(level, width, glyphs) for level in range(levels)]

    def _line(self, level: int, width: int, glyphs: Glyphs) -> str:
        cells = [" "] * width
        for piece in self.pieces:
            if piece.level == level and self.whole:
                start = piece.start * width // self.whole
                stop = piece.stop * width // self.whole
                share = units.share(piece.stop - piece.start, self.whole)
                cells[start:stop] = _cell(f"{piece.name} {share}", piece.name, stop - start, glyphs)
        return "".join(cells).rstrip()


def parts(report: Report, word: str) -> Icicle:
    """Return the pieces of a report by a metric that its layers add up to."""
    metric = METRICS[word]
    assert metric.layers is not None, f"{word} is not a sum over layers"
    sums = [0, *accumulate(metric.layers(report))]
    pieces = [Piece(report.name, "", 0, 0, sums[-1]), *_pieces(report, sums)]
    return Icicle(report.name, word, tuple(p for p in pieces if p.stop > p.start), sums[-1])


def _pieces(report: Report, sums: list[int]) -> Iterator[Piece]:
    depths = [0] * len(report.layers)
    for section in report.sections:
        level = section.depth + 1
        depths[section.start : section.stop] = [level] * (section.stop - section.start)
        if level < _LEVELS:
            name = section.path.rpartition("/")[2]
            yield Piece(name, section.path, level, sums[section.start], sums[section.stop])
    for index, layer in enumerate(report.layers):
        if depths[index] < _LEVELS:
            name = layer.path.rpartition("/")[2]
            yield Piece(name, layer.path, depths[index] + 1, sums[index], sums[index + 1])


def _cell(label: str, name: str, width: int, glyphs: Glyphs) -> list[str]:
    """Return the characters of a piece: a rule at its left, and what of its name fits."""
    if width <= 0:
        return []
    cut = shortened(name, width - 1) if width > _LEAST else begun(name, width - 1)
    text = next((text for text in (label, name) if breadth(text) < width), cut)
    return [glyphs.vertical, *in_cells(text), *" " * (width - 1 - breadth(text))]
