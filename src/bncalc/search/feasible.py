"""Feasible designs: a sample of those within limits, each as likely as the space makes it.

No design comes twice. A small grid is worked out whole, and what is within the limits is put in
random order; of a larger one designs are drawn, and those that are beyond rejected, until there are
enough. Both are exact however few designs are feasible, and whoever asks for more gets the same
ones first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from bncalc.errors import UsageError
from bncalc.search.arrays import np
from bncalc.search.draw import at_random, likelihood
from bncalc.search.space import Space
from bncalc.search.sweep import Batch, Sweep, at_places, batch_of, costed, together

SMALL = 500_000
"""Designs of a grid that is worked out whole."""
MOST_DRAWN = 10_000_000
"""Designs that are drawn before what there is has to do."""
TINY = 0.001
"""A share of feasible designs that is worth a remark."""
_FIRST = 1_000
"""Designs that are drawn first; then twice as many each time, up to a batch of the space."""


def feasible(space: Space, count: int) -> Sweep:
    """Return so many designs that keep the limits and conditions of a space, in random order.

    Where there are fewer, or the search for them is given up, the remarks say so. Raises UsageError
    where there is none.
    """
    if count < 1:
        raise UsageError(f"{count} designs were asked for; ask for at least 1")
    space.refuse()
    sampled = replace(space, sample=count)
    swept = _from_grid(sampled) if space.size <= SMALL else _drawn(sampled, count)
    available = swept.size
    if not available:
        tried = "of the whole grid" if swept.is_grid else "drawn at random"
        raise UsageError(f"none of {swept.counted.drawn:,} designs {tried} is feasible")
    chosen = at_places(swept, np.arange(min(count, available)))
    return chosen._replace(remarks=(*swept.remarks, *_remarks(swept, count, available)))


def _from_grid(space: Space) -> Sweep:
    """Put all feasible designs in random order: the earlier, the likelier they are."""
    unsampled = replace(space, sample=None)
    whole = together(space, map(partial(batch_of, unsampled), range(unsampled.batches)))
    whole = whole._replace(is_grid=True)
    likely = likelihood(space.axes, whole.values)
    # Of clocks that ring at these rates the next to ring is each with its likelihood.
    times = np.random.default_rng([space.seed]).exponential(size=len(likely)) / likely
    return at_places(whole, np.argsort(times, kind="stable"))


def _drawn(space: Space, count: int) -> Sweep:
    """Draw designs until so many different ones are feasible."""
    known: set[tuple[object, ...]] = set()
    batches = []
    for batch in _batches(space):
        rows = zip(*[column.tolist() for column in batch.values.values()], strict=True)
        fresh = []
        for place, row in enumerate(rows):
            if row not in known:
                known.add(row)
                fresh.append(place)
        batches.append(at_places(batch, np.array(fresh, dtype=int)))
        if len(known) >= count:
            break
    return together(space, batches)


def _batches(space: Space) -> Iterator[Batch]:
    costing = space.costing()
    number, drawn, size = 0, 0, _FIRST
    while drawn < MOST_DRAWN:
        yield costed(space, costing, number, at_random(space.axes, size, space.seed, number))
        number, drawn, size = number + 1, drawn + size, min(2 * size, space.batch)


def _remarks(swept: Sweep, count: int, available: int) -> Iterator[str]:
    """Say how the sample was found, and what is to be minded."""
    share = swept.counted.wanted / swept.counted.drawn
    about = "" if swept.is_grid else "about "
    yield f"{about}{100 * share:.3g} % of the designs are feasible"
    if available < count:
        rest = "there are no more" if swept.is_grid else "the search for more was stopped"
        yield f"{available:,} of the {count:,} designs that were asked for: {rest}"
    if share < TINY:
        yield "so few are feasible that narrower values or a looser limit would be better"
