"""Rearrangements: parts of one map that are joined again are that map, moved."""

from __future__ import annotations

from itertools import product

from bncalc.model.op import Op
from bncalc.named import NamedTuple
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.stretches import AxisStretch


def rejoined(
    placement: OnnxPlacement, parts: list[int], along: int, over: int, axes: int
) -> tuple[int, Op] | None:
    """Return the map that parts along an axis are of, and what moves it so; None if nothing does.

    `over` is the axis as the map has it, which has so many `axes` of positions.
    """
    if over and len(parts) == 2:
        rolled = _rolled(placement, parts, along)
        if rolled is None:
            return None
        by = tuple([rolled.size * (axis == over) for axis in range(1, axes + 1)])
        return placement.moved[parts[0]].source, placement.op("roll", by=by)
    return _folded(placement, parts) if not over else None


def _rolled(placement: OnnxPlacement, parts: list[int], along: int) -> AxisStretch | None:
    """Return the last positions of a map if they come first, and then those before them."""
    cuts = [placement.moved[place] for place in parts if place in placement.moved]
    if len(cuts) < 2 or not all(part.cuts for part in cuts) or cuts[0].source != cuts[1].source:
        return None
    last, first = [placement.stretches(part) for part in cuts]
    if len(last) != 1 or len(first) != 1 or not last[0].axis == first[0].axis == along:
        return None
    all_of_it = not first[0].start and last[0].start == first[0].size
    return last[0] if all_of_it and last[0].stop == last[0].whole else None


class Strided(NamedTuple):
    """Every so many positions of a map: by axis the first of them and the step."""

    source: int
    positions: dict[int, tuple[int, int]]


def _folded(placement: OnnxPlacement, parts: list[int]) -> tuple[int, Op] | None:
    """Tell whether neighbours in space become channels: every second row and column, say."""
    strided = [_strided(placement, place) for place in parts]
    first = strided[0]
    factor = next(iter(first.positions.values()), (0, 1))[1]
    if factor < 2 or any(each.source != first.source for each in strided):
        return None
    axes, dims = sorted(first.positions), placement.dims(first.source)
    if len(parts) != factor ** len(axes):
        return None
    begins = product([(begin, factor) for begin in range(factor)], repeat=len(axes))
    by_rows = [tuple(zip(axes, each, strict=True)) for each in begins]
    there = [tuple(sorted(each.positions.items())) for each in strided]
    divided = tuple([n // factor if axis in axes else n for axis, n in enumerate(dims)])
    whole = len(axes) == len(dims) - 2 and all(dims[axis] % factor == 0 for axis in axes)
    whole = whole and all(placement.dims(part) == divided for part in parts)
    if not whole or sorted(there) != by_rows:
        return None
    order = "dcr" if there == by_rows else "drc"
    return first.source, placement.op("space_to_depth", factor=factor, order=order)


def _strided(placement: OnnxPlacement, place: int) -> Strided:
    """Follow slices that skip positions back to what they are of."""
    positions: dict[int, tuple[int, int]] = {}
    while (moved := placement.moved.get(place)) is not None and moved.step.call.op == "Slice":
        taken = moved.step.call.taken()
        positions |= {axis: (own.start, own.step) for axis, own in taken.items() if own.step > 1}
        place = moved.source
    return Strided(place, positions)
