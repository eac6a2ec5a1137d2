"""What PyTorch itself counts of a module: its parameters, and the operations of one run."""

from __future__ import annotations

from bncalc.analysis.report import Report
from bncalc.model.reading import Request
from bncalc.readers.torch.module import load, named, running
from bncalc.writers.verification import TOTAL, Figures, Verification, numbers_that_differ, total


def against_counter(request: Request, report: Report) -> Verification:
    """Hold the totals of a module against its `parameters` and PyTorch's FLOP counter.

    The module itself runs, on the meta device, with none of our reading in between.
    """
    name = named(request)
    with running(request.path):
        import torch
        from torch.utils.flop_counter import FlopCounterMode

        from bncalc.readers.torch.building import built
        from bncalc.readers.torch.meta import MetaMode, on_meta

        model, given = built(load(name, request))
        for parameter in model.parameters():
            parameter.requires_grad_(False)  # the counter fails where one is a module's input
        counter = FlopCounterMode(display=False)
        with torch.no_grad(), on_meta(), MetaMode(), counter:
            model(*given.by_place, **given.by_name)
        params = sum(parameter.numel() for parameter in model.parameters())
        theirs = Figures(TOTAL, params, counter.get_total_flops() // 2, ())
    mismatches = tuple(numbers_that_differ(total(report), theirs))
    return Verification(report.name, "PyTorch", 2, mismatches, of="total")
