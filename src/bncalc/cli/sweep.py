"""`bncalc sweep`: what all designs of a space cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.ignored_options import named, refuse_ignored
from bncalc.cli.options import Asked, Shown
from bncalc.cli.sharing import sharing
from bncalc.cli.subject import MaxOption, MinOption, TieOption, VaryOption

if TYPE_CHECKING:
    from bncalc.search.space import Space

SpaceArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|KIND|SPACE",
        help="A model or a kind of block, with --vary; or a space file, which says what varies.",
        show_default=False,
    ),
]


@sharing
def sweep(
    space: SpaceArgument,
    vary: VaryOption = None,
    tie: TieOption = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="CONDITION",
            help="Keep only designs for which this is true: 'width*size <= 224'. Repeatable.",
        ),
    ] = None,
    most: MaxOption = None,
    least: MinOption = None,
    metrics: Annotated[
        str | None,
        typer.Option(metavar="A,B,…", help="Which metrics to show. [default: params,macs,peak]"),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Draw N designs in place of the whole grid."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="The seed of the draw.")
    ] = None,
    front: Annotated[
        str | None,
        typer.Option(
            metavar="A,B[,C]",
            help="Show only the Pareto front; less is better, but more of a --join column.",
        ),
    ] = None,
    sort: Annotated[str | None, typer.Option(metavar="COLUMN", help="Sort by this column.")] = None,
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Show only the first N rows.")
    ] = None,
    quantiles: Annotated[
        bool, typer.Option("--quantiles", help="Show quantiles in place of the designs.")
    ] = False,
    histogram: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC", help="Show a histogram of this metric in place of the designs."
        ),
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Draw the designs by two columns, metrics or what varies, in place of the table, "
            "or to --output FILE.svg.",
        ),
    ] = None,
    join: Annotated[
        str | None,
        typer.Option(metavar="CSV", help="Results of your own, joined by the columns that vary."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many processes to use.")
    ] = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The Dask scheduler to use.")
    ] = None,
    parts: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Write each batch to a file there; a stopped run is resumed.",
        ),
    ] = None,
    parts_format: Annotated[
        str | None,
        typer.Option("--parts-format", metavar="FORM", help="parquet or csv. [default: parquet]"),
    ] = None,
    *,
    asked: Asked,
    shown: Shown,
) -> None:
    """Work out what every design of a space costs.

    Examples:
    bncalc sweep mobilenet_v2 --vary width=0.25:1:0.25 --vary classes=10,100
    """
    import gc

    from bncalc.cli.sweep_answer import Wish, answer, swept_by, write_parts
    from bncalc.search.batches import executing

    gc.enable()  # this command lives long, and where designs part there are cycles that hold arrays
    limits = (most or [], least or [])
    wish = Wish(front, sort, top, quantiles, histogram, plot, join)
    wish.refuse(parts, parts_format, shown)
    wanted = _space(space, vary or [], tie or [], where or [], limits, metrics, sample, seed, asked)
    if wanted.sample is None:
        refuse_ignored("a whole grid", named(seed=seed))
    wanted.refuse()
    wanted.costing()
    with executing(workers, scheduler) as (executor, hands):
        if parts is not None:
            write_parts(wanted, parts, parts_format or "parquet", executor, hands)
            return
        swept = swept_by(wanted, executor, hands)
    answer(swept, wish, shown)


def _space(
    name: str,
    vary: list[str],
    tie: list[str],
    where: list[str],
    limits: tuple[list[str], list[str]],
    metrics: str | None,
    sample: int | None,
    seed: int | None,
    asked: Asked,
) -> Space:
    """Return the space that a call means: of a file, and what the call says besides."""
    from bncalc.cli.subject import axes_of
    from bncalc.search.limits import limits_of
    from bncalc.search.space_opening import added, space_of

    space, subject = space_of(name, asked.assumptions())
    return added(
        space,
        subject,
        axes=axes_of(subject, vary),
        ties=tie,
        where=where,
        limits=limits_of(*limits),
        metrics=None if metrics is None else metrics.split(","),
        sample=sample,
        seed=seed,
    )
