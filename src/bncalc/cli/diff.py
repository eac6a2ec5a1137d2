"""`bncalc diff`: what changed between two networks, layer by layer."""

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.options import Altered, Asked, Shown
from bncalc.cli.sharing import sharing
from bncalc.errors import BncalcError, UsageError, hint_for

if TYPE_CHECKING:
    from bncalc.analysis.assumptions import Assumptions
    from bncalc.change.explanation import Changed
    from bncalc.change.pairing import Opened
    from bncalc.change.version import Version
    from bncalc.model.graph import Graph
    from bncalc.opening.model import Overrides
    from bncalc.opening.name import ModelName


@sharing
def diff(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="OLD NEW",
            help="Each is a model, REV:path in git, or a JSON report; with --base, only models.",
            show_default=False,
        ),
    ],
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF|FILE|DIR",
            help="What to compare with: a git ref, a JSON report, or a folder.",
        ),
    ] = None,
    by: Annotated[
        str, typer.Option(metavar="METRIC", help="The metric that the rows show. One of {choices}.")
    ] = "params",
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Show only the N rows that changed most.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Show every layer, unchanged ones included.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if there is a difference.")
    ] = False,
    *,
    altered: Altered,
    asked: Asked,
    shown: Shown,
) -> None:
    """Show what changed between two networks, layer by layer, and which edits caused it.

    Layers are matched across insertions and renames; the rows sum to the change in the total. A
    PyTorch model named without inputs takes those of the other model.

    Examples:
    bncalc diff resnet50 resnet101
    bncalc diff HEAD~1:net.yaml net.yaml --by macs
    bncalc diff --base main models/*.yaml
    """
    from bncalc.cli.answer import write
    from bncalc.render.changes import ChangeFilter
    from bncalc.render.difference import difference_document, difference_view

    by = _summed(by)
    names = altered.models(models)
    given = names, altered.overrides(), asked.assumptions()
    old, new, designs = _against(base, *given) if base else _between(*given)
    write(
        shown,
        lambda: difference_document(old, new, designs),
        lambda: difference_view(old, new, designs, ChangeFilter(by, top, all_)),
    )
    if exit_code and not all(design.difference.is_empty for design in designs):
        raise typer.Exit(1)


def _summed(by: str) -> str:
    """Return the word of a metric that layers add up to; raise UsageError for any other."""
    from bncalc.analysis.metric import additive, metric_called

    metrics = additive()
    metric = metric_called(by, metrics)
    if metric is None:
        hint = hint_for(by, [metric.word for metric in metrics])
        raise UsageError(f"--by: {by!r} cannot be summed over layers{hint}")
    return metric.word


def _between(
    models: "list[ModelName]", overrides: "Overrides", assumed: "Assumptions"
) -> tuple[str, str, "tuple[Changed, ...]"]:
    """Compare the two models of a call."""
    from bncalc.change.pairing import open_versions, pair
    from bncalc.cli.designs import open_both
    from bncalc.quantity import plural

    if len(models) != 2:
        given = plural(len(models), "model")
        raise UsageError(f"diff takes OLD and NEW, or --base REF and models; here: {given}")
    try:
        old, new = open_both(
            (models[0], models[1]),
            lambda name: open_versions(name, overrides, assumed),
            _first_graph,
        )
    except UsageError:
        _refuse_revision(*models)
        raise
    designs = tuple([_with_folding(*both) for both in pair(old.versions, new.versions)])
    if not designs:
        raise UsageError(f"neither {old.label} nor {new.label} holds a design")
    return old.label, new.label, designs


def _refuse_revision(old: "ModelName", new: "ModelName") -> None:
    """Raise UsageError where OLD is a revision in git, and not a model in one."""
    from pathlib import Path

    from bncalc.change.revision import revision
    from bncalc.disk import DISK
    from bncalc.opening.lookup import located

    try:
        located(old, DISK)
    except UsageError:
        try:
            revision(Path(), str(old))
        except BncalcError:
            return
    else:
        return
    right = f"write {old}:{new}, or `bncalc diff --base {old} {new}`"
    raise UsageError(f"{old} is a revision in git, and not a model; {right}") from None


def _with_folding(old: "Version | None", new: "Version | None") -> "Changed":
    """Compare two versions, and find if one has its norms folded already once that is shown."""
    from functools import partial

    from bncalc.change.explanation import changed, folded_norms

    both = changed(old, new)
    return both._replace(folded=partial(folded_norms, both.difference, old, new))


def _first_graph(opened: "Opened") -> "Graph":
    design = opened.versions[0].design
    assert design is not None, "a report cannot give a model its inputs"
    return design.graph


def _against(
    ref: str, models: "list[ModelName]", overrides: "Overrides", assumed: "Assumptions"
) -> tuple[str, str, "tuple[Changed, ...]"]:
    """Compare models with what they were in a base."""
    from pathlib import Path

    from bncalc.change.explanation import changed
    from bncalc.change.pairing import before, open_versions, pair, snapshot

    base = snapshot(ref, Path())
    designs: list[Changed] = []
    for name in models:
        versions = open_versions(name, overrides, assumed).versions
        designs += [changed(*both) for both in pair(before(base, name, versions), versions)]
    return base.label, ", ".join(map(str, models)), tuple(designs)
