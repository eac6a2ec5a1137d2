"""What `bncalc sweep` answers: designs, their front, a summary, a picture, or parts in files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bncalc.cli.options import Shown
from bncalc.errors import UsageError, hint_for
from bncalc.quantity import listed, plural

if TYPE_CHECKING:
    from bncalc.cli.sweep import Wish
    from bncalc.search.evaluation import Refusal
    from bncalc.search.space import Space
    from bncalc.search.sweep import Batch, Counted, Sweep

MOST_AT_ONCE = 10**8
"""Designs that are held in memory together; more go to files, part by part."""
_BINS = 20
_TOP = 50
"""Rows of a table in a terminal, unless --top says otherwise."""


def swept_by(space: Space, executor: Any, hands: int) -> Sweep:
    """Work a space out, its progress shown."""
    from functools import partial

    from bncalc.search.batches import in_order
    from bncalc.search.sweep import batch_of, together

    if space.count > MOST_AT_ONCE:
        right = "write them to files with --parts DIR, or draw fewer with --sample"
        raise UsageError(f"{space.count:,} designs do not fit in memory together; {right}")
    work = partial(batch_of, space)
    return together(space, _watched(in_order(work, range(space.batches), executor, hands), space))


def _watched(batches: Iterator[Batch], space: Space) -> Iterator[Batch]:
    from bncalc.cli.progress import Progress

    with Progress(space.count, space.batches) as progress:
        for batch in batches:
            progress.add(batch.counted.drawn)
            yield batch


def write_parts(space: Space, folder: str, format: str, executor: Any, hands: int) -> None:
    """Write each batch to a file of its own, and say what became of all designs."""
    from bncalc.cli.answer import deliver
    from bncalc.cli.progress import Progress
    from bncalc.render.fit import refusal_notes
    from bncalc.render.sweep import about, counted_line
    from bncalc.search.batches import in_order
    from bncalc.search.evaluation import Refusal
    from bncalc.search.parts import PART_FORMATS, SpaceParts
    from bncalc.search.sweep import Counted, merged

    if format not in PART_FORMATS:
        raise UsageError(f"--parts-format {format}: write {' or '.join(PART_FORMATS)}")
    written = SpaceParts(folder, format, space)
    written.prepare()
    counted, refusals = Counted(), tuple[Refusal, ...]()
    gaps = dict[str, None]()
    with Progress(space.count, space.batches) as progress:
        for part in in_order(written.work, range(space.batches), executor, hands):
            counted, refusals = counted.plus(part.counted), merged(refusals, part.refusals)
            gaps |= dict.fromkeys(part.gaps)
            progress.add(part.counted.drawn)
    _refuse_none(counted, refusals)
    lines = [
        f"{plural(counted.wanted, 'design')} in {plural(space.batches, 'part')} in {folder}",
        counted_line(counted, is_grid=space.sample is None),
        *gaps,
        *refusal_notes(refusals, counted.drawn),
        about(space),
    ]
    deliver("\n".join(lines) + "\n")


def answer(swept: Sweep, wish: Wish, shown: Shown) -> None:
    """Write what a call wants to see of a sweep.

    Raises UsageError for a column there is not, and where not one design can be built.
    """
    _refuse_none(swept.counted, swept.refusals)
    if wish.quantiles or wish.histogram:
        _summarised(swept, wish.histogram, shown)
        return
    swept, further, what = _chosen(swept, wish.front, wish.sort, wish.join)
    if wish.plot is not None:
        _drawn(swept, further, wish.plot, shown)
        return
    _listed(swept, further, what, wish.top, shown)


def _refuse_none(counted: Counted, refusals: tuple[Refusal, ...]) -> None:
    from bncalc.render.fit import refusal_notes

    if counted.refused and counted.refused + counted.excluded == counted.drawn:
        all_of_them, *reasons = refusal_notes(refusals, counted.drawn)
        raise UsageError(all_of_them, [line.strip() for line in reasons])


def _listed(
    swept: Sweep, further: dict[str, Any], what: str, top: int | None, shown: Shown
) -> None:
    from bncalc.cli.answer import write
    from bncalc.render import sweep as rendering

    most = _TOP if top is None and shown.form == "table" else top
    title = rendering.title_of(swept, what)
    write(
        shown,
        lambda: rendering.designs_document(swept, further, top),
        lambda: rendering.designs_view(swept, further, title, most),
    )


def _drawn(swept: Sweep, further: dict[str, Any], plot: str, shown: Shown) -> None:
    """Draw designs by two of their columns, in the terminal or to a file."""
    from bncalc.cli.drawing import draw
    from bncalc.render.sweep_chart import sweep_chart

    if not swept.size:
        raise UsageError(_none_left(swept, "draw"))
    columns = {**swept.numbers, **swept.amounts, **further}
    names = [_column(word.strip(), columns, "--plot") for word in plot.split(",")]
    if len(names) != 2:
        raise UsageError(f"--plot {plot}: write two columns, as in macs,{list(columns)[-1]}")
    draw([sweep_chart(swept, further, *names)], shown.output, theme="light")


def _summarised(swept: Sweep, histogram: str | None, shown: Shown) -> None:
    """Write quantiles of all metrics, or a histogram of one."""
    from bncalc.analysis.metric import METRICS, metric_named
    from bncalc.cli.answer import write
    from bncalc.render import sweep as rendering
    from bncalc.search.bins import binned
    from bncalc.search.summary import quantiles, rising

    if not swept.counted.wanted:
        raise UsageError(_none_left(swept, "summarise"))
    if histogram is None:
        numbers = {word: quantiles(swept.amounts[word]) for word in swept.space.words}
        data = rendering.quantiles_document(swept, numbers)
        view = rendering.quantiles_view(swept, numbers)
    else:
        metric = metric_named(histogram, [METRICS[word] for word in swept.space.measured])
        bins = binned(rising(swept.amounts[metric.word]), _BINS)
        data = rendering.histogram_document(swept, metric.word, bins)
        view = rendering.histogram_view(swept, metric.word, bins)
    write(shown, lambda: data, lambda: view)


def _none_left(swept: Sweep, task: str) -> str:
    """Say that there is nothing to show, and what became of all designs."""
    from bncalc.render.fit import refusal_notes
    from bncalc.render.sweep import counted_line

    counted = counted_line(swept.counted, is_grid=swept.is_grid)
    why = map(str.strip, refusal_notes(swept.refusals, swept.counted.drawn))
    return f"no design is left to {task}: {'; '.join([counted, *why])}"


def _chosen(
    swept: Sweep, front: str | None, sort: str | None, join: str | None
) -> tuple[Sweep, dict[str, Any], str]:
    """Return the designs that a call wants to see, in their order, and what was joined to them."""
    from bncalc.search.arrays import np
    from bncalc.search.front import front as front_of
    from bncalc.search.join import joined
    from bncalc.search.sweep import at_places

    further: dict[str, Any] = {}
    what = ""
    if join is not None:
        from bncalc.disk import DISK

        swept, further = joined(swept, DISK.read(join).decode("utf-8", "replace"), join)
    columns = {**swept.amounts, **further}
    if front is not None:
        names = [_column(word.strip(), columns, "--front") for word in front.split(",")]
        places = front_of([columns[name] for name in names], [name in further for name in names])
        swept, further = at_places(swept, places), {name: c[places] for name, c in further.items()}
        columns = {**swept.amounts, **further}
        what = f", {swept.size:,} on the front of {listed(names)}"
    if sort is not None:
        columns = {**swept.numbers, **columns}
        places = np.argsort(columns[_column(sort, columns, "--sort")], kind="stable")
        swept, further = at_places(swept, places), {name: c[places] for name, c in further.items()}
        what += f", by {sort}"
    return swept, further, what


def _column(name: str, columns: dict[str, Any], option: str) -> str:
    from bncalc.analysis.metric import METRICS
    from bncalc.render.columns import column_word

    word = name if name in columns else column_word(name)
    if word in columns:
        return word
    if word in METRICS:
        raise UsageError(f"{option}: {name!r} is not among the --metrics; name it there too")
    raise UsageError(f"{option}: there is no column {name!r}{hint_for(name, columns)}")
