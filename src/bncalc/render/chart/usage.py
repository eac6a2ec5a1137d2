"""Usage: how much of its limit each check uses, those that are broken beyond the line."""

from __future__ import annotations

from bncalc.budget.verdict import Status, Verdict
from bncalc.named import NamedTuple
from bncalc.quantity import plural
from bncalc.render.breadth import aligned, breadth, shortened
from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.svg import WIDTH, Drawing, Theme, text_width
from bncalc.render.verdict.figures import used, used_share
from bncalc.render.verdict.ranking import severity
from bncalc.render.verdict.wording import labels, title

_ROW, _TOP = 20, 40
_MOST = 20
_BEYOND = 1.5
"""A bar ends here, in parts of its limit, however far a number is beyond it."""


class UsageBar(NamedTuple):
    """A check: what it is about, the share of its limit that is used, and the same as text."""

    name: str
    share: float
    text: str
    status: Status


class Usage(NamedTuple):
    """The checks with a limit, those that use most of it first; `others` are not drawn."""

    bars: tuple[UsageBar, ...]
    others: int

    @property
    def title(self) -> str:
        more = f", and {self.others:,} that use less" if self.others else ""
        return f"{plural(len(self.bars), 'check')}{more}: how much of its limit is used"

    def svg(self, theme: Theme) -> str:
        bars_text = "; ".join([f"{bar.name} {bar.text}" for bar in self.bars])
        drawing = Drawing(theme, _TOP + 8 + _ROW * len(self.bars), self.title, bars_text)
        drawing.heading()
        left = min(WIDTH / 2, 16 + max(text_width(bar.name) for bar in self.bars))
        label = max(70, 10 + max(text_width(bar.text) for bar in self.bars))
        room = (WIDTH - left - label) / _BEYOND
        for row, bar in enumerate(self.bars):
            y = _TOP + _ROW * row
            name = shortened(bar.name, int((left - 16) / text_width("x")) + 1)
            drawing.text(left - 8, y + 12, name, theme.ink, anchor="end")
            width = max(min(bar.share, _BEYOND) * room, 1)
            drawing.rectangle(left, y + 1, width, _ROW - 6, _colour(bar.status, theme))
            drawing.text(left + width + 8, y + 12, bar.text, theme.muted, halo=theme.paper)
        bottom = _TOP + _ROW * len(self.bars)
        drawing.line([(left + room, _TOP - 6), (left + room, bottom)], theme.ink, dashed=True)
        drawing.text(left + room, _TOP - 10, "limit", theme.muted, size=11, anchor="middle")
        return drawing.render()

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        left = min(max(breadth(bar.name) for bar in self.bars), width // 2)
        right = max(8, *(len(bar.text) for bar in self.bars))
        room = max(int((width - left - right - 3) / _BEYOND), 4)
        return [
            f"{aligned(bar.name, left)} {bar.text:>{right}}  "
            f"{glyphs.bar(min(bar.share, _BEYOND), room)}".rstrip()
            for bar in self.bars
        ]


def usage(verdict: Verdict) -> Usage | None:
    """Return how much of their limits checks use; None where none has a limit to use."""
    names = labels(verdict)
    bars = [
        UsageBar(
            f"{names[check.subject.whole]}: {title(check)}",
            float(used_share(check)),
            used(check),
            check.status,
        )
        for check in verdict.checks
        if used(check)
    ]
    bars.sort(key=lambda bar: (severity(bar.status), -bar.share))
    return Usage(tuple(bars[:_MOST]), max(len(bars) - _MOST, 0)) if bars else None


def _colour(status: Status, theme: Theme) -> str:
    return {"fail": theme.accent, "warn": theme.series[1]}.get(status, theme.series[0])
