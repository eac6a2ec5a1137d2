"""What TensorFlow Lite Micro keeps beside its maps on a 32-bit core: an estimate.

Structs of the interpreter, of each tensor and each op, and two int32 for each output channel of a
convolution. Within 2 % of what the runtime (commit 90b983c) reported for 11 networks.
"""

from __future__ import annotations

from bncalc.analysis.arena.placement import aligned
from bncalc.model.graph import Graph
from bncalc.model.op import Op
from bncalc.model.ops.activation import Softmax
from bncalc.model.ops.convolution import Conv, Linear
from bncalc.model.ops.joining import Add
from bncalc.model.ops.moving import Flatten
from bncalc.model.ops.pooling import AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool

_INTERPRETER, _TENSOR, _END, _SCRATCH = 236, 12, 60, 4
_CONVOLUTION, _LINEAR, _ADDITION, _POOLING, _RESHAPE, _SOFTMAX = 124, 128, 120, 152, 68, 116
_POOLS = (AvgPool, MaxPool, GlobalAvgPool, GlobalMaxPool)


def persistent_bytes(graph: Graph, scratches: int, tensors: int | None = None) -> int:
    """Return an estimate of the tail of the arena; ops without a figure add their tensors only.

    `tensors` is how many there are, where a file says it.
    """
    layers = graph.nodes[1:]
    ops = sum(_op(node.op) for node in layers)
    if tensors is None:
        own = sum(constants(node.op) for node in layers if node.weights_of is None)
        tensors = 1 + len(layers) + own
    ends = len(graph.inputs) + len(graph.outputs)
    return _INTERPRETER + _TENSOR * tensors + _END * ends + _SCRATCH * scratches + ops


def constants(op: Op) -> int:
    """Return how many constant tensors an op has in the file: weights and bias, or a shape."""
    if isinstance(op, (Conv, Linear)):
        return 2
    return 1 if isinstance(op, Flatten) else 0


def _op(op: Op) -> int:
    if isinstance(op, Conv):
        return _CONVOLUTION + 2 * aligned(4 * op.out)
    sizes = ((Linear, _LINEAR), (Add, _ADDITION), (Flatten, _RESHAPE), (Softmax, _SOFTMAX))
    for kind, size in sizes:
        if isinstance(op, kind):
            return size
    return _POOLING if isinstance(op, _POOLS) else 0
