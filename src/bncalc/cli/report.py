"""`bncalc report`: a page to look at, in one file."""

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.options import Altered, Asked, Judged, Trained, sharing
from bncalc.errors import UsageError

if TYPE_CHECKING:
    from bncalc.analysis.assumptions import Assumptions
    from bncalc.budget.verdict import Verdict
    from bncalc.opening.model import Overrides
    from bncalc.opening.name import ModelName
    from bncalc.render.table import Table


@sharing
def report(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL…", help="YAML files, FILE#name, shipped names.", show_default=False
        ),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="The page, an .html file.")
    ],
    old: Annotated[
        str | None,
        typer.Option("--diff", metavar="OLD", help="What the model was: another, or REV:path."),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="FILE", help="A budget file, to show what it says.")
    ] = None,
    *,
    altered: Altered,
    asked: Asked,
    trained: Trained,
    judged: Judged,
) -> None:
    """Write a page about models: totals, charts, a tree of layers, other tools' totals.

    The page is one file. It asks no network for anything, reads without JavaScript and prints.

    Examples:
    bncalc report resnet50 -o resnet50.html
    bncalc report net.yaml --diff HEAD:net.yaml --budget bncalc.budget.yaml -o page.html
    """
    from bncalc.analysis.comparison import compare
    from bncalc.analysis.conventions import CONVENTIONS, account
    from bncalc.analysis.measurement import measure
    from bncalc.cli.answer import deliver
    from bncalc.cli.designs import open_designs
    from bncalc.render.page.page import Content, page

    if not output.lower().endswith((".html", ".htm")):
        raise UsageError(f"--output {output}: a page is an .html file")
    names, overrides = altered.models(models), altered.overrides()
    assumed = asked.assumptions(trained, judged)
    also = ("training", *(("roofline",) if assumed.device is not None else ()))
    designs = open_designs(names, overrides)
    reports = tuple([measure(graph, assumed, also) for graph in designs.graphs])
    accounts = tuple(
        [
            tuple([account(graph, tool, assumed.batch) for tool in CONVENTIONS.values()])
            for graph in designs.graphs
        ]
    )
    content = Content(
        compare(reports, designs.baseline),
        accounts,
        None if old is None else _difference(old, names, overrides, assumed),
        None if budget is None else _verdict(budget),
    )
    deliver(page(content), output)


def _difference(
    old: str, names: "list[ModelName]", overrides: "Overrides", assumed: "Assumptions"
) -> "Table":
    """Return what changed since OLD, layer by layer."""
    from bncalc.change.explanation import changed
    from bncalc.change.pairing import open_versions, pair
    from bncalc.opening.name import parse
    from bncalc.render.changes import Choice
    from bncalc.render.difference import difference_view

    if len(names) != 1:
        raise UsageError(f"--diff shows what changed in one model, and these are {len(names)}")
    before, now = (open_versions(name, overrides, assumed) for name in (parse(old), names[0]))
    differences = tuple([changed(*both) for both in pair(before.versions, now.versions)])
    return difference_view(before.label, now.label, differences, Choice())


def _verdict(budget: str) -> "Verdict":
    from bncalc.budget.check import check

    return check(budget)
