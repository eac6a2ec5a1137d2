"""`bncalc compare`: alternatives side by side."""

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.analyses import ColumnsOption, Deployed, Judged, Trained, chosen_columns
from bncalc.cli.options import Altered, Asked, ModelsArgument, NoRatioOption, PlotOption, Shown
from bncalc.cli.sharing import sharing

if TYPE_CHECKING:
    from bncalc.analysis.comparison import Comparison
    from bncalc.render.formats import Format
    from bncalc.render.table import Table


@sharing
def compare(
    models: ModelsArgument,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The design that ratios are relative to; by default the file's, else the first.",
            show_default=False,
        ),
    ] = None,
    columns: ColumnsOption = None,
    plot: PlotOption = False,
    no_ratio: NoRatioOption = False,
    *,
    altered: Altered,
    asked: Asked,
    trained: Trained,
    judged: Judged,
    deployed: Deployed,
    shown: Shown,
) -> None:
    """Compare designs: params, MACs and memory, each with its ratio to the baseline.

    A file with `blocks:` gives all its alternatives, a file with `variants:` all its variants.

    Examples:
    bncalc compare configs/resnet256.yaml
    bncalc compare resnet50 resnet50@320 mobilenet_v2 --columns params,macs,peak
    bncalc compare mobilenet_v2 mobilenet_v2@width=0.5 --as fvcore --as thop
    bncalc compare mlperf_tiny_vww mlperf_tiny_ic --device stm32f746
    bncalc compare resnet50 vgg16 --columns params,macs --unit M -o table.tex
    """
    from bncalc.analysis.comparison import compare as side_by_side
    from bncalc.analysis.measurement import measure
    from bncalc.cli.answer import answer
    from bncalc.cli.designs import baseline_of, open_designs

    chosen = chosen_columns(columns, "designs", trained, judged, deployed)
    designs = open_designs(altered.models(models), altered.overrides())
    assumed = asked.assumptions(trained, judged, deployed)
    reports = tuple([measure(graph, assumed, chosen.also) for graph in designs.graphs])
    comparison = side_by_side(reports, baseline_of(designs, baseline))

    def view() -> "Table":
        from bncalc.render.columns import COMPARED
        from bncalc.render.views import comparison_view

        words = chosen.columns or COMPARED
        return chosen.sparing(comparison_view(comparison, words, ratios=not no_ratio))

    drawn = _drawn(comparison, chosen.columns, shown.form) if plot else ""
    answer(shown, comparison, view, drawn)


def _drawn(comparison: "Comparison", columns: tuple[str, ...], form: "Format") -> str:
    """Return bars of what is shown of designs."""
    from bncalc.analysis.metric import METRICS
    from bncalc.cli.drawing import under_table
    from bncalc.render.chart.bars import bars
    from bncalc.render.columns import COMPARED

    words = [word for word in columns or COMPARED if word in METRICS and word != "convention"]
    return under_table([bars(comparison, tuple(words))], form)
