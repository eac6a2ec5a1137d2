"""Shapes of the operations that onnxruntime adds to the standard, as its optimiser writes them."""

from __future__ import annotations

from bncalc.readers.onnx.array import broadcast
from bncalc.readers.onnx.call import Call, Rule
from bncalc.readers.onnx.shapes import elementwise, products, statistics, windows
from bncalc.readers.onnx.value import Value, tensor


def quantised_join(call: Call) -> Value:
    """Inputs are a with scale and zero point, b with theirs, and those of the output."""
    return tensor(call.type(), broadcast(call.dims(), call.dims(3)))


def quantised_choice(call: Call) -> Value:
    """Inputs are a condition, and two choices with scale and zero point."""
    return tensor(call.type(1), broadcast(call.dims(), call.dims(1), call.dims(4)))


def quantised_pooling(call: Call) -> Value:
    if call.integer("channels_last"):
        dims = call.dims()
        return tensor(call.type(), (dims[0], *(1,) * (len(dims) - 2), dims[-1]))
    return windows.global_pooling(call)


def quantised_concat(call: Call) -> Value:
    """Scale and zero point of the output, then each input with its own."""
    several = [call.dims(index) for index in range(2, len(call.inputs), 3)]
    axis = call.integer("axis") % len(several[0])
    joined = sum([dims[axis] for dims in several])
    return tensor(call.type(2), (*several[0][:axis], joined, *several[0][axis + 1 :]))


def fused_product(call: Call) -> Value:
    a, b = call.dims(), call.dims(1)
    a = (*a[:-2], a[-1], a[-2]) if call.integer("transA") else a
    b = (*b[:-2], b[-1], b[-2]) if call.integer("transB") else b
    return tensor(call.type(), products.multiplied(a, b))


def skip_normalisation(call: Call) -> tuple[Value, ...]:
    """What it puts out, mean and deviation, and the sum that it normalises."""
    out = elementwise.same(call)
    return out, out, out, out


RULES: dict[str, Rule] = {
    "DequantizeLinear": statistics.dequantisation,
    "QuantizeLinear": statistics.quantisation,
    "BiasGelu": elementwise.same,
    "DynamicQuantizeLSTM": products.recurrent,
    "FastGelu": elementwise.same,
    "FusedConv": windows.convolution,
    "FusedGemm": products.general_product,
    "FusedMatMul": fused_product,
    "Gelu": elementwise.same,
    "QGemm": products.quantised_general_product,
    "QLinearAdd": quantised_join,
    "QLinearAveragePool": windows.pooling,
    "QLinearConcat": quantised_concat,
    "QLinearGlobalAveragePool": quantised_pooling,
    "QLinearLeakyRelu": elementwise.same,
    "QLinearMul": quantised_join,
    "QLinearSigmoid": elementwise.same,
    "QLinearSoftmax": elementwise.same,
    "QLinearWhere": quantised_choice,
    "QuickGelu": elementwise.same,
    "SkipLayerNormalization": skip_normalisation,
    "SkipSimplifiedLayerNormalization": skip_normalisation,
}
