"""`bncalc report`: a page to look at, in one file."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.analyses import Judged, Trained
from bncalc.cli.ignored_options import given, named, refuse_ignored
from bncalc.cli.options import MODELS_HELP, Altered, Asked
from bncalc.cli.sharing import sharing
from bncalc.errors import BncalcError, UsageError

if TYPE_CHECKING:
    from bncalc.analysis.assumptions import Assumptions
    from bncalc.budget.verdict import Verdict
    from bncalc.opening.model import Overrides
    from bncalc.opening.name import ModelName
    from bncalc.render.table import Table

_MOST = 8
"""Models of a budget on a page."""


@partial(sharing, without=("fit", "as_"))
def report(
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The page, an .html file, replaced if it exists."
        ),
    ],
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...",
            help=f"{MODELS_HELP} By default, those of --budget that break it or have changed "
            "since its base.",
            show_default=False,
        ),
    ] = None,
    old: Annotated[
        str | None,
        typer.Option(
            "--diff", metavar="OLD", help="The model to compare with: any model, or REV:path."
        ),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="FILE", help="A budget file whose verdict to show.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(metavar="REF|FILE|DIR", help="What growth is measured from, as in `check`."),
    ] = None,
    *,
    altered: Altered,
    asked: Asked,
    trained: Trained,
    judged: Judged,
) -> None:
    """Write an HTML page about models: totals, charts, a tree of layers, other tools' totals.

    The page is a single file. It loads nothing, can be read without JavaScript, and prints well.

    Examples:
    bncalc report resnet50 -o resnet50.html
    bncalc report net.yaml --diff HEAD:net.yaml -o page.html
    bncalc report --budget bncalc.budget.yaml -o page.html
    """
    from bncalc.analysis.comparison import compare
    from bncalc.analysis.conventions import accounts
    from bncalc.analysis.measurement import measure
    from bncalc.cli.answer import deliver
    from bncalc.cli.designs import open_designs
    from bncalc.render.page.page import PageContent, page

    if not output.lower().endswith((".html", ".htm")):
        raise UsageError(f"--output {output}: a page is an .html file")
    if budget is None:
        refuse_ignored("a page without --budget", named(base=base))
    if not models:
        assumed_by_call = (*given(altered), *given(asked), *given(trained), *given(judged))
        refuse_ignored("a page on a budget's verdict", assumed_by_call)
    verdict = None if budget is None else _verdict(budget, base)
    overrides = altered.overrides()
    if models:
        names, assumed = altered.models(models), asked.assumptions(trained, judged)
        differences: tuple[Table, ...] = (
            () if old is None else (_difference(old, names, overrides, assumed),)
        )
    elif verdict is None or old is not None:
        message = "name a model, or give only --budget to show those of its models that changed"
        raise UsageError(message)
    else:
        names, assumed = _changed(verdict), verdict.assumptions
        differences = _since(verdict, names, overrides)
    also = ("training", *(("roofline",) if assumed.device is not None else ()))
    designs = open_designs(names, overrides)
    reports = tuple([measure(graph, assumed, also) for graph in designs.graphs])
    counted = tuple([accounts(graph, assumed.batch) for graph in designs.graphs])
    comparison = compare(reports, designs.baseline)
    deliver(page(PageContent(comparison, counted, differences, verdict)), output)


def _changed(verdict: "Verdict") -> "list[ModelName]":
    """Return the models that break budgets or have changed; of several the worst first."""
    from bncalc.model.shape import Shape
    from bncalc.opening.lookup import given
    from bncalc.render.verdict.ranking import news

    checks = news(verdict) or verdict.checks
    models = list(dict.fromkeys([check.subject.model for check in checks]))[:_MOST]
    return given(models, {}, None if verdict.input is None else Shape(*verdict.input))


def _since(
    verdict: "Verdict", names: "list[ModelName]", overrides: "Overrides"
) -> "tuple[Table, ...]":
    """Return what changed in models since the commit that a verdict compares with.

    A model that was not there, or cannot be read there, has no difference: the verdict says so.
    """
    label = (verdict.base or "").partition(" (")[0]
    commit = label.rpartition("@")[2]
    if commit == label:
        return ()  # there is no base, or it is a folder or a saved report
    tables = []
    for name in names:
        try:
            was = name._replace(revision=commit)
            tables.append(_difference(str(was), [name], overrides, verdict.assumptions, label))
        except BncalcError:
            continue
    return tuple([table for table in tables if table.rows])


def _difference(
    old: str,
    names: "list[ModelName]",
    overrides: "Overrides",
    assumed: "Assumptions",
    base: str = "",
) -> "Table":
    """Return what changed since OLD, layer by layer; `base` is what people call its commit."""
    from bncalc.change.explanation import changed
    from bncalc.change.pairing import open_versions, pair
    from bncalc.opening.name import parse
    from bncalc.render.changes import ChangeFilter
    from bncalc.render.difference import difference_view

    if len(names) != 1:
        raise UsageError(f"--diff shows what changed in one model, but {len(names)} are named")
    before, now = (open_versions(name, overrides, assumed) for name in (parse(old), names[0]))
    differences = tuple([changed(*both) for both in pair(before.versions, now.versions)])
    was = f"{base}:{now.label}" if base else before.label
    return difference_view(was, now.label, differences, ChangeFilter())


def _verdict(budget: str, base: str | None) -> "Verdict":
    from bncalc.budget.check import check

    return check(budget, base=base)
