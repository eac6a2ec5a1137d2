"""Labels: a place beside each point where its name covers no other name, in pixels or cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bncalc.named import NamedTuple
from bncalc.render.breadth import breadth, in_cells
from bncalc.render.chart.scale import Dimension, Scale


class Box(NamedTuple):
    """A rectangle, from its left and top to its right and bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Return whether two rectangles share more than an edge."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def within(self, other: Box) -> bool:
        """Return whether it lies in another."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.top <= self.top and self.bottom <= other.bottom


class Label(NamedTuple):
    """A name and the place of the point that it belongs to; `width` is how long it is drawn."""

    x: float
    y: float
    width: float


def place_labels(
    labels: Sequence[Label], frame: Box, *, height: float, gap: float
) -> list[Box | None]:
    """Return the box of each label, None where there is no room for one.

    Tried are the right, the left, above, below and the corners, in this order; the first labels
    choose first.
    """
    points = [
        Box(label.x - gap / 2, label.y - gap / 2, label.x + gap / 2, label.y + gap / 2)
        for label in labels
    ]
    boxes: list[Box | None] = []
    for label in labels:
        taken = [*points, *filter(None, boxes)]
        boxes.append(
            next((box for box in _places(label, height, gap) if is_free(box, taken, frame)), None)
        )
    return boxes


def is_free(box: Box, taken: Sequence[Box], frame: Box) -> bool:
    """Return whether a box lies in a frame, and none that is taken meets it."""
    return box.within(frame) and not any(box.meets(other) for other in taken)


def _places(label: Label, height: float, gap: float) -> list[Box]:
    x, y, width = label.x, label.y, label.width
    lefts = {"right": x + gap, "left": x - gap - width, "middle": x - width / 2}
    tops = {"above": y - gap - height, "below": y + gap, "beside": y - height / 2}
    order = (
        ("right", "beside"),
        ("left", "beside"),
        ("middle", "above"),
        ("middle", "below"),
        ("right", "above"),
        ("left", "above"),
        ("right", "below"),
        ("left", "below"),
    )
    return [
        Box(lefts[across], tops[up], lefts[across] + width, tops[up] + height)
        for across, up in order
    ]


Spot = tuple[int, int]
"""A column and a row of the grid."""


def write_names(
    grid: list[list[str]], names: Sequence[str], spots: Sequence[Spot], marks: Iterable[Spot]
) -> list[int]:
    """Write names beside their spots where no mark and no name is; return those without room."""
    frame = Box(0, 0, len(grid[0]), len(grid))
    without = []
    taken = [Box(x, y, x + 1, y + 1) for x, y in marks]
    for number, (name, (x, y)) in enumerate(zip(names, spots, strict=True)):
        length = breadth(name)
        places = [
            (x + 2, y),
            (x - 1 - length, y),
            (x - length // 2, y - 1),
            (x - length // 2, y + 1),
        ]
        boxes = [Box(left, top, left + length, top + 1) for left, top in places]
        box = next((box for box in boxes if is_free(box, taken, frame)), None)
        if box is None:
            without.append(number)
            continue
        taken.append(Box(box.left - 1, box.top, box.right + 1, box.bottom))
        grid[int(box.top)][int(box.left) : int(box.right)] = in_cells(name)
    return without


def values_below(axis: Dimension, scale: Scale, left: int, width: int) -> str:
    """Return the line of the values that an axis names, each below its place."""
    line = ""
    for value in axis.ticks(scale):
        text = axis.write(value)
        at = left + round(scale.place(value)) - len(text) // 2
        if at > len(line) and at + len(text) <= width:
            line += " " * (at - len(line)) + text
    return line
