"""What operations become: small nets, and each of their layers with all that is known of it.

`placed.txt` holds them; `pytest tests/readers/onnx/test_placed.py --golden` writes it anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.graph_lines import hold, lines_of
from tests.readers.onnx.encoder import (
    INT8,
    INT32,
    INT64,
    UINT8,
    Dims,
    graph,
    model,
    node,
    tensor,
    typed,
)

from bncalc.model.graph import Graph
from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inputs import settle
from bncalc.readers.onnx.interpretation import infer
from bncalc.readers.onnx.proto import read_model
from bncalc.readers.onnx.reader import graph_of, lay
from bncalc.readers.onnx.wire import Wire

MS, PREVIEW = "com.microsoft", "ai.onnx.preview"
NCHWC = f"{MS}.nchwc"


class Net(NamedTuple):
    """Operations, their inputs and constants: weights by sizes, small ones by their numbers."""

    inputs: Mapping[str, Dims]
    held: Mapping[str, Any]
    nodes: Sequence[bytes]
    kinds: Mapping[str, int] = {}
    opset: int = 17
    outputs: str = "y"

    def graph(self) -> Graph:
        tensors = [_held(name, given) for name, given in self.held.items()]
        body = graph(self.nodes, tensors, self.inputs, self.outputs, self.kinds)
        wire = Wire(model(body, opset=self.opset))
        proto = read_model(wire)
        inputs = settle(proto.graph, "net.onnx", {}, None)
        return graph_of(
            lay(Flow(infer(wire, proto, inputs.values, inputs.symbols))).placement, "net"
        )


def _held(name: str, given: Any) -> bytes:
    """Return a tensor: sizes alone are floats, with an element type those, else numbers."""
    if isinstance(given, tuple) and given and isinstance(given[0], tuple):
        dims, kind = given
        return typed(name, dims, kind, bytes(prod(dims) * {INT32: 4, INT64: 8}.get(kind, 1)))
    if isinstance(given, tuple):
        return tensor(name, given)
    return tensor(name, [len(given)] if isinstance(given, list) else [], _listed(given))


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


IMAGE = {"x": [2, 3, 8, 9]}
TOKENS = {"x": [2, 5, 6]}
SCALES = {"s": 0.5, "z": ((), UINT8)}
FIRST = node("Relu", "x", "a")
TO_TOKENS = [
    node("MatMul", "x w", "p"),
    node("Reshape", "p apart", "q"),
    node("Transpose", "q", "t", perm=[0, 2, 1, 3]),
]
HEADS = {"w": (6, 12), "apart": [2, 5, 4, 3]}

NETS = {
    "convolution": Net(IMAGE, {"w": (4, 3, 3, 5), "b": (4,)}, [node("Conv", "x w b", "y")]),
    "convolution, padded as usual, in groups": Net(
        IMAGE, {"w": (6, 1, 3, 5)},
        [node("Conv", "x w", "y", pads=[1, 2, 1, 2], group=3, strides=[2, 1])]),
    "convolution, padded at two ends only, dilated": Net(
        IMAGE, {"w": (4, 3, 3, 3)},
        [node("Conv", "x w", "y", pads=[0, 1, 2, 1], dilations=[2, 1])]),
    "convolution of another padding on both ends": Net(
        IMAGE, {"w": (4, 3, 3, 3)}, [node("Conv", "x w", "y", pads=[2, 1, 2, 1])]),
    "convolution, padded to keep its size": Net(
        IMAGE, {"w": (4, 3, 4, 4)},
        [node("Conv", "x w", "y", auto_pad="SAME_UPPER", strides=[2, 2])]),
    "convolution without padding, whatever its pads": Net(
        IMAGE, {"w": (4, 3, 3, 3)}, [node("Conv", "x w", "y", auto_pad="VALID", pads=[1] * 4)]),
    "convolution with weights that arrive": Net(
        {"x": [2, 3, 8, 9], "w": [4, 3, 3, 3]}, {}, [node("Conv", "x w", "y")]),
    "convolution and a bias that is added": Net(
        IMAGE, {"w": (4, 3, 3, 3), "b": (4, 1, 1)},
        [node("Conv", "x w", "a"), node("Add", "a b", "y")]),
    "convolution and a map that is added": Net(
        IMAGE, {"w": (4, 3, 3, 3), "b": (4, 1, 7)},
        [node("Conv", "x w", "a"), node("Add", "a b", "y")]),
    "convolution of a sequence": Net(
        {"x": [2, 3, 8]}, {"w": (4, 3, 3)}, [node("Conv", "x w", "y", pads=[1, 1])]),
    "convolution of windows of a map": Net(
        IMAGE, {"w": (4, 3, 3, 3), "sizes": [4, 3, 4, 9]},
        [node("Reshape", "x sizes", "a"), node("Conv", "a w", "y", pads=[1] * 4)]),
    "convolution of windows of a map, padded at one end": Net(
        IMAGE, {"w": (4, 3, 3, 3), "sizes": [4, 3, 4, 9]},
        [node("Reshape", "x sizes", "a"), node("Conv", "a w", "y", pads=[1, 1, 0, 0])]),
    "convolution with standardised weights": Net(
        IMAGE, {"w": (1, 4, 27), "g": (4,), "b": (4,), "m": (4,), "v": (4,), "sizes": [4, 3, 3, 3]},
        [node("BatchNormalization", "w g b m v", "n", training_mode=1),
         node("Reshape", "n sizes", "k"), node("Conv", "x k", "y")]),
    "convolution on integers": Net(
        {"x": [2, 3, 8, 9]}, {"w": ((4, 3, 3, 3), INT8)},
        [node("DynamicQuantizeLinear", "x", "q s z"), node("ConvInteger", "q w z", "y")]),
    "convolution, quantised": Net(
        IMAGE, {"w": ((4, 3, 3, 3), INT8), "b": ((4,), INT32), **SCALES},
        [node("QLinearConv", "x s z w s z s z b", "y")], {"x": UINT8}),
    "convolution with channels on the last axis": Net(
        {"x": [2, 8, 9, 3]}, {"w": (4, 3, 3, 3), "b": (4,)},
        [node("NhwcFusedConv", "x w b", "y", pads=[1] * 4, domain=MS)]),
    "convolution that enlarges": Net(
        {"x": [2, 4, 8, 9]}, {"w": (4, 3, 3, 2), "b": (6,)},
        [node("ConvTranspose", "x w b", "y", strides=[2, 3], pads=[1, 0, 0, 1], group=2,
              output_padding=[1, 0], dilations=[1, 2])]),
    "convolution that enlarges windows of a map": Net(
        IMAGE, {"w": (3, 4, 2, 2), "sizes": [4, 3, 4, 9]},
        [node("Reshape", "x sizes", "a"),
         node("ConvTranspose", "a w", "y", strides=[2, 2])]),
    "convolution at places that arrive": Net(
        {"x": [2, 3, 8, 9], "o": [2, 18, 6, 7], "m": [2, 9, 6, 7]}, {"w": (4, 3, 3, 3), "b": (4,)},
        [node("DeformConv", "x w o b m", "y")], opset=19),
    "convolution at places that arrive, which are not weighed": Net(
        {"x": [2, 3, 8, 9], "o": [2, 18, 6, 7]}, {"w": (4, 3, 3, 3)},
        [node("DeformConv", "x w o", "y")], opset=19),
    "pooling": Net(
        IMAGE, {},
        [node("MaxPool", "x", "a", kernel_shape=[3, 2], strides=[2, 2], ceil_mode=1),
         node("AveragePool", "a", "y", kernel_shape=[2, 3], pads=[0, 1, 0, 1])]),
    "pooling of all positions": Net(
        IMAGE, {}, [FIRST, node("GlobalMaxPool", "a", "b"), node("GlobalAveragePool", "x", "c"),
                    node("Add", "b c", "y")]),
    "norms": Net(
        IMAGE, {"w": (3,), "b": (3,), "m": (3,), "v": (3,)},
        [node("BatchNormalization", "x w b m v", "a"), node("LRN", "a", "c", size=3),
         node("InstanceNormalization", "c w b", "d"), node("LRN", "d", "y")]),
    "norm of groups as one operation": Net(
        {"x": [2, 6, 8, 9]}, {"w": (6,), "b": (6,)},
        [node("GroupNormalization", "x w b", "y", num_groups=3)], opset=21),
    "norm of groups in parts, without scale": Net(
        {"x": [2, 6, 4, 4]}, {"apart": [2, 3, -1], "one": [1.0] * 3, "zero": [0.0] * 3,
                              "sizes": [2, 6, 4, 4]},
        [node("Reshape", "x apart", "a"), node("InstanceNormalization", "a one zero", "b"),
         node("Reshape", "b sizes", "y")]),
    "norms of the last axis": Net(
        TOKENS, {"g": (6,), "b": (6,)},
        [node("LayerNormalization", "x g b", "a"), node("RMSNormalization", "a g", "c"),
         node("LayerNormalization", "c g", "y", axis=2)], opset=23),
    "norms of several axes": Net(
        TOKENS, {"g": (5, 6), "b": (5, 6)},
        [node("LayerNormalization", "x g b", "a", axis=1),
         node("RMSNormalization", "a g", "y", axis=-2)], opset=23),
    "norm and a sum before it": Net(
        {"x": [2, 5, 6], "z": [2, 5, 6]}, {"g": (6,), "b": (6,), "c": (6,)},
        [node("SkipLayerNormalization", "x z g b c", ["a", "", "", "t"], domain=MS),
         node("Add", "a t", "y")]),
    "norm without a mean and a sum before it": Net(
        {"x": [2, 5, 6], "z": [2, 5, 6]}, {"g": (6,), "c": (6,)},
        [node("SkipSimplifiedLayerNormalization", "x z g c", "y", domain=MS)]),
    "norm and a constant added before it": Net(
        TOKENS, {"z": (5, 6), "g": (6,), "b": (6,)},
        [node("SkipLayerNormalization", "x z g b", "y", domain=MS)]),
    "enlargement by whole numbers": Net(
        IMAGE, {"s": [1.0, 1.0, 2.0, 3.0]},
        [node("Resize", ["x", "", "s"], "a"), node("Resize", ["a", "", "s"], "y", mode="linear")]),
    "enlargement by cubes": Net(
        IMAGE, {"s": [1.0, 1.0, 2.0, 3.0]}, [node("Resize", ["x", "", "s"], "y", mode="cubic")]),
    "reduction, with corners in place": Net(
        IMAGE, {"n": [2, 3, 5, 5]},
        [node("Resize", ["x", "", "", "n"], "y", mode="linear",
              coordinate_transformation_mode="align_corners")]),
    "enlargement of a row": Net(
        {"x": [5]}, {"n": [8]}, [node("Resize", ["x", "", "", "n"], "y", mode="linear")]),
    "reduction by the nearest": Net(
        IMAGE, {"n": [2, 3, 4, 9]}, [node("Resize", ["x", "", "", "n"], "y")]),
    "sampling": Net(
        {"x": [2, 3, 8, 9], "g": [2, 4, 5, 2]}, {},
        [node("GridSample", "x g", "a"), node("GridSample", "x g", "b", mode="nearest"),
         node("GridSample", "x g", "c", mode="bicubic"), node("Sum", "a b c", "y")]),
    "regions": Net(
        {"x": [1, 3, 8, 9], "r": [5, 4]}, {"i": [0] * 5},
        [node("RoiAlign", "x r i", "y", output_height=2, output_width=4, sampling_ratio=2)]),
    "regions of samples that depend on content": Net(
        {"x": [1, 3, 8, 9], "r": [5, 4]}, {"i": [0] * 5}, [node("RoiAlign", "x r i", "y")]),
    "shuffles in one operation": Net(
        {"x": [2, 12, 4, 6]}, {},
        [node("DepthToSpace", "x", "a", blocksize=2), node("SpaceToDepth", "a", "y", blocksize=4)]),
    "shuffle of channels": Net(
        {"x": [2, 6, 4, 5]}, {"apart": [2, 3, 2, 4, 5], "sizes": [2, 6, 4, 5]},
        [node("Reshape", "x apart", "a"), node("Transpose", "a", "b", perm=[0, 2, 1, 3, 4]),
         node("Reshape", "b sizes", "y")]),
    "positions into channels in three steps": Net(
        {"x": [2, 3, 4, 6]}, {"apart": [2, 3, 2, 2, 3, 2], "sizes": [2, 12, 2, 3]},
        [node("Reshape", "x apart", "a"), node("Transpose", "a", "b", perm=[0, 1, 3, 5, 2, 4]),
         node("Reshape", "b sizes", "y")]),
    "activations": Net(
        IMAGE, {"p": (3, 1, 1), "o": (1,), "zero": 0.0, "six": 6.0},
        [node("PRelu", "x p", "a"), node("PRelu", "a o", "b"), node("Clip", "b zero six", "c"),
         node("Clip", ["c", "", "six"], "d"), node("Clip", "d zero", "e"), node("Selu", "e", "y")]),
    "limits in attributes": Net(
        IMAGE, {}, [node("Clip", "x", "a", min=0.0, max=6.0), node("Clip", "a", "y", max=5.0)],
        opset=10),
    "bias and activation": Net(
        TOKENS, {"b": (6,)},
        [node("BiasGelu", "x b", "a", domain=MS), node("FastGelu", "a", "y", domain=MS)]),
    "bias that arrives and activation": Net(
        {"x": [2, 5, 6], "b": [6]}, {}, [node("BiasGelu", "x b", "y", domain=MS)]),
    "softmax": Net(
        IMAGE, {}, [node("Softmax", "x", "a", axis=1), node("Softmax", "a", "b", axis=2),
                    node("Softmax", "b", "y")]),
    "softmax of an old operator set": Net(IMAGE, {}, [node("Softmax", "x", "y")], opset=12),
    "softmax of the operator set in which it is over the last axis": Net(
        IMAGE, {}, [node("Softmax", "x", "y")], opset=13),
    "linear layers of tokens": Net(
        TOKENS, {"w": (6, 4), "b": (4,), "v": (4, 4)},
        [node("MatMul", "x w", "a"), node("Add", "a b", "c"), node("MatMul", "c v", "y")]),
    "linear layers of vectors": Net(
        {"x": [2, 6]}, {"w": (4, 6), "b": (4,), "v": (4, 3)},
        [node("Gemm", "x w b", "a", transB=1), node("Gemm", "a v", "y")]),
    "linear layer of a matrix turned round": Net(
        {"x": [6, 5]}, {"w": (6, 4)}, [node("Gemm", "x w", "y", transA=1)]),
    "linear layers of integers": Net(
        TOKENS, {"w": ((6, 4), INT8), "b": (4,), **SCALES},
        [node("DynamicQuantizeMatMul", ["x", "w", "s", "", "b"], "y", domain=MS)]),
    "linear layer, quantised": Net(
        TOKENS, {"w": ((6, 4), INT8), **SCALES},
        [node("QLinearMatMul", "x s z w s z s z", "y")], {"x": UINT8}),
    "linear layer of four bits": Net(
        TOKENS, {"w": ((4, 1, 3), UINT8), "s": (4,), "b": (4,)},
        [node("MatMulNBits", ["x", "w", "s", "", "", "b"], "y", N=4, K=6, domain=MS)]),
    "products of maps": Net(
        {"x": [2, 4, 5, 6], "z": [2, 4, 6, 3]}, {},
        [node("MatMul", "x z", "a"), node("FusedMatMul", "a x", "b", transA=1, domain=MS),
         node("FusedMatMul", "b x", "y", transB=1, domain=MS)]),
    "product of maps of other ranks": Net(
        {"x": [1, 5, 6], "z": [6, 3]}, {}, [node("MatMul", "x z", "y")]),
    "product with a table for each head": Net(
        {"x": [2, 4, 5, 6]}, {"w": (4, 6, 3)}, [node("MatMul", "x w", "y")]),
    "einsum of matrices": Net(
        {"x": [2, 4, 5, 6], "z": [2, 4, 3, 6]}, {},
        [node("Einsum", "x z", "y", equation="bhid,bhjd->bhij")]),
    "einsum with weights": Net(
        TOKENS, {"w": (6, 4)}, [node("Einsum", "x w", "y", equation="btc,cd->btd")]),
    "einsum of three": Net(
        {"x": [2, 5, 6], "z": [2, 6, 4], "u": [2, 4, 3]}, {},
        [node("Einsum", "x z u", "y", equation="bij,bjk,bkl->bil")]),
    "einsum without a sum": Net(
        {"x": [2, 5], "z": [2, 6]}, {}, [node("Einsum", "x z", "y", equation="bi,bj->bij")]),
    "quantised weights of a constant table": Net(
        {"x": [1, 8, 4]}, {"t": (8, 6), "w": ((6, 4), INT8), "zeros": ((), INT8)},
        [node("DynamicQuantizeLinear", "t", "q s z"), node("MatMulInteger", "q w z zeros", "i"),
         node("Cast", "i", "f", to=1), node("Mul", "f s", "a"), node("Add", "x a", "y")]),
    "quantised convolutions of a constant map": Net(
        {"x": [1, 5, 4, 4]},
        {"t": ((1, 3, 6, 6), UINT8), "w": ((5, 3, 3, 3), INT8), "s": 0.5, "z": ((), UINT8),
         "zw": ((), INT8), "b": ((1, 3, 4, 4), UINT8), "v": ((5, 3, 1, 1), INT8)},
        [node("QLinearConv", "t s z w s zw s z", "q"), node("DequantizeLinear", "q s z", "a"),
         node("ConvInteger", "b v z zw", "i"), node("Cast", "i", "f", to=1),
         node("Sum", "x a f", "y")]),
    "packed weights of a constant table": Net(
        {"x": [1, 8, 4]}, {"t": (8, 16), "w": ((4, 1, 8), UINT8), "s": (4,)},
        [node("MatMulNBits", "t w s", "a", N=4, K=16, bits=4, block_size=16, domain=MS),
         node("Add", "x a", "y")]),
    "map of steps that gets its batch later": Net(
        {"x": [12, 5]}, {"mean": (5,), "w": (4, 5, 3), "axis": [0]},
        [node("Sub", "x mean", "a"), node("Unsqueeze", "a axis", "b"),
         node("Transpose", "b", "c", perm=[0, 2, 1]), node("Conv", "c w", "y")]),
    "einsum over one position": Net(
        {"x": [2, 5, 1], "z": [2, 6, 1]}, {},
        [node("Einsum", "x z", "y", equation="bid,bjd->bij")]),
    "attention": Net(
        TOKENS, {**HEADS, "scale": 0.5, "sizes": [2, 5, 12]},
        [*TO_TOKENS, node("Transpose", "q", "k", perm=[0, 2, 3, 1]), node("MatMul", "t k", "s"),
         node("Mul", "s scale", "m"), node("Softmax", "m", "n"), node("MatMul", "n t", "v"),
         node("Transpose", "v", "r", perm=[0, 2, 1, 3]), node("Reshape", "r sizes", "y")]),
    "attention in windows": Net(
        {"x": [2, 12, 4, 4]},
        {"apart": [2, 4, 3, 2, 2, 2, 2], "sizes": [8, 4, 4, 3], "scale": 0.5, "b": (4, 4, 4)},
        [node("Reshape", "x apart", "a"), node("Transpose", "a", "b0", perm=[0, 3, 5, 1, 4, 6, 2]),
         node("Reshape", "b0 sizes", "q"), node("Transpose", "q", "k", perm=[0, 1, 3, 2]),
         node("Mul", "q scale", "p"), node("MatMul", "p k", "s"), node("Add", "s b", "m"),
         node("Softmax", "m", "n"), node("MatMul", "n q", "y")]),
    "attention with fewer heads of keys": Net(
        {"x": [2, 4, 5, 6], "k": [2, 1, 7, 6]}, {"scale": 0.5},
        [node("Transpose", "k", "t", perm=[0, 1, 3, 2]), node("MatMul", "x t", "s"),
         node("Mul", "s scale", "y")]),
    "attention as one operation": Net(
        {"x": [2, 5, 12], "k": [2, 7, 12], "v": [2, 7, 12]}, {},
        [node("Attention", "x k v", "y", q_num_heads=4, kv_num_heads=4)], opset=23),
    "attention as one operation, with other heads and keys before": Net(
        {"x": [2, 5, 12], "k": [2, 7, 6], "v": [2, 7, 10], "p": [2, 2, 3, 3], "w": [2, 2, 3, 5]},
        {},
        [node("Attention", ["x", "k", "v", "", "p", "w"], "y", q_num_heads=4, kv_num_heads=2)],
        opset=23),
    "attention that projects": Net(
        TOKENS, {"w": (6, 24), "b": (24,)},
        [node("Attention", "x w b", "y", num_heads=4, domain=MS)]),
    "attention that projects to other values": Net(
        TOKENS, {"w": (6, 28), "b": (28,)},
        [node("Attention", "x w b", "y", num_heads=4, qkv_hidden_sizes=[8, 8, 12], domain=MS)]),
    "attention of many heads": Net(
        {"x": [2, 5, 12], "k": [2, 4, 7, 3], "v": [2, 4, 7, 3]}, {},
        [node("MultiHeadAttention", "x k v", "y", num_heads=4, domain=MS)]),
    "attention with a graph for its scores": Net(
        {"x": [2, 4, 5, 6], "k": [2, 2, 7, 6], "v": [2, 2, 7, 3]}, {},
        [node("FlexAttention", "x k v", "a", domain=PREVIEW),
         node("FlexAttention", "x k v", "b", domain=PREVIEW,
              score_mod=graph([node("Relu", "s", "t")], outputs="t"))], outputs="a b"),
    "attention that keeps a matrix": Net(
        {"x": [2, 5, 24], "k": [2, 5, 12], "v": [2, 5, 8], "g": [2, 5, 2], "r": [2, 5, 2]}, {},
        [node("LinearAttention", ["x", "k", "v", "", *more], out, q_num_heads=4, kv_num_heads=2,
              update_rule=rule)
         for rule, more, out in (("linear", [], "a"), ("gated", ["g"], "b"),
                                 ("delta", ["", "r"], "c"), ("gated_delta", ["g", "r"], "d"))],
        opset=27, outputs="a b c d"),
    "recurrent layers": Net(
        {"x": [7, 2, 6]},
        {"w": (2, 20, 6), "r": (2, 20, 5), "b": (2, 40), "u": (1, 12, 10), "v": (1, 12, 4),
         "sizes": [7, 2, 10]},
        [node("LSTM", "x w r b", "a", hidden_size=5, direction="bidirectional"),
         node("Transpose", "a", "t", perm=[0, 2, 1, 3]), node("Reshape", "t sizes", "c"),
         node("GRU", "c u v", "y", hidden_size=4, linear_before_reset=1)]),
    "recurrent layers of no kind of ours": Net(
        {"x": [7, 2, 6]},
        {"w": (2, 20, 6), "r": (2, 20, 5), "p": (2, 15), "u": (1, 4, 6), "v": (1, 4, 4)},
        [node("LSTM", ["x", "w", "r", "", "", "", "", "p"], "a", hidden_size=5,
              direction="bidirectional"), node("RNN", "x u v", "c", hidden_size=4)],
        outputs="a c"),
    "sums and products": Net(
        {"x": [2, 3, 8, 9], "z": [2, 3, 1, 9]},
        {"k": 0.5, "w": (3, 1, 1), "p": (3, 8, 9), "two": 2.0, "three": 3.0},
        [node("Add", "x z", "a"), node("Mul", "a w", "b"), node("Add", "b p", "c"),
         node("Mul", "c c", "d"), node("Mul", "d k", "e"), node("Sub", "k e", "f"),
         node("Div", "f w", "g"), node("Sub", "w g", "h"), node("Max", "h x z", "i"),
         node("Pow", "i two", "l"), node("Pow", "l three", "m"), node("Greater", "m k", "y")]),
    "sum with a map of fewer axes": Net(
        {"x": [2, 3, 8, 9], "z": [9]}, {}, [node("Add", "x z", "a"), node("Mul", "z a", "y")]),
    "reductions": Net(
        IMAGE, {},
        [FIRST, node("ReduceMean", "a", "b", axes=[2, 3]), node("ReduceMax", "a", "c", axes=[2]),
         node("ReduceL2", "a", "d", axes=[1]), node("ReduceLogSumExp", "a", "e", axes=[3]),
         node("ReduceL1", "a", "f", axes=[1]), node("ReduceSum", "a", "g", keepdims=0),
         node("ReduceMean", "a", "h", axes=[2, 3], keepdims=0), node("ArgMax", "a", "i", axis=1)],
        opset=12, outputs="b c d e f g h i"),
    "largest": Net(TOKENS, {"k": [4]}, [FIRST, node("TopK", "a k", "v i")], outputs="v i"),
    "joins along axes": Net(
        {"x": [2, 3, 8, 9], "z": [2, 5, 8, 9]}, {},
        [node("Concat", "x z", "a", axis=1), node("Concat", "a a", "b", axis=-1),
         node("Concat", "b b", "y", axis=0)]),
    "joins with constants": Net(
        {"x": [1, 5, 6]}, {"c": (1, 1, 6), "d": (1, 2, 6), "w": (6, 6)},
        [node("MatMul", "x w", "a"), node("Concat", "c a", "b", axis=1),
         node("Concat", "b d", "y", axis=1)]),
    "positions moved round": Net(
        IMAGE, {"zero": [0], "three": [3], "all": [99], "two": [2]},
        [FIRST, node("Slice", "a three all two", "b"), node("Slice", "a zero three two", "c"),
         node("Concat", "b c", "y", axis=2)]),
    "positions in another order": Net(
        IMAGE, {"zero": [0], "three": [3], "all": [99], "two": [2]},
        [FIRST, node("Slice", "a three all two", "b"), node("Slice", "a zero three two", "c"),
         node("Concat", "c b", "y", axis=2)]),
    "every second position into channels": Net(
        {"x": [2, 3, 8, 6]}, {"b": [0, 0], "c": [1, 0], "d": [0, 1], "e": [1, 1], "all": [99, 99],
                              "axes": [2, 3], "two": [2, 2]},
        [*[node("Slice", f"x {n} all axes two", f"p{n}") for n in "bcde"],
         node("Concat", "pb pc pd pe", "y", axis=1)]),
    "every second position, one of them twice": Net(
        {"x": [2, 3, 8, 6]}, {"b": [0, 0], "c": [1, 0], "d": [0, 1], "all": [99, 99],
                              "axes": [2, 3], "two": [2, 2]},
        [*[node("Slice", f"x {n} all axes two", f"p{n}") for n in "bcd"],
         node("Concat", "pb pc pd pb", "y", axis=1)]),
    "parts": Net(
        {"x": [2, 6, 8, 9]},
        {"two": [2], "five": [5], "one": [1], "i": [4, 5], "j": [0, 2], "k": 3},
        [node("Split", "x", "a b c", axis=1), node("Relu", "b", "d"),
         node("Slice", "x two five one", "e"), node("Relu", "e", "f"),
         node("Gather", "x i", "g", axis=2), node("Relu", "g", "h"),
         node("Gather", "x j", "l", axis=1), node("Relu", "l", "m"),
         node("Gather", "x k", "n", axis=3), node("Relu", "n", "o")],
        outputs="d f h m o"),
    "uneven parts": Net(
        {"x": [2, 6, 8, 9]}, {"sizes": [1, 3, 2]},
        [node("Split", "x sizes", "a b c", axis=1), node("Relu", "a", "d"), node("Relu", "b", "e"),
         node("Relu", "c", "f")], outputs="d e f"),
    "rows of a table": Net(
        {"x": [2, 5]}, {"w": (30, 6)}, [node("Gather", "w x", "y")], {"x": INT64}),
    "rows of tables, added": Net(
        {"x": [2, 5], "s": [2, 5]}, {"w": (30, 6), "p": (9, 6), "t": (2, 6), "g": (6,), "b": (6,)},
        [node("EmbedLayerNormalization", "x s w p t g b", "y", domain=MS)],
        {"x": INT32, "s": INT32}),
    "positions by data": Net(
        {"x": [2, 3, 8], "i": [4]}, {}, [node("Gather", "x i", "y", axis=2)], {"i": INT64}),
    "zeros around": Net(
        IMAGE, {"ends": [0, 0, 1, 2, 0, 0, 3, 4]},
        [node("Pad", "x ends", "a"), node("Pad", "a ends", "y", mode="reflect")]),
    "zeros around, axis by axis": Net(
        IMAGE, {"ends": [1, 2], "axes": [-1]}, [node("Pad", ["x", "ends", "", "axes"], "y")],
        opset=18),
    "channels of zeros": Net(
        IMAGE, {"ends": [0, 1, 0, 0, 0, 0, 0, 0]}, [node("Pad", "x ends", "y")]),
    "less around": Net(
        IMAGE, {"ends": [0, 0, -1, 0, 0, 0, 0, 0]}, [node("Pad", "x ends", "y")]),
    "nothing around": Net(
        IMAGE, {"ends": [0] * 8}, [FIRST, node("Pad", "a ends", "b"), node("Relu", "b", "y")]),
    "repeats": Net(
        IMAGE, {"by": [1, 2, 1, 1], "to": [2, 3, 8, 9]},
        [FIRST, node("Tile", "a by", "b"), node("ReduceMean", "a", "m", axes=[2]),
         node("Expand", "m to", "c"), node("Concat", "b c", "y", axis=1)], opset=13),
    "columns into an image": Net(
        {"x": [2, 12, 20]}, {"image": [5, 6], "block": [2, 3]},
        [FIRST, node("Col2Im", "a image block", "y")], opset=18),
    "what nobody knows": Net(
        IMAGE, {"w": (3, 4)},
        [FIRST, node("Own", "a w", "b", domain="my"), node("NonZero", "a", "c")],
        outputs="b c"),
    "moves that are no layers": Net(
        IMAGE, {"sizes": [2, 72, 3]},
        [FIRST, node("Transpose", "a", "b", perm=[0, 2, 3, 1]), node("Reshape", "b sizes", "c"),
         node("Cast", "c", "d", to=10), node("Dropout", "d", "e"), node("Softmax", "e", "f"),
         node("Softmax", "f", "y", axis=1)]),
    "linear layer of vectors, turned twice": Net(
        {"x": [4, 6]}, {"w": (6, 3)},
        [node("Transpose", "x", "a", perm=[1, 0]), node("Gemm", "a w", "y", transA=1)]),
    "norm in parts, by axes that are given": Net(
        TOKENS, {"axes": [-1], "two": 2.0, "eps": 1e-5, "g": (6,), "b": (6,)},
        [node("ReduceMean", "x axes", "m"), node("Sub", "x m", "d"), node("Pow", "d two", "q"),
         node("ReduceMean", "q axes", "v"), node("Add", "v eps", "w"), node("Sqrt", "w", "s"),
         node("Div", "d s", "n"), node("Mul", "n g", "h"), node("Add", "h b", "y")], opset=18),
    "norm and a sum before it, with all that it puts out": Net(
        {"x": [2, 5, 6], "z": [2, 5, 6]}, {"g": (6,), "b": (6,)},
        [node("SkipLayerNormalization", "x z g b", ["y", "", ""], domain=MS)]),
    "scale of two channels": Net({"x": [2, 2, 8]}, {"w": (2, 1)}, [node("Mul", "x w", "y")]),
    "slopes that arrive": Net({"x": [2, 3, 8], "p": [2, 3, 1]}, {}, [node("PRelu", "x p", "y")]),
    "one row of a map with its channels last": Net(
        IMAGE, {"k": 3, "w": (3, 4)},
        [node("Transpose", "x", "t", perm=[0, 2, 3, 1]), node("Gather", "t k", "g", axis=1),
         node("MatMul", "g w", "y")]),
    "rows of four bits": Net(
        {"x": [2, 5]}, {"w": ((30, 3), UINT8), "s": (30, 1)},
        [node("GatherBlockQuantized", "w x s", "y", domain=MS)], {"x": INT64}),
    "shuffle that is put out before its end": Net(
        {"x": [2, 6, 4, 5]}, {"apart": [2, 3, 2, 4, 5], "sizes": [2, 6, 4, 5]},
        [node("Reshape", "x apart", "a"), node("Transpose", "a", "b", perm=[0, 2, 1, 3, 4]),
         node("Reshape", "b sizes", "y")], outputs="y b"),
    "shuffle of which two read a part": Net(
        {"x": [2, 6, 4, 5]}, {"apart": [2, 3, 2, 4, 5], "sizes": [2, 6, 4, 5]},
        [node("Reshape", "x apart", "a"), node("Transpose", "a", "b", perm=[0, 2, 1, 3, 4]),
         node("Reshape", "b sizes", "c"), node("Relu", "b", "d")], outputs="c d"),
    "every second position of two maps": Net(
        {"x": [2, 3, 8, 6], "z": [2, 3, 8, 6]},
        {"b": [0, 0], "c": [1, 0], "d": [0, 1], "e": [1, 1], "all": [99, 99], "axes": [2, 3],
         "two": [2, 2]},
        [*[node("Slice", f"{x} {n} all axes two", f"p{n}") for x, n in ("xb", "xc", "zd", "xe")],
         node("Concat", "pb pc pd pe", "y", axis=1)]),
    "convolution with standardised weights and no gain": Net(
        IMAGE, {"w": (1, 4, 27), "sizes": [4, 3, 3, 3]},
        [*[node("Constant", [], n, value=tensor("", [4], [1.0] * 4)) for n in "gbmv"],
         node("BatchNormalization", "w g b m v", "n", training_mode=1),
         node("Reshape", "n sizes", "k"), node("Conv", "x k", "y")]),
    "convolution after what reads a map at places": Net(
        {"x": [2, 3, 8, 9], "o": [2, 18, 6, 7]}, {"w": (4, 3, 3, 3), "v": (5, 4, 1, 1)},
        [node("DeformConv", "x w o", "a"), node("Conv", "a v", "y")], opset=19),
    "weights that two layers have": Net(
        TOKENS, {"w": (6, 6)},
        [node("MatMul", "x w", "a"), node("Relu", "a", "b"), node("MatMul", "b w", "y")]),
    "convolution and a row that is added to each of its rows": Net(
        {"x": [2, 3, 8, 6]}, {"w": (4, 3, 3, 3), "b": (4,)},
        [node("Conv", "x w", "a"), node("Add", "a b", "y")]),
    "convolution with weights that are standardised in steps": Net(
        IMAGE, {"w": (4, 3, 3, 3), "eps": 1e-5},
        [node("ReduceMean", "w", "m", axes=[1, 2, 3]), node("Sub", "w m", "d"),
         node("Mul", "d d", "q"), node("ReduceMean", "q", "v", axes=[1, 2, 3]),
         node("Add", "v eps", "e"), node("Sqrt", "e", "s"), node("Div", "d s", "k"),
         node("Constant", [], "half", value=tensor("", [1], [0.5])), node("Mul", "k half", "h"),
         node("Conv", "x h", "y")]),
    "convolution with weights that are standardised, times a number for each channel": Net(
        IMAGE, {"w": (4, 3, 3, 3), "eps": 1e-5},
        [node("ReduceMean", "w", "m", axes=[1, 2, 3]), node("Sub", "w m", "d"),
         node("Mul", "d d", "q"), node("ReduceMean", "q", "v", axes=[1, 2, 3]),
         node("Add", "v eps", "e"), node("Sqrt", "e", "s"), node("Div", "d s", "k"),
         node("Constant", [], "g", value=tensor("", [4, 1, 1, 1], [0.5, 1.0, 2.0, 3.0])),
         node("Mul", "k g", "h"), node("Conv", "x h", "y")]),
    "convolution with a learned gain times its standardised weights": Net(
        IMAGE, {"0.weight": (4, 3, 3, 3), "0.gain": (4, 1, 1, 1), "eps": 1e-5},
        [node("ReduceMean", "0.weight", "m", axes=[1, 2, 3]), node("Sub", "0.weight m", "d"),
         node("Mul", "d d", "q"), node("ReduceMean", "q", "v", axes=[1, 2, 3]),
         node("Add", "v eps", "e"), node("Sqrt", "e", "s"), node("Div", "d s", "k"),
         node("Mul", "0.gain k", "h"), node("Conv", "x h", "y")]),
    "convolution with weights that are divided": Net(
        IMAGE, {"w": (4, 3, 3, 3), "g": (4, 1, 1, 1)},
        [node("Div", "w g", "k"), node("Conv", "x k", "y")]),
    "convolution at places that arrive, and a softmax of its channels": Net(
        {"x": [2, 3, 8, 9], "o": [2, 18, 6, 7]}, {"w": (4, 3, 3, 3)},
        [node("DeformConv", "x w o", "a"), node("Softmax", "a", "y", axis=1)], opset=19),
    "product of two maps of tokens": Net(
        {"x": [2, 5, 6], "z": [2, 6, 3]}, {}, [node("MatMul", "x z", "y")]),
    "product of columns, and one of what it puts out": Net(
        {"x": [6, 5]}, {"w": (6, 4), "v": (4, 3)},
        [node("Gemm", "x w", "a", transA=1), node("Einsum", "a v", "y", equation="ij,jk->ik")]),
    "learned positions that are added twice": Net(
        {"x": [1, 5, 6]}, {"pos_embed": (1, 5, 6)},
        [node("Add", "x pos_embed", "a"), node("Relu", "a", "b"),
         node("Add", "b pos_embed", "y")]),
    "every second position, of slices of all axes": Net(
        {"x": [1, 3, 8, 6]},
        {"b": [0, 0, 0, 0], "c": [0, 0, 1, 0], "d": [0, 0, 0, 1], "e": [0, 0, 1, 1],
         "all": [99] * 4, "axes": [0, 1, 2, 3], "two": [1, 1, 2, 2]},
        [*[node("Slice", f"x {n} all axes two", f"p{n}") for n in "bcde"],
         node("Concat", "pb pc pd pe", "y", axis=1)]),
    "every second position of a part": Net(
        {"x": [1, 3, 10, 6]},
        {"two": [2], "ten": [10], "rows": [2], "b": [0, 0], "c": [1, 0], "d": [0, 1], "e": [1, 1],
         "all": [99, 99], "axes": [2, 3], "steps": [2, 2]},
        [node("Slice", "x two ten rows", "z"),
         *[node("Slice", f"z {n} all axes steps", f"p{n}") for n in "bcde"],
         node("Concat", "pb pc pd pe", "y", axis=1)]),
    "norms of groups and the sum before them": Net(
        {"x": [2, 6, 7, 4], "z": [2, 6, 7, 4], "u": [2, 4]}, dict.fromkeys("gb", (4,)),
        [node("SkipGroupNorm", f"{a} g b {b}", c, domain=MS, groups=2, activation=1,
              channels_last=1) for a, b, c in ("xza", "auy")]),
    "half of a map by GELU of the other": Net(
        {"x": [2, 5, 8]}, {"b": (8,)}, [node("BiasSplitGelu", "x b", "y", domain=MS)]),
    "activation and sum of maps in other sizes": Net(
        IMAGE, {"sizes": [2, 24, 9]},
        [node("Reshape", "x sizes", "a"), node("FastGelu", "a", "b", domain=MS),
         node("Add", "b a", "c"), node("Mul", "c c", "y")]),
    "activations after products": Net(
        {"x": [2, 6]}, {"w": (6, 6)},
        [node("FusedGemm", f"{'xabc'[i]} w", "abcy"[i], domain=MS, activation=word,
              activation_params=limits)
         for i, (word, limits) in enumerate([("Clip", [0.0, 6.0]), ("Clip", [0.0, 1.0]),
                                             ("LeakyRelu", [0.0, 6.0]), ("Softsign", [1.0])])]),
    "recurrent layers of no kind of ours, with biases": Net(
        {"x": [7, 2, 6]},
        {"w": (2, 20, 6), "r": (2, 20, 5), "b": (2, 40), "p": (2, 15),
         "u": (1, 4, 6), "v": (1, 4, 4), "c": (1, 8)},
        [node("LSTM", ["x", "w", "r", "b", "", "", "", "p"], "a", hidden_size=5,
              direction="bidirectional"), node("RNN", "x u v c", "d", hidden_size=4)],
        outputs="a d"),
    "attention of one head, with fewer queries than keys": Net(
        {"q": [2, 5, 6], "k": [2, 6, 7], "v": [2, 7, 3]}, {"scale": 0.5},
        [node("MatMul", "q k", "s"), node("Mul", "s scale", "m"), node("Softmax", "m", "n"),
         node("MatMul", "n v", "y")]),
    "splits of which some parts have no name": Net(
        {"x": [1, 8, 4, 5]}, {"sizes": [2, 1, 5]},
        [node("Split", "x sizes", ["a", "", "c"], axis=1), node("Relu", "c", "y"),
         node("Split", "x", ["e", "", "", "h"], axis=1), node("Relu", "h", "z")], outputs="y z"),
    "product of constants with a bias": Net(
        {"x": [1, 5, 4]}, {"c": (5, 6), "w": (6, 4), "b": (4,)},
        [node("Gemm", "c w b", "p"), node("Add", "x p", "y")]),
    "some windows of all of them": Net(
        {"x": [1, 3, 8, 9]}, {"sizes": [4, 6, 9], "one": [1], "three": [3], "axis": [0]},
        [node("Reshape", "x sizes", "a"), node("Slice", "a one three axis", "b"),
         node("Relu", "b", "y")]),
    "some images of all that the file has": Net(
        {"x": [3, 3, 8, 9]}, {"zero": [0], "two": [2]},
        [node("Slice", "x zero two zero", "b"), node("Relu", "b", "y")]),
    "padding of both axes, and of one": Net(
        IMAGE, {"pads": [0, 0, 1, 2, 0, 0, 3, 4], "some": [5, 6], "rows": [2]},
        [node("Pad", "x pads", "a"), node("Pad", ["a", "some", "", "rows"], "y")], opset=18),
    "learned positions of the patches of an image": Net(
        {"x": [1, 3, 4, 10]}, {"w": (6, 3, 2, 2), "sizes": [1, 6, 10], "pos_embed": (1, 10, 6)},
        [node("Conv", "x w", "a", strides=[2, 2]), node("Reshape", "a sizes", "b"),
         node("Transpose", "b", "c", perm=[0, 2, 1]), node("Add", "c pos_embed", "y")]),
    "means of rows that stay and that go, with channels on the last axis": Net(
        IMAGE, {"w": (4, 3, 1, 1), "v": (4, 3, 1)},
        [node("Transpose", "x", "t", perm=[0, 2, 3, 1]),
         node("ReduceMean", "t", "a", axes=[1]), node("Transpose", "a", "b", perm=[0, 3, 1, 2]),
         node("Conv", "b w", "y"),
         node("ReduceMean", "t", "c", axes=[1], keepdims=0),
         node("Transpose", "c", "d", perm=[0, 2, 1]), node("Conv", "d v", "z")], outputs="y z"),
    "part of an axis after two of size 1": Net(
        {"x": [2, 3, 9]}, {"sizes": [2, 3, 1, 1, 9], "one": [1], "six": [6], "four": [4]},
        [node("Reshape", "x sizes", "a"), node("Slice", "a one six four", "b"),
         node("Relu", "b", "y")]),
    "convolution after attention as one operation and an activation": Net(
        {"x": [2, 5, 12]}, {"w": (4, 12, 1)},
        [node("Attention", "x x x", "a", q_num_heads=4, kv_num_heads=4), node("Relu", "a", "b"),
         node("Transpose", "b", "c", perm=[0, 2, 1]), node("Conv", "c w", "y")], opset=23),
    "one of the first axis, which is the usual one": Net(
        {"x": [1, 3, 8, 9]}, {"sizes": [3, 2, 4, 9], "one": 1},
        [node("Reshape", "x sizes", "a"), node("Gather", "a one", "b"), node("Relu", "b", "y")]),
    "GELU of channels that come first, and after a bias of the last axis": Net(
        IMAGE, {"w": (4, 3, 1, 1), "s": (4, 1, 1), "b": (9,), "t": (4, 1, 1)},
        [node("Conv", "x w", "a"), node("FastGelu", "a", "c", domain=MS), node("Mul", "c s", "d"),
         node("BiasGelu", "d b", "e", domain=MS), node("Mul", "e t", "y")]),
    "norm by groups after a sum with a number for each channel": Net(
        {"x": [1, 4, 6, 8]}, {"k": (1, 8), "g": (8,), "b": (8,)},
        [node("SkipGroupNorm", "x g b k", "y", domain=MS, groups=2, channels_last=1)]),
    "weights among the operations, times a tensor": Net(
        {"x": [4, 6]}, {"t": (6, 1)},
        [node("Constant", [], "c", value=tensor("", [6, 3], [0.5] * 18)),
         node("Mul", "t c", "w"), node("MatMul", "x w", "y")]),
    "positions of two tokens": Net({"x": [3, 6, 2]}, {"w": (6, 2)}, [node("Add", "x w", "y")]),
    "channels in blocks and back, with channels first": Net(
        {"x": [1, 8, 4, 5]}, {"w": (8, 8, 1, 1), "s": (6, 1, 1)},
        [node("ReorderInput", "x", "a", domain=NCHWC), node("Conv", "a w", "b", domain=NCHWC),
         node("ReorderOutput", "b", "c", domain=NCHWC, channels=6), node("Mul", "c s", "y")]),
    "channels in blocks that were last, added to": Net(
        {"x": [1, 4, 5, 8], "z": [1, 8, 4, 5]}, {"s": (8, 1, 1)},
        [node("ReorderInput", "x", "a", domain=NCHWC, channels_last=1),
         node("Add", "a z", "b"), node("Mul", "b s", "y")]),
}  # fmt: skip


def test_layers_of_small_nets_are_those_kept(request: pytest.FixtureRequest) -> None:
    lines = [line for name, net in NETS.items() for line in [name, *lines_of(net.graph())]]
    hold(lines, Path(__file__).with_name("placed.txt"), request)
