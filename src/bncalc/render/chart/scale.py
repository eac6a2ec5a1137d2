"""Scales: from a value to a place along an axis, what an axis shows and which values it names."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from bncalc.analysis.metric import METRICS
from bncalc.named import NamedTuple
from bncalc.render import units

_FINER: tuple[tuple[Sequence[float], int], ...] = (
    ((1,), 2),
    ((1, 2, 5), 2),
    (range(1, 10), 1),
    ([tenths / 10 for tenths in range(10, 100)], 1),  # between neighbours, as from 11 to 19
)
"""What to name within a decade, and how many of them are enough: the next is finer."""


class Scale(NamedTuple):
    """Values `low` to `high` laid out from `start` to `stop`, evenly or by their logarithms."""

    low: float
    high: float
    start: float
    stop: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies."""
        low, high = self.low, self.high
        if self.logarithmic:
            value = max(value, low)  # nothing has no logarithm: it lies at the beginning
            value, low, high = math.log10(value), math.log10(low), math.log10(high)
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.stop - self.start)


def linear(values: Iterable[float], start: float, stop: float, *, binary: bool = False) -> Scale:
    """Return a scale from 0 to a round value that is not below the largest."""
    most = max(values, default=0) or 1
    step = _step(most, binary=binary)
    return Scale(0, step * math.ceil(most / step), start, stop)


def logarithmic(values: Iterable[float], start: float, stop: float) -> Scale:
    """Return a scale over all values, with a tenth of a decade of room on both sides."""
    positive = [value for value in values if value > 0] or [1.0]
    return Scale(min(positive) / 1.35, max(positive) * 1.35, start, stop, logarithmic=True)


def spanning(values: Iterable[float], start: float, stop: float) -> Scale:
    """Return a scale between round values that hold all values, evenly."""
    values = list(values) or [0.0]
    low, high = min(values), max(values)
    step = _step(high - low or abs(high) or 1, binary=False)
    first = math.floor(low / step)
    return Scale(step * first, step * max(math.ceil(high / step), first + 1), start, stop)


def ticks(scale: Scale, *, binary: bool = False) -> list[float]:
    """Return the values that an axis names, in ascending order."""
    if not scale.logarithmic:
        step = _step(scale.high - scale.low, binary=binary)
        first, last = round(scale.low / step), round(scale.high / step)
        return [step * at for at in range(first, last + 1)]
    if binary:
        first, last = math.ceil(math.log2(scale.low)), math.floor(math.log2(scale.high))
        if first < last:
            return [2.0**power for power in range(first, last + 1, 1 + (last - first) // 8)]
    first, last = math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high))
    decades = [10.0**power for power in range(first, last + 1)]
    for factors, least in _FINER:
        values = [factor * decade for decade in decades for factor in factors]
        within = [value for value in values if scale.low <= value <= scale.high]
        if len(within) >= least:
            return within
    return []


def written(unit: str) -> Callable[[float], str]:
    """Return how values of a unit are written at an axis: 200 M, 6 MiB, 3 ms."""
    if unit == "seconds":
        return lambda value: units.duration(value) if value else "0"
    if unit == "number":
        return lambda value: f"{value:,.4g}"
    whole = "bytes" if unit == "bytes" else "count"
    return lambda value: _short(units.amount(round(value), whole, units.si))


def _short(text: str) -> str:
    """Leave zeros out that say nothing: 2.000 G is 2 G."""
    figures, space, name = text.partition(" ")
    if "." in figures:
        figures = figures.rstrip("0").rstrip(".")
    return figures + space + name


def _step(most: float, *, binary: bool) -> float:
    """Return a round step of which three to five reach so far."""
    unit = 1.0
    if binary:
        while most > 500 * unit:
            unit *= 1024
    rough = most / unit / 5
    if binary and rough < 1:  # halves of 1,024 are whole, and fifths are not
        return max(unit * next(part for part in (0.125, 0.25, 0.5, 1) if part >= rough), 1.0)
    decade = 10.0 ** math.floor(math.log10(rough))
    factor = next(factor for factor in (1, 2, 5, 10) if factor * decade >= rough)
    return factor * decade * unit


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
