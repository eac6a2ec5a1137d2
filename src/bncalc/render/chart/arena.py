"""The arena: each buffer a rectangle, from its first step to its last and where it is placed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from bncalc.analysis.arena.deployment import Deployment
from bncalc.analysis.arena.placement import aligned
from bncalc.analysis.report import Report
from bncalc.errors import UsageError
from bncalc.named import NamedTuple
from bncalc.render import units
from bncalc.render.breadth import breadth, shortened
from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.scale import Scale, linear, ticks, written
from bncalc.render.chart.svg import LEFT, WIDTH, Drawing, Theme, text_width

_TOP, _BOTTOM, _HEIGHT = 48, 312, 348
_ROWS = 16
_WIDEST = 8
"""How many cells of a terminal a step takes at most."""


class Slab(NamedTuple):
    """A buffer as it is placed: steps `first` to `last`, bytes `low` up to `high`.

    `shade` is a number that no buffer of the same or the next step has.
    """

    name: str
    kind: Literal["map", "scratch"]
    first: int
    last: int
    low: int
    high: int
    shade: int = 0

    def label(self, width: float) -> str:
        """Return what is written on it, as far as there is room: its name, or its size."""
        size = units.size(self.high - self.low)
        texts = (self.name, self.name.rpartition("/")[2], size)
        return next((text for text in texts if text_width(text, 10) <= width), "")

    def covers(self, steps: tuple[float, float], span: tuple[float, float]) -> float:
        """Return how much of a stretch of steps and bytes it takes."""
        along = min(self.last + 1, steps[1]) - max(self.first, steps[0])
        across = min(self.high, span[1]) - max(self.low, span[0])
        return max(along, 0) * max(across, 0)


class Plan(NamedTuple):
    """The buffers of a network, what they take together, and the most that is alive at a step."""

    name: str
    slabs: tuple[Slab, ...]
    paths: tuple[str, ...]
    step: int
    head: int
    most_live: int
    rests: str

    @property
    def title(self) -> str:
        return f"{self.name}: the arena takes {units.size(self.head)} ({self.rests})"

    @property
    def fullest(self) -> str:
        return f"fullest at {self.paths[self.step]}"

    def at_fullest(self) -> list[Slab]:
        """Return what lies in the arena where it is fullest, the highest first."""
        held = [slab for slab in self.slabs if slab.first <= self.step <= slab.last]
        return sorted(held, key=lambda slab: -slab.low)

    def svg(self, theme: Theme) -> str:
        held = ", ".join(f"{slab.name} at {slab.low:,}" for slab in self.at_fullest())
        drawing = Drawing(theme, _HEIGHT, self.title, f"It is {self.fullest}: {held}.")
        drawing.heading()
        scale = linear([self.head], _BOTTOM, _TOP, binary=True)
        drawing.grid(scale, ticks(scale, binary=True), written("bytes"))
        step = (WIDTH - LEFT) / len(self.paths)
        for slab in self.slabs:
            _draw(drawing, slab, scale, step)
        self._lines_across(drawing, scale.place(self.head), scale.place(self.most_live))
        at = LEFT + (self.step + 0.5) * step
        drawing.line([(at, _BOTTOM), (at, _BOTTOM + 6)], theme.accent, width=2)
        anchor = "start" if at + text_width(self.fullest, 11) < WIDTH else "end"
        drawing.text(at, _BOTTOM + 20, self.fullest, theme.accent, size=11, anchor=anchor)
        return drawing.render()

    def _lines_across(self, drawing: Drawing, head: float, live: float) -> None:
        """Draw what the arena takes and what is alive at most, which no placement goes below."""
        theme = drawing.theme
        drawing.line([(LEFT, head), (WIDTH, head)], theme.accent, dashed=True)
        if live - head < 14:
            return
        drawing.line([(LEFT, live), (WIDTH, live)], theme.muted, dashed=True)
        text = f"most alive at a step, {units.size(self.most_live)}"
        drawing.text(WIDTH, live - 4, text, theme.muted, size=11, anchor="end", halo=theme.paper)

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        write = written("bytes")
        left = max(len(write(self.head)), 3) + 1
        room = max(width - left - 1, 1)
        cells = min(room, len(self.paths) * max(1, min(room // len(self.paths), _WIDEST)))
        columns = self._columns(cells)
        rows = [
            "".join(self._cell(row, at, cells, held, glyphs) for at, held in enumerate(columns))
            for row in reversed(range(_ROWS))
        ]
        lines = glyphs.framed(rows, {0: write(self.head), _ROWS - 1: write(0)}, left, cells)
        at = left + 1 + int((self.step + 0.5) * cells / len(self.paths))
        lines.append(_marked(at, self.fullest, width))
        for slab in self.at_fullest():
            size = f"{slab.high - slab.low:,} at {slab.low:,}"
            name = shortened(slab.name, width - len(size) - 5)
            lines.append(f"  {_fill(slab, glyphs)} {name} {size}")
        return [line.rstrip() for line in lines]

    def _columns(self, cells: int) -> list[list[Slab]]:
        """Return for each column of cells the buffers that lie in it."""
        columns: list[list[Slab]] = [[] for _ in range(cells)]
        for slab in self.slabs:
            start = slab.first * cells // len(self.paths)
            stop = -(-(slab.last + 1) * cells // len(self.paths))
            for column in columns[start:stop]:
                column.append(slab)
        return columns

    def _cell(self, row: int, cell: int, cells: int, held: list[Slab], glyphs: Glyphs) -> str:
        """Draw the buffer that has the most of a cell; a thin one is seen where there is room."""
        steps = (cell * len(self.paths) / cells, (cell + 1) * len(self.paths) / cells)
        span = (row * self.head / _ROWS, (row + 1) * self.head / _ROWS)
        parts = [(slab.covers(steps, span), slab) for slab in held]
        most, slab = max(parts, key=lambda part: part[0], default=(0.0, None))
        thin = slab is not None and slab.high - slab.low < self.head / _ROWS
        whole = (steps[1] - steps[0]) * (span[1] - span[0])
        return _fill(slab, glyphs) if slab and most and (thin or most * 2 >= whole) else " "


def arena(report: Report) -> Plan:
    """Return the arena of a report with a deployment; raise UsageError where nothing is placed."""
    deployment = report.result(Deployment)
    if not deployment.runtime.plans or deployment.patched is not None:
        raise UsageError(f"{deployment.runtime.name} places no arena; tflm does")
    arena = deployment.arena
    scratch = {buffer.name for buffer in arena.scratch or ()}
    slabs = [
        Slab(
            buffer.name,
            "scratch" if buffer.name in scratch else "map",
            buffer.first,
            buffer.last,
            offset,
            offset + aligned(buffer.size),
        )
        for buffer, offset in arena.placed()
        if buffer.size
    ]
    return Plan(
        name=report.name,
        slabs=_shaded(slabs),
        paths=arena.paths,
        step=arena.step,
        head=arena.head,
        most_live=arena.most_live,
        rests=_rests(deployment),
    )


def _rests(deployment: Deployment) -> str:
    parts = [deployment.runtime.name, deployment.device.name]
    parts.append("scratch not known" if deployment.arena.scratch is None else "")
    return ", ".join(filter(None, parts))


def _shaded(slabs: Sequence[Slab]) -> tuple[Slab, ...]:
    """Give each buffer the first shade that none of those beside it has."""
    shaded: list[Slab] = []
    shades: defaultdict[int, set[int]] = defaultdict(set)  # those of each step
    for slab in slabs:
        beside = range(slab.first - 1, slab.last + 2)
        taken = set().union(*[shades[step] for step in beside])
        free = next(shade for shade in range(len(taken) + 1) if shade not in taken)
        for step in beside[1:-1]:
            shades[step].add(free)
        shaded.append(slab._replace(shade=free))
    return tuple(shaded)


def _draw(drawing: Drawing, slab: Slab, scale: Scale, step: float) -> None:
    x, top = LEFT + slab.first * step, scale.place(slab.high)
    width, height = (slab.last + 1 - slab.first) * step, scale.place(slab.low) - top
    gap, tall = min(1.0, width / 4), max(height - 1, 0.5)
    series = drawing.theme.series
    shade = series[slab.shade % len(series)]
    colour = drawing.theme.muted if slab.kind == "scratch" else shade
    tip = f"{slab.name}: {slab.high - slab.low:,} bytes at {slab.low:,}"
    drawing.rectangle(x, top + 0.5, width - gap, tall, colour, opacity=0.5, tip=tip)
    label = slab.label(width - 6)
    if label and height >= 12:
        drawing.text(x + 3, top + height / 2 + 3.5, label, drawing.theme.ink, size=10)


def _fill(slab: Slab, glyphs: Glyphs) -> str:
    return glyphs.fills[slab.shade % len(glyphs.fills)]


def _marked(at: int, text: str, width: int) -> str:
    """Write a text beside a mark at a place of a line."""
    if at + 2 + breadth(text) <= width or 2 * at < width:
        return " " * at + "^ " + shortened(text, width - at - 2)
    text = shortened(text, at - 1)
    return " " * (at - 1 - breadth(text)) + text + " ^"
