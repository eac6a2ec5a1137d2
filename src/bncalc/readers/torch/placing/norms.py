"""Norms: of channels, of groups of them, and over the last axes."""

from __future__ import annotations

from bncalc.model.cost import Cost
from bncalc.model.op import Op
from bncalc.model.ops.foreign import Facts, facts_like
from bncalc.model.ops.normalisation import SMALLEST_STEP, BatchNorm
from bncalc.model.registry import op_named
from bncalc.readers.torch.placement import TracePlacement, TracePlacer
from bncalc.readers.torch.trace import TracedCall, Weight


def _batch_norm(placement: TracePlacement, call: TracedCall) -> None:
    x = call.given(0, "input")
    axis = 1 if len(x.dims) > 1 else 0
    word = "instance_norm" if call.given(5, "training") else "batch_norm"  # of one image
    op = _norm(call, word, weight=3, eps=7)
    placement.put(call, op, [placement.map(x, axis)], axis)


def _group_norm(placement: TracePlacement, call: TracedCall) -> None:
    x = call.given(0, "input")
    op = _norm(call, "group_norm", weight=2, eps=4, groups=call.given(1, "num_groups"))
    placement.put(call, op, [placement.map(x, 1)], 1)


def _instance_norm(placement: TracePlacement, call: TracedCall) -> None:
    """Place one; with the statistics of many images it is done as a batch norm is."""
    op = _norm(call, "instance_norm", weight=3, eps=7)
    x = placement.map(call.values[0], 1)
    if call.given(5, "use_input_stats", call.named.get("training", True)):
        placement.put(call, op, [x], 1)
        return
    cost = op.cost((x.shape,), x.shape)
    cost = cost._replace(elementwise=BatchNorm.operations * x.shape.elements)
    op = op.having(called=call.called)
    placement.put_facts(call, facts_like(op, x.shape, cost), [x], 1)


def _response_norm(placement: TracePlacement, call: TracedCall) -> None:
    usual = {"alpha": 1e-4, "beta": 0.75, "k": 1}
    own = {name: call.number(i, name, usual[name]) for i, name in enumerate(usual, start=2)}
    op = op_named("local_response_norm")(size=call.given(1, "size"), **own)
    placement.put(call, op, [placement.map(call.values[0], 1)], 1)


def _layer_norm(placement: TracePlacement, call: TracedCall) -> None:
    _over_last(placement, call, _norm(call, "layer_norm", weight=2, eps=4))


def _rms_norm(placement: TracePlacement, call: TracedCall) -> None:
    _over_last(placement, call, _norm(call, "rms_norm", weight=2, eps=3, usual=SMALLEST_STEP))


def _norm(
    call: TracedCall, word: str, *, weight: int, eps: int, usual: float = 1e-5, **fields: int
) -> Op:
    """Return a norm; `weight` and `eps` are the places of these arguments."""
    affine = isinstance(call.given(weight, "weight"), Weight)
    return op_named(word)(affine=affine, eps=call.number(eps, "eps", usual), **fields)


def _over_last(placement: TracePlacement, call: TracedCall, op: Op) -> None:
    """Place a norm over the last axis; one over several is no op of ours, and costs as much."""
    x = call.given(0, "input")
    axis = len(x.dims) - 1
    if len(call.given(1, "normalized_shape")) == 1:
        placement.put(call, op, [placement.map(x, axis)], axis)
        return
    tensor = placement.any(x)
    elementwise = op.cost((tensor.shape,), tensor.shape).elementwise
    facts = Facts(op.word, tensor.shape, Cost(elementwise=elementwise))
    facts = facts._replace(storage="in_place", family="norm", role="norm")
    placement.put_facts(call, facts, [tensor], placement.axis(x))


PLACERS: dict[str, TracePlacer] = {
    "batch_norm": _batch_norm,
    "group_norm": _group_norm,
    "instance_norm": _instance_norm,
    "layer_norm": _layer_norm,
    "local_response_norm": _response_norm,
    "rms_norm": _rms_norm,
}
