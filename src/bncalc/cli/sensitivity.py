"""`bncalc sensitivity`: what 1 % more of each value costs."""

from typing import Annotated

import typer

from bncalc.cli.options import Asked, Shown
from bncalc.cli.sharing import sharing
from bncalc.cli.subject import MetricsOption, SubjectArgument


@sharing
def sensitivity(
    model: SubjectArgument,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", metavar="NAME", help="Show only this value. Repeatable."),
    ] = None,
    metrics: MetricsOption = "params,macs,peak",
    *,
    asked: Asked,
    shown: Shown,
) -> None:
    """Show by how many percent each cost grows when a value grows by 1 %.

    Examples:
    bncalc sensitivity mobilenet_v2
    """
    from bncalc.analysis.metric import limitable, metric_named
    from bncalc.cli.answer import write
    from bncalc.render import sensitivity as rendering
    from bncalc.search.costing import Costing
    from bncalc.search.sensitivity import sensitivity as work_out
    from bncalc.search.subject import subject_of

    chosen = [metric_named(word.strip(), limitable()) for word in metrics.split(",")]
    costing = Costing(subject_of(model), asked.assumptions(), chosen)
    costing.refuse_unknown(vary or ())
    answer = work_out(costing, tuple(vary or ()))
    write(shown, lambda: rendering.document(answer), lambda: rendering.view(answer))
