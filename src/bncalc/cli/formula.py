"""`bncalc formula`: what a model or a block costs as a closed form."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from bncalc.cli.options import Asked, OutputOption
from bncalc.cli.sharing import sharing
from bncalc.cli.subject import MetricsOption, witness_asked


class Notation(StrEnum):
    """How a formula is written."""

    text = "text"
    latex = "latex"
    python = "python"
    json = "json"


@sharing
def formula(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|KIND",
            help="A model, as for `show`, or a kind of block.",
            show_default=False,
        ),
    ],
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="NAME[=VALUE]",
            help="What to vary, as in cin,mid; with mid=64 the formula is derived around 64.",
            show_default=False,
        ),
    ],
    metrics: MetricsOption = "params,macs,peak",
    *,
    asked: Asked,
    notation: Annotated[
        Notation,
        typer.Option("--format", "-f", metavar="FORMAT", help="text, latex, python or json."),
    ] = Notation.text,
    output: OutputOption = None,
) -> None:
    """Derive the exact formula of a cost, and the conditions under which it holds.

    Examples:
    bncalc formula bottleneck --vary cin,mid
    """
    from bncalc.analysis.metric import limitable, metric_named
    from bncalc.cli.answer import deliver
    from bncalc.render import formula as rendering
    from bncalc.render.terminal import prose
    from bncalc.search.costing import Costing
    from bncalc.search.formula import formula as derive
    from bncalc.search.formula import witness_of
    from bncalc.search.subject import subject_of

    chosen = [metric_named(word.strip(), limitable()) for word in metrics.split(",")]
    costing = Costing(subject_of(model), asked.assumptions(), chosen)
    derived = derive(costing, witness_of(costing, witness_asked(vary)))
    if notation is Notation.json:
        from bncalc.render import json

        text = json.text(rendering.document(derived))
    else:
        text = getattr(rendering, notation.value)(derived)
    if notation is Notation.text and output is None and sys.stdout is not None:
        text = prose(text.removesuffix("\n"), sys.stdout)
    deliver(text, output)
