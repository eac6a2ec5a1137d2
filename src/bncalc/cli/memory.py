"""`bncalc memory`: what is in memory at each step of a network, and what makes the peak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bncalc.cli.analyses import ChipOption, Deployed, Trained, chip
from bncalc.cli.ignored_options import given, named, refuse_ignored
from bncalc.cli.options import Altered, Asked, DepthOption, ModelArgument, PlotOption, Shown
from bncalc.cli.sharing import sharing

if TYPE_CHECKING:
    from bncalc.analysis.report import Report
    from bncalc.render.formats import Format
    from bncalc.render.table import Table


@sharing
def memory(
    model: ModelArgument,
    depth: DepthOption = None,
    device: ChipOption = None,
    plot: PlotOption = False,
    *,
    altered: Altered,
    asked: Asked,
    trained: Trained,
    deployed: Deployed,
    shown: Shown,
) -> None:
    """Show the memory that a network needs: live maps layer by layer, the peak, and training.

    With `--device stm32f746` or `--runtime tflm` it shows what the network needs on a
    microcontroller: whether it fits, RAM and flash broken down, and edits that would make it fit.

    Examples:
    bncalc memory resnet50 --depth 1
    bncalc memory resnet50 --policy eager --batch 32
    bncalc memory resnet50 --optimizer adam --checkpoint --fit 24GiB
    bncalc memory mobilenet_v2 --device stm32f746 --plot
    """
    from bncalc.analysis.comparison import compare
    from bncalc.analysis.measurement import measure
    from bncalc.cli.answer import answer
    from bncalc.cli.designs import open_one
    from bncalc.opening.model import request_of
    from bncalc.render.columns import needs

    on_chip = device is not None or deployed.asked
    if on_chip:
        used = asked._replace(dtype=None, activation_dtype=None)
        ignored = (*named(depth=depth), *given(used), *given(trained))
        refuse_ignored("the answer about a microcontroller", ignored)
    if shown.form == "csv":
        refuse_ignored("CSV, which has only layers,", given(trained, "fit"))
    assumed = asked.assumptions(trained, deployed, on_chip=on_chip)._replace(device=chip(device))
    columns = trained.memory_columns(assumed)
    name = altered.model(model)
    graph = open_one(name, altered.overrides())
    also = ("deployment",) if on_chip else needs((*columns, *trained.implied(columns)))
    report = measure(graph, assumed, also)

    def view() -> Table:
        if on_chip:
            from bncalc.mending.deployment import edits_that_fit
            from bncalc.render.deployment import deployment_view

            edits = edits_that_fit(request_of(name, altered.overrides()), report)
            return deployment_view(report, edits)
        from bncalc.render.memory import memory_view

        return memory_view(report, columns, depth)

    drawn = _drawn(report, shown.form) if plot else ""
    answer(shown, compare((report,), report.name), view, drawn)


def _drawn(report: Report, form: Format) -> str:
    """Return the chart that belongs to a report: of its arena, or of its live maps."""
    from bncalc.analysis.arena.deployment import Deployment
    from bncalc.cli.drawing import under_table
    from bncalc.render.chart.arena import arena
    from bncalc.render.chart.memory import memory

    deployed = any(isinstance(result, Deployment) for result in report.results)
    return under_table([arena(report) if deployed else memory(report)], form)
