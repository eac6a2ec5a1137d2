"""Shapes of what onnxruntime does to maps whose channels it has packed in blocks for a CPU.

A map has its axes as ever, and as many channels as fill blocks of 8 or 16.
"""

from __future__ import annotations

from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.shapes import windows
from bncalc.readers.onnx.shapes.windows import channels_taken
from bncalc.readers.onnx.value import Contradiction, Dims, Value, tensor

_BLOCK = 16
"""The most channels of a block."""


def convolution(call: OnnxCall) -> Value | tuple[Value, ...]:
    dims, channels = call.dims(), channels_taken(call)
    if len(dims) < 2 or not dims[1] <= channels < dims[1] + _BLOCK:
        raise Contradiction(
            f"the weights take {channels} channels, and the input has {list(dims[1:2])}"
        )
    x = call.input(0)._replace(dims=(dims[0], channels, *dims[2:]))
    return windows.convolution(call._replace(inputs=(x, *call.inputs[1:])))


def packing(call: OnnxCall) -> Value:
    """Channels come second, if they were last; how many fill a block, weights say."""
    return tensor(call.type(), _turned(call, call.dims(), -1, 1))


def unpacking(call: OnnxCall) -> Value:
    """The channels that fill blocks go; the others come last if asked for."""
    dims = list(call.dims())
    dims[1] = call.integer("channels", dims[1])
    return tensor(call.type(), _turned(call, tuple(dims), 1, len(dims) - 1))


def _turned(call: OnnxCall, dims: Dims, source: int, target: int) -> Dims:
    """Return sizes with the channels on another axis, where they are last on one side."""
    moved = list(dims)
    if call.integer("channels_last"):
        moved.insert(target, moved.pop(source))
    return tuple(moved)


RULES: dict[str, ShapeRule] = {
    "AveragePool": windows.pooling,
    "Conv": convolution,
    "GlobalAveragePool": windows.global_pooling,
    "GlobalMaxPool": windows.global_pooling,
    "MaxPool": windows.pooling,
    "ReorderInput": packing,
    "ReorderOutput": unpacking,
    "Upsample": windows.upsample,
}
