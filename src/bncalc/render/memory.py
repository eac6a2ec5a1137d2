"""Memory laid out as a table: live bytes along the layers, and what they come to in the end."""

from __future__ import annotations

from bncalc.analysis.gaps import kept_gap
from bncalc.analysis.report import Report
from bncalc.render import units
from bncalc.render.columns import COLUMNS, MEMORY
from bncalc.render.notes import assumed, peak, uncounted
from bncalc.render.table import Table
from bncalc.render.views import layered, tree


def memory_view(
    report: Report, columns: tuple[str, ...] = MEMORY, depth: int | None = None
) -> Table:
    """Lay out a network's memory, layer by layer; that of training if its column is shown."""
    numbers = report.numbers()

    def size(name: str) -> str:
        value = numbers[name]
        assert isinstance(value, int)
        return units.size(value)

    assumptions = report.assumptions
    sums = (
        f"inference: weights {size('weight_bytes')} + peak activations "
        f"{size('peak_activation_bytes')}"
    )
    if "saved" in columns:
        sums += (
            f"; training: weights + gradients {size('gradient_bytes')} + optimiser state "
            f"{size('optimizer_bytes')} + kept for backward {size('saved_for_backward_bytes')} = "
            f"{size('training_bytes')}"
        )
    rests = assumed(assumptions, columns)
    if assumptions.memory is not None:
        rests += (
            f"; images that fit in {units.size(assumptions.memory)}: "
            f"{numbers['training_batch']:,} training, {numbers['inference_batch']:,} at inference"
        )
    gaps = [*uncounted((report,)), *(kept_gap([report]) if "saved" in columns else ())]
    notes = [*gaps, sums, f"{peak(report)}; {rests}"]
    table = layered(report, list(tree(report, depth)), columns, notes)
    return table._replace(spare=(COLUMNS["live"].column.key,))
