"""Scatter: designs by two metrics, those on the front joined, names that never overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bncalc.named import NamedTuple
from bncalc.quantity import first_few, plural
from bncalc.render.breadth import folded, shortened
from bncalc.render.chart.glyphs import Glyphs
from bncalc.render.chart.label import Box, Label, place_labels, values_below, write_names
from bncalc.render.chart.scale import Dimension, Scale
from bncalc.render.chart.svg import LEFT, WIDTH, Drawing, Theme, text_width

_RIGHT, _TOP, _BOTTOM, _HEIGHT = WIDTH - 12, 40, 420, 462
_LINES = 18
_FEW, _LISTED = 60, 20
"""Points that have a name each; names below a chart in the terminal."""
_TOGETHER = 2
"""Names of designs with the same numbers; more are counted."""
_MANY, _MARK = 2000, 6
"""Points that are all drawn; the pixels of a mark, of which more would only cover each other."""


class Point(NamedTuple):
    """A design by its two numbers; `front` is true where no other is as good in both."""

    name: str
    x: float
    y: float
    front: bool

    @property
    def values(self) -> tuple[float, float]:
        return self.x, self.y


Places = Mapping[tuple[float, float], tuple[float, float]]
"""Where points are drawn, by their numbers."""


class Scatter(NamedTuple):
    """Points and what they are placed by. Of many points only those on the front have names."""

    x: Dimension
    y: Dimension
    points: tuple[Point, ...]
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        designs = plural(len(self.points), "design")
        title = f"{designs} by {self.x.title} and {self.y.title}"
        front = sum(point.front for point in self.points)
        return f"{title}, {front} on the front" if self._has_front() else title

    def _has_front(self) -> bool:
        return any(point.front for point in self.points)

    def svg(self, theme: Theme) -> str:
        front = ", ".join(point.name for point in self._front())
        best = [f"On the front: {front}."] if front else []
        description = " ".join([*best, *[f"{note}." for note in self.notes]])
        drawing = Drawing(theme, _HEIGHT, self.title, description)
        drawing.heading()
        across = self.x.scale([point.x for point in self.points], LEFT, _RIGHT)
        up = self.y.scale([point.y for point in self.points], _BOTTOM, _TOP)
        self._axes(drawing, across, up)
        places = {p.values: (across.place(p.x), up.place(p.y)) for p in self.points}
        stairs = _stairs([places[point.values] for point in self._front()])
        drawing.line(stairs, theme.series[0], dashed=True)
        for point in _apart(self._together(), places):
            x, y = places[point.values]
            colour = theme.series[0] if point.front else theme.muted
            tip = f"{point.name}: {self._label(point)}"
            drawing.point(x, y, colour, filled=point.front, tip=tip)
        self._labels(drawing, places)
        return drawing.render()

    def _axes(self, drawing: Drawing, across: Scale, up: Scale) -> None:
        muted = drawing.theme.muted
        for value in self.x.ticks(across):
            x, text = across.place(value), self.x.write(value)
            drawing.line([(x, _TOP), (x, _BOTTOM)], drawing.theme.grid)
            drawing.text(x, _BOTTOM + 16, text, muted, size=11, anchor="middle")
        drawing.grid(up, self.y.ticks(up), self.y.write, right=_RIGHT)
        drawing.text(_RIGHT, _BOTTOM + 34, self.x.title, muted, size=11, anchor="end")
        drawing.text(LEFT - 8, _TOP - 10, self.y.title, muted, size=11)

    def _labels(self, drawing: Drawing, places: Places) -> None:
        ordered = self._named()
        labels = [Label(*places[point.values], text_width(point.name, 11)) for point in ordered]
        boxes = place_labels(labels, Box(LEFT, _TOP, _RIGHT, _BOTTOM), height=12, gap=8)
        for point, box in zip(ordered, boxes, strict=True):
            if box is not None:
                colour = drawing.theme.ink if point.front else drawing.theme.muted
                drawing.text(
                    box.left, box.bottom - 3, point.name, colour, size=11, halo=drawing.theme.paper
                )

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        up = self.y.scale([point.y for point in self.points], _LINES - 1, 0)
        rows = {round(up.place(value)): self.y.write(value) for value in self.y.ticks(up)}
        left = max(map(len, rows.values()), default=0) + 1
        across = self.x.scale([point.x for point in self.points], 0, width - left - 2)
        grid = [[" "] * (width - left - 1) for _ in range(_LINES)]
        spots = {p.values: (round(across.place(p.x)), round(up.place(p.y))) for p in self.points}
        named = self._named()
        places = [spots[point.values] for point in named]
        without = write_names(grid, [point.name for point in named], places, spots.values())
        for point in sorted(self.points, key=lambda point: point.front):
            x, y = spots[point.values]
            grid[y][x] = glyphs.front if point.front else glyphs.behind
        lines = glyphs.framed(map("".join, grid), rows, left, width - left - 1)
        lines.append(values_below(self.x, across, left + 1, width))
        axes = f"across: {self.x.title}, up: {self.y.title}"
        marks = f"; {glyphs.front} on the front, {glyphs.behind} not on it"
        lines.append(axes + marks if self._has_front() else axes)
        listed = [named[number] for number in without[:_LISTED]]
        lines += [f"  {shortened(p.name, width // 2)}: {self._label(p)}" for p in listed]
        if len(without) > len(listed):
            lines.append(f"  and {len(without) - len(listed)} more")
        lines += [part for note in self.notes for part in folded(note, width)]
        return [line.rstrip()[:width] for line in lines]

    def _named(self) -> list[Point]:
        """Return the points to name, those on the front first."""
        ordered = sorted(self._together(), key=lambda point: not point.front)
        return ordered if len(ordered) <= _FEW else [point for point in ordered if point.front]

    def _together(self) -> list[Point]:
        """Return the points, those with the same numbers as one with the names of all."""
        names: dict[Point, list[str]] = {}
        for point in self.points:
            names.setdefault(point._replace(name=""), []).append(point.name)
        return [point._replace(name=first_few(alike, _TOGETHER)) for point, alike in names.items()]

    def _front(self) -> list[Point]:
        return sorted((p for p in self.points if p.front), key=lambda p: p.x)

    def _label(self, point: Point) -> str:
        of_x, of_y = self.x.write(point.x), self.y.write(point.y)
        return f"{of_x} {self.x.title}, {of_y} {self.y.title}"


def scatter(
    names: Sequence[str], x: Dimension, y: Dimension, values: Sequence[tuple[float, float]]
) -> Scatter:
    """Return designs by two numbers; one is on the front if no other is better in either."""
    front: set[int] = set()
    if "neither" not in (x.better, y.better):
        signs = [-1 if each.better == "more" else 1 for each in (x, y)]
        front = _front_of([(signs[0] * a, signs[1] * b) for a, b in values])
    points = [
        Point(name, *value, front=place in front)
        for place, (name, value) in enumerate(zip(names, values, strict=True))
    ]
    notes = [
        *_nothing(x, {p.name: p.x for p in points}),
        *_nothing(y, {p.name: p.y for p in points}),
    ]
    return Scatter(x, y, tuple(points), tuple(notes))


def _nothing(axis: Dimension, values: Mapping[str, float]) -> list[str]:
    """Say which designs have nothing of what an axis of logarithms shows."""
    names = [] if axis.better != "less" else [name for name, value in values.items() if not value]
    return (
        [f"no {axis.title}, drawn where the axis begins: {first_few(names, _TOGETHER)}"]
        if names
        else []
    )


def _front_of(values: Sequence[tuple[float, float]]) -> set[int]:
    """Return the places that no other place equals or beats in both; of equal ones all."""
    front: set[int] = set()
    best: tuple[float, float] | None = None
    for place in sorted(range(len(values)), key=values.__getitem__):
        if best is None or values[place][1] < best[1]:
            best = values[place]
        if values[place] == best:
            front.add(place)
    return front


def _apart(points: list[Point], places: Places) -> list[Point]:
    """Return points to draw: of very many that are not on the front, one where marks cover."""
    if len(points) <= _MANY:
        return points
    marks = [(x // _MARK, y // _MARK) for x, y in [places[point.values] for point in points]]
    drawn = set(dict(zip(marks, points, strict=True)).values())
    return [point for point in points if point.front or point in drawn]


def _stairs(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    stairs: list[tuple[float, float]] = []
    for x, y in points:
        if stairs:
            stairs.append((x, stairs[-1][1]))
        stairs.append((x, y))
    return stairs
