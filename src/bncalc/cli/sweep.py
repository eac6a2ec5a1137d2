"""`bncalc sweep`: what all designs of a space cost."""

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.ignored_options import given, named, refuse_ignored
from bncalc.cli.options import Asked, Shown
from bncalc.cli.sharing import sharing
from bncalc.cli.subject import MaxOption, MinOption, TieOption, VaryOption, axes_of
from bncalc.errors import UsageError
from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from bncalc.search.space import Space


class Varied(NamedTuple):
    """Which designs there are, and which of their metrics are worked out."""

    vary: VaryOption = None
    tie: TieOption = None
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="CONDITION",
            help="Keep only designs for which this is true: 'width*size <= 224'. Repeatable.",
        ),
    ] = None
    most: MaxOption = None
    least: MinOption = None
    metrics: Annotated[
        str | None,
        typer.Option(metavar="A,B,…", help="The metrics to show. [default: params,macs,peak]"),
    ] = None
    sample: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Draw N random designs instead of the whole grid."),
    ] = None
    seed: Annotated[int | None, typer.Option(min=0, metavar="N", help="The seed for --sample.")] = (
        None
    )

    def space(self, name: str, asked: Asked) -> "Space":
        """Return the space that a call means: of a file, and what the call says besides."""
        from bncalc.search.limits import limits_of
        from bncalc.search.space_opening import added, space_of

        space, subject = space_of(name, asked.assumptions())
        wanted = added(
            space,
            subject,
            axes=axes_of(subject, self.vary or ()),
            ties=self.tie or (),
            where=self.where or (),
            limits=limits_of(self.most or (), self.least or ()),
            metrics=None if self.metrics is None else self.metrics.split(","),
            sample=self.sample,
            seed=self.seed,
        )
        if wanted.sample is None:
            refuse_ignored("a whole grid", named(seed=self.seed))
        wanted.refuse()
        return wanted


class Run(NamedTuple):
    """Who works the designs out, and whether each batch is written to a file."""

    workers: Annotated[int, typer.Option(min=1, metavar="N", help="How many processes to use.")] = 1
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The Dask scheduler to use.")
    ] = None
    parts: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Write each batch to a file in DIR; a stopped run resumes where it was.",
        ),
    ] = None
    parts_format: Annotated[
        str | None,
        typer.Option("--parts-format", metavar="FORMAT", help="parquet or csv. [default: parquet]"),
    ] = None


class Wish(NamedTuple):
    """What a call wants to see of the designs."""

    front: Annotated[
        str | None,
        typer.Option(
            metavar="A,B[,C]",
            help="Show only the Pareto front. Lower is better; of a --join column, higher.",
        ),
    ] = None
    sort: Annotated[str | None, typer.Option(metavar="COLUMN", help="Sort by this column.")] = None
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Show only the first N rows.")
    ] = None
    quantiles: Annotated[
        bool, typer.Option("--quantiles", help="Show quantiles instead of the designs.")
    ] = False
    histogram: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC", help="Show a histogram of this metric instead of the designs."
        ),
    ] = None
    plot: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Plot the designs by two columns (metrics or varied values) instead of the "
            "table, or into --output FILE.svg.",
        ),
    ] = None
    join: Annotated[
        str | None,
        typer.Option(metavar="CSV", help="Your own results, joined on the columns that vary."),
    ] = None

    def refuse(self, run: Run, shown: Shown) -> None:
        """Raise UsageError for options of which one would be ignored."""
        forms = {"--parts": run.parts, "--quantiles": self.quantiles}
        forms |= {"--histogram": self.histogram, "--plot": self.plot}
        chosen = [option for option, value in forms.items() if value]
        if len(chosen) > 1:
            raise UsageError(f"{' and '.join(chosen)} are different answers; give one of them")
        used = {"--front": self.front, "--sort": self.sort, "--top": self.top, "--join": self.join}
        if chosen == ["--plot"]:
            used = {"--top": self.top, "--sort": self.sort}
        ignored = [option for option, value in used.items() if value is not None]
        if chosen and ignored:
            raise UsageError(f"{chosen[0]} shows all designs; leave out {' and '.join(ignored)}")
        if run.parts is None:
            refuse_ignored("a sweep without --parts", named(parts_format=run.parts_format))
        else:
            refuse_ignored("--parts", given(shown))
        if self.plot:
            refuse_ignored("a picture", given(shown._replace(output=None)))


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
