"""Learned maps: what a layer is called on though it depends on no input, such as positions."""

from __future__ import annotations

from bncalc.model.ops.attention import Parameter
from bncalc.readers.axes import shape_of
from bncalc.readers.torch.placement import TracePlacement
from bncalc.readers.torch.trace import TracedCall, TracedTensor, Weight


def on_map(placement: TracePlacement, call: TracedCall) -> TracedCall | None:
    """Return a call of a layer on a learned map as one on a map, which is placed before it.

    None for what is no layer, and for weights that are multiplied by themselves.
    """
    given, weight = call.given(0, "input"), call.given(1, "weight")
    if call.word not in _AXES or not isinstance(given, Weight) or not isinstance(weight, Weight):
        return None
    axis = len(given.dims) - 1 - _AXES[call.word]
    if axis < 0 or not given.sources.isdisjoint(weight.sources):
        return None
    value = TracedTensor(-2 - len(placement.net), given.dims)
    shown = call._replace(path=call.path[:-1], arguments=(given,), named={}, outputs=(value,))
    shown = shown._replace(macs=0)
    placement.begin(shown)
    params, buffers, *_ = placement.learned
    shape = shape_of(given.dims, axis)
    op = Parameter(shape=shape, learned=bool(params), stored=bool(buffers and not params))
    placement.put(shown, op, [], axis)
    return call.having(given, value)


_AXES = {
    **{f"conv{n}d": n for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": n for n in (1, 2, 3)},
    "linear": 0,
}
"""How many axes come after the channels in what a layer takes."""
