"""Scatter: designs by two metrics, those on the front joined, names that never overlap."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bncalc.analysis.metric import METRICS
from bncalc.named import NamedTuple
from bncalc.quantity import plural
from bncalc.render.chart.chart import WIDTH, shortened
from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.label import Box, Label, place_labels
from bncalc.render.chart.scale import Scale, logarithmic, ticks, written
from bncalc.render.chart.svg import Drawing, Theme, text_width

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 70, WIDTH - 12, 40, 420, 462
_LINES = 18


class Point(NamedTuple):
    """A design by its two numbers; `front` is true where no other is as good in both."""

    name: str
    x: float
    y: float
    front: bool


class Scatter(NamedTuple):
    """Points, and the words of the metrics on the axes. Less is better on both."""

    x: str
    y: str
    points: tuple[Point, ...]

    @property
    def title(self) -> str:
        front = sum(point.front for point in self.points)
        across, up = METRICS[self.x].title, METRICS[self.y].title
        return f"{plural(len(self.points), 'design')} by {across} and {up}, {front} on the front"

    def svg(self, theme: Theme) -> str:
        front = ", ".join(point.name for point in self._front())
        drawing = Drawing(WIDTH, _HEIGHT, self.title, f"On the front: {front}.")
        drawing.text(0, 14, self.title, theme.ink, bold=True)
        across = logarithmic([point.x for point in self.points], _LEFT, _RIGHT)
        up = logarithmic([point.y for point in self.points], _BOTTOM, _TOP)
        self._axes(drawing, across, up, theme)
        stairs = _stairs([(across.place(p.x), up.place(p.y)) for p in self._front()])
        drawing.line(stairs, theme.series[0], dashed=True)
        places = {p: (across.place(p.x), up.place(p.y)) for p in self.points}
        for point, (x, y) in places.items():
            colour = theme.series[0] if point.front else theme.muted
            tip = f"{point.name}: {self._label(point)}"
            drawing.circle(x, y, 4, colour, filled=point.front, tip=tip)
        self._labels(drawing, places, theme)
        return drawing.render(theme)

    def _axes(self, drawing: Drawing, across: Scale, up: Scale, theme: Theme) -> None:
        for value in ticks(across):
            x = across.place(value)
            drawing.line([(x, _TOP), (x, _BOTTOM)], theme.grid)
            text = written(METRICS[self.x].unit)(value)
            drawing.text(x, _BOTTOM + 16, text, theme.muted, size=11, anchor="middle")
        for value in ticks(up):
            y = up.place(value)
            drawing.line([(_LEFT, y), (_RIGHT, y)], theme.grid)
            text = written(METRICS[self.y].unit)(value)
            drawing.text(_LEFT - 8, y + 4, text, theme.muted, size=11, anchor="end")
        title = METRICS[self.x].title
        drawing.text(_RIGHT, _BOTTOM + 34, title, theme.muted, size=11, anchor="end")
        drawing.text(_LEFT - 8, _TOP - 10, METRICS[self.y].title, theme.muted, size=11)

    def _labels(
        self, drawing: Drawing, places: dict[Point, tuple[float, float]], theme: Theme
    ) -> None:
        ordered = sorted(self.points, key=lambda point: not point.front)
        labels = [Label(*places[point], text_width(point.name, 11)) for point in ordered]
        boxes = place_labels(labels, Box(_LEFT, _TOP, _RIGHT, _BOTTOM), height=12, gap=8)
        for point, box in zip(ordered, boxes, strict=True):
            if box is not None:
                colour = theme.ink if point.front else theme.muted
                drawing.text(
                    box.left, box.bottom - 3, point.name, colour, size=11, halo=theme.paper
                )

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        write = written(METRICS[self.y].unit)
        up = logarithmic([point.y for point in self.points], _LINES - 1, 0)
        rows = {round(up.place(value)): write(value) for value in ticks(up)}
        left = max(map(len, rows.values()), default=0) + 1
        across = logarithmic([point.x for point in self.points], 0, width - left - 2)
        grid = [[" "] * (width - left - 1) for _ in range(_LINES)]
        ordered = sorted(self.points, key=lambda point: not point.front)
        spots = {p: (round(across.place(p.x)), round(up.place(p.y))) for p in ordered}
        unlabelled = _write_labels(grid, ordered, spots)
        for point in reversed(ordered):
            x, y = spots[point]
            grid[y][x] = glyphs.front if point.front else glyphs.behind
        lines = [
            f"{rows.get(row, ''):>{left}}{glyphs.tick if row in rows else glyphs.vertical}"
            + "".join(cells)
            for row, cells in enumerate(grid)
        ]
        lines.append(" " * left + glyphs.corner + glyphs.horizontal * (width - left - 1))
        lines.append(_below(across, left + 1, width, written(METRICS[self.x].unit)))
        named = f"across: {METRICS[self.x].title}, up: {METRICS[self.y].title}"
        lines.append(f"{named}; {glyphs.front} on the front, {glyphs.behind} not on it")
        lines += [f"  {shortened(p.name, width // 2)}: {self._label(p)}" for p in unlabelled]
        return [line.rstrip()[:width] for line in lines]

    def _front(self) -> list[Point]:
        return sorted((p for p in self.points if p.front), key=lambda p: (p.x, -p.y))

    def _label(self, point: Point) -> str:
        across, up = METRICS[self.x], METRICS[self.y]
        of_x, of_y = written(across.unit)(point.x), written(up.unit)(point.y)
        return f"{of_x} {across.title}, {of_y} {up.title}"


def scatter(names: Sequence[str], x: str, y: str, values: Sequence[tuple[float, float]]) -> Scatter:
    """Return designs by two metrics; one is on the front where no other is better in either."""
    points = [
        Point(name, *value, front=not any(_dominates(other, value) for other in values))
        for name, value in zip(names, values, strict=True)
    ]
    return Scatter(x, y, tuple(points))


def _dominates(other: tuple[float, float], value: tuple[float, float]) -> bool:
    return other[0] <= value[0] and other[1] <= value[1] and other != value


def _stairs(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    stairs: list[tuple[float, float]] = []
    for x, y in points:
        if stairs:
            stairs.append((x, stairs[-1][1]))
        stairs.append((x, y))
    return stairs


def _write_labels(
    grid: list[list[str]], points: list[Point], spots: dict[Point, tuple[int, int]]
) -> list[Point]:
    """Write names beside points where there is room; return the points that go without."""
    frame = Box(0, 0, len(grid[0]), len(grid))
    without = []
    taken = [Box(x, y, x + 1, y + 1) for x, y in spots.values()]
    for point in points:
        x, y = spots[point]
        length = len(point.name)
        places = [
            (x + 2, y),
            (x - 1 - length, y),
            (x - length // 2, y - 1),
            (x - length // 2, y + 1),
        ]
        boxes = [Box(left, top, left + length, top + 1) for left, top in places]
        box = next(
            (box for box in boxes if box.within(frame) and not any(box.meets(t) for t in taken)),
            None,
        )
        if box is None:
            without.append(point)
            continue
        taken.append(Box(box.left - 1, box.top, box.right + 1, box.bottom))
        grid[int(box.top)][int(box.left) : int(box.right)] = list(point.name)
    return without


def _below(scale: Scale, left: int, width: int, write: Callable[[float], str]) -> str:
    line = ""
    for value in ticks(scale):
        text = write(value)
        at = left + round(scale.place(value)) - len(text) // 2
        if at > len(line) and at + len(text) <= width:
            line += " " * (at - len(line)) + text
    return line
