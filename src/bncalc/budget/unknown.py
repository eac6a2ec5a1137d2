"""Unknown costs: limits that nobody can say a design keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bncalc.analysis.arena.deployment import Deployment
from bncalc.analysis.report import Report
from bncalc.analysis.training import Training
from bncalc.budget.budgets import Budget, Limit
from bncalc.budget.decision import Decision
from bncalc.budget.designs import MeasuredDesign
from bncalc.budget.suggestions import CheckSource
from bncalc.errors import Location
from bncalc.quantity import first_few

_OF_WEIGHTS = ("params", "buffers", "weights", "gradients", "optimizer", "flash")
"""Metrics to which an operation of unknown cost adds nothing that is not known."""


def unheld(budget: Budget, designs: Sequence[MeasuredDesign]) -> Iterator[CheckSource]:
    """Yield a broken check for each limit that rests on a cost which is not known."""
    yield from _uncounted(budget, designs)
    yield from _incomplete(budget, designs)


def _uncounted(budget: Budget, designs: Sequence[MeasuredDesign]) -> Iterator[CheckSource]:
    """Yield a broken check for each operation whose cost a limit is about and nobody knows."""
    limits = [limit for limit in budget.limits if limit.metric not in _OF_WEIGHTS]
    for design in designs if limits else ():
        model, placed = design.version.model, design.version.design
        origins = placed.by_path() if placed else {}
        for layer in design.numbers.report.uncounted:
            origin = origins.get(layer.path)
            place = origin.top if origin and model else Location(design.alone.path)
            reason = f"the cost of {layer.op} is not known (--allow-uncounted counts it as 0)"
            yield _broken(budget, limits[0], design, place, reason, layer.path)


def _of_ram(report: Report) -> str:
    return report.result(Deployment).unknown


def _of_training(report: Report) -> str:
    paths = report.result(Training).unknown
    return f"what {first_few(paths)} keeps is not known" if paths else ""


_LEAST = {"ram": _of_ram, "saved": _of_training, "training": _of_training}
"""Metrics of which a part may not be known, and what says which."""


def _incomplete(budget: Budget, designs: Sequence[MeasuredDesign]) -> Iterator[CheckSource]:
    """Yield a broken check for each design that may be over a limit, for all that is known."""
    for limit in budget.limits:
        if limit.kind != "max" or limit.metric not in _LEAST:
            continue
        for design in designs:
            unknown = _LEAST[limit.metric](design.numbers.report)
            value = design.numbers.whole(limit.metric)
            if unknown and not (limit.hard and value > limit.hard.number):
                reason = f"at least {value:,} B; {unknown} (--allow-uncounted counts it as 0)"
                yield _broken(budget, limit, design, Location(design.alone.path), reason)


def _broken(
    budget: Budget,
    limit: Limit,
    design: MeasuredDesign,
    location: Location,
    reason: str,
    path: str = "",
) -> CheckSource:
    """Return a broken check of a limit that nobody can hold a design to; of a layer by its path."""
    decision = Decision("BN301", "fail", None, "", reason)
    check = design.check(budget, limit, decision, 0, "layer" if path else "model", path)
    return CheckSource(check._replace(location=location), budget, limit, design)
