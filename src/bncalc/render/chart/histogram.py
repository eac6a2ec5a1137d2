"""Histogram: how many designs cost how much, and what share costs at most so much."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc.analysis.metric import METRICS
from bncalc.named import NamedTuple
from bncalc.quantity import plural
from bncalc.render import units
from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.scale import Scale, linear, ticks, written
from bncalc.render.chart.svg import LEFT, WIDTH, Drawing, Theme
from bncalc.search.bins import Bin, binned

_RIGHT, _TOP, _BOTTOM, _HEIGHT = WIDTH - 50, 40, 260, 304
_BINS = 40
_ROWS = 16


class Histogram(NamedTuple):
    """The bins of a metric over designs, evenly wide."""

    word: str
    bins: tuple[Bin, ...]

    @property
    def whole(self) -> int:
        return sum(each.designs for each in self.bins)

    @property
    def title(self) -> str:
        span = self._label(Bin(self.bins[0].low, self.bins[-1].high, self.whole))
        return f"{plural(self.whole, 'design')} by {METRICS[self.word].title}: {span}"

    def svg(self, theme: Theme) -> str:
        drawing = Drawing(
            theme,
            _HEIGHT,
            self.title,
            "Bars count designs; the line is the share of designs that cost at most that much.",
        )
        drawing.heading()
        low, high = self.bins[0].low, self.bins[-1].high
        across = Scale(low, high if high > low else low + 1, LEFT, _RIGHT)
        up = linear([each.designs for each in self.bins], _BOTTOM, _TOP)
        self._axes(drawing, across, up)
        for each in self.bins:
            left, right, top = across.place(each.low), _end(across, each), up.place(each.designs)
            tip = f"{self._label(each)}: {units.count(each.designs)}"
            width = max(right - left - 1, 0.5)
            drawing.rectangle(
                left, top, width, _BOTTOM - top, theme.series[0], opacity=0.6, tip=tip
            )
        drawing.line(self._cumulative(across), theme.series[1], width=2)
        return drawing.render()

    def _axes(self, drawing: Drawing, across: Scale, up: Scale) -> None:
        whole = [tick for tick in ticks(up) if tick == round(tick)]  # as designs are
        drawing.grid(up, whole, "{:,.0f}".format, right=_RIGHT)
        for share in (0, 50, 100):
            y = _BOTTOM + (_TOP - _BOTTOM) * share / 100
            drawing.text(_RIGHT + 8, y + 4, f"{share} %", drawing.theme.series[1], size=11)
        write = written(METRICS[self.word].unit)
        low, high = self.bins[0].low, self.bins[-1].high
        values = [low + (high - low) * i / 5 for i in range(6)]
        named = {write(value): across.place(value) for value in reversed(values)}
        for text, x in named.items():
            drawing.text(x, _BOTTOM + 18, text, drawing.theme.muted, size=11, anchor="middle")
        title = METRICS[self.word].title
        drawing.text(_RIGHT, _BOTTOM + 36, title, drawing.theme.muted, size=11, anchor="end")

    def _cumulative(self, across: Scale) -> list[tuple[float, float]]:
        points, so_far = [(across.place(self.bins[0].low), float(_BOTTOM))], 0
        for each in self.bins:
            so_far += each.designs
            y = _BOTTOM + (_TOP - _BOTTOM) * so_far / self.whole
            points.append((_end(across, each), y))
        return points

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        rows = _merged(self.bins, _ROWS)
        most = max(each.designs for each in rows)
        left = max(len(self._label(each)) for each in rows)
        right = len(units.count(most))
        room = max(width - left - right - 12, 1)
        lines, so_far = [], 0
        for each in rows:
            so_far += each.designs
            bar = glyphs.bar(each.designs / most, room)
            share = units.share(so_far, self.whole)
            count = units.count(each.designs)
            lines.append(f"{self._label(each):<{left}} {count:>{right}} {share:>7}  {bar}".rstrip())
        return [*lines, "designs; share of designs at or below"]

    def _label(self, each: Bin) -> str:
        write = written(METRICS[self.word].unit)
        low, high = write(each.low), write(each.high)
        return low if low == high else f"{low} to {high}"


def histogram(word: str, values: Iterable[int | float]) -> Histogram:
    """Return a metric's values in bins of one width; there must be at least one value."""
    return Histogram(word, binned(sorted(values), _BINS))


def _end(across: Scale, each: Bin) -> float:
    """Return where a bin ends; that of one value is as wide as the picture."""
    return across.place(each.high) if each.high > each.low else across.stop


def _merged(bins: tuple[Bin, ...], most: int) -> list[Bin]:
    """Return no more bins than so many, neighbours together."""
    each = -(-len(bins) // most)
    groups = [bins[i : i + each] for i in range(0, len(bins), each)]
    return [Bin(g[0].low, g[-1].high, sum(each.designs for each in g)) for g in groups]
