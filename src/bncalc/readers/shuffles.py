"""Shuffles: a reshape, another order of axes and a reshape that together are one op.

The op's word and its order are those of `[n, g, c/g, h, w]` and the like, however models write it.
"""

from __future__ import annotations

from bncalc.named import NamedTuple
from bncalc.readers.axes import Dims


class Shuffle(NamedTuple):
    """The word of an op, its groups or its factor, and the order of its channels, if it has one."""

    word: str
    number: int
    order: str = ""


_ON_MAPS: dict[Dims, tuple[str, int, str]] = {
    (0, 1, 4, 2, 5, 3): ("pixel_shuffle", 2, "crd"),
    (0, 3, 4, 1, 5, 2): ("pixel_shuffle", 1, "dcr"),
    (0, 3, 4, 2, 5, 1): ("pixel_shuffle", 1, "drc"),
    (0, 1, 3, 5, 2, 4): ("space_to_depth", 3, "crd"),
    (0, 3, 5, 1, 2, 4): ("space_to_depth", 3, "dcr"),
    (0, 5, 3, 1, 2, 4): ("space_to_depth", 3, "drc"),
}
"""By the order of axes the word, the axis whose size is the factor, and the order of channels."""


def shuffle_of(turn: Dims, before: Dims, between: Dims, after: Dims) -> Shuffle | None:
    """Return the op that the three steps are; None if they are none.

    `between` are the sizes that get another order of axes, `turn`.
    """
    if before[:1] != between[:1] or len(turn) != len(between):
        return None
    if turn == (0, 2, 1, *range(3, len(between))):
        is_whole = before == after and between[3:] == before[2:]
        return Shuffle("channel_shuffle", between[1]) if is_whole else None
    if len(before) != 4 or len(after) != 4 or turn not in _ON_MAPS:
        return None
    word, axis, order = _ON_MAPS[turn]
    return Shuffle(word, between[axis], order)
