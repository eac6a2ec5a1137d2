"""Norms: of channels, of groups of them, and over the last axes."""

from __future__ import annotations

from bncalc.model.cost import Cost
from bncalc.model.ops.foreign import Facts
from bncalc.model.ops.normalisation import (
    SMALLEST_STEP,
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LocalResponseNorm,
    RmsNorm,
)
from bncalc.readers.torch.placement import TracePlacement, TracePlacer
from bncalc.readers.torch.trace import TracedCall, Weight


def _batch_norm(placement: TracePlacement, call: TracedCall) -> None:
    x = call.given(0, "input")
    axis = 1 if len(x.dims) > 1 else 0
    affine = isinstance(call.given(3, "weight"), Weight)
    kind = InstanceNorm if call.given(5, "training") else BatchNorm  # statistics of one image
    op = kind(affine=affine, eps=call.number(7, "eps", 1e-5))
    placement.put(call, op, [placement.map(x, axis)], axis)


def _group_norm(placement: TracePlacement, call: TracedCall) -> None:
    x = call.given(0, "input")
    affine = isinstance(call.given(2, "weight"), Weight)
    op = GroupNorm(
        groups=call.given(1, "num_groups"), affine=affine, eps=call.number(4, "eps", 1e-5)
    )
    placement.put(call, op, [placement.map(x, 1)], 1)


def _instance_norm(placement: TracePlacement, call: TracedCall) -> None:
    """Place one; with the statistics of many images it is done as a batch norm is."""
    affine = isinstance(call.given(3, "weight"), Weight)
    op = InstanceNorm(affine=affine, eps=call.number(7, "eps", 1e-5))
    x = placement.map(call.values[0], 1)
    if call.given(5, "use_input_stats", call.named.get("training", True)):
        placement.put(call, op, [x], 1)
        return
    cost = op.cost((x.shape,), x.shape)
    cost = cost._replace(elementwise=BatchNorm.operations * x.shape.elements)
    op = op.having(called=call.called)
    facts = Facts(op.word, x.shape, cost, op.storage, op.family, op.role, like=op)
    placement.put_facts(call, facts, [x], 1)


def _response_norm(placement: TracePlacement, call: TracedCall) -> None:
    usual = {"alpha": 1e-4, "beta": 0.75, "k": 1}
    own = {name: call.number(i, name, usual[name]) for i, name in enumerate(usual, start=2)}
    op = LocalResponseNorm(size=call.given(1, "size"), **own)
    placement.put(call, op, [placement.map(call.values[0], 1)], 1)


def _layer_norm(placement: TracePlacement, call: TracedCall) -> None:
    affine = isinstance(call.given(2, "weight"), Weight)
    _over_last(placement, call, LayerNorm(affine=affine, eps=call.number(4, "eps", 1e-5)))


def _rms_norm(placement: TracePlacement, call: TracedCall) -> None:
    affine = isinstance(call.given(2, "weight"), Weight)
    _over_last(placement, call, RmsNorm(affine=affine, eps=call.number(3, "eps", SMALLEST_STEP)))


def _over_last(placement: TracePlacement, call: TracedCall, op: LayerNorm | RmsNorm) -> None:
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
