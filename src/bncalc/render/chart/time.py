"""Time: the least time of each layer on a device, coloured by what limits it."""

from __future__ import annotations

from bncalc.analysis.report import Report
from bncalc.analysis.roofline import Roofline
from bncalc.named import NamedTuple
from bncalc.render import units
from bncalc.render.breadth import aligned, breadth
from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.scale import linear, ticks, written
from bncalc.render.chart.svg import LEFT, WIDTH, Drawing, Theme

_TOP, _BOTTOM, _HEIGHT = 64, 240, 252
_WALLS = ("compute", "memory")
_COSTLIEST = 12


class TimeStep(NamedTuple):
    """A layer with what is fused to it: its least time in seconds, and what limits it."""

    path: str
    seconds: float
    wall: str


class Time(NamedTuple):
    """The steps of a network on a device, in running order."""

    name: str
    device: str
    steps: tuple[TimeStep, ...]

    @property
    def title(self) -> str:
        total = units.duration(self._of())
        return f"{self.name} on {self.device}: at least {total}, layer by layer"

    def svg(self, theme: Theme) -> str:
        description = "; ".join(f"limited by {wall}: {self._label(wall)}" for wall in _WALLS)
        drawing = Drawing(theme, _HEIGHT, self.title, f"{description}.")
        drawing.heading()
        self._legend(drawing)
        scale = linear([step.seconds for step in self.steps], _BOTTOM, _TOP)
        drawing.grid(scale, ticks(scale), written("seconds"))
        each = (WIDTH - LEFT) / max(len(self.steps), 1)
        for index, step in enumerate(self.steps):
            top = scale.place(step.seconds)
            tip = f"{step.path}: {units.duration(step.seconds)}, limited by {step.wall}"
            fill = theme.series[_WALLS.index(step.wall)]
            x, width = LEFT + index * each, max(each - 0.5, 0.5)
            drawing.rectangle(x, top, width, _BOTTOM - top, fill, tip=tip)
        return drawing.render()

    def _legend(self, drawing: Drawing) -> None:
        for index, wall in enumerate(_WALLS):
            x = LEFT + 260 * index
            drawing.rectangle(x, 30, 11, 11, drawing.theme.series[index])
            drawing.text(x + 17, 40, f"limited by {wall}: {self._label(wall)}", drawing.theme.muted)

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        most = max((step.seconds for step in self.steps), default=0)
        costliest = sorted(self.steps, key=lambda step: -step.seconds)[:_COSTLIEST]
        shown = [step for step in self.steps if step in costliest]
        left = min(max((breadth(step.path) for step in shown), default=0), max(16, width // 3))
        lines = []
        for step in shown:
            bar = glyphs.bar(step.seconds / most, width - left - 22, _WALLS.index(step.wall))
            name, time = aligned(step.path, left), units.duration(step.seconds)
            lines.append(f"{name}  {time:>8}  {step.wall:<7}  {bar}")
        if len(self.steps) > len(shown):
            lines.append(f"the {len(shown)} longest of {len(self.steps)}")
        return [*lines, *(f"limited by {wall}: {self._label(wall)}" for wall in _WALLS)]

    def _of(self, wall: str = "") -> float:
        return sum(step.seconds for step in self.steps if not wall or step.wall == wall)

    def _label(self, wall: str) -> str:
        seconds, whole = self._of(wall), self._of()
        percent = units.percent(seconds / whole) if whole else "–"
        return f"{units.duration(seconds) if seconds else '0'} ({percent})"


def time(report: Report) -> Time:
    """Return the steps of a report that holds a roofline."""
    roofline = report.result(Roofline)
    steps = [
        TimeStep(layer.path, bound.seconds, bound.wall)
        for layer, bound in zip(report.layers, roofline.bounds, strict=True)
        if bound
    ]
    return Time(report.name, roofline.device.name, tuple(steps))
