"""Biases of one number: what is added to all that a product with one output puts out."""

from __future__ import annotations

from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep

_ADDING = {"Add", "QLinearAdd"}
_BETWEEN = {"Cast", "DequantizeLinear", "Mul", "QuantizeLinear"}
"""Operations that may lie between a product of whole numbers and its bias."""
_OUTPUT_AXES = {
    **dict.fromkeys(["Conv", "ConvInteger", "ConvTranspose", "QLinearConv"], 1),
    **dict.fromkeys(["MatMul", "MatMulInteger", "MatMulIntegerToFloat", "QLinearMatMul"], -1),
    "DynamicQuantizeMatMul": -1,
}
"""Products whose bias another operation may add, and the axis of their outputs."""


def is_bias_of_one(flow: Flow, step: NodeStep) -> bool:
    """Tell whether an operation adds to what a product with one output puts out."""
    return step.call.op in _ADDING and any(_is_of_one_output(flow, n) for n in step.inputs)


def _is_of_one_output(flow: Flow, place: int) -> bool:
    maker = flow.made.get(place)
    while maker is not None and maker.call.op in _BETWEEN and flow.is_data(place):
        place = next(filter(flow.is_data, maker.inputs))
        maker = flow.made.get(place)
    axis = None if maker is None else _OUTPUT_AXES.get(maker.call.op)
    dims = flow.value(place).dims
    return axis is not None and bool(dims) and (dims or ())[axis] == 1
