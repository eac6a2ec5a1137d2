"""The verdict for people: a table, then each finding with its why and its mending, then the word.

The same stands on a screen, in a log and in a pipe; no number is cut in any of them.
"""

from __future__ import annotations

from bncalc.budget.verdict import Verdict
from bncalc.quantity import plural
from bncalc.render import terminal
from bncalc.render.table import Cell, Column, Row, Table
from bncalc.render.verdict import FormContext, wording
from bncalc.render.verdict.figures import used, used_share
from bncalc.render.verdict.layout import DesignChecks, cells, groups, laid_out, without
from bncalc.render.verdict.ranking import findings, gathered


def render(verdict: Verdict, context: FormContext) -> str:
    """Return the verdict as the stream can show it."""
    brief = verdict if context.every else gathered(verdict)
    table = _table(brief, every=context.every)
    if not terminal.fits(table, context.stream):
        table = without(table, "base")  # which is now less the change
    names = wording.labels(verdict)
    message = (*wording.paragraphs(findings(brief), names), wording.verdict_line(verdict))
    pieces = [terminal.prose(text, context.stream) for text in message]
    return "\n".join([terminal.render(table, context.stream), *pieces])


def _table(verdict: Verdict, *, every: bool) -> Table:
    rows = [row for group in groups(verdict, every=every) for row in _rows(group)]
    title = f"bncalc check: {wording.context_line(verdict)}"
    table = laid_out(title, (Column("check", "Check", "name"),), rows, verdict)
    return table._replace(notes=(*wording.skips(verdict), *wording.remarks(verdict)))


def _rows(group: DesignChecks) -> list[Row]:
    """Return a line for the model and one for each check; a single line where all passed."""
    if not group.shown:
        return [Row((Cell(f"{group.label}  ok: {_summed(group)}"),), role="heading")]
    rows = [Row((Cell(group.label),), role="heading")]
    rows += [Row((Cell(wording.title(check)), *cells(check)), depth=1) for check in group.shown]
    if group.hidden:
        rest = f"{group.label}, its parts  ok: {_summed(group)}"
        rows.append(Row((Cell(rest),), role="heading"))
    return rows


def _summed(group: DesignChecks) -> str:
    """Say how many checks passed, and how near the nearest came to its limit."""
    nearest = used(max(group.hidden, key=used_share))
    return plural(len(group.hidden), "check") + (f", at most {nearest} used" if nearest else "")
