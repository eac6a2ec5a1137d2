"""Shuffles: a reshape, another order of axes and a reshape that together are one op.

The op's word and its order are those of `[n, g, c/g, h, w]` and the like, however models write it.
"""

from __future__ import annotations

from bncalc.named import NamedTuple
from bncalc.readers.axes import Dims


class Shuffle(NamedTuple):
    """The word of an op, and its groups or its factor."""

    word: str
    number: int


_ON_MAPS: dict[Dims, tuple[str, int]] = {
    (0, 1, 4, 2, 5, 3): ("pixel_shuffle", 2),
    (0, 3, 4, 1, 5, 2): ("pixel_shuffle", 1),
    (0, 1, 3, 5, 2, 4): ("space_to_depth", 3),
    (0, 3, 5, 1, 2, 4): ("space_to_depth", 3),
}
"""By the order of axes the word, and the axis whose size is the factor."""


def shuffle_of(order: Dims, before: Dims, between: Dims, after: Dims) -> Shuffle | None:
    """Return the op that the three steps are; None if they are none.

    `between` are the sizes that get another order of axes.
    """
    if before[:1] != between[:1]:
        return None
    if order == (0, 2, 1, *range(3, len(between))):
        is_whole = before == after and between[3:] == before[2:]
        return Shuffle("channel_shuffle", between[1]) if is_whole else None
    if len(before) != 4 or len(after) != 4 or order not in _ON_MAPS:
        return None
    word, axis = _ON_MAPS[order]
    return Shuffle(word, between[axis])
