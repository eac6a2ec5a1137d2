"""Edits after which a network would fit a microcontroller, each one recomputed."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.analysis.arena.deployment import Deployment
from bncalc.analysis.assumptions import Assumptions, Patches
from bncalc.analysis.report import Report
from bncalc.language.source import reading
from bncalc.mending.fix import Fix
from bncalc.mending.fixes import fixes
from bncalc.mending.trial import Ceiling
from bncalc.model.reading import Request
from bncalc.opening.kinds import is_ours

_NEEDS = ("deployment",)


def edits_that_fit(request: Request, report: Report) -> tuple[Fix, ...] | None:
    """Return single edits of the model file after which the network fits the device assumed.

    If none is enough for both RAM and flash, those that are enough for one; what an edit `meets`
    are these words. None where it fits already or is not known to, and for models that are not in
    bncalc's own language.
    """
    deployment, read = report.result(Deployment), reading(request.files)
    if deployment.fits is not False or not is_ours(request.path, read):
        return None
    bounds = tuple(
        Ceiling(footprint.memory, _needed(memory), available, _NEEDS)
        for memory, footprint in (("ram", deployment.ram), ("flash", deployment.flash))
        if (available := footprint.available) is not None
    )
    answers = fixes(request, _settled(report, deployment), bounds, read)
    return tuple(dict.fromkeys(edit for answer in answers for edit in answer or ()))


def _settled(report: Report, deployment: Deployment) -> Assumptions:
    """Return what was assumed, with the patches that were found: none are sought anew each time."""
    assumed, patched = report.assumptions, deployment.patched
    if patched is None:
        return assumed
    patches = Patches(patched.grid, patched.layers)
    return assumed._replace(target=assumed.target._replace(patches=patches))


def _needed(memory: str) -> Callable[[Report], int]:
    return lambda report: getattr(report.result(Deployment), memory).needed
