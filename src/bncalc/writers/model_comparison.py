"""The comparison of two models: where they differ themselves, and what merely follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.changes import Change
from bncalc.analysis.folding import folded_side
from bncalc.analysis.matching import arriving, family, is_compared, paired, paired_by_place
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Layer, Report
from bncalc.analysis.sources import in_place, put_out_otherwise, rewired
from bncalc.analysis.wiring import Wiring, wired
from bncalc.errors import ShapeError
from bncalc.model.graph import Graph
from bncalc.model.registry import ACTIVATIONS, JOINS, NORMS, OPS, op_named
from bncalc.model.shape import collapsed
from bncalc.quantity import plural
from bncalc.writers.verification import (
    OUTPUTS,
    TOTAL,
    Mismatch,
    Verification,
    figures,
    numbers_that_differ,
    total,
)


def against_model(graph: Graph, other: Graph, *, fold_norm: bool = False) -> Verification:
    """Hold one model against another, and say where one of them has its batch norms folded."""
    verification = _compared(graph, other, fold_norm=fold_norm)
    side = None if fold_norm or verification.agrees else folded_side((graph, other))
    if side is None:
        return verification
    differing, left = (
        _own(each.mismatches) for each in (verification, _compared(graph, other, fold_norm=True))
    )
    if 2 * left >= differing:
        return verification
    name = (graph, other)[side].name
    note = f"{name} has its batch norms folded into its layers; with --fold-norm "
    note += plural(left, "layer differs", "layers differ") if left else "no layer differs"
    return verification._replace(notes=(*verification.notes, note))


def _compared(graph: Graph, other: Graph, *, fold_norm: bool) -> Verification:
    """Hold one model against another: inputs, layers that have params or MACs, activations, wiring.

    Layers are paired by their paths if both have the same ones, else by their places, or by paths
    as far as they go if fewer layers differ then. Of other layers only those are named that make
    what follows them differ, and joins, pools and the like in whose place there is another.
    """
    assumed = Assumptions(fold_norm=fold_norm)
    ours, theirs = measure(graph, assumed), measure(other, assumed)
    pairings = _pairings(ours, theirs)
    rows = _rows(ours, theirs, next(pairings))
    if _own(rows):
        rows = min([rows, *[_rows(ours, theirs, changes) for changes in pairings]], key=_own)
    return Verification(
        ours.name,
        theirs.name,
        sum(map(is_compared, ours.layers)),
        (*numbers_that_differ(total(ours), total(theirs)), *_arriving(ours, theirs), *rows),
    )


def _pairings(ours: Report, theirs: Report) -> Iterator[list[Change]]:
    at = {layer.path: index for index, layer in enumerate(theirs.layers)}
    if at.keys() == {layer.path for layer in ours.layers}:
        places = [(index, at[layer.path]) for index, layer in enumerate(ours.layers)]
        yield [Change(ours.layers[i], theirs.layers[j], i, j) for i, j in places]
    else:
        yield paired_by_place(ours, theirs)
        yield paired(ours, theirs)


def _own(rows: Iterable[Mismatch]) -> int:
    """Count the layers that differ themselves."""
    return len({row.path for row in rows if not row.follows} - {TOTAL})


def _rows(ours: Report, theirs: Report, changes: list[Change]) -> list[Mismatch]:
    """Return what differs of pairs of layers, of what each reads, and of what is put out."""
    clips = any(map(_is_narrow, chain(*((each.old, each.new) for each in changes))))
    found = [(change, tuple(_mismatches(change, clips))) for change in changes]
    if any(row.follows for _, rows in found for row in rows):
        found = [(change, rows or tuple(_cause(change))) for change, rows in found]
    wiring = wired(ours, theirs, [(change.old_at, change.new_at) for change in changes])
    others = _reading(wiring), _in_place(wiring)
    rows = [
        row._replace(there=row.there or _there(change))
        for change, differing in found
        for row in (*differing, *chain(*[each.get(change.old_at, ()) for each in others]))
    ]
    if put_out := put_out_otherwise(wiring):
        rows.append(Mismatch(OUTPUTS, "reads", put_out.old, put_out.new))
    return list(dict.fromkeys(rows))


def _reading(wiring: Wiring) -> dict[int, list[Mismatch]]:
    """Return what layers read that is not what their partners do, by their index."""
    layers = wiring.ours.report.layers
    return {
        at: [Mismatch(layers[at].path, "reads", sources.old, sources.new, follows=sources.follows)]
        for at, sources in rewired(wiring).items()
    }


def _in_place(wiring: Wiring) -> dict[int, list[Mismatch]]:
    """Return what differs of joins, pools and the like in the same place, by their index."""
    olds, news = wiring.ours.report.layers, wiring.theirs.report.layers
    rows = {}
    for node, partner in in_place(wiring):
        at, to = node - 1, partner - 1
        change = Change(olds[at], news[to], at, to)
        is_other = wiring.ours.work[node] != wiring.theirs.work[partner]
        rows[at] = [row._replace(there=_there(change)) for row in _other(change, is_other=is_other)]
    return rows


def _other(change: Change, *, is_other: bool) -> Iterator[Mismatch]:
    """Return what differs of two layers that cost nothing and are in the same place."""
    old, new = change.old, change.new
    assert old is not None
    assert new is not None
    if old.op != new.op:
        if is_other:
            yield Mismatch(old.path, "op", old.op, new.op)
    elif is_other:  # an enlargement, whose size may be written as a factor too
        yield from [row for row in _fields(change) if row.what == "mode"]
    elif (old.inputs, old.output) == (
        new.inputs,
        new.output,
    ) and old.cost.elementwise != new.cost.elementwise:
        yield from _fields(change)


def _arriving(ours: Report, theirs: Report) -> Iterator[Mismatch]:
    """Return the inputs of other sizes."""
    for node, partner in arriving(ours, theirs).items():
        sizes = _put_out(ours, node), _put_out(theirs, partner)
        if sizes[0] != sizes[1]:
            yield Mismatch(ours.paths[node], "input", *sizes)


def _put_out(report: Report, node: int) -> tuple[int, ...]:
    return tuple(report.layers[node - 1].output if node else report.input)


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
        return
    if old is None or new is None:
        if not clips or _costs(old) or _costs(new):
            yield Mismatch(_path(change), "layer", old and old.op, new and new.op)
        return
    numbers = tuple(numbers_that_differ(figures(old), figures(new)))
    if _has_other_axes(old, new):
        numbers = tuple([each for each in numbers if each.what != "output"])
    if change.follows:
        yield from [each._replace(follows=True) for each in numbers]
    elif old.op != new.op and (numbers or _are_kinds(old, new)):
        yield from (Mismatch(_path(change), "op", old.op, new.op), *numbers)
    elif numbers or (
        (old.op, old.inputs) == (new.op, new.inputs) and _windows(old) != _windows(new)
    ):
        yield from _fields(change)
        yield from numbers


def _has_other_axes(old: Layer, new: Layer) -> bool:
    """Return whether two layers may have their maps in other axes: two kinds, products or joins.

    Of windows times heads either may be the axis of channels, as its source has it; any layer may
    have axes of one position more.
    """
    if old.op != new.op:
        return old.output.elements == new.output.elements
    ours, theirs = ([size for size in each.output if size != 1] for each in (old, new))
    may_be_turned = old.op in JOINS or family(old) == "product"
    return ours == theirs or (may_be_turned and sorted(ours) == sorted(theirs))


def _are_kinds(old: Layer, new: Layer) -> bool:
    """Return whether one is an activation, or both norms of which one is over the batch."""
    kinds = {old.op, new.op}
    is_batch = not _BATCH.isdisjoint(kinds) and not kinds <= _BATCH
    return not ACTIVATIONS.keys().isdisjoint(kinds) or (is_batch and kinds <= NORMS.keys())


_BATCH = frozenset({"batch_norm", "frozen_norm"})


def _windows(layer: Layer) -> object:
    """Return how large the windows are that slide over the maps of a layer."""
    if not layer.fields or layer.op not in OPS:
        return None
    op = op_named(layer.op)(**layer.fields)
    try:
        return op.reach(layer.inputs, layer.output).size
    except ShapeError:  # what is merely like the op may have a map of other axes
        return None


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
        if layer and layer.inputs and layer.output.elements != layer.inputs[0].elements:
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


def _is_narrow(layer: Layer | None) -> bool:
    """Return whether weights are stored in 8 bits or fewer."""
    if layer is None or layer.stored is None:
        return False
    return 0 < layer.stored <= layer.cost.params + layer.cost.buffers
