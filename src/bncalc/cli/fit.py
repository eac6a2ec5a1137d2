"""`bncalc fit`: the value with which a model keeps its limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.analyses import ChipOption, Deployed, chip
from bncalc.cli.ignored_options import given, refuse_ignored
from bncalc.cli.messages import complain
from bncalc.cli.options import Asked, Shown
from bncalc.cli.sharing import sharing
from bncalc.cli.subject import MaxOption, MinOption, SubjectArgument, TieOption, VaryOption, axes_of
from bncalc.errors import UsageError

if TYPE_CHECKING:
    from bncalc.search.axis import Axis
    from bncalc.search.subject import SearchSubject


@sharing
def fit(
    model: SubjectArgument,
    vary: VaryOption = None,
    tie: TieOption = None,
    most: MaxOption = None,
    least: MinOption = None,
    maximize: Annotated[
        str | None,
        typer.Option(metavar="METRIC", help="The metric to maximise among the designs that fit."),
    ] = None,
    device: ChipOption = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the best values into the model's file.")
    ] = False,
    *,
    asked: Asked,
    deployed: Deployed,
    shown: Shown,
) -> None:
    """Find the largest value at which a model stays within its limits, and prove that it is.

    Every value is computed: none is skipped because a smaller one did not fit. Exit 1 if none fits.
    With `--device`, the RAM and flash of a microcontroller are limits.

    Examples:
    bncalc fit mobilenet_v2 --vary width --max macs=300M
    bncalc fit mobilenet_v1@128 --vary width=0.25:1:0.25 --device stm32h747
    """
    from bncalc.analysis.metric import METRICS, limitable, metric_named
    from bncalc.cli.answer import write as answer
    from bncalc.render import fit as rendering
    from bncalc.search.fit import Task
    from bncalc.search.fit import fit as search
    from bncalc.search.limits import limits_of, sizes_of
    from bncalc.search.rule import rule_of
    from bncalc.search.subject import subject_of

    if not vary:
        raise UsageError("say what to vary, as in --vary width or --vary width=0.5:2:0.01")
    if not (most or least or device):
        raise UsageError("give a limit, as in --max macs=300M or --device stm32f746")
    on = chip(device)
    limits = (*(sizes_of(on) if on else ()), *limits_of(most or (), least or ()))
    if not any(limit.metric.analysis == "deployment" for limit in limits):
        refuse_ignored("a search without a limit on RAM", given(deployed))
    subject = subject_of(model)
    axes = axes_of(subject, vary)
    if write:
        refuse_unwritten(model, subject, axes)
    task = Task(
        axes=axes,
        rules=tuple([rule_of(text) for text in tie or ()]),
        limits=limits,
        metrics=(METRICS["params"], METRICS["macs"]),
        maximize=metric_named(maximize, limitable()) if maximize else None,
    )
    assumed = asked.assumptions(deployed, on_chip=on is not None)._replace(device=on)
    fitting = search(subject, task, assumed)
    answer(shown, lambda: rendering.document(fitting), lambda: rendering.view(fitting))
    if fitting.best is None:
        raise typer.Exit(1)
    if write:
        from bncalc.opening.editing import write_values
        from bncalc.opening.name import parse

        complain(*write_values(parse(model), fitting.settings))


def refuse_unwritten(model: str, subject: SearchSubject, axes: Iterable[Axis]) -> None:
    """Raise UsageError, before anything is worked out, for what --write cannot write."""
    from bncalc.opening.editing import editable
    from bncalc.opening.name import parse
    from bncalc.search.costing import ASSUMED

    editable(parse(model))
    for axis in axes:
        if axis.name in (*ASSUMED, "device") and axis.name not in subject.now:
            raise UsageError(
                f"--write: {axis.name} is an assumption, not a value in the model's file"
            )
