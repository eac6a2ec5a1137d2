"""The hourglass: how wide each map of a block is, drawn to scale, and what each layer costs.

A bottleneck narrows and an inverted residual widens; one look tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.analysis.report import Report
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.render import units
from bncalc.render.breadth import aligned, breadth
from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.svg import WIDTH, Drawing, Theme, fitted, text_width

_HEIGHT, _LEFT, _RIGHT, _MIDDLE, _TALLEST, _BELOW = 300, 40, WIDTH - 40, 140, 180, 250

_APART = 0.4
"""Layers' worth of room before a branch that begins elsewhere than where the last one ended."""
_READABLE, _SMALL = 36, 11
"""Pixels for what is left of a name that is cut; the size of small letters."""


class Waist(NamedTuple):
    """A layer that multiplies: from a map to a map, and what it costs."""

    name: str
    entering: Shape
    leaving: Shape
    params: int
    macs: int


class Hourglass(NamedTuple):
    """The layers of a block in running order. A branch is drawn after the one before it.

    All are drawn on the scale of the `widest` map, in channels. `params` and `macs` are those of
    the whole, of layers that are not drawn too.
    """

    name: str
    waists: tuple[Waist, ...]
    widest: int
    params: int
    macs: int

    @property
    def title(self) -> str:
        return f"{self.name}: {units.count(self.params)} params, {units.count(self.macs)} MACs"

    def svg(self, theme: Theme) -> str:
        text = "; ".join(
            f"{waist.name} {waist.entering.channels} to {waist.leaving.channels} channels"
            for waist in self.waists
        )
        drawing = Drawing(theme, _HEIGHT, self.title, f"{text}.")
        drawing.heading()
        opening = [index > 0 and self._opens(index) for index in range(len(self.waists))]
        step = (_RIGHT - _LEFT) / max(len(self.waists) + _APART * sum(opening), 1)
        left = float(_LEFT)
        for index, waist in enumerate(self.waists):
            left += _APART * step * opening[index]
            self._layer(drawing, waist, left, step)
            if self._opens(index):
                room = _APART * step if index else step
                self._map(drawing, waist.entering, left, room)
            left += step
            self._map(drawing, waist.leaving, left, step)
        return drawing.render()

    def _layer(self, drawing: Drawing, waist: Waist, left: float, step: float) -> None:
        before = waist.entering.channels / self.widest * _TALLEST / 2
        after = waist.leaving.channels / self.widest * _TALLEST / 2
        thick = _thickness(step)
        inner, outer, middle = left + thick, left + step - thick, left + step / 2
        corners = [(inner, _MIDDLE - before), (outer, _MIDDLE - after)]
        corners += [(outer, _MIDDLE + after), (inner, _MIDDLE + before)]
        costs = (f"{units.si(waist.params)} params", f"{units.si(waist.macs)} MACs")
        tip = f"{waist.name}: {waist.entering} to {waist.leaving}, {', '.join(costs)}"
        drawing.polygon(corners, drawing.theme.series[0], opacity=0.45, tip=tip)
        if step < _READABLE:
            return
        whole = text_width(waist.name) <= step
        name = waist.name if whole else fitted(waist.name.rpartition("/")[2], step - 4)
        drawing.text(middle, _BELOW, name, drawing.theme.ink, anchor="middle")
        if all(text_width(text, _SMALL) <= step for text in costs):
            for y, text in zip((_BELOW + 16, _BELOW + 32), costs, strict=True):
                drawing.text(middle, y, text, drawing.theme.muted, size=_SMALL, anchor="middle")

    def _map(self, drawing: Drawing, shape: Shape, x: float, room: float) -> None:
        half, thick = shape.channels / self.widest * _TALLEST / 2, _thickness(room)
        fill = drawing.theme.series[0]
        drawing.rectangle(x - thick, _MIDDLE - half, thick, max(2 * half, 1), fill)
        channels = str(shape.channels)
        if text_width(channels) <= room:
            drawing.text(x - 3, _MIDDLE - half - 5, channels, drawing.theme.ink, anchor="middle")

    def _opens(self, index: int) -> bool:
        """Return whether a layer reads a map that the one before has not put out."""
        return not index or self.waists[index].entering != self.waists[index - 1].leaving

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        left = min(
            max((breadth(waist.name) for waist in self.waists), default=0), max(8, width // 4)
        )
        named = width >= 60
        room = max(width - left - (34 if named else 22), 4)
        lines = []
        for index, waist in enumerate(self.waists):
            if self._opens(index):
                lines.append(_map(waist.entering, self.widest, left, room, glyphs))
            params, macs = f"{units.si(waist.params):>9}", f"{units.si(waist.macs):>9}"
            costs = f"{params} params {macs} MACs" if named else f"{params} {macs}"
            lines.append(f"{aligned(waist.name, left, right=True)}  {'':{room}} {costs}")
            lines.append(_map(waist.leaving, self.widest, left, room, glyphs))
        return [line.rstrip() for line in lines]


def hourglasses(reports: Sequence[Report]) -> list[Hourglass]:
    """Return the layers of each report that multiply, all on one scale."""
    waists = [
        tuple(
            Waist(layer.path, layer.inputs[0], layer.output, layer.cost.params, layer.cost.macs)
            for layer in report.layers
            if layer.cost.macs and layer.inputs
        )
        for report in reports
    ]
    widths = [waist.entering.channels for each in waists for waist in each]
    widths += [waist.leaving.channels for each in waists for waist in each]
    widest = max(widths, default=1)
    return [
        Hourglass(report.name, each, widest, report.totals.params, report.totals.macs)
        for report, each in zip(reports, waists, strict=True)
    ]


def _thickness(step: float) -> float:
    """Return how thick a map is drawn, thinner where layers lie close."""
    return min(6.0, step / 4)


def _map(shape: Shape, widest: int, left: int, room: int, glyphs: Glyphs) -> str:
    """Draw a map as wide as its channels, in the middle."""
    cells = max(round(shape.channels / widest * room), 1)
    drawn = glyphs.rightward[-1] * cells
    return f"{'':{left}}  {drawn:^{room}} {shape}"
