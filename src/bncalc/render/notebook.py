"""What a notebook shows of an answer: the table of the terminal, and the charts that suit it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from bncalc.render import terminal
from bncalc.render.chart.svg import LIGHT
from bncalc.render.table import Table

if TYPE_CHECKING:
    from bncalc.analysis.comparison import Comparison
    from bncalc.analysis.difference import Difference
    from bncalc.analysis.report import Report
    from bncalc.budget.verdict import Verdict
    from bncalc.render.chart import Chart
    from bncalc.search.sweep import Sweep

_STYLE = "line-height: 1.25; overflow-x: auto; white-space: pre"
_THEME = LIGHT._replace(
    paper="none",
    ink="var(--jp-content-font-color1, var(--vscode-foreground, #1f2328))",
    muted="var(--jp-content-font-color2, var(--vscode-descriptionForeground, #59636e))",
    grid="var(--jp-border-color2, var(--vscode-panel-border, #e4e8ec))",
)
"""The colours of JupyterLab or VS Code where it is shown in one, light ones elsewhere."""
_ROWS = 20


def report_html(report: Report) -> str:
    """Return a network as `bncalc show` draws it; where its MACs lie, and its maps over time."""
    from bncalc.render.chart.memory import memory
    from bncalc.render.chart.parts import parts
    from bncalc.render.columns import SHOWN
    from bncalc.render.views import Selection, network_view

    table = network_view(report, SHOWN, Selection(depth=2))
    return _html(_drawn(table), parts(report, "macs"), memory(report))


def comparison_html(comparison: Comparison) -> str:
    """Return designs side by side as `bncalc compare` draws them, and as bars."""
    from bncalc.render.views import comparison_view

    charts = [_bars(comparison)] if len(comparison.reports) > 1 else []
    return _html(_drawn(comparison_view(comparison)), *charts)


def difference_html(difference: Difference) -> str:
    """Return what changed as `bncalc diff` draws it, and both sides as bars."""
    from bncalc.analysis.comparison import compare
    from bncalc.change.explanation import Changed
    from bncalc.render.changes import ChangeFilter
    from bncalc.render.difference import difference_view

    old, new = [side.name if side else "nothing" for side in (difference.old, difference.new)]
    view = difference_view(old, new, (Changed(difference, ()),), ChangeFilter())
    if difference.old is None or difference.new is None:
        return _html(_drawn(view))
    then = difference.old._replace(name=f"{old}, then" if old == new else old)
    return _html(_drawn(view), _bars(compare([then, difference.new])))


def sweep_html(swept: Sweep) -> str:
    """Return the first designs, and all of them by the first two of their numbers."""
    from bncalc.render.chart.histogram import histogram
    from bncalc.render.sweep import designs_view, title_of
    from bncalc.render.sweep_chart import sweep_chart

    words = swept.space.words
    charts: list[Chart] = []
    if len(words) > 1 and swept.size:
        charts = [sweep_chart(swept, {}, *words[:2])]
    elif swept.size:
        charts = [histogram(words[0], swept.amounts[words[0]].tolist())]
    return _html(_drawn(designs_view(swept, {}, title_of(swept), _ROWS)), *charts)


def verdict_html(verdict: Verdict) -> str:
    """Return what budgets say as `bncalc check` writes it, and how much of limits is used."""
    from io import StringIO

    from bncalc.render.chart.usage import usage
    from bncalc.render.verdict import FormContext, render

    used = usage(verdict)
    text = render("text", verdict, FormContext(StringIO()))
    return _html(text, *([used] if used else []))


def _bars(comparison: Comparison) -> Chart:
    from bncalc.render.chart.bars import bars

    return bars(comparison, ("params", "macs", "peak"))


def _drawn(table: Table) -> str:
    return terminal.draw(table, terminal.Screen(None))


def _html(text: str, *charts: Chart) -> str:
    pictures = [f'<div style="max-width: 860px">{chart.svg(_THEME)}</div>' for chart in charts]
    return f'<pre style="{_STYLE}">{escape(text)}</pre>' + "".join(pictures)
