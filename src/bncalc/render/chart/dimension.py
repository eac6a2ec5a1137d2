"""Dimensions: what the axes of a scatter show, and which values of it are better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bncalc.analysis.metric import METRICS
from bncalc.named import NamedTuple
from bncalc.render.chart.scale import Scale, logarithmic, spanning, ticks, written


class Dimension(NamedTuple):
    """What an axis shows, and what is `better`: less of a metric, more of a result.

    Neither is of a value that was chosen: where an axis shows one, there is no front.
    """

    title: str
    unit: str
    better: Literal["less", "more", "neither"] = "less"

    def scale(self, values: Sequence[float], start: float, stop: float) -> Scale:
        """Return where values lie: costs by their logarithms, all else evenly."""
        return (logarithmic if self.better == "less" else spanning)(values, start, stop)

    def ticks(self, scale: Scale) -> list[float]:
        """Return the values that the axis names."""
        return ticks(scale, binary=self.unit == "bytes")

    def write(self, value: float) -> str:
        """Write a value as axes do."""
        return written(self.unit)(value)


def dimension(word: str) -> Dimension:
    """Return the axis of a metric."""
    return Dimension(METRICS[word].title, METRICS[word].unit)
