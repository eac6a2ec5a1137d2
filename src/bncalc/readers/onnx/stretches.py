"""Stretches: which part of a value a step takes, axis by axis."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.named import NamedTuple
from bncalc.readers.layout import AxisCut
from bncalc.readers.onnx.array import place as place_axis
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.value import Dims


class AxisStretch(NamedTuple):
    """Where a part begins on an axis, its size, and that of the whole."""

    start: int
    size: int
    whole: int
    axis: int

    @property
    def stop(self) -> int:
        return self.start + self.size

    @property
    def is_even(self) -> bool:
        """Tell whether it is one of equal parts."""
        return self.whole % self.size == 0 and self.start % self.size == 0


def stretches_of(
    call: OnnxCall, dims: Dims, outputs: Sequence[Dims], output: int
) -> tuple[AxisStretch, ...]:
    """Return which part of a value of sizes `dims` an output of a call is: a stretch of some axes.

    `outputs` are the sizes of all outputs, empty for those but the first that nothing reads. None
    if the part is not that.
    """
    if call.op == "DynamicQuantizeLinear" or not _is_told(call):
        return ()
    if call.op == "Gather":
        return _gathered(call, dims)
    own = outputs[output]
    cuts = [axis for axis, (n, m) in enumerate(zip(dims, own, strict=True)) if n != m]
    if 0 in own or not cuts:
        return ()
    if call.op == "Split":
        axis = cuts[0]
        sizes = call.setting("split", 1) or [outputs[0][axis]] * output
        return (AxisStretch(sum(sizes[:output]), own[axis], dims[axis], axis),)
    begins = _begins(call, dims)
    stretches = [AxisStretch(begins[n], own[n], dims[n], n) for n in cuts if n in begins]
    return tuple(stretches) if len(stretches) == len(cuts) else ()


def strided(call: OnnxCall) -> tuple[AxisCut, ...]:
    """Return what a slice takes of each of its axes, with gaps or not; none if it is no slice."""
    if call.op != "Slice" or not _is_told(call):
        return ()
    starts, stops = call.setting("starts", 1) or (), call.setting("ends", 2) or ()
    dims, given = call.dims(), call.setting("axes", 3) or tuple(range(len(starts)))
    steps = call.setting("steps", 4) or (1,) * len(starts)
    if len(starts) != len(stops) or any(step < 1 for step in steps):
        return ()
    cuts = []
    for start, stop, own, step in zip(starts, stops, given, steps, strict=True):
        axis = place_axis(own, len(dims))
        taken = range(dims[axis])[start:stop:step]
        cuts.append(AxisCut(axis, taken.start, taken.stop, step))
    return tuple(cuts)


def _is_told(call: OnnxCall) -> bool:
    """Tell whether the file says which part is taken, and not content."""
    return all(value is None or value.numbers is not None for value in call.inputs[1:])


def _gathered(call: OnnxCall, dims: Dims) -> tuple[AxisStretch, ...]:
    axis, numbers = call.axis(0), call.numbers(1)
    whole = dims[axis]
    indices = [int(number) % whole for number in numbers]
    if not indices or indices != [*range(indices[0], indices[0] + len(indices))]:
        return ()
    return (AxisStretch(indices[0], len(indices), whole, axis),)


def _begins(call: OnnxCall, dims: Dims) -> dict[int, int]:
    """Return where a slice begins on each axis that it takes without a gap."""
    starts = call.setting("starts", 1) or ()
    given = call.setting("axes", 3) or tuple(range(len(starts)))
    axes = [place_axis(axis, len(dims)) for axis in given]
    steps = call.setting("steps", 4) or (1,) * len(starts)
    begins = {}
    for start, axis, step in zip(starts, axes, steps, strict=True):
        if step == 1:
            begins[axis], _, _ = slice(start, None).indices(dims[axis])
    return begins
