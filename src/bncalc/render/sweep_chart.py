"""The chart of a sweep: designs by two of their numbers, results of one's own among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bncalc.render.chart.scatter import Dimension, Scatter, dimension, scatter
from bncalc.render.sweep import about, span
from bncalc.search.sweep import Sweep, unlike


def sweep_chart(swept: Sweep, further: Mapping[str, Any], across: str, up: str) -> Scatter:
    """Return designs by two columns, those with the same numbers once.

    Less of a metric is better, and more of what is joined.
    """
    columns = {**swept.amounts, **further}
    names, values = [], []
    for place, _, ranges in unlike(swept, further):
        names.append(", ".join([f"{name}={span(held)}" for name, held in ranges.items()]))
        values.append((float(columns[across][place]), float(columns[up][place])))
    dimensions = [
        Dimension(word, "number", more=True) if word in further else dimension(word)
        for word in (across, up)
    ]
    drawn = scatter(names, dimensions[0], dimensions[1], values)
    return drawn._replace(notes=(*drawn.notes, *swept.remarks, about(swept.space)))
