"""Cells: a chart of characters, with names beside its marks and values below its axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bncalc.render.breadth import breadth, in_cells
from bncalc.render.chart.label import Box, is_free
from bncalc.render.chart.scale import Dimension, Scale

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
