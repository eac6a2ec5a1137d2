"""The charts in pages, drawn by the program as `bncalc plot` draws them, in both themes."""

from collections.abc import Iterator

from bncalc.analysis.assumptions import DTYPES, Assumptions
from bncalc.analysis.measurement import measure
from bncalc.language.device import open_device
from bncalc.opening.model import load, network
from bncalc.render.chart import Chart
from bncalc.render.chart.hourglass import hourglasses
from bncalc.render.chart.memory import memory
from bncalc.render.chart.scale import dimension
from bncalc.render.chart.scatter import scatter
from bncalc.render.chart.svg import THEMES
from bncalc.render.chart.time import time

COMPARED = (
    *("resnet18", "resnet50", "resnet101"),
    *("mobilenet_v2", "efficientnet_b0", "densenet121"),
)


def charts(blocks: str) -> dict[str, str]:
    """Return the SVG of each chart by the name of its file; `blocks` is a file of alternatives."""
    return {
        f"{name}-{theme}.svg": chart.svg(colours)
        for name, chart in _charts(blocks)
        for theme, colours in THEMES.items()
    }


def _charts(blocks: str) -> Iterator[tuple[str, Chart]]:
    reports = {graph.name: measure(graph) for graph in load(blocks)}
    for name in ("bottleneck", "inverted"):
        yield name, hourglasses([reports[name]])[0]
    yield "memory", memory(measure(network("mobilenet_v2")))
    device = open_device("a100", DTYPES)
    assumed = Assumptions(batch=64, dtype="float16", device=device)
    yield "time", time(measure(network("mobilenet_v1"), assumed, ("roofline",)))
    totals = [measure(network(name)).totals for name in COMPARED]
    values = [(t.macs, t.params) for t in totals]
    yield "scatter", scatter(list(COMPARED), dimension("macs"), dimension("params"), values)
