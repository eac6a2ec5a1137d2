"""Shuffles: a reshape, another order of axes and a reshape that together are one op.

The op's word and its order are those of `[n, g, c/g, h, w]` and the like, however models write it.
"""

from __future__ import annotations

from bncalc.readers.axes import Dims

_ON_MAPS: dict[Dims, str] = {
    (0, 1, 4, 2, 5, 3): "pixel_shuffle",
    (0, 3, 4, 1, 5, 2): "pixel_shuffle",
    (0, 1, 3, 5, 2, 4): "space_to_depth",
    (0, 3, 5, 1, 2, 4): "space_to_depth",
}


def shuffle_of(order: Dims, before: Dims, between: Dims, after: Dims) -> str:
    """Return the word of the op that the three steps are, empty if they are none.

    `between` are the sizes that get another order of axes.
    """
    if before[:1] != between[:1]:
        return ""
    if order == (0, 2, 1, *range(3, len(between))):
        return "channel_shuffle" if before == after and between[3:] == before[2:] else ""
    return _ON_MAPS.get(order, "") if len(before) == len(after) == 4 else ""
