"""Edits after which a network would fit a microcontroller, each one recomputed."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.analysis.arena.deployment import Deployment
from bncalc.analysis.report import Report
from bncalc.mending.fix import Fix
from bncalc.mending.fixes import fixes
from bncalc.mending.trial import Bound
from bncalc.model.reading import Request

_NEEDS = ("deployment",)


def edits_that_fit(request: Request, report: Report) -> tuple[Fix, ...] | None:
    """Return single edits of the model file after which the network fits the device assumed.

    None where it fits already, or is not known to; empty where no single edit is enough.
    """
    deployment = report.result(Deployment)
    if deployment.fits is not False:
        return None
    bounds = tuple(
        Bound(
            f"{footprint.memory} <= {footprint.available:,} B", _needed(memory), available, _NEEDS
        )
        for memory, footprint in (("ram", deployment.ram), ("flash", deployment.flash))
        if (available := footprint.available) is not None
    )
    answers = fixes(request, report.assumptions, bounds)
    return next((answer for answer in answers if answer), ())


def _needed(memory: str) -> Callable[[Report], int]:
    return lambda report: getattr(report.result(Deployment), memory).needed
