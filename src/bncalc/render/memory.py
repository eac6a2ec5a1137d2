"""Memory laid out as a table: live bytes along the layers, and what they come to in the end."""

from __future__ import annotations

from bncalc.analysis.gaps import kept_gap
from bncalc.analysis.report import Report
from bncalc.render import units
from bncalc.render.columns import COLUMNS
from bncalc.render.notes import assumed, peak, stored_weights, uncounted
from bncalc.render.table import Table
from bncalc.render.views import layered, tree


def memory_view(report: Report, columns: tuple[str, ...], depth: int | None) -> Table:
    """Lay out a network's memory, layer by layer; that of training if its column is shown."""
    gaps = [*uncounted((report,)), *(kept_gap([report]) if "saved" in columns else ())]
    notes = [
        *gaps,
        *stored_weights((report,)),
        _sums(report, columns),
        f"{peak(report)}; {_rests(report, columns)}",
    ]
    table = layered(report, list(tree(report, depth)), columns, notes)
    return table._replace(spare=(COLUMNS["live"].column.key,))


def _sums(report: Report, columns: tuple[str, ...]) -> str:
    """Say what memory comes to at inference, and in training if its column is shown."""
    sizes = {
        name: units.size(value)
        for name, value in report.numbers().items()
        if name.endswith("bytes") and isinstance(value, int)
    }
    sums = (
        f"inference: weights {sizes['weight_bytes']} + peak activations "
        f"{sizes['peak_activation_bytes']}"
    )
    if "saved" in columns:
        sums += (
            f"; training: weights + gradients {sizes['gradient_bytes']} + optimiser state "
            f"{sizes['optimizer_bytes']} + kept for backward {sizes['saved_for_backward_bytes']} = "
            f"{sizes['training_bytes']}"
        )
    return sums


def _rests(report: Report, columns: tuple[str, ...]) -> str:
    """Say what the numbers rest on, and how many images fit in a memory that was given."""
    assumptions, numbers = report.assumptions, report.numbers()
    rests = assumed(assumptions, columns)
    if assumptions.memory is not None:
        rests += (
            f"; images that fit in {units.size(assumptions.memory)}: "
            f"{numbers['training_batch']:,} training, {numbers['inference_batch']:,} at inference"
        )
    return rests
