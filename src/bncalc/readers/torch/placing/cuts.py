"""Cuts: which part of a tensor a call takes, axis by axis."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from bncalc.readers.axes import Dims
from bncalc.readers.layout import AxisCut
from bncalc.readers.torch.trace import TracedCall, TracedTensor


def cut_of(call: TracedCall, value: TracedTensor) -> tuple[AxisCut, ...] | None:
    """Return which stretch of each axis an output of a call is; None if that is not known."""
    dims, part = call.values[0].dims, call.outputs.index(value)
    if call.word == "getitem":
        return _indexed(dims, call.given(1, "key"))
    axis = call.given({"unbind": 1, "select": 1, "narrow": 1}.get(call.word, 2), "dim", 0)
    axis %= len(dims)
    if call.word in ("unbind", "select"):
        start = part if call.word == "unbind" else call.given(2, "index") % dims[axis]
        return (AxisCut(axis, start, start + 1),)
    if call.word == "narrow":
        start = call.given(2, "start") % dims[axis]
        return (AxisCut(axis, start, start + call.given(3, "length")),)
    if call.word not in ("chunk", "split", "split_with_sizes", "tensor_split"):
        return None
    sizes = [each.dims[axis] for each in call.outputs]
    stop = list(accumulate(sizes))[part]
    return (AxisCut(axis, stop - sizes[part], stop),)


def _indexed(dims: Dims, key: Any) -> tuple[AxisCut, ...] | None:
    """Return the stretches that an index in brackets takes; None if it has more than those."""
    keys = list(key) if isinstance(key, tuple) else [key]
    if not all(each is None or each is ... or isinstance(each, (int, slice)) for each in keys):
        return None
    own = sum([each is not None and each is not ... for each in keys])
    cuts: list[AxisCut] = []
    axis = 0
    for each in keys:
        if each is ...:
            axis += len(dims) - own
        elif each is not None:
            size = dims[axis]
            taken = range(size)[each] if isinstance(each, slice) else range(size)[each:][:1]
            cuts.append(AxisCut(axis, taken.start, taken.stop, taken.step))
            axis += 1
    return tuple([cut for cut in cuts if cut != AxisCut(cut.axis, 0, dims[cut.axis])])
