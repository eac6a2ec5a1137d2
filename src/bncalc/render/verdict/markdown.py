"""The verdict for a step summary or a comment on a pull request, in GitHub's Markdown.

The first line is a mark that no reader sees: whoever updates a comment finds the right one by it.
"""

from __future__ import annotations

from collections.abc import Iterable

from bncalc.analysis.metric import METRICS
from bncalc.budget.verdict import Check, Verdict
from bncalc.named import NamedTuple
from bncalc.printable import printable
from bncalc.quantity import plural
from bncalc.render.breadth import shortened
from bncalc.render.chart.glyphs import UNICODE
from bncalc.render.markdown import escape, grid
from bncalc.render.table import Cell, Column, Row
from bncalc.render.verdict import FormContext, wording
from bncalc.render.verdict.figures import relative, short
from bncalc.render.verdict.layout import cells, laid_out
from bncalc.render.verdict.ranking import findings, gathered, is_news, news
from bncalc.render.verdict.wording import explained

MOST_BYTES = 60_000
"""A comment may hold 65,536 characters."""
_CUT = "_Cut off at 60 kB: the log and the other reports of this run have all of it._"
_NAMES = (Column("model", "Model", "text"), Column("check", "Check", "text"))


class _Section(NamedTuple):
    """Lines that only make sense together with those that open and close them."""

    opening: tuple[str, ...]
    body: list[str]
    closing: tuple[str, ...] = ("",)


def render(verdict: Verdict, context: FormContext) -> str:
    """Return the headline, what failed or changed as a table, and the rest folded away."""
    # Two hyphens would end the mark.
    mark = printable(verdict.source).replace("--", "-").replace(">", "")
    head = [f"<!-- bncalc:{mark} -->", f"### bncalc: {escape(wording.verdict_line(verdict))}", ""]
    foot = [f"<sub>{escape(wording.context_line(verdict))}</sub>"]
    names, brief = wording.labels(verdict), gathered(verdict)
    quiet = [check for check in verdict.checks if not is_news(check)]
    unchanged = ", unchanged" if any(check.base is not None for check in quiet) else ""
    passed = f"{plural(len(quiet), 'check')} passed{unchanged}"
    explanations = [_explained(group, names) for group in explained(findings(brief))]
    before, after = _fold("Why, and what would fix it")
    notes = (*wording.skips(verdict), *wording.remarks(verdict))
    sections = [
        _table(verdict, news(brief), (), ("",)),
        _Section(("```text",), growth_bars(verdict), ("```", "")),
        _Section(before, explanations, after),
        _Section((), [f"- {escape(line)}" for line in notes]),
        _table(verdict, quiet, *_fold(passed)),
    ]
    return _fitted(head, [section for section in sections if section.body], foot)


def _table(
    verdict: Verdict, checks: list[Check], before: tuple[str, ...], after: tuple[str, ...]
) -> _Section:
    names = wording.labels(verdict)
    rows = []
    for check in checks:
        label = Cell(names[check.subject.whole])
        rows.append(Row((label, Cell(wording.title(check)), *cells(check))))
    header, rule, *body = grid(laid_out("", _NAMES, rows, verdict))
    return _Section((*before, header, rule), body, after)


def _fold(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (f"<details><summary>{title}</summary>", ""), ("", "</details>", "")


def _explained(group: list[tuple[Check, wording.Advice]], names: wording.DesignNames) -> str:
    lines = []
    for check, help in group:
        lines.append(f"- {escape(wording.headline(check, names))}")
        lines += [f"  - {word}: {escape(text, links=word == 'note')}" for word, text in help]
    return "\n".join(lines)


def _fitted(head: list[str], sections: list[_Section], foot: list[str]) -> str:
    """Join everything; where it is too long, sections end early, each closed as it should be."""
    room = MOST_BYTES - _bytes([*head, _CUT, "", *foot])
    lines, cut = list(head), False
    for opening, body, closing in sections:
        room -= _bytes([*opening, *closing])
        kept = []
        for line in body:
            room -= _bytes([line])
            if room < 0:
                break
            kept.append(line)
        cut = cut or len(kept) < len(body)
        lines += [*opening, *kept, *closing] if kept else []
    lines += [_CUT, ""] if cut else []
    return "\n".join([*lines, *foot]) + "\n"


def _bytes(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


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
            name = "/".join(filter(None, [names[subject.whole], subject.path]))
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
