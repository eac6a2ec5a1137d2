"""What changed, as bars of text: each number as it was and as it is, one under the other."""

from __future__ import annotations

from bncalc.analysis.metric import METRICS
from bncalc.budget.verdict import Check, Verdict
from bncalc.printable import printable
from bncalc.render.breadth import shortened
from bncalc.render.chart.glyphs import UNICODE
from bncalc.render.verdict import wording
from bncalc.render.verdict.figures import relative, short
from bncalc.render.verdict.ranking import news

_MOST = 8
"""Numbers that are drawn; the table has all of them."""
_NAME, _WIDTH = 40, 24


def growth_bars(verdict: Verdict) -> list[str]:
    """Return two lines for each number that changed, the worst first."""
    names = wording.labels(verdict)
    changed: dict[tuple[str, str], Check] = {}
    for check in news(verdict):
        if check.base is not None and check.base != check.value:
            subject = check.subject
            name = "/".join(filter(None, [names[subject.model, subject.design], subject.path]))
            changed.setdefault((name, METRICS[check.metric].title), check)
    drawn = {_title(*key): check for key, check in list(changed.items())[:_MOST]}
    left = max(map(len, drawn), default=0)
    figures = {
        title: (short(check.base or 0, check), short(check.value, check))
        for title, check in drawn.items()
    }
    right = max((len(text) for pair in figures.values() for text in pair), default=0)
    lines = []
    for title, check in drawn.items():
        was, now = _bars(check)
        lines.append(f"{title:<{left}}  {figures[title][0]:>{right}} {was}")
        lines.append(f"{'':<{left}}  {figures[title][1]:>{right}} {now}")
    return lines


def _title(name: str, metric: str) -> str:
    # Three of these would end the fence that the lines stand in.
    return f"{shortened(printable(name), _NAME)} {metric}".replace("`", "'")


def _bars(check: Check) -> tuple[str, str]:
    base = check.base or 0
    most = max(base, check.value, 1)
    was, now = [UNICODE.bar(number / most, _WIDTH) for number in (base, check.value)]
    return was, f"{now} {relative(check.value - base, base)}".rstrip()
