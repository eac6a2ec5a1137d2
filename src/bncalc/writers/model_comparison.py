"""The comparison of two models: where they differ themselves, and what merely follows from it."""

from __future__ import annotations

from collections.abc import Iterator

from bncalc.analysis.changes import Change
from bncalc.analysis.matching import is_compared, paired_by_place
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Layer, Report
from bncalc.model.graph import Graph
from bncalc.model.registry import ACTIVATIONS, OPS, op_named
from bncalc.model.shape import collapsed
from bncalc.writers.sources import rewired
from bncalc.writers.verification import (
    Mismatch,
    Verification,
    figures,
    numbers_that_differ,
    total,
)


def against_model(graph: Graph, other: Graph) -> Verification:
    """Hold one model against another: layers that have params or MACs, activations, and wiring.

    Layers are paired by their places in the network, or by their paths if both have the same ones.
    Of other layers only those are named that make what follows them differ.
    """
    report, against = measure(graph), measure(other)
    changes = _changes(report, against)
    clips = _is_quantised(report) or _is_quantised(against)
    found = [(change, tuple(_mismatches(change, clips))) for change in changes]
    if any(row.follows for _, rows in found for row in rows):
        found = [(change, rows or tuple(_cause(change))) for change, rows in found]
    wired = rewired((graph, other), [(change.old_at, change.new_at) for change in changes])
    rows = [
        row._replace(there=_there(change))
        for change, differing in found
        for row in (*differing, *wired.get(change.old_at, ()))
    ]
    compared = sum(map(is_compared, report.layers))
    totals = numbers_that_differ(total(report), total(against))
    return Verification(report.name, against.name, compared, (*totals, *rows))


def _changes(ours: Report, theirs: Report) -> list[Change]:
    """Pair layers by their paths where those are the same, else by their places."""
    at = {layer.path: index for index, layer in enumerate(theirs.layers)}
    if at.keys() == {layer.path for layer in ours.layers}:
        places = [(index, at[layer.path]) for index, layer in enumerate(ours.layers)]
        return [Change(ours.layers[i], theirs.layers[j], i, j) for i, j in places]
    return paired_by_place(ours, theirs)


def _costs(layer: Layer | None) -> bool:
    return layer is not None and bool(layer.cost.params or layer.cost.macs)


def _is_compared(layer: Layer | None) -> bool:
    return layer is not None and is_compared(layer)


def _mismatches(change: Change, clips: bool) -> Iterator[Mismatch]:
    """Return what differs of a pair of layers, or of one without a partner.

    Where ranges of whole numbers clip, an activation may be in them and no layer.
    """
    old, new = change.old, change.new
    if not (_is_compared(old) or _is_compared(new)):
        yield from _pools(change)
        return
    if old is None or new is None:
        if not clips or _costs(old) or _costs(new):
            yield Mismatch(_path(change), "layer", old and old.op, new and new.op)
        return
    numbers = tuple(numbers_that_differ(figures(old), figures(new)))
    if change.follows:
        yield from [each._replace(follows=True) for each in numbers]
    elif old.op != new.op and (numbers or {old.op, new.op} <= ACTIVATIONS.keys()):
        yield from (Mismatch(_path(change), "op", old.op, new.op), *numbers)
    elif numbers:
        yield from _fields(change)
        yield from numbers


def _pools(change: Change) -> Iterator[Mismatch]:
    """Return what differs of two pools that put out maps of one shape: the mean, or a window."""
    old, new = change.old, change.new
    if old is None or new is None or (old.inputs, old.output) != (new.inputs, new.output):
        return
    if not all(layer.op in OPS and op_named(layer.op).family == "pooling" for layer in (old, new)):
        return
    if _statistic(old.op) != _statistic(new.op):
        yield Mismatch(_path(change), "op", old.op, new.op)
    elif old.cost.elementwise != new.cost.elementwise:
        yield from _fields(change)


def _statistic(op: str) -> str:
    """Return what a pool takes of a window: `avg` of `adaptive_avg_pool`."""
    return op.removesuffix("_pool").rpartition("_")[2]


def _fields(change: Change) -> Iterator[Mismatch]:
    for name, ours, theirs in change.fields:
        yield Mismatch(_path(change), name, _value(ours), _value(theirs))


def _value(value: object) -> object:
    """Return a setting as a file would have it; a whole number is written as one."""
    value = collapsed(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if value is None or isinstance(value, (int, tuple)) else str(value)


def _cause(change: Change) -> Iterator[Mismatch]:
    """Return what a layer that costs nothing does, where it puts out another map by itself."""
    old, new = change.old, change.new
    if old is None or new is None:
        layer = old or new
        if layer is not None and layer.output.elements != layer.inputs[0].elements:
            yield Mismatch(_path(change), "layer", old and old.op, new and new.op)
    elif old.output != new.output and not change.follows:
        if old.op != new.op:
            yield Mismatch(_path(change), "op", old.op, new.op)
        yield from _fields(change)
        yield Mismatch(_path(change), "output", tuple(old.output), tuple(new.output))


def _path(change: Change) -> str:
    """Return the path of a layer, as the first side has it if it does."""
    layer = change.old or change.new
    assert layer is not None
    return layer.path


def _there(change: Change) -> str | None:
    """Return the path of a layer on the other side, where it has another one."""
    return change.new.path if change.is_renamed and change.new is not None else None


def _is_quantised(report: Report) -> bool:
    """Return whether weights are stored in 8 bits or fewer."""
    return any(
        layer.stored is not None and 0 < layer.stored <= layer.cost.params + layer.cost.buffers
        for layer in report.layers
    )
