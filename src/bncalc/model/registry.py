"""The words of the language that name an op or a block, and the module that each is in.

A kind is imported when it is first asked for: a command pays for the kinds that it uses.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bncalc.model.op import Block, Op


def _in(module: str, words: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), module)


NORMS = _in(
    "ops.normalisation",
    "batch_norm layer_norm group_norm instance_norm frozen_norm rms_norm",
)
"""Those that may follow a convolution, as `norm: batch`."""

ACTIVATIONS = _in(
    "ops.activation",
    "relu relu6 leaky_relu prelu elu silu gelu sigmoid tanh hard_sigmoid hard_swish mish softplus",
)
"""Those that may follow a layer, as `act: relu`."""

JOINS = _in("ops.joining", "add multiply subtract divide concat")
"""Those that take any number of maps, or branches from one."""

OPS = {
    **_in("ops.convolution", "conv standardised_conv depthwise conv_transpose linear"),
    **_in("ops.pooling", "max_pool avg_pool global_avg_pool global_max_pool"),
    **_in("ops.pooling", "adaptive_avg_pool adaptive_max_pool"),
    **NORMS,
    **_in("ops.normalisation", "local_response_norm"),
    **ACTIVATIONS,
    **_in("ops.activation", "sqrt exp log square"),
    **_in("ops.reducing", "mean sum max"),
    **_in("ops.activation", "softmax"),
    **JOINS,
    **_in("ops.moving", "identity dropout drop_path flatten"),
    **_in("ops.arranging", "reshape permute transpose roll unfold"),
    **_in("ops.moving", "slice split channel_shuffle pixel_shuffle space_to_depth"),
    **_in("ops.resizing", "pad crop upsample upsample_like"),
    **_in("ops.attention", "attention_scores attention_mix fused_attention"),
    **_in("ops.recurrent", "lstm gru"),
    **_in("ops.attention", "matmul parameter relative_position_bias class_token"),
    **_in("ops.attention", "position_embedding layer_scale"),
    **_in("ops.foreign", "custom"),
}

_BLOCKS = """
plain basic bottleneck depthwise_separable inverted_residual fused_inverted_residual factorized
small_kernels yolo_bottleneck c3 c3_ghost c3tr c2 c2f spp sppf c3k2 psa_block c2psa scdown c2f_cib
rep_conv rep_csp elan1 rep_ncspelan4 aconv adown sppelan area_block a2c2f hg_stem hg_block rep_c3
aifi asymmetric repvgg dense_layer dense_block hardnet inception_pool inception fire shuffle_unit
ghost ghost_bottleneck squeeze_excitation convnext osa attention window_attention
"""
BLOCKS = {word: f"blocks.{word}" for word in _BLOCKS.split()}
"""Each in a module of its own, which is called after it."""

WORDS = {**OPS, **BLOCKS}


@cache
def find(word: str) -> type[Block]:
    """Return the op or block of that name; raise KeyError when there is none."""
    module = import_module(f"bncalc.model.{WORDS[word]}")
    kind: type[Block] = next(x for x in vars(module).values() if getattr(x, "word", "") == word)
    return kind


def op_named(word: str) -> type[Op]:
    """Return the op of that name; raise KeyError when there is none."""
    if word not in OPS:
        raise KeyError(word)
    op: Any = find(word)
    return op  # type: ignore[no-any-return]
