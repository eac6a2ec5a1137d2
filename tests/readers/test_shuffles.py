"""Shuffles: what a reshape, an order of axes and a reshape are together, each row by hand."""

from tests.rows import each_of

from bncalc.readers.axes import Dims
from bncalc.readers.shuffles import Shuffle, shuffle_of

MAP, CHANNELS = (1, 8, 6, 4), (1, 2, 4, 6, 4)
UP, PARTS, DOWN = (1, 2, 12, 8), (1, 8, 3, 2, 2, 2), (1, 32, 3, 2)


@each_of(
    [
        ((0, 2, 1, 3, 4), MAP, CHANNELS, MAP, Shuffle("channel_shuffle", 2)),
        ((0, 2, 1, 3), (1, 8, 6), (1, 2, 4, 6), (1, 8, 6), Shuffle("channel_shuffle", 2)),
        ((0, 2, 1, 3, 4), MAP, CHANNELS, (1, 8, 24), None),  # it goes on as another map
        ((0, 2, 1, 3, 4), MAP, (1, 8, 6, 2, 2), MAP, None),  # axes of the map change places
        ((0, 2, 1, 3, 4), MAP, (2, 1, 4, 6, 4), MAP, None),  # parts are folded into the batch
        ((0, 1, 4, 2, 5, 3), MAP, (1, 2, 2, 2, 6, 4), UP, Shuffle("pixel_shuffle", 2, "crd")),
        ((0, 3, 4, 1, 5, 2), MAP, (1, 2, 2, 2, 6, 4), UP, Shuffle("pixel_shuffle", 2, "dcr")),
        ((0, 3, 4, 2, 5, 1), MAP, (1, 2, 2, 2, 6, 4), UP, Shuffle("pixel_shuffle", 2, "drc")),
        ((0, 1, 3, 5, 2, 4), MAP, PARTS, DOWN, Shuffle("space_to_depth", 2, "crd")),
        ((0, 3, 5, 1, 2, 4), MAP, PARTS, DOWN, Shuffle("space_to_depth", 2, "dcr")),
        ((0, 5, 3, 1, 2, 4), MAP, PARTS, DOWN, Shuffle("space_to_depth", 2, "drc")),
        # as windows of 2 × 2, whose positions are axes of their own
        ((0, 1, 3, 5, 2, 4), MAP, PARTS, (1, 8, 4, 6), Shuffle("space_to_depth", 2, "crd")),
        ((0, 1, 4, 2, 5, 3), MAP, (1, 2, 2, 2, 6, 4), (1, 2, 96), None),
        ((0, 1, 2, 4, 3), MAP, CHANNELS, MAP, None),
        ((0, 2, 1), (), (), (), None),  # sizes that are not known
    ]
)
def test_three_steps_are_one_op(
    order: Dims, before: Dims, between: Dims, after: Dims, shuffle: Shuffle | None
) -> None:
    assert shuffle_of(order, before, between, after) == shuffle
