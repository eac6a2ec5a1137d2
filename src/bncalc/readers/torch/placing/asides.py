"""Asides: what a model works out of sizes and of weights alone, which is no layer of its own."""

from __future__ import annotations

from collections.abc import Iterator

from bncalc.model.graph import Aside
from bncalc.model.op import Op
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.ops.joining import Multiply
from bncalc.model.ops.normalisation import InstanceNorm
from bncalc.model.ops.reducing import Mean
from bncalc.model.shape import Shape
from bncalc.readers.axes import shape_of
from bncalc.readers.torch.placing.windows import resizing
from bncalc.readers.torch.trace import Trace, TracedCall, Weight


def asides(trace: Trace) -> Iterator[Aside]:
    """Return what some tools count of a model besides its layers."""
    for call in trace.asides:
        op, (out, *_) = _op(call), call.outputs
        if op is None:
            continue
        if call.called and op.field("called") is not None:
            op = op.having(called=call.called)
        inputs = [shape_of(weight.dims, 1) for weight in call.weights]
        yield Aside(op, tuple(inputs[:1]), shape_of(out.dims, 1))
    if trace.products:
        yield Aside(Multiply(), (Shape(trace.products),), Shape(trace.products))


def _op(call: TracedCall) -> Op | None:
    """Return what a call does to weights; a norm works out statistics anew, those of filters."""
    if call.word == "stored":
        return Foreign(Facts("stored", shape_of(call.outputs[0].dims, 1)))
    if call.word == "batch_norm":
        is_new = call.given(5, "training", False)
        return InstanceNorm(affine=isinstance(call.given(3, "weight"), Weight)) if is_new else None
    if call.word == "interpolate":
        return resizing(call)
    return Multiply() if call.word == "mul" else Mean(over=(0,))


COUNTED_ASIDE = ("batch_norm", "interpolate", "mean", "mul")
"""What some tool counts of weights alone."""
