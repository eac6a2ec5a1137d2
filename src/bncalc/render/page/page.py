"""The page as a whole: its sections in order, its style and script, and what it may load."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from io import StringIO
from pathlib import Path

from bncalc._version import __version__
from bncalc.analysis.comparison import Comparison
from bncalc.analysis.conventions import Accounts
from bncalc.analysis.gaps import kept_gap
from bncalc.analysis.report import Report
from bncalc.analysis.roofline import Roofline
from bncalc.analysis.training import Training
from bncalc.budget.verdict import Verdict
from bncalc.named import NamedTuple
from bncalc.quantity import plural
from bncalc.render import units
from bncalc.render.chart import Chart
from bncalc.render.chart.bars import bars
from bncalc.render.chart.memory import memory
from bncalc.render.chart.parts import parts
from bncalc.render.chart.scale import dimension
from bncalc.render.chart.scatter import scatter
from bncalc.render.chart.svg import PAGE
from bncalc.render.chart.time import time
from bncalc.render.chart.usage import usage
from bncalc.render.conventions import accounts_view
from bncalc.render.notes import assumed, uncounted
from bncalc.render.page.markup import element, figure, section, table, text
from bncalc.render.page.tree import tree_table
from bncalc.render.table import Table
from bncalc.render.verdict import FormContext, render
from bncalc.render.verdict.wording import verdict_line
from bncalc.render.views import comparison_view

_HERE = Path(__file__).parent
_MANY = 3


class PageContent(NamedTuple):
    """What a page shows: designs, and beside them other tools' totals, differences, a verdict."""

    comparison: Comparison
    accounts: tuple[Accounts, ...] = ()
    differences: tuple[Table, ...] = ()
    verdict: Verdict | None = None


def page(content: PageContent) -> str:
    """Return one HTML file that needs no other, no network and no script to be read."""
    style, script = (
        (_HERE / name).read_text(encoding="utf-8") for name in ("style.css", "script.js")
    )
    title = ", ".join(report.name for report in content.comparison.reports[:4])
    body = "".join(_body(content))
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)} · bncalc</title>\n<style>{style}</style></head>\n"
        f"<body>\n{body}<script>{script}</script>\n</body></html>\n"
    )


def _policy(style: str, script: str) -> str:
    """Allow this style and this script, by their hashes, and nothing else at all."""
    hashes = [b64encode(sha256(each.encode()).digest()).decode() for each in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _body(content: PageContent) -> Iterator[str]:
    reports = content.comparison.reports
    yield _header(reports)
    yield "<main>\n"
    if content.verdict is not None:
        yield verdict_section(content.verdict)
    for at, difference in enumerate(content.differences):
        several = len(content.differences) > 1
        title = f"What changed: {difference.title}" if several else "What changed"
        yield section(title, table(difference), id=f"changes-{at}" if several else "changes")
    if len(reports) > 1:
        yield _side_by_side(content.comparison)
    for index, report in enumerate(reports):
        yield from _design(report, content.accounts, index)
    yield "</main>\n"
    version = f"bncalc {__version__}. Counts are exact, worked out from shapes."
    yield element("footer", text(version)) + "\n"


def _header(reports: tuple[Report, ...]) -> str:
    first = reports[0]
    title = first.name if len(reports) == 1 else plural(len(reports), "design")
    button = element("button", "light / dark", id="theme", type="button", hidden=True)
    subtitle = assumed(first.assumptions, ("peak",))
    if len(reports) == 1:
        subtitle = f"{first.input} → {first.output}; {subtitle}"
    return (
        element("header", element("h1", text(title)), element("p", text(subtitle)), button) + "\n"
    )


def _side_by_side(comparison: Comparison) -> str:
    drawn: list[Chart] = [bars(comparison, ("params", "macs", "peak"))]
    if len(comparison.reports) >= _MANY:
        values = [
            (float(report.totals.params), float(report.totals.macs))
            for report in comparison.reports
        ]
        names = [report.name for report in comparison.reports]
        drawn.append(scatter(names, dimension("params"), dimension("macs"), values))
    pictures = [figure(chart.svg(PAGE)) for chart in drawn]
    return section("Side by side", table(comparison_view(comparison)), *pictures, id="designs")


def _design(report: Report, accounts: tuple[Accounts, ...], index: int) -> Iterator[str]:
    at = f"design-{index}"
    yield section(f"{report.name}: totals", _cards(report), *_gaps(report), id=f"{at}-totals")
    charts: list[Chart] = [parts(report, "macs"), parts(report, "params"), memory(report)]
    if any(isinstance(result, Roofline) for result in report.results):
        charts.append(time(report))
    pictures = [figure(chart.svg(PAGE)) for chart in charts]
    yield section(f"{report.name}: where the costs are", *pictures, id=f"{at}-charts")
    yield section(f"{report.name}: layers", tree_table(report), id=f"{at}-layers")
    if index < len(accounts):
        view = accounts_view(accounts[index : index + 1])
        title = f"{report.name}: what other tools print"
        yield section(title, table(view), id=f"{at}-tools")


def _gaps(report: Report) -> Iterator[str]:
    trained = any(isinstance(result, Training) for result in report.results)
    for line in (*uncounted((report,)), *(kept_gap([report]) if trained else ())):
        yield element("p", text(line), class_="bad")


def _cards(report: Report) -> str:
    totals, step = report.totals, report.memory.step
    place = report.inputs[0].path if step == 0 else report.layers[step - 1].path
    cards = [
        ("params", units.count(totals.params), f"{units.size(totals.weight_bytes)} of weights"),
        ("MACs", units.count(totals.macs), f"{units.si(totals.macs)} multiply-accumulates"),
        ("peak activations", units.size(totals.peak_activation_bytes), f"at {place}"),
        ("activations", units.count(totals.activations), "elements of conv and linear layers"),
    ]
    for result in report.results:
        if isinstance(result, Training):
            basis = f"{report.assumptions.optimizer}, batch {report.assumptions.batch}"
            cards.append(("training memory", units.size(result.total), basis))
    rows = [
        element("div", element("dt", name), element("dd", value), element("dd", text(about)))
        for name, value, about in cards
    ]
    return element("dl", *rows, class_="cards")


def verdict_section(verdict: Verdict) -> str:
    """Return what budgets say: kept or broken, how much of limits is used, and why."""
    line = element("p", text(verdict_line(verdict)), class_="bad" if verdict.failed else "good")
    lines = render("text", verdict, FormContext(StringIO())).splitlines()
    findings = element("pre", "\n".join(map(text, lines)), tabindex=0)
    used = usage(verdict)
    pictures = [figure(used.svg(PAGE))] if used else []
    return section("Budgets", line, *pictures, findings, id="budgets")
