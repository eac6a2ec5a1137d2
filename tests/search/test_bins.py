"""Bins: every value is in one, and no bin is without a reason."""

import numpy as np
from tests.rows import each_of

from bncalc.search.bins import Bin, binned
from bncalc.search.summary import rising


@each_of(
    [
        ([0, 1, 1, 5, 9, 10], 5, [(0, 2, 3), (2, 4, 0), (4, 6, 1), (6, 8, 0), (8, 10, 2)]),
        ([7, 7], 20, [(7, 7, 2)]),
        ([1, 2, 2, 3], 20, [(1, 2, 1), (2, 3, 2), (3, 3, 1)]),
        ([1, 100], 20, [(1, 51, 1), (51, 100, 1)]),
        ([0.5, 0.5], 20, [(0.5, 0.5, 2)]),
        ([0.0, 1.0, 4.0], 2, [(0.0, 2.0, 2), (2.0, 4.0, 1)]),
        ([10**30, 10**30 + 1], 9, [(10**30, 10**30 + 1, 1), (10**30 + 1, 10**30 + 1, 1)]),
    ]
)
def test_every_value_is_in_one_bin_and_there_are_no_more_than_values(
    values: list[float], most: int, bins: list[tuple[float, float, int]]
) -> None:
    assert list(binned(values, most)) == [Bin(*each) for each in bins]
    column = np.array(values[::-1], dtype=object if values[0] > 2**63 else None)
    assert list(binned(rising(column), most)) == [Bin(*each) for each in bins]
