"""Memory laid out as a table: live bytes along the layers, and what they come to in the end."""

from __future__ import annotations

from bncalc.analysis.report import Report
from bncalc.render import units
from bncalc.render.columns import MEMORY
from bncalc.render.notes import assumed, peak
from bncalc.render.table import Table
from bncalc.render.views import layered, tree


def memory_view(report: Report, depth: int | None = None) -> Table:
    """Lay out a network's memory, layer by layer."""
    numbers = report.numbers()

    def size(name: str) -> str:
        value = numbers[name]
        assert isinstance(value, int)
        return units.size(value)

    assumptions = report.assumptions
    sums = (
        f"inference: weights {size('weight_bytes')} + peak activations "
        f"{size('peak_activation_bytes')}; training: weights + gradients "
        f"{size('gradient_bytes')} + optimiser state {size('optimizer_bytes')} + kept for backward "
        f"{size('saved_for_backward_bytes')} = {size('training_bytes')}"
    )
    rests = assumed(assumptions, MEMORY)
    if assumptions.memory is not None:
        rests += (
            f"; images that fit in {units.size(assumptions.memory)}: "
            f"{numbers['training_batch']:,} training, {numbers['inference_batch']:,} at inference"
        )
    return layered(report, list(tree(report, depth)), MEMORY, [sums, f"{peak(report)}; {rests}"])
