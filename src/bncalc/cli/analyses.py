"""The analyses that a call asks for, by its columns or its options, added to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bncalc.analysis.report import Report
from bncalc.errors import UsageError
from bncalc.model.graph import Graph

if TYPE_CHECKING:
    from bncalc.model.device import Device


def chosen_device(name: str | None) -> Device | None:
    """Return the device of `--device`, where there is one."""
    if name is None:
        return None
    from bncalc.analysis.assumptions import BYTES
    from bncalc.language.device import open_device

    return open_device(name, BYTES)


def require_device(columns: tuple[str, ...], device: Device | None) -> None:
    """Raise UsageError for a column that needs a device where there is none."""
    if columns and device is None:
        from bncalc.render.metrics import METRICS

        timed = [word for word in columns if METRICS[word].needs == "roofline"]
        if timed:
            hint = "name one with --device, as in `bncalc list devices`"
            raise UsageError(f"there is no {timed[0]} without a device; {hint}")


def default_columns(columns: tuple[str, ...], device: Device | None) -> tuple[str, ...]:
    """Return what is shown where no columns are asked for: more, where a device is named."""
    from bncalc.render.metrics import TIMED

    return columns if device is None else (*columns, *TIMED)


def analysed(
    report: Report, graph: Graph, columns: tuple[str, ...], device: Device | None
) -> Report:
    """Return the report with what its columns need; `graph` is what it was made from."""
    if not columns and device is None:
        return report
    from bncalc.render.metrics import METRICS

    needs = {METRICS[word].needs for word in columns}
    if "intensity" in needs or device is not None:
        from bncalc.analysis.roofline import with_intensity

        report = with_intensity(report)
    if device is not None:
        from bncalc.analysis.roofline import with_bounds

        report = with_bounds(report, device)
    if "receptive_field" in needs:
        from bncalc.analysis.receptive_field import with_fields

        report = with_fields(report, graph)
    return report
