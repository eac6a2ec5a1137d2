"""Bins: how many values lie in each of some ranges of one width. Charts use them, without numpy."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from bncalc.named import NamedTuple
from bncalc.number import is_whole


class Bin(NamedTuple):
    """How many designs have a number from `low` up to `high`; the last bin has its high end too."""

    low: int | float
    high: int | float
    designs: int


def binned(ordered: Sequence[int | float], most: int) -> tuple[Bin, ...]:
    """Return bins of values in rising order: so many at most, and no more than differ.

    Ends are whole where the values are; the lowest is the first low end, the highest the last end.
    """
    low, high = ordered[0], ordered[-1]
    bins = _different(ordered, most)
    if is_whole(low):
        edges = [low + (high - low + 1) * at // bins for at in range(bins)]
    else:
        edges = [low + (high - low) * at / bins for at in range(bins)]
    places = [*[bisect_left(ordered, edge) for edge in edges], len(ordered)]
    counts = [stop - start for start, stop in pairwise(places)]
    return tuple(map(Bin, edges, [*edges[1:], high], counts))


def _different(ordered: Sequence[int | float], most: int) -> int:
    """Return how many different values there are, counted up to `most`."""
    different = at = 0
    while at < len(ordered) and different < most:
        different += 1
        at = bisect_right(ordered, ordered[at])
    return different
