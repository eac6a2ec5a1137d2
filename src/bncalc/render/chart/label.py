"""Labels: a place beside each point where its name covers no other name and no point."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.named import NamedTuple


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
