"""The receptive field: how much of the input a position sees, growing along the layers."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.analysis.receptive_field import Fields
from bncalc.analysis.report import Report
from bncalc.named import NamedTuple
from bncalc.quantity import plural
from bncalc.render.breadth import aligned, breadth
from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.scale import linear, ticks
from bncalc.render.chart.svg import WIDTH, Drawing, Theme

_LEFT, _TOP, _BOTTOM, _HEIGHT = 56, 40, 232, 264
_ROWS = 16


class FieldStep(NamedTuple):
    """A layer at which the field grows to so many positions of the input."""

    path: str
    layer: int
    size: int


class FieldGrowth(NamedTuple):
    """The steps of a network of so many layers, and the longest side of its input."""

    name: str
    steps: tuple[FieldStep, ...]
    layers: int
    side: int

    @property
    def title(self) -> str:
        if not self.steps:
            return f"{self.name}: no receptive field is known"
        last = self.steps[-1]
        return f"{self.name}: the receptive field grows to {last.size}, the input is {self.side}"

    def svg(self, theme: Theme) -> str:
        text = ", ".join(f"{step.size} at {step.path}" for step in self.steps[-3:])
        drawing = Drawing(theme, _HEIGHT, self.title, f"It ends with {text}.")
        drawing.heading()
        scale = linear([self.side, *(step.size for step in self.steps)], _BOTTOM, _TOP)
        drawing.grid(scale, ticks(scale), "{:,.0f}".format, _LEFT)
        side = scale.place(self.side)
        drawing.line([(_LEFT, side), (WIDTH, side)], theme.accent, dashed=True)
        is_passed = bool(self.steps) and self.steps[-1].size > 1.2 * self.side
        x, anchor = (WIDTH, "end") if is_passed else (_LEFT + 4, "start")  # away from the steps
        text = f"the input, {self.side}"
        drawing.text(x, side - 5, text, theme.accent, size=11, anchor=anchor)
        drawing.line(self._stairs(scale.place), theme.series[0], width=2)
        drawing.text(WIDTH, _BOTTOM + 18, "layers", theme.muted, size=11, anchor="end")
        return drawing.render()

    def _stairs(self, place: Callable[[float], float]) -> list[tuple[float, float]]:
        each = (WIDTH - _LEFT) / max(self.layers, 1)
        points = [(float(_LEFT), place(1))]
        for step in self.steps:
            x = _LEFT + step.layer * each
            points += [(x, points[-1][1]), (x, place(step.size))]
        return [*points, (WIDTH, points[-1][1])]

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        shown = self.steps
        if len(shown) > _ROWS:
            kept = {round(i * (len(shown) - 1) / (_ROWS - 1)) for i in range(_ROWS)}
            shown = tuple(step for index, step in enumerate(shown) if index in kept)
        most = max((step.size for step in self.steps), default=1)
        left = min(max((breadth(step.path) for step in shown), default=0), max(16, width // 3))
        right = len(str(most))
        lines = [
            f"{aligned(step.path, left)}  {step.size:>{right}}  "
            f"{glyphs.bar(step.size / most, width - left - right - 4)}"
            for step in shown
        ]
        hidden = len(self.steps) - len(shown)
        return [*lines, f"{plural(hidden, 'more step')} between them"] if hidden else lines


def field(report: Report) -> FieldGrowth:
    """Return how the field of a report grows, along the axis where it is largest."""
    steps: list[FieldStep] = []
    reaches = report.result(Fields).nodes[1:]  # node 0 is the input
    for index, (layer, reach) in enumerate(zip(report.layers, reaches, strict=True), start=1):
        size = max((side for side in reach.size or () if side is not None), default=0)
        if size > (steps[-1].size if steps else 1):
            steps.append(FieldStep(layer.path, index, size))
    return FieldGrowth(
        report.name, tuple(steps), len(report.layers), max(report.input.space, default=1)
    )
