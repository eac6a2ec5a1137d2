"""`bncalc plot`: a chart of models, in the terminal, as SVG or as PNG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bncalc.cli.analyses import Deployed, Judged
from bncalc.cli.ignored_options import given, named, refuse_ignored
from bncalc.cli.options import Altered, Asked, ModelsArgument
from bncalc.cli.sharing import sharing
from bncalc.errors import UsageError, hint_for
from bncalc.loading import loaded
from bncalc.quantity import plural

if TYPE_CHECKING:
    from bncalc.analysis.metric import Metric
    from bncalc.analysis.report import Report
    from bncalc.render.chart import Chart


class ChartKind(StrEnum):
    """The charts that there are."""

    parts = "parts"
    memory = "memory"
    time = "time"
    bars = "bars"
    scatter = "scatter"
    histogram = "histogram"
    block = "block"
    field = "field"
    arena = "arena"


_NEEDS = {
    ChartKind.time: ("roofline",),
    ChartKind.field: ("receptive_field",),
    ChartKind.arena: ("deployment",),
}


_BY = (ChartKind.parts, ChartKind.bars, ChartKind.scatter, ChartKind.histogram)
"""Those that are drawn by metrics."""


@sharing
def plot(
    kind: Annotated[ChartKind, typer.Argument(metavar="CHART", help=f"{', '.join(ChartKind)}.")],
    models: ModelsArgument,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC,…",
            help="The metrics to draw: one or two for parts, any number for bars, two for "
            "scatter, one for histogram; `bncalc list columns` explains them.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write FILE.svg or FILE.png, replacing it if it exists.",
        ),
    ] = None,
    theme: Annotated[
        Literal["light", "dark"] | None,
        typer.Option(metavar="light|dark", help="The colours of a picture file. [default: light]"),
    ] = None,
    ascii: Annotated[
        bool, typer.Option("--ascii", help="Draw in the terminal without Unicode.")
    ] = False,
    *,
    altered: Altered,
    asked: Asked,
    judged: Judged,
    deployed: Deployed,
) -> None:
    """Draw where the costs are, what makes the peak, or which designs are on the Pareto front.

    parts: params and MACs by part. memory: live maps along the layers. time: the least time of
    each layer on a --device. bars: designs side by side. scatter: designs by two metrics, and their
    Pareto front. histogram: how many designs cost how much. block: the widths of a block, to scale.
    field: how the receptive field grows along the layers. arena: where each map and scratch buffer
    lies in the RAM of a microcontroller, step by step.

    Examples:
    bncalc plot parts resnet50
    bncalc plot scatter resnet18 resnet50 mobilenet_v2 --by macs,params
    bncalc plot memory resnet50 -o memory.svg
    bncalc plot arena mlperf_tiny_vww --device stm32f746
    """
    from bncalc.analysis.measurement import measure
    from bncalc.analysis.metric import analyses, metric_named
    from bncalc.cli.designs import open_designs
    from bncalc.cli.drawing import draw

    metrics = [metric_named(word.strip()) for word in (by or "").split(",") if word.strip()]
    also = (*_NEEDS.get(kind, ()), *analyses(metrics))
    assumed = asked.assumptions(judged, deployed)
    refuse_ignored(f"plot {kind}", _ignored(kind, by, also, asked, judged, deployed))
    refuse_ignored(
        "a picture in a file" if output else "a picture in the terminal",
        named(ascii=ascii) if output else named(theme=theme),
    )
    if kind is ChartKind.parts:
        _refuse_unsummed(metrics)
    designs = open_designs(altered.models(models), altered.overrides())
    reports = [measure(graph, assumed, also) for graph in designs.graphs]
    _tell_gaps(reports, also, [metric.word for metric in metrics])
    charts = _charts(kind, reports, designs.baseline, [metric.word for metric in metrics])
    draw(charts, output, theme=theme or "light", plain=ascii)


def _tell_gaps(reports: list[Report], also: tuple[str, ...], words: list[str]) -> None:
    """Say beside the charts what their numbers leave out."""
    from bncalc.analysis.gaps import gaps
    from bncalc.cli.messages import complain

    if "deployment" in also:
        words = [*words, "ram"]
    lines = [f"note: {report.name}: {gap}" for report in reports for gap in gaps(report, words)]
    complain(*dict.fromkeys(lines))


def _ignored(
    kind: ChartKind,
    by: str | None,
    also: tuple[str, ...],
    asked: Asked,
    judged: Judged,
    deployed: Deployed,
) -> Iterator[str]:
    """Return the options on which no number of such a chart rests."""
    if kind not in _BY:
        yield from named(by=by)
    if kind in (ChartKind.block, ChartKind.field):
        yield from given(asked)
    if kind is ChartKind.arena:
        yield from given(asked, "batch", "policy", "fold_norm")
    if "convention" not in also:
        yield from given(judged, "as_")
    if not {"roofline", "deployment", "flash"} & {*also}:
        yield from given(judged, "device")
    if "deployment" not in also:
        yield from given(deployed)


def _refuse_unsummed(metrics: list[Metric]) -> None:
    """Raise UsageError for a metric that parts have no share of: seconds have a chart of time."""
    from bncalc.analysis.metric import METRICS

    whole = ("count", "bytes")
    summed = [word for word, metric in METRICS.items() if metric.layers and metric.unit in whole]
    for metric in metrics:
        if metric.word not in summed:
            hint = hint_for(metric.word, summed)
            raise UsageError(f"--by: {metric.word!r} cannot be summed over layers{hint}")


def _charts(kind: ChartKind, reports: list[Report], baseline: str, words: list[str]) -> list[Chart]:
    """Return the charts of a kind: one for each report, or one for all."""

    if kind is ChartKind.parts:
        parts = loaded("render.chart.parts:parts")
        return [parts(report, word) for report in reports for word in words or ("macs", "params")]
    if kind in (ChartKind.bars, ChartKind.scatter, ChartKind.histogram):
        return [_of_all(kind, reports, baseline, words)]
    if kind is ChartKind.block:
        drawn: list[Chart] = loaded("render.chart.hourglass:hourglasses")(reports)
        return drawn
    chart: Callable[[Report], Chart] = loaded(f"render.chart.{kind}:{kind}")
    return [chart(report) for report in reports]


def _of_all(kind: ChartKind, reports: list[Report], baseline: str, words: list[str]) -> Chart:
    from bncalc.analysis.comparison import compare
    from bncalc.render.chart.bars import bars
    from bncalc.render.chart.histogram import histogram
    from bncalc.render.chart.scale import dimension
    from bncalc.render.chart.scatter import scatter

    if kind is ChartKind.bars:
        words = words or ["params", "macs", "peak"]
        _numbers(reports, words)
        return bars(compare(tuple(reports), baseline), tuple(words))
    expected = 2 if kind is ChartKind.scatter else 1
    words = words or ["params", "macs"][-expected:]
    if len(words) != expected:
        raise UsageError(
            f"--by: a {kind} takes {plural(expected, 'metric')}, as in "
            f"--by {','.join(['params', 'macs'][:expected])}"
        )
    rows = _numbers(reports, words)
    if kind is ChartKind.histogram:
        return histogram(words[0], [row[0] for row in rows])
    names = [report.name for report in reports]
    return scatter(names, dimension(words[0]), dimension(words[1]), [(a, b) for a, b in rows])


def _numbers(reports: list[Report], words: list[str]) -> list[list[Any]]:
    """Return the numbers of each report; raise UsageError where one is not a single number."""
    from bncalc.analysis.metric import METRICS

    rows = [[METRICS[word].total(report) for word in words] for report in reports]
    for report, row in zip(reports, rows, strict=True):
        for word, value in zip(words, row, strict=True):
            if not isinstance(value, int | float):
                raise UsageError(f"--by: {report.name} has no single number of {word}")
    return rows
