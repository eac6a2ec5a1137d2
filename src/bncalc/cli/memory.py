"""`bncalc memory`: what is in memory at each step of a network, and what makes the peak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.options import (
    Altered,
    Asked,
    ModelArgument,
    Shown,
    Trained,
    sharing,
)

if TYPE_CHECKING:
    from bncalc.render.table import Table


@sharing
def memory(
    model: ModelArgument,
    depth: Annotated[
        int | None, typer.Option(min=1, help="How many levels of parts to open.")
    ] = None,
    *,
    altered: Altered,
    asked: Asked,
    trained: Trained,
    shown: Shown,
) -> None:
    """Show the memory that a network takes: live maps along the layers, the peak, and training.

    `--fit 24GiB` tells how many images fit; --optimizer and --checkpoint change training memory.
    """
    from bncalc.analysis.comparison import compare
    from bncalc.analysis.measurement import measure
    from bncalc.cli.answer import answer
    from bncalc.cli.designs import open_one
    from bncalc.render.columns import MEMORY, needs

    also = needs((*MEMORY, *trained.implied(MEMORY)))
    report = measure(
        open_one(altered.model(model), altered.overrides()), asked.assumptions(trained), also
    )

    def view() -> Table:
        from bncalc.render.memory import memory_view

        return memory_view(report, depth)

    answer(shown, compare((report,), report.name), view)
