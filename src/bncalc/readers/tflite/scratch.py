"""Scratch of TensorFlow Lite Micro's own kernels, which is the same on every core.

Learned from the kernels of tflite-micro (90b983c); that of CMSIS-NN is in `analysis.arena`.
"""

from __future__ import annotations

from bncalc.readers.tflite.call import Operator
from bncalc.readers.tflite.words import INT8, INT16

_AVERAGES = ("mean", "sum")
_EXTREMES = ("reduce_max", "reduce_min", "reduce_all", "reduce_any")
_OF_CORES = ("conv_2d", "depthwise_conv_2d", "fully_connected", "average_pool_2d", "max_pool_2d")
"""Operations whose scratch CMSIS-NN decides, known for int8."""
_UNKNOWN = frozenset(
    (
        "add_n", "batch_matmul", "call", "call_once", "if", "lstm", "mirror_pad", "rnn", "svdf",
        "transpose_conv", "unidirectional_sequence_lstm", "unidirectional_sequence_rnn", "while",
    )
)  # fmt: skip


def own_scratch(call: Operator) -> tuple[int, ...]:
    """Return the bytes of each scratch buffer that an operation asks for whatever the core."""
    x, axes = call.given(0), call.given(1)
    if x is None or axes is None or call.word not in (*_AVERAGES, *_EXTREMES):
        return ()
    indices = (4 * len(x.sizes), 4 * axes.elements)
    if call.word in _AVERAGES and x.type in (INT8, INT16):
        made = call.model.tensors[call.operation.outputs[0]].elements
        return (4 * made, *indices)
    return indices


def unknown_scratch(call: Operator) -> bool:
    """Return whether nobody has looked at what an operation's kernel asks for."""
    if call.word in _OF_CORES:
        x, weights = call.given(0), call.constant(1)
        pools = call.word.endswith("pool_2d")
        narrow = weights is not None and weights.type != INT8 and not pools
        return x is None or x.type != INT8 or narrow
    return call.word in _UNKNOWN or call.word.startswith(("custom", "operation"))
