"""Bars: designs side by side, a group of bars for each metric."""

from __future__ import annotations

from bncalc.analysis.comparison import Comparison
from bncalc.analysis.metric import METRICS
from bncalc.named import NamedTuple
from bncalc.quantity import plural
from bncalc.render import units
from bncalc.render.breadth import aligned, breadth
from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.svg import WIDTH, Drawing, Theme, fitted, text_width

_ROW, _GROUP = 20, 34


class Bar(NamedTuple):
    """A design's number, as people read it, and how much that is of the baseline's."""

    design: str
    value: float
    text: str
    ratio: str


class BarGroup(NamedTuple):
    """The bars of one metric, a design each."""

    title: str
    bars: tuple[Bar, ...]

    @property
    def most(self) -> float:
        return max(bar.value for bar in self.bars) or 1


class Bars(NamedTuple):
    """Groups of bars, and the design that ratios refer to."""

    baseline: str
    groups: tuple[BarGroup, ...]

    @property
    def title(self) -> str:
        designs = len(self.groups[0].bars) if self.groups else 0
        return f"{plural(designs, 'design')}, against {self.baseline}"

    def svg(self, theme: Theme) -> str:
        height = 8 + sum(_GROUP + _ROW * len(group.bars) for group in self.groups)
        text = "; ".join(
            f"{group.title}: " + ", ".join(f"{bar.design} {bar.text}" for bar in group.bars)
            for group in self.groups
        )
        drawing = Drawing(theme, height, self.title, text)
        left = 12 + max((text_width(bar.design) for g in self.groups for bar in g.bars), default=0)
        left = min(left, WIDTH / 3)
        y = 0.0
        for group in self.groups:
            drawing.text(0, y + 22, group.title, theme.ink, bold=True)
            y += _GROUP
            for bar in group.bars:
                self._bar(drawing, group, bar, left, y)
                y += _ROW
        return drawing.render()

    def _bar(self, drawing: Drawing, group: BarGroup, bar: Bar, left: float, y: float) -> None:
        room = WIDTH - left - 170
        width = bar.value / group.most * room
        fill = drawing.theme.muted if bar.design == self.baseline else drawing.theme.series[0]
        name = fitted(bar.design, left - 8)
        drawing.text(left - 8, y + 12, name, drawing.theme.ink, anchor="end")
        drawing.rectangle(left, y + 1, max(width, 1), _ROW - 6, fill)
        label = f"{bar.text} {bar.ratio}".rstrip()
        drawing.text(left + width + 8, y + 12, label, drawing.theme.muted)

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        names = [bar.design for group in self.groups for bar in group.bars]
        left = min(max(map(breadth, names), default=0), max(16, width // 3))
        lines: list[str] = []
        for group in self.groups:
            right = max(len(bar.text) for bar in group.bars)
            ratios = max(len(bar.ratio) for bar in group.bars)
            room = max(width - left - right - ratios - 5, 4)
            lines.append(group.title)
            for bar in group.bars:
                drawn = glyphs.bar(bar.value / group.most, room)
                label = f"{bar.text:>{right}}  {bar.ratio:<{ratios}}"
                lines.append(f"{aligned(bar.design, left)}  {label} {drawn}".rstrip())
        return lines


def bars(comparison: Comparison, words: tuple[str, ...]) -> Bars:
    """Return the bars of designs for some metrics; a design that lacks a number has none."""
    groups = []
    for word in words:
        metric = METRICS[word]
        drawn = []
        for report in comparison.reports:
            value = metric.total(report)
            if isinstance(value, int | float):
                is_baseline = report is comparison.baseline
                share = None if is_baseline else comparison.ratio(report, metric.key)
                ratio = "" if share in (None, 1) else f"({units.ratio(share)})"
                text = units.amount(value, metric.unit, units.si)
                drawn.append(Bar(report.name, value, text, ratio))
        groups.append(BarGroup(metric.title, tuple(drawn)))
    return Bars(comparison.baseline.name, tuple(group for group in groups if group.bars))
