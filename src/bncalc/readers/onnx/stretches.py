"""Stretches: which part of a value a step takes, axis by axis."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.model.net import Tensor
from bncalc.named import NamedTuple
from bncalc.readers.axes import taking
from bncalc.readers.layout import AxisCut
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
    if call.op == "DynamicQuantizeLinear" or not call.is_told:
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
    taken = call.taken() if call.op == "Slice" else {}
    begins = {axis: each.start for axis, each in taken.items() if each.step == 1}
    stretches = [AxisStretch(begins[n], own[n], dims[n], n) for n in cuts if n in begins]
    return tuple(stretches) if len(stretches) == len(cuts) else ()


def strided(call: OnnxCall) -> tuple[AxisCut, ...]:
    """Return what a slice takes of each of its axes, with gaps or not; none if it is no slice."""
    taken = call.taken() if call.op == "Slice" and call.is_told else {}
    if any(own.step < 1 for own in taken.values()):
        return ()
    return tuple([AxisCut(axis, own.start, own.stop, own.step) for axis, own in taken.items()])


def _gathered(call: OnnxCall, dims: Dims) -> tuple[AxisStretch, ...]:
    axis, numbers = call.axis(0), call.numbers(1)
    whole = dims[axis]
    indices = [int(number) % whole for number in numbers]
    if not indices or indices != [*range(indices[0], indices[0] + len(indices))]:
        return ()
    return (AxisStretch(indices[0], len(indices), whole, axis),)


def part_of(x: Tensor, stretch: AxisStretch, over: int) -> Tensor:
    """Place a stretch of an axis of a map."""
    return x.net.build(taking(stretch.start, stretch.stop, stretch.whole, over), x)
