"""The verdict on a page: its line, and every finding as the command line words it."""

from __future__ import annotations

from io import StringIO

from bncalc.budget.verdict import Verdict
from bncalc.render.chart.svg import PAGE
from bncalc.render.chart.usage import usage
from bncalc.render.page.markup import element, figure, section, text
from bncalc.render.verdict import FormContext, render
from bncalc.render.verdict.wording import verdict_line


def verdict_section(verdict: Verdict) -> str:
    """Return what budgets say: kept or broken, how much of limits is used, and why."""
    line = element("p", text(verdict_line(verdict)), class_="bad" if verdict.failed else "good")
    lines = render("text", verdict, FormContext(StringIO())).splitlines()
    findings = element("pre", "\n".join(map(text, lines)), tabindex=0)
    used = usage(verdict)
    pictures = [figure(used.svg(PAGE))] if used else []
    return section("Budgets", line, *pictures, findings, id="budgets")
