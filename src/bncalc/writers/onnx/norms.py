"""Norms in ONNX."""

from __future__ import annotations

from typing import Any

from bncalc.errors import UsageError
from bncalc.writers.onnx.calls import norms as calls
from bncalc.writers.onnx.calls.tensors import OnnxTensor
from bncalc.writers.onnx.maker import Maker, OpWriter, PlacedOp
from bncalc.writers.onnx.windows import channels_first, channels_last

EPSILON = 1e-5


def _affine(maker: Maker, layer: PlacedOp) -> list[str]:
    """Return scale and shift; those of a norm that learns none are fixed."""
    channels = layer.output.channels
    if not layer.op.affine:
        return _fixed(maker, channels)
    return [maker.weight("weight", channels, usual=1.0), maker.weight("bias", channels)]


def _epsilon(op: Any) -> dict[str, float]:
    """Return what a norm adds under its root, where it is not what ONNX takes."""
    return {} if op.eps == EPSILON else {"epsilon": float(op.eps)}


def _fixed(maker: Maker, channels: int) -> list[str]:
    return [maker.fixed(1, channels), maker.fixed(0, channels)]


def _statistics(maker: Maker, channels: int) -> list[str]:
    mean = maker.weight("running_mean", channels)
    return [mean, maker.weight("running_var", channels, usual=1.0)]


def batch_norm(maker: Maker, layer: PlacedOp) -> str:
    held = [*_affine(maker, layer), *_statistics(maker, layer.output.channels)]
    return maker.node("BatchNormalization", layer.source, *held, **_epsilon(layer.op))


def frozen_norm(maker: Maker, layer: PlacedOp) -> str:
    """Write a batch norm whose scale and shift are fixed: ONNX knows no buffers but statistics."""
    held = [*_fixed(maker, layer.output.channels), *_statistics(maker, layer.output.channels)]
    return maker.node("BatchNormalization", layer.source, *held)


def instance_norm(maker: Maker, layer: PlacedOp) -> str:
    if not layer.output.axes:
        raise UsageError("onnxruntime takes a map of at least one position axis, not a vector")
    held = _affine(maker, layer)
    return maker.node("InstanceNormalization", layer.source, *held, **_epsilon(layer.op))


def group_norm(maker: Maker, layer: PlacedOp) -> str:
    own = {"num_groups": layer.op.groups, **_epsilon(layer.op)}
    return maker.node("GroupNormalization", layer.source, *_affine(maker, layer), **own)


def layer_norm(maker: Maker, layer: PlacedOp) -> str:
    held = _affine(maker, layer)
    last = channels_last(maker, layer.source, layer.output)
    made = maker.node("LayerNormalization", last, *held, axis=-1, **_epsilon(layer.op))
    return channels_first(maker, made, layer.output)


def rms_norm(maker: Maker, layer: PlacedOp) -> str:
    """Divide each position by the root of the mean of its channels' squares."""
    output, channels = layer.output, (layer.output.channels,)
    last = OnnxTensor(channels_last(maker, layer.source, output), (1, *output.space, *channels))
    weight = None
    if layer.op.affine:
        weight = OnnxTensor(maker.weight("weight", *channels, usual=1.0), channels)
    made = calls.rms_norm(maker, last, channels, weight, layer.op.eps)
    return channels_first(maker, made.name, output)


def local_response_norm(maker: Maker, layer: PlacedOp) -> str:
    """Write it on an image, which is all that onnxruntime takes."""
    op, output = layer.op, layer.output
    if op.size % 2 == 0:
        raise UsageError(f"onnxruntime takes an odd number of channels, not {op.size}")
    if output.axes == 2:
        return _response(maker, op, layer.source)
    image = maker.reshaped(layer.source, (output.channels, output.positions, 1))
    return maker.reshaped(_response(maker, op, image), output)


def _response(maker: Maker, op: Any, image: str) -> str:
    factors = {"alpha": float(op.alpha), "beta": float(op.beta), "bias": float(op.k)}
    return maker.node("LRN", image, size=op.size, **factors)


WRITERS: dict[str, OpWriter] = {
    "batch_norm": batch_norm,
    "frozen_norm": frozen_norm,
    "rms_norm": rms_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "local_response_norm": local_response_norm,
}
