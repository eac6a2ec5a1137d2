"""Shapes of the operations that onnxruntime adds to the standard, as its optimiser writes them."""

from __future__ import annotations

from math import prod

from bncalc.readers.onnx.array import broadcast
from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.shapes import attention, elementwise, products, statistics, windows
from bncalc.readers.onnx.tensor import BITS, FLOAT, INT32
from bncalc.readers.onnx.value import Contradiction, Value, tensor


def quantised_join(call: OnnxCall) -> Value:
    """Inputs are a with scale and zero point, b with theirs, and those of the output."""
    return tensor(call.type(), broadcast(call.dims(), call.dims(3)))


def quantised_choice(call: OnnxCall) -> Value:
    """Inputs are a condition, and two choices with scale and zero point."""
    return tensor(call.type(1), broadcast(call.dims(), call.dims(1), call.dims(4)))


def in_layout(rule: ShapeRule) -> ShapeRule:
    """Return the rule of an operation whose channels may come last; its weights are as ever."""

    def in_its_layout(call: OnnxCall) -> Value | tuple[Value, ...]:
        if not windows.is_channels_last(call):
            return rule(call)
        dims = call.dims()
        if len(dims) < 3:
            raise Contradiction(
                f"the input has {len(dims)} axes; with channels on the last it must have at least 3"
            )
        x = call.input(0)._replace(dims=(dims[0], dims[-1], *dims[1:-1]))
        made = rule(call._replace(inputs=(x, *call.inputs[1:])))
        out = made if isinstance(made, Value) else made[0]
        batch, channels, *space = out.dims or ()
        return tensor(out.type, (batch, *space, channels))

    return in_its_layout


def quantised_concat(call: OnnxCall) -> Value:
    """Scale and zero point of the output, then each input with its own."""
    several = [call.dims(index) for index in range(2, len(call.inputs), 3)]
    axis = call.integer("axis") % len(several[0])
    joined = sum([dims[axis] for dims in several])
    return tensor(call.type(2), (*several[0][:axis], joined, *several[0][axis + 1 :]))


def fused_product(call: OnnxCall) -> Value:
    return tensor(call.type(), products.multiplied(*products.factors(call)))


def split_activation(call: OnnxCall) -> Value:
    """Half of the last axis is activated, and multiplies the other half."""
    *rest, features = call.dims()
    return tensor(call.type(), (*rest, features // 2))


def skip_group_normalisation(call: OnnxCall) -> tuple[Value, ...]:
    """What it puts out, and the sum that it normalises."""
    out = elementwise.same(call)
    return out, out


def skip_normalisation(call: OnnxCall) -> tuple[Value, ...]:
    """What it puts out, mean and deviation, and the sum that it normalises."""
    out = elementwise.same(call)
    of_each = tensor(FLOAT, (*call.dims()[:-1], 1))
    return out, of_each, of_each, out


def narrow_product(call: OnnxCall) -> Value:
    """Weights of N rows and K columns, packed so many bits each."""
    rows, columns = call.integer("N"), call.integer("K")
    dims, bits = call.dims(), call.integer("bits", 4)
    if dims[-1] != columns or rows * columns * bits > prod(call.dims(1)) * BITS[call.type(1)]:
        raise Contradiction(
            f"weights of {rows}×{columns} in {bits} bits do not fit {dims[-1]} columns"
        )
    return tensor(call.type(), (*dims[:-1], rows))


def embedding(call: OnnxCall) -> tuple[Value, ...]:
    """Words, positions and segments looked up, added and normalised; a mask's lengths; the sum.

    Quantised tables have their scales behind the mask.
    """
    batch, tokens = call.dims()
    dims = (batch, tokens, call.dims(2)[1])
    type_ = call.type(8) if call.op.startswith("Q") else call.type(2)
    out = tensor(type_, dims)
    return out, tensor(INT32, (batch,)), out


def gathering(call: OnnxCall) -> Value:
    """Rows of a table whose numbers are packed along the last axis."""
    dims, places, axis = call.dims(), call.dims(1), call.axis(0, name="gather_axis")
    packed = BITS[call.type()] // call.integer("bits", 4)
    dims = (*dims[:-1], dims[-1] * max(packed, 1))
    return tensor(call.type(2), (*dims[:axis], *places, *dims[axis + 1 :]))


RULES: dict[str, ShapeRule] = {
    **attention.CONTRIBUTED,
    "DequantizeLinear": statistics.dequantisation,
    "QuantizeLinear": statistics.quantisation,
    "BiasAdd": elementwise.same,
    "BiasGelu": elementwise.same,
    "BiasSoftmax": elementwise.same,
    "BiasSplitGelu": split_activation,
    "DynamicQuantizeLSTM": products.recurrent,
    "DynamicQuantizeMatMul": products.product(FLOAT),
    "EmbedLayerNormalization": embedding,
    "FastGelu": elementwise.same,
    "FusedConv": windows.convolution,
    "FusedGemm": products.general_product,
    "FusedMatMul": fused_product,
    "FusedMatMulActivation": fused_product,
    "Gelu": elementwise.same,
    "GemmFastGelu": products.product(),
    "GroupNorm": elementwise.same,
    "GatherBlockQuantized": gathering,
    "MatMulBnb4": narrow_product,
    "MatMulIntegerToFloat": products.product(FLOAT),
    "MatMulNBits": narrow_product,
    "NhwcConv": in_layout(windows.convolution),
    "NhwcFusedConv": in_layout(windows.convolution),
    "NhwcMaxPool": in_layout(windows.pooling),
    "QEmbedLayerNormalization": embedding,
    "QGemm": products.quantised_general_product,
    "QLinearAdd": quantised_join,
    "QLinearAveragePool": in_layout(windows.pooling),
    "QLinearConcat": quantised_concat,
    "QLinearConv": in_layout(windows.quantised_convolution),
    "QLinearGlobalAveragePool": in_layout(windows.global_pooling),
    "QLinearLeakyRelu": elementwise.same,
    "QLinearMul": quantised_join,
    "QLinearReduceMean": statistics.reduction,
    "QLinearSigmoid": elementwise.same,
    "QLinearSoftmax": elementwise.same,
    "QLinearWhere": quantised_choice,
    "QuickGelu": elementwise.same,
    "RotaryEmbedding": elementwise.same,
    "SkipGroupNorm": skip_group_normalisation,
    "SkipLayerNormalization": skip_normalisation,
    "SkipSimplifiedLayerNormalization": skip_normalisation,
    "TransposeMatMul": fused_product,
    "Trilu": elementwise.same,
}
