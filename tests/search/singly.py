"""Designs worked out one after the other, which is what all at once must come to."""

from collections.abc import Sequence

from bncalc.errors import BncalcError
from bncalc.search.evaluation import DesignValues, MeasureDesigns, Refusals


def one_by_one(
    measured: MeasureDesigns, designs: Sequence[DesignValues]
) -> tuple[list[tuple[int, ...] | None], Refusals]:
    """Return the numbers of each design, None for what cannot be built; and the reasons."""
    rows: list[tuple[int, ...] | None] = []
    refusals = Refusals()
    for values in designs:
        try:
            rows.append(tuple(measured(values)))
        except BncalcError as error:
            rows.append(None)
            refusals.add(error, values)
    return rows, refusals
