"""Lifetimes by calls as memory by steps, worked out by hand; none needs PyTorch."""

from bncalc.model.graph import Occupancy
from bncalc.readers.torch.lifetimes import Lifetime, occupancies


def test_a_step_holds_what_the_fullest_of_its_rows_held() -> None:
    # Rows 0 and 1 are the first step: 1 copies what 0 made, with a map on the way that goes at
    # once. Row 2 is of the third step; the second, a view, has none of its own. Indices take 8
    # bytes each, twice as much as floats: row 4 holds more than row 3.
    lifetimes = [
        Lifetime(10, -1, None),  # the image
        Lifetime(20, 0, 1),
        Lifetime(5, 0, 0),  # gone before the copy: never beside it
        Lifetime(20, 1, 2),
        Lifetime(7, 1, 1),  # on the way
        Lifetime(3, 2, None, shared=True),
        Lifetime(8, 2, None),
        Lifetime(12, 3, 3),
        Lifetime(7, 4, 4, 8),
        Lifetime(2, 4, 4),
    ]
    assert list(occupancies(lifetimes, [0, 1, 1, 3, 4, 4], 5)) == [
        Occupancy(10, 0, 5),
        Occupancy(20, 1, 2),
        Occupancy(20, 1, 3),
        Occupancy(7, 1, 2),
        Occupancy(3, 3, 5, shared=True),
        Occupancy(8, 3, 5),
        Occupancy(7, 4, 4, 8),
        Occupancy(2, 4, 4),
    ]
