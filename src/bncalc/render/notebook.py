"""What a notebook shows of an answer: the table of the terminal, as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from bncalc.render import terminal
from bncalc.render.table import Table

if TYPE_CHECKING:
    from bncalc.analysis.comparison import Comparison
    from bncalc.analysis.difference import Difference
    from bncalc.analysis.report import Report
    from bncalc.budget.verdict import Verdict

_STYLE = "line-height: 1.25; overflow-x: auto; white-space: pre"


def report_html(report: Report) -> str:
    """Return a network as `bncalc show` draws it, its parts and what stands beside them."""
    from bncalc.render.views import Selection, network_view

    return _html(network_view(report, selection=Selection(depth=2)))


def comparison_html(comparison: Comparison) -> str:
    """Return designs side by side as `bncalc compare` draws them."""
    from bncalc.render.views import comparison_view

    return _html(comparison_view(comparison))


def difference_html(difference: Difference) -> str:
    """Return what changed as `bncalc diff` draws it."""
    from bncalc.change.explanation import Changed
    from bncalc.render.changes import Choice
    from bncalc.render.difference import difference_view

    old, new = [side.name if side else "nothing" for side in (difference.old, difference.new)]
    return _html(difference_view(old, new, (Changed(difference, ()),), Choice()))


def verdict_html(verdict: Verdict) -> str:
    """Return what budgets say as `bncalc check` writes it."""
    from io import StringIO

    from bncalc.render.verdict import Context, render

    return _pre(render("text", verdict, Context(StringIO())))


def _html(table: Table) -> str:
    return _pre(terminal.draw(table, terminal.Screen(None)))


def _pre(text: str) -> str:
    return f'<pre style="{_STYLE}">{escape(text)}</pre>'
