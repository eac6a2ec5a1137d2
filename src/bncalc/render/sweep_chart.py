"""The chart of a sweep: designs by two of their numbers, results of one's own among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bncalc.render.chart.scale import Dimension, dimension
from bncalc.render.chart.scatter import Scatter, scatter
from bncalc.render.sweep import about, span
from bncalc.search.sweep import Sweep, unlike


def sweep_chart(swept: Sweep, further: Mapping[str, Any], across: str, up: str) -> Scatter:
    """Return designs by two columns, those with the same numbers once.

    Less of a metric is better, more of what is joined, neither of what varies.
    """
    columns = {**swept.numbers, **swept.amounts, **further}
    shown = {**further, across: columns[across], up: columns[up]}
    names, values = [], []
    for place, _, ranges in unlike(swept, shown):
        names.append(", ".join([f"{name}={span(held)}" for name, held in ranges.items()]))
        values.append((float(shown[across][place]), float(shown[up][place])))
    dimensions = [_dimension(swept, further, word) for word in (across, up)]
    drawn = scatter(names, dimensions[0], dimensions[1], values)
    return drawn._replace(notes=(*drawn.notes, *swept.remarks, about(swept.space)))


def _dimension(swept: Sweep, further: Mapping[str, Any], word: str) -> Dimension:
    if word in further:
        return Dimension(word, "number", better="more")
    return dimension(word) if word in swept.amounts else Dimension(word, "number", better="neither")
