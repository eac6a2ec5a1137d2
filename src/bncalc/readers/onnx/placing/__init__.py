"""How layers are placed: which native op each is, from which of its inputs.

A family of placers is imported when a layer is the first that needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from bncalc.loading import loaded
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.placing.words import JOINS, NATIVE, PER_ELEMENT, REDUCTIONS
from bncalc.readers.onnx.shapes import rule_of
from bncalc.readers.onnx.value import Unknown

OnnxPlacer = Callable[[OnnxPlacement, FusedLayer], None]

_OTHERS = {
    "attention:attention": (
        "Attention FlexAttention GroupQueryAttention MultiHeadAttention QAttention"
    ),
    "attention:linear_attention": "LinearAttention",
    "functions:clip": "Clip",
    "functions:embedding": "EmbedLayerNormalization QEmbedLayerNormalization",
    "functions:folding": "Col2Im",
    "functions:layer_norm": "LayerNormalization",
    "functions:prelu": "PRelu",
    "functions:root_norm": "RMSNormalization SimplifiedLayerNormalization",
    "functions:softmax": "QLinearSoftmax Softmax",
    "fused:added_group_norm": "SkipGroupNorm",
    "fused:added_norm": "SkipLayerNormalization SkipSimplifiedLayerNormalization",
    "fused:biased_activation": "BiasGelu FastGelu",
    "fused:split_activation": "BiasSplitGelu",
    "joining:concatenation": "Concat QLinearConcat",
    "moving:dropout": "Dropout",
    "moving:free": (
        "ArrayFeatureExtractor CenterCropPad Expand EyeLike GatherElements GatherND If MaxUnpool "
        "OneHot ReverseSequence Scatter ScatterElements ScatterND TensorScatter Tile"
    ),
    "moving:gathering": "Gather GatherBlockQuantized",
    "moving:pad": "Pad",
    "moving:quantise": "DynamicQuantizeLinear",
    "moving:reordering": "ReorderInput ReorderOutput",
    "moving:reshape": "Flatten Reshape Squeeze Unsqueeze",
    "moving:same": "BitCast Cast CastLike DequantizeLinear Identity QuantizeLinear",
    "moving:slicing": "Slice",
    "moving:splitting": "Split",
    "moving:transpose": "Transpose",
    "products:einsum": "Einsum",
    "products:fused_attention": "FusedAttention",
    "products:linear": "FusedGemm Gemm GemmFastGelu MatMulBnb4 MatMulNBits QGemm",
    "products:product": (
        "DynamicQuantizeMatMul MatMul MatMulInteger MatMulIntegerToFloat QLinearMatMul"
    ),
    "products:scores": "Scores",
    "products:transposed_product": "FusedMatMul FusedMatMulActivation TransposeMatMul",
    "recurrent:recurrent": "DynamicQuantizeLSTM GRU LSTM RNN",
    "sampling:deformable_convolution": "DeformConv",
    "sampling:grid": "AffineGrid",
    "sampling:grid_sampling": "GridSample",
    "sampling:regions": "RoiAlign",
    "sampling:resampling": "Resize Upsample",
    "windows:batch_norm": "BatchNormalization",
    "windows:channel_shuffle": "ChannelShuffle",
    "windows:convolution": "Conv ConvInteger FusedConv NhwcConv NhwcFusedConv",
    "windows:depth_to_space": "DepthToSpace",
    "windows:global_pooling": "GlobalAveragePool GlobalMaxPool QLinearGlobalAveragePool",
    "windows:group_norm": "GroupNorm GroupNormalization",
    "windows:instance_norm": "InstanceNormalization",
    "windows:local_response_norm": "LRN",
    "windows:norm_pooling": "GlobalLpPool LpPool",
    "windows:pooling": "AveragePool MaxPool NhwcMaxPool QLinearAveragePool",
    "windows:quantised_convolution": "QLinearConv",
    "windows:space_to_depth": "SpaceToDepth",
    "windows:transposed_convolution": "ConvTranspose",
}
UNKNOWN = "functions:place_unknown"
FINISH = "fused:finish"

PLACERS: dict[str, str] = {
    **dict.fromkeys(NATIVE, "functions:native"),
    **dict.fromkeys(PER_ELEMENT, "functions:function"),
    **dict.fromkeys(REDUCTIONS, "functions:reduction"),
    **dict.fromkeys(JOINS, "joining:join"),
    **{word: place for place, words in _OTHERS.items() for word in words.split()},
}
"""By the word of a layer, the module of its family and the function that places it."""


@cache
def placer(place: str) -> OnnxPlacer:
    """Return the function that an entry of the table names."""
    function: OnnxPlacer = loaded(f"readers.onnx.placing.{place}")
    return function


def place(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a layer; one that nobody knows, or of which content decides, is not counted."""
    flow = placement.flow
    first, *others = layer.made()
    further = [place for place in others if flow.is_used(place)]
    sizes = [flow.values[place].dims for place in (*layer.data, first, *further)]
    call = layer.step.call
    known = None not in sizes and rule_of(call.domain, call.op) is not None
    try:
        placer(PLACERS.get(layer.word, UNKNOWN) if known else UNKNOWN)(placement, layer)
        if known and call.domain:
            placer(FINISH)(placement, layer)
    except Unknown:
        placer(UNKNOWN)(placement, layer)
    for output in further:
        placement.place_further(output, first)
