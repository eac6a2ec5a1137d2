"""`bncalc show`: a network as a tree with subtotals."""

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.analyses import ColumnsOption, Judged, Trained, chosen_columns
from bncalc.cli.ignored_options import given, named, refuse_ignored
from bncalc.cli.options import Altered, Asked, DepthOption, ModelArgument, PlotOption, Shown
from bncalc.cli.sharing import sharing
from bncalc.errors import UsageError, hint_for

if TYPE_CHECKING:
    from bncalc.analysis.report import Report
    from bncalc.render.formats import Format
    from bncalc.render.table import Table


@sharing
def show(
    model: ModelArgument,
    depth: DepthOption = None,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Rank the layers by this column instead of showing the tree."
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Show only the N costliest layers: by --sort, else by MACs."
        ),
    ] = None,
    source: Annotated[
        bool,
        typer.Option("--source", help="Print the model's YAML file instead, as a starting point."),
    ] = False,
    columns: ColumnsOption = None,
    plot: PlotOption = False,
    *,
    altered: Altered,
    asked: Asked,
    trained: Trained,
    judged: Judged,
    shown: Shown,
) -> None:
    """Show a network layer by layer, with subtotals for its parts.

    Examples:
    bncalc show resnet50 --depth 1
    bncalc show mobilenet_v2@width=0.5@160 --top 5
    bncalc show resnet18 --columns output,kernel,stride,params,macs
    bncalc show resnet50 -o resnet50.csv
    bncalc show resnet50 --source > mine.yaml
    """
    from bncalc.analysis.comparison import compare
    from bncalc.analysis.measurement import measure
    from bncalc.cli.answer import answer
    from bncalc.cli.designs import open_one

    if source:
        from bncalc.cli.answer import deliver
        from bncalc.opening.model import source_of

        own = named(depth=depth, sort=sort, top=top, columns=columns, plot=plot)
        assumed = (*given(altered), *given(asked), *given(trained), *given(judged))
        form = given(shown._replace(output=None))
        refuse_ignored("show --source", (*own, *assumed, *form))
        deliver(source_of(altered.model(model)), shown.output)
        return
    if sort is not None or top is not None:
        refuse_ignored("a ranking of layers", named(depth=depth))
    chosen = chosen_columns(columns, "network", trained, judged)
    sort, needed = _sortable(sort) if sort else (None, ())
    also = (*chosen.also, *needed)
    graph = open_one(altered.model(model), altered.overrides())
    report = measure(graph, asked.assumptions(trained, judged), also)

    def view() -> "Table":
        from bncalc.render.columns import SHOWN
        from bncalc.render.views import Selection, network_view

        words = chosen.columns or SHOWN
        if sort is not None and sort not in words:
            words = (*words, sort)
        return chosen.sparing(network_view(report, words, Selection(depth, sort, top)))

    drawn = _drawn(report, shown.form) if plot else ""
    answer(shown, compare((report,), report.name), view, drawn)


def _drawn(report: "Report", form: "Format") -> str:
    """Return where MACs and params lie."""
    from bncalc.cli.drawing import under_table
    from bncalc.render.chart.parts import parts

    return under_table([parts(report, word) for word in ("macs", "params")], form)


def _sortable(column: str) -> tuple[str, tuple[str, ...]]:
    """Return the word of a metric to sort by, and the analyses that it needs.

    Raises UsageError if layers have none of it.
    """
    from bncalc.render.columns import SORTABLE, column_word, needs

    word = column_word(column)
    if word not in SORTABLE:
        hint = hint_for(column, SORTABLE)
        raise UsageError(f"--sort: cannot sort by {column!r}{hint}")
    return word, needs([word])
