"""`bncalc sweep`: what all designs of a space cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bncalc.cli.options import Asked, Shown, sharing
from bncalc.cli.subject import MaxOption, MinOption, TieOption, VaryOption
from bncalc.errors import UsageError

if TYPE_CHECKING:
    from bncalc.search.space import Space
    from bncalc.search.sweep import Batch, Sweep

SpaceArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|KIND|SPACE",
        help="What varies by --vary, or a space file that says it: model, vary, where, limits.",
        show_default=False,
    ),
]
_TOP = 50
"""Rows of a table in a terminal, unless --top says otherwise."""


@sharing
def sweep(
    space: SpaceArgument,
    vary: VaryOption = None,
    tie: TieOption = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="CONDITION", help="'width*size <= 224'. Repeatable."),
    ] = None,
    most: MaxOption = None,
    least: MinOption = None,
    metrics: Annotated[
        str | None,
        typer.Option(metavar="A,B,…", help="Which metrics to show. [default: params,macs,peak]"),
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Draw so many designs in place of the whole grid.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The seed to draw with.")] = None,
    front: Annotated[
        str | None,
        typer.Option(
            metavar="A,B[,C]",
            help="Show only the Pareto front; less is better, more of what --join brings.",
        ),
    ] = None,
    sort: Annotated[str | None, typer.Option(metavar="METRIC", help="Sort by it.")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Show only the first N rows.")] = None,
    quantiles: Annotated[
        bool, typer.Option("--quantiles", help="Show quantiles in place of the designs.")
    ] = False,
    histogram: Annotated[
        str | None,
        typer.Option(metavar="METRIC", help="Show a histogram in place of the designs."),
    ] = None,
    join: Annotated[
        str | None,
        typer.Option(metavar="CSV", help="Results of your own, joined by the columns that vary."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes to work in.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler to work on.")
    ] = None,
    parts: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Write each batch to a file there; a run that was stopped goes on.",
        ),
    ] = None,
    parts_format: Annotated[
        str, typer.Option("--parts-format", help="parquet or csv.")
    ] = "parquet",
    *,
    asked: Asked,
    shown: Shown,
) -> None:
    """Work out what all designs of a space cost, many at once.

    Examples:
    bncalc sweep mobilenet_v2 --vary width=0.25:1:0.25 --vary classes=10,100
    """
    import gc

    from bncalc.search.batches import executing

    gc.enable()  # this command lives long, and where designs part there are cycles that hold arrays
    limits = (most or [], least or [])
    wanted = _space(space, vary or [], tie or [], where or [], limits, metrics, sample, seed, asked)
    wanted.refuse()
    wanted.costing()
    with executing(workers, scheduler) as (executor, hands):
        if parts is not None:
            _write_parts(wanted, parts, parts_format, executor, hands)
            return
        swept = _swept(wanted, executor, hands)
    _answer(swept, front, sort, top, quantiles, histogram, join, shown)


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
    from bncalc.search.opened import added, space_of

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


def _swept(space: Space, executor: Any, hands: int) -> Sweep:
    from functools import partial

    from bncalc.search.batches import in_order
    from bncalc.search.sweep import batch_of, together

    work = partial(batch_of, space)
    return together(space, _watched(in_order(work, range(space.batches), executor, hands), space))


def _watched(batches: Iterator[Batch], space: Space) -> Iterator[Batch]:
    from bncalc.cli.progress import Progress

    with Progress(space.count, space.batches) as progress:
        for batch in batches:
            progress.add(batch.counted.drawn)
            yield batch


def _write_parts(space: Space, folder: str, format: str, executor: Any, hands: int) -> None:
    from bncalc.cli.answer import deliver
    from bncalc.cli.progress import Progress
    from bncalc.render.fit import refusal_notes
    from bncalc.render.sweep import about, counted_line
    from bncalc.search.batches import in_order
    from bncalc.search.evaluation import Refusal
    from bncalc.search.parts import FORMATS, Parts
    from bncalc.search.sweep import Counted, merged

    if format not in FORMATS:
        raise UsageError(f"--parts-format {format}: write {' or '.join(FORMATS)}")
    written = Parts(folder, format, space)
    written.prepare()
    counted, refusals = Counted(), tuple[Refusal, ...]()
    with Progress(space.count, space.batches) as progress:
        for count, reasons in in_order(written.work, range(space.batches), executor, hands):
            counted, refusals = counted.plus(count), merged(refusals, reasons)
            progress.add(count.drawn)
    lines = [
        f"{counted.wanted:,} designs in {space.batches:,} parts in {folder}",
        counted_line(counted, is_grid=space.sample is None),
        *refusal_notes(refusals, counted.drawn),
        about(space),
    ]
    deliver("\n".join(lines) + "\n")


def _answer(
    swept: Sweep,
    front: str | None,
    sort: str | None,
    top: int | None,
    quantiles: bool,
    histogram: str | None,
    join: str | None,
    shown: Shown,
) -> None:
    from bncalc.cli.answer import write
    from bncalc.render import json
    from bncalc.render import sweep as rendering

    if quantiles or histogram:
        _summarised(swept, histogram, shown)
        return
    swept, further, what = _chosen(swept, front, sort, join)
    most = _TOP if top is None and shown.form == "table" else top

    def document() -> str:
        return json.text(rendering.designs_document(swept, further))

    title = rendering.title_of(swept, what)
    write(shown, document, lambda: rendering.designs_view(swept, further, title, most))


def _summarised(swept: Sweep, histogram: str | None, shown: Shown) -> None:
    """Write quantiles of all metrics, or a histogram of one."""
    from bncalc.analysis.metric import METRICS, metric_named
    from bncalc.cli.answer import write
    from bncalc.render import json
    from bncalc.render import sweep as rendering
    from bncalc.search.summary import histogram as bars_of
    from bncalc.search.summary import quantiles

    if not swept.counted.wanted:
        raise UsageError("no design is left to summarise")
    if histogram is None:
        numbers = {word: quantiles(swept.amounts[word]) for word in swept.space.words}
        data = rendering.quantiles_document(swept, numbers)
        view = rendering.quantiles_view(swept, numbers)
    else:
        metric = metric_named(histogram, [METRICS[word] for word in swept.space.measured])
        bars = bars_of(swept.amounts[metric.word])
        data = rendering.histogram_document(swept, metric.word, bars)
        view = rendering.histogram_view(swept, metric.word, bars)
    write(shown, lambda: json.text(data), lambda: view)


def _chosen(
    swept: Sweep, front: str | None, sort: str | None, join: str | None
) -> tuple[Sweep, dict[str, Any], str]:
    """Return the designs that a call wants to see, in their order, and what was joined to them."""
    from bncalc.search.arrays import np
    from bncalc.search.front import front as front_of
    from bncalc.search.join import joined
    from bncalc.search.summary import taken

    further: dict[str, Any] = {}
    what = ""
    if join is not None:
        from bncalc.disk import DISK

        swept, further = joined(swept, DISK.read(join).decode("utf-8", "replace"), join)
    columns = {**swept.amounts, **further}
    if front is not None:
        names = [_column(word.strip(), columns, "--front") for word in front.split(",")]
        places = front_of([columns[name] for name in names], [name in further for name in names])
        swept, further = taken(swept, places), {name: c[places] for name, c in further.items()}
        columns = {**swept.amounts, **further}
        what = f", the front of {' and '.join(names)}"
    if sort is not None:
        places = np.argsort(columns[_column(sort, columns, "--sort")], kind="stable")
        swept, further = taken(swept, places), {name: c[places] for name, c in further.items()}
        what += f", by {sort}"
    return swept, further, what


def _column(name: str, columns: dict[str, Any], option: str) -> str:
    from bncalc.analysis.metric import METRICS
    from bncalc.errors import hint_for

    for word in columns:
        if name == word or (word in METRICS and METRICS[word].key == name):
            return word
    raise UsageError(f"{option}: there is no column {name!r}{hint_for(name, columns)}")
