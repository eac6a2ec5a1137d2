"""Notes: the lines under a table, which say what its numbers rest on."""

from __future__ import annotations

from collections.abc import Iterator

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.report import Report
from bncalc.render import units

_ON_POLICY = frozenset(("peak", "live", "traffic", "intensity", "bound", "wall"))


def notes(reports: tuple[Report, ...], columns: tuple[str, ...]) -> Iterator[str]:
    """Say what the columns of reports rest on, and what they add up to."""
    assumptions = reports[0].assumptions
    if "live" in columns:
        yield from map(_peak, reports)
    if {"training", "saved", "gradients", "optimizer"} & set(columns):
        yield _training(assumptions)
    if "convention" in columns:
        yield _convention(assumptions.convention)
    if assumptions.memory is not None and "fit_training" in columns:
        yield f"images: as many at a time as fit in {units.size(assumptions.memory)}"
    yield assumed(assumptions, columns)
    if {"bound", "wall"} & set(columns):
        yield from _bounds(reports[0])
    if {"rf", "effective_stride", "effective_padding"} & set(columns):
        yield from _fields(reports)


def assumed(assumptions: Assumptions, columns: tuple[str, ...]) -> str:
    """Write the assumptions on one line."""
    types = assumptions.dtype
    if assumptions.activation_dtype not in (None, assumptions.dtype):
        types = f"{types} weights, {assumptions.activation_dtype} maps"
    parts = [f"convention: bncalc, batch {assumptions.batch}, {types}"]
    if assumptions.fold_norm:
        parts.append("batch norms folded")
    if not _ON_POLICY.isdisjoint(columns):
        parts.append(f"memory policy: {assumptions.policy.name}")
    if "flops" in columns:
        parts.append("FLOPs = 2 × MACs + elementwise")
    return "; ".join(parts)


def _peak(report: Report) -> str:
    """Name the step of the peak and the maps that make it."""
    memory = report.memory
    paths = ["in", *(one.path for one in report.layers)]
    step = paths[memory.step]
    maps = [
        f"{paths[one.first]} {units.size(one.size)}"
        for one in sorted(memory.at(memory.step), key=lambda one: -one.size)
    ]
    return f"the peak, {units.size(memory.peak)}, is at {step}: {' + '.join(maps)}"


def _training(assumptions: Assumptions) -> str:
    how = ", each block run again for the backward pass" if assumptions.checkpoint else ""
    return (
        "training memory = weights + gradients + optimiser state + kept for backward; "
        f"{assumptions.optimizer}{how}"
    )


def _convention(name: str) -> str:
    from bncalc.analysis.conventions import CONVENTIONS

    one = CONVENTIONS[name]
    return f"convention total: {one.unit} as {f'{name} {one.version}'.strip()} prints them"


def _bounds(report: Report) -> Iterator[str]:
    from bncalc.analysis.roofline import Roofline

    roofline = report.result(Roofline)
    device = roofline.device
    yield (
        f"lower bound on {device.description or device.name}: layer by layer, at the peak of "
        f"{roofline.arithmetic} and the full bandwidth; a bound, not a forecast"
    )
    if device.note:
        yield device.note


def _fields(reports: tuple[Report, ...]) -> Iterator[str]:
    from bncalc.analysis.receptive_field import Fields

    fields = [report.result(Fields) for report in reports]
    yield "receptive field of the whole: of its last map before all of the map is taken at once"
    if any(each.output.scope == "context" for each in fields):
        yield "context: gates or norms bring something of the whole map to every position as well"
    for word, what in (
        ("off centre", "are not centred on each other"),
        ("unclear", "differ in stride, so that no field fits"),
    ):
        for report, each in zip(reports, fields, strict=True):
            joins = zip(report.layers, each.branches, strict=True)
            paths = [layer.path for layer, misfit in joins if misfit == word]
            if paths:
                more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
                yield f"{report.name}: branches {what} at {', '.join(paths[:3])}{more}"
