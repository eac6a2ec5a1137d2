"""`bncalc sweep`: what all designs of a space cost."""

from typing import Annotated

import typer

from bncalc.cli.options import Asked, Shown
from bncalc.cli.sharing import sharing
from bncalc.cli.sweep_options import Run, Varied, Wish

SpaceArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|KIND|SPACE",
        help="A model or a kind of block, with --vary; or a space file, which says what to vary.",
        show_default=False,
    ),
]


@sharing
def sweep(
    space: SpaceArgument, *, varied: Varied, wish: Wish, run: Run, asked: Asked, shown: Shown
) -> None:
    """Calculate the cost of every design in a space.

    Examples:
    bncalc sweep mobilenet_v2 --vary width=0.25:1:0.25 --vary classes=10,100
    """
    import gc

    from bncalc.cli.sweep_answer import answer, swept_by, write_parts
    from bncalc.search.batches import executing

    gc.enable()  # this command lives long, and where designs part there are cycles that hold arrays
    wish.refuse(run, shown)
    wanted = varied.space(space, asked)
    wanted.costing()
    with executing(run.workers, run.scheduler) as (executor, hands):
        if run.parts is not None:
            write_parts(wanted, run.parts, run.parts_format or "parquet", executor, hands)
            return
        swept = swept_by(wanted, executor, hands)
    answer(swept, wish, shown)
