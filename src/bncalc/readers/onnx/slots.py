"""Slots: what each input of an operation takes, data or something that is learned."""

from functools import lru_cache

from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.scope import NONE

X, W, B, S, _ = "data", "weight", "bias", "statistic", ""
"""What a slot takes: data, a weight, a bias, a running statistic, or nothing that is learned."""

MOST_JOINED = 64
"""How many maps a quantised join is looked at for; each comes with its scale and zero point."""
SLOTS: dict[str, tuple[str, ...]] = {
    "Attention": (W, W, W, _, _, W),
    "BatchNormalization": (X, W, B, S, S),
    "BiasSplitGelu": (X, B),
    "Clip": (X,),
    "Conv": (X, W, B),
    "ConvInteger": (X, W),
    "ConstantOfShape": (),
    "ConvTranspose": (X, W, B),
    "DeformConv": (X, W, X, B, X),
    "DequantizeLinear": (W,),
    "Dropout": (X,),
    "DynamicQuantizeLSTM": (X, W, W, B, _, X, X, W),
    "DynamicQuantizeMatMul": (X, W, _, _, B),
    "EmbedLayerNormalization": (X, X, W, W, W, W, B),
    "Equal": (X, X),
    "Expand": (W,),
    "EyeLike": (),
    "FlexAttention": (W, W, W),
    "FusedConv": (X, W, B),
    "FusedGemm": (X, W, B),
    "GRU": (X, W, W, B, _, X),
    "Gather": (W,),
    "GatherBlockQuantized": (W,),
    "GatherElements": (W,),
    "GatherND": (W,),
    "Gemm": (X, W, B),
    "GemmFastGelu": (X, W, B),
    "Greater": (X, X),
    "GreaterOrEqual": (X, X),
    "GridSample": (X, _),
    "GroupNorm": (X, W, B),
    "GroupQueryAttention": (X, X, X, X, X, _, _, _, _, _, W, W, _, _, W, W),
    "GroupNormalization": (X, W, B),
    "InstanceNormalization": (X, W, B),
    "LSTM": (X, W, W, B, _, X, X, W),
    "LayerNormalization": (X, W, B),
    "Less": (X, X),
    "LessOrEqual": (X, X),
    "LinearAttention": (W, W, W),
    "MaxRoiPool": (X,),
    "MatMulBnb4": (X, W),
    "MatMulInteger": (W, W),
    "MatMulIntegerToFloat": (X, W, _, _, _, _, B),
    "MatMulNBits": (X, W, _, _, _, B),
    "MultiHeadAttention": (W, W, W, B, _, W),
    "NegativeLogLikelihoodLoss": (X, X),
    "NhwcConv": (X, W, B),
    "NhwcFusedConv": (X, W, B),
    "NonMaxSuppression": (X, X),
    "OneHot": (X,),
    "Pad": (W,),
    "QAttention": (X, W, B),
    "QEmbedLayerNormalization": (X, X, W, W, W, W, B),
    "QGemm": (X, _, _, W, _, _, B),
    "QLinearAdd": (W, _, _, W),
    "QLinearConcat": (_, _, *(W, _, _) * MOST_JOINED),
    "QLinearConv": (X, _, _, W, _, _, _, _, B),
    "QLinearMatMul": (W, _, _, W),
    "QLinearMul": (W, _, _, W),
    "QuantizeLinear": (W,),
    "RotaryEmbedding": (X,),
    "RNN": (X, W, W, B, _, X),
    "RoiAlign": (X,),
    "Range": (),
    "ReduceMean": (W,),
    "Reshape": (W,),
    "Resize": (W,),
    "Shape": (),
    "STFT": (X,),
    "ScatterElements": (W,),
    "ScatterND": (W,),
    "Size": (),
    "SkipGroupNorm": (X, W, B, X, B),
    "Slice": (W,),
    "SoftmaxCrossEntropyLoss": (X, X),
    "Split": (W,),
    "Squeeze": (W,),
    "Tile": (W,),
    "TopK": (W,),
    "Unique": (X,),
    "Unsqueeze": (W,),
    "Upsample": (W,),
}
"""Slots by operation; of every other operation all slots take weights.

What is compared, or tells which boxes are left, is nothing that a gradient reaches.
"""


def slots(step: NodeStep) -> tuple[str, ...]:
    """Return the role of each input, empty where it is nothing that is learned or not there."""
    count, roles = len(step.inputs), SLOTS.get(step.call.op)
    roles = (W,) * count if roles is None else roles[:count] + (_,) * (count - len(roles))
    if NONE in step.inputs:
        roles = tuple(
            [_ if n == NONE else role for role, n in zip(roles, step.inputs, strict=True)]
        )
    return roles


@lru_cache(256)
def learnable(op: str, count: int) -> tuple[tuple[str, int], ...]:
    """Return which of so many inputs an operation may learn, each after its role."""
    roles = enumerate(SLOTS.get(op, (W,) * count)[:count])
    return tuple([(role, index) for index, role in roles if role in (W, B, S)])


@lru_cache(256)
def working_on(op: str, count: int) -> tuple[int, ...]:
    """Return which of so many inputs an operation takes as data."""
    return tuple([index for index, role in enumerate(SLOTS.get(op, ())[:count]) if role == X])


NORMS = {"BatchNormalization", "GroupNormalization", "InstanceNormalization", "LayerNormalization"}
"""Operations that must be given a scale and a shift, whether they are learned or not."""
JOINS = {"QLinearAdd", "QLinearConcat", "QLinearMul"}
OF_WEIGHTS = {op for op, roles in SLOTS.items() if not {W, B}.isdisjoint(roles[1:])} - JOINS
OF_WEIGHTS |= {
    "Einsum", "FusedMatMul", "FusedMatMulActivation", "MatMul", "PRelu", "RMSNormalization",
    "SimplifiedLayerNormalization", "TransposeMatMul",
}  # fmt: skip
"""Operations that have weights by what they are."""


def is_weight(step: NodeStep, index: int) -> bool:
    """Tell whether an operation takes an input as its weights or bias, by what it is.

    A product that sums nothing up, of a column and a row, is one of any two maps.
    """
    op = step.call.op
    if op == "MatMul":
        right = step.call.given(1)  # one of another domain may have none
        return right is None or (right.dims or ())[-2:-1] != (1,)
    return op in OF_WEIGHTS and SLOTS.get(op, (W,) * (index + 1))[index] in (W, B)
