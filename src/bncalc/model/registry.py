"""The words of the language that name an op or a block, and where each is implemented.

A kind is imported when it is first asked for: a command pays for the kinds that it uses.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bncalc.loading import loaded

if TYPE_CHECKING:
    from bncalc.model.op import Block, Op

NORMS = {
    "batch_norm": "ops.normalisation:BatchNorm",
    "layer_norm": "ops.normalisation:LayerNorm",
    "group_norm": "ops.normalisation:GroupNorm",
    "instance_norm": "ops.normalisation:InstanceNorm",
    "frozen_norm": "ops.normalisation:FrozenNorm",
    "rms_norm": "ops.normalisation:RmsNorm",
}
"""Those that may follow a convolution, as `norm: batch`."""

ACTIVATIONS = {
    "relu": "ops.activation:Relu",
    "relu6": "ops.activation:Relu6",
    "leaky_relu": "ops.activation:LeakyRelu",
    "prelu": "ops.activation:Prelu",
    "elu": "ops.activation:Elu",
    "silu": "ops.activation:Silu",
    "gelu": "ops.activation:Gelu",
    "sigmoid": "ops.activation:Sigmoid",
    "tanh": "ops.activation:Tanh",
    "hard_sigmoid": "ops.activation:HardSigmoid",
    "hard_swish": "ops.activation:HardSwish",
    "mish": "ops.activation:Mish",
    "softplus": "ops.activation:Softplus",
}
"""Those that may follow a layer, as `act: relu`."""

JOINS = {
    "add": "ops.joining:Add",
    "multiply": "ops.joining:Multiply",
    "subtract": "ops.joining:Subtract",
    "divide": "ops.joining:Divide",
    "concat": "ops.joining:Concat",
}
"""Those that take any number of maps, or branches from one."""

OPS = {
    "conv": "ops.convolution:Conv",
    "standardised_conv": "ops.convolution:StandardisedConv",
    "depthwise": "ops.convolution:Depthwise",
    "conv_transpose": "ops.convolution:ConvTranspose",
    "linear": "ops.convolution:Linear",
    "max_pool": "ops.pooling:MaxPool",
    "avg_pool": "ops.pooling:AvgPool",
    "global_avg_pool": "ops.pooling:GlobalAvgPool",
    "global_max_pool": "ops.pooling:GlobalMaxPool",
    "adaptive_avg_pool": "ops.pooling:AdaptiveAvgPool",
    "adaptive_max_pool": "ops.pooling:AdaptiveMaxPool",
    **NORMS,
    "local_response_norm": "ops.normalisation:LocalResponseNorm",
    **ACTIVATIONS,
    "sqrt": "ops.activation:Sqrt",
    "exp": "ops.activation:Exp",
    "log": "ops.activation:Log",
    "square": "ops.activation:Square",
    "mean": "ops.reducing:Mean",
    "sum": "ops.reducing:Sum",
    "max": "ops.reducing:Max",
    "softmax": "ops.activation:Softmax",
    **JOINS,
    "identity": "ops.moving:Identity",
    "dropout": "ops.moving:Dropout",
    "drop_path": "ops.moving:DropPath",
    "flatten": "ops.moving:Flatten",
    "reshape": "ops.arranging:Reshape",
    "permute": "ops.arranging:Permute",
    "transpose": "ops.arranging:Transpose",
    "roll": "ops.arranging:Roll",
    "unfold": "ops.arranging:Unfold",
    "slice": "ops.moving:Slice",
    "split": "ops.moving:Split",
    "channel_shuffle": "ops.moving:ChannelShuffle",
    "pixel_shuffle": "ops.moving:PixelShuffle",
    "space_to_depth": "ops.moving:SpaceToDepth",
    "pad": "ops.resizing:Pad",
    "crop": "ops.resizing:Crop",
    "upsample": "ops.resizing:Upsample",
    "upsample_like": "ops.resizing:UpsampleLike",
    "attention_scores": "ops.attention:AttentionScores",
    "attention_mix": "ops.attention:AttentionMix",
    "fused_attention": "ops.attention:FusedAttention",
    "lstm": "ops.recurrent:Lstm",
    "gru": "ops.recurrent:Gru",
    "matmul": "ops.attention:Matmul",
    "parameter": "ops.attention:Parameter",
    "relative_position_bias": "ops.attention:RelativePositionBias",
    "class_token": "ops.attention:ClassToken",
    "position_embedding": "ops.attention:PositionEmbedding",
    "layer_scale": "ops.attention:LayerScale",
    "custom": "ops.foreign:Custom",
}

BLOCKS = {
    "plain": "blocks.plain:Plain",
    "basic": "blocks.basic:Basic",
    "bottleneck": "blocks.bottleneck:Bottleneck",
    "depthwise_separable": "blocks.depthwise_separable:DepthwiseSeparable",
    "inverted_residual": "blocks.inverted_residual:InvertedResidual",
    "fused_inverted_residual": "blocks.fused_inverted_residual:FusedInvertedResidual",
    "factorized": "blocks.factorized:Factorized",
    "small_kernels": "blocks.small_kernels:SmallKernels",
    "yolo_bottleneck": "blocks.yolo_bottleneck:YoloBottleneck",
    "c3": "blocks.c3:C3",
    "c3_ghost": "blocks.c3_ghost:C3Ghost",
    "c3tr": "blocks.c3tr:C3tr",
    "c2": "blocks.c2:C2",
    "c2f": "blocks.c2f:C2f",
    "spp": "blocks.spp:Spp",
    "sppf": "blocks.sppf:Sppf",
    "c3k2": "blocks.c3k2:C3k2",
    "psa_block": "blocks.psa_block:PsaBlock",
    "c2psa": "blocks.c2psa:C2psa",
    "scdown": "blocks.scdown:Scdown",
    "c2f_cib": "blocks.c2f_cib:C2fCib",
    "rep_conv": "blocks.rep_conv:RepConv",
    "rep_csp": "blocks.rep_csp:RepCsp",
    "elan1": "blocks.elan1:Elan1",
    "rep_ncspelan4": "blocks.rep_ncspelan4:RepNcspelan4",
    "aconv": "blocks.aconv:Aconv",
    "adown": "blocks.adown:Adown",
    "sppelan": "blocks.sppelan:Sppelan",
    "area_block": "blocks.area_block:AreaBlock",
    "a2c2f": "blocks.a2c2f:A2c2f",
    "hg_stem": "blocks.hg_stem:HgStem",
    "hg_block": "blocks.hg_block:HgBlock",
    "rep_c3": "blocks.rep_c3:RepC3",
    "aifi": "blocks.aifi:Aifi",
    "asymmetric": "blocks.asymmetric:Asymmetric",
    "repvgg": "blocks.repvgg:RepVgg",
    "dense_layer": "blocks.dense_layer:DenseLayer",
    "dense_block": "blocks.dense_block:DenseBlock",
    "hardnet": "blocks.hardnet:HarDNet",
    "inception_pool": "blocks.inception_pool:InceptionPool",
    "inception": "blocks.inception:Inception",
    "fire": "blocks.fire:Fire",
    "shuffle_unit": "blocks.shuffle_unit:ShuffleUnit",
    "ghost": "blocks.ghost:Ghost",
    "ghost_bottleneck": "blocks.ghost_bottleneck:GhostBottleneck",
    "squeeze_excitation": "blocks.squeeze_excitation:SqueezeExcitation",
    "convnext": "blocks.convnext:ConvNeXt",
    "osa": "blocks.osa:Osa",
    "attention": "blocks.attention:Attention",
    "window_attention": "blocks.window_attention:WindowAttention",
}

WORDS = {**OPS, **BLOCKS}
"""All words, each with where its kind is implemented."""


@cache
def find(word: str) -> type[Block]:
    """Return the op or block of that name; raise KeyError when there is none."""
    kind: type[Block] = loaded(f"model.{WORDS[word]}")
    return kind


def op_named(word: str) -> type[Op]:
    """Return the op of that name; raise KeyError when there is none."""
    kind: type[Op] = loaded(f"model.{OPS[word]}")
    return kind
