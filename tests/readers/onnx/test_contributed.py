"""Operations that onnxruntime adds to the standard: shapes, params and MACs, a row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from struct import pack
from typing import Any, NamedTuple

import pytest
from tests.readers.onnx.encoder import (
    FLOAT,
    FLOAT16,
    INT8,
    INT32,
    INT64,
    UINT8,
    graph,
    model,
    node,
    tensor,
    typed,
)
from tests.rows import each_of

from bncalc.analysis.measurement import measure
from bncalc.model.reading import Request
from bncalc.opening.model import Overrides, open_model, request_of
from bncalc.opening.name import parse
from bncalc.readers.onnx.account import account_of

WIDTHS = {FLOAT: 4, FLOAT16: 2, UINT8: 1, INT8: 1, INT32: 4}


class Row(NamedTuple):
    """One operation; `held` are sizes of weights, or an element type with sizes and values."""

    op: str
    inputs: str
    sizes: Mapping[str, Sequence[int]]
    held: Mapping[str, Any]
    expected: Sequence[tuple[int, ...]]
    params: int
    macs: int
    attributes: Mapping[str, Any] = {}
    kinds: Mapping[str, int] = {}

    def file(self, folder: Path) -> str:
        names = [f"y{index}" for index in range(len(self.expected))]
        inputs = ["" if name == "-" else name for name in self.inputs.split()]
        operation = node(self.op, inputs, names, domain="com.microsoft", **self.attributes)
        tensors = [_held(name, given) for name, given in self.held.items()]
        body = graph([operation], tensors, self.sizes, names, self.kinds)
        path = folder / "net.onnx"
        path.write_bytes(model(body))
        return str(path)


def sizes_of(given: Any) -> tuple[int, ...]:
    """Return the sizes of a tensor that is held."""
    return tuple(given if not given or isinstance(given[0], int) else given[0])


def _held(name: str, given: Any) -> bytes:
    """Return a tensor: of floats by its sizes, else by sizes, element type and perhaps bytes."""
    if sizes_of(given) == given:
        return tensor(name, given)
    dims, kind, *raw = given
    return typed(name, dims, kind, raw[0] if raw else bytes(prod(dims) * WIDTHS[kind]))


TOKENS = {"x": [1, 5, 8]}
SCALE, ZERO = ((1,), FLOAT, pack("<f", 1)), ((1,), INT8)
BYTES = {"s": ((), FLOAT, pack("<f", 1)), "z": ((), UINT8)}
"""The scale and zero point of all maps of bytes."""

ROWS = [
    Row("Attention", "x w b", TOKENS, {"w": (8, 24), "b": (24,)}, [(1, 5, 8)],
        216, 5 * 8 * 24 + 5 * 5 * 16, {"num_heads": 2}),
    Row("Attention", "x w b - p", {"x": [1, 5, 8], "p": [2, 1, 2, 3, 4]},
        {"w": (8, 24), "b": (24,)}, [(1, 5, 8), (2, 1, 2, 8, 4)],
        216, 5 * 8 * 24 + 5 * 8 * 16, {"num_heads": 2}),
    Row("Attention", "x w b", TOKENS, {"w": (8, 20), "b": (20,)}, [(1, 5, 4)],
        180, 5 * 8 * 20 + 5 * 5 * 12, {"num_heads": 2, "qkv_hidden_sizes": [8, 8, 4]}),
    Row("MultiHeadAttention", "x k v b", {"x": [1, 5, 8], "k": [1, 7, 8], "v": [1, 7, 8]},
        {"b": (24,)}, [(1, 5, 8)], 24, 5 * 7 * 16, {"num_heads": 2}),
    Row("MultiHeadAttention", "x k v - - r",
        {"x": [1, 5, 8], "k": [1, 7, 8], "v": [1, 7, 8], "r": [1, 2, 5, 7]},
        {}, [(1, 5, 8)], 0, 5 * 7 * 16, {"num_heads": 2}),
    Row("MultiHeadAttention", "x k v", {"x": [1, 5, 8], "k": [1, 2, 7, 4], "v": [1, 2, 7, 4]},
        {}, [(1, 5, 8)], 0, 5 * 7 * 16, {"num_heads": 2}),
    Row("MultiHeadAttention", "x", {"x": [1, 5, 2, 3, 4]}, {}, [(1, 5, 8)],
        0, 5 * 5 * 16, {"num_heads": 2}),
    Row("GroupQueryAttention", "x k v - - s t", {"x": [1, 1, 32], "k": [1, 1, 16], "v": [1, 1, 16]},
        {"s": ((1,), INT32), "t": ((), INT32, b"\1\0\0\0")},
        [(1, 1, 32), (1, 2, 1, 8), (1, 2, 1, 8)], 0, 4 * 16, {"num_heads": 4, "kv_num_heads": 2}),
    Row("GroupQueryAttention", "x - - - - s t", {"x": [1, 1, 48]},
        {"s": ((1,), INT32), "t": ((), INT32, b"\1\0\0\0")},
        [(1, 1, 16), (1, 2, 1, 8), (1, 2, 1, 8)], 0, 2 * 16, {"num_heads": 2, "kv_num_heads": 2}),
    # 3 queries of 2 heads of 8 meet the 5 keys before them and their own
    Row("GroupQueryAttention", "x - - kp vp s t",
        {"x": [1, 3, 48], "kp": [1, 2, 5, 8], "vp": [1, 2, 5, 8]},
        {"s": ((1,), INT32, b"\7\0\0\0"), "t": ((), INT32, b"\10\0\0\0")},
        [(1, 3, 16), (1, 2, 8, 8), (1, 2, 8, 8)], 0, 2 * 3 * 16 * 8,
        {"num_heads": 2, "kv_num_heads": 2}),
    Row("EmbedLayerNormalization", "x s w p t g b", {"x": [1, 6], "s": [1, 6]},
        {"w": (20, 8), "p": (10, 8), "t": (2, 8), "g": (8,), "b": (8,)}, [(1, 6, 8), (1,)],
        272, 0, {}, {"x": INT32, "s": INT32}),
    Row("MatMulNBits", "x w s", {"x": [1, 3, 64]}, {"w": ((10, 2, 16), UINT8), "s": (20,)},
        [(1, 3, 10)], 640, 3 * 640, {"N": 10, "K": 64, "bits": 4, "block_size": 32}),
    Row("DynamicQuantizeMatMul", "x w s z b", {"x": [1, 3, 8]},
        {"w": ((8, 5), INT8), "s": SCALE, "z": ZERO, "b": (5,)},
        [(1, 3, 5)], 45, 3 * 40),
    Row("MatMulIntegerToFloat", "x w s r", {"x": [1, 3, 8]},
        {"w": ((8, 5), INT8), "s": SCALE, "r": SCALE},
        [(1, 3, 5)], 40, 3 * 40, {}, {"x": UINT8}),
    Row("DynamicQuantizeLSTM", "x w r b - - - - s z t u", {"x": [5, 1, 8]},
        {"w": ((1, 8, 16), INT8), "r": ((1, 4, 16), INT8), "b": (1, 32),
         "s": (1,), "z": ((1,), INT8), "t": (1,), "u": ((1,), INT8)},
        [(5, 1, 1, 4), (1, 1, 4), (1, 1, 4)], 128 + 64 + 32, 5 * 16 * (8 + 4),
        {"hidden_size": 4}),
    Row("RotaryEmbedding", "x p c s", {"x": [1, 2, 4, 8], "p": [1, 4]},
        {"c": (10, 4), "s": (10, 4)}, [(1, 2, 4, 8)], 0, 0, {}, {"p": INT64}),
    Row("GatherBlockQuantized", "w x s", {"x": [1, 3]}, {"w": ((20, 16), UINT8), "s": (20, 2)},
        [(1, 3, 32)], 640, 0, {"bits": 4, "block_size": 16, "quantize_axis": 1}, {"x": INT64}),
    Row("TransposeMatMul", "x z", {"x": [1, 4, 3], "z": [1, 4, 5]}, {}, [(1, 3, 5)],
        0, 60, {"transA": 1}),
    Row("FusedMatMul", "x y", {"x": [1, 3, 4], "y": [1, 5, 4]}, {}, [(1, 3, 5)],
        0, 60, {"transB": 1}),
    # rows before the batch of 2: one row of 4 is 2 × 1 × 4, and transposed 2 × 4 × 1
    Row("FusedMatMul", "x y", {"x": [1, 2, 4], "y": [2, 4, 3]}, {}, [(2, 1, 3)],
        0, 24, {"transBatchA": 1}),
    Row("FusedMatMul", "x y", {"x": [1, 2, 4], "y": [3, 2, 1]}, {}, [(2, 4, 3)],
        0, 24, {"transBatchA": 1, "transA": 1, "transBatchB": 1, "transB": 1}),
    Row("QLinearConcat", "s z x s z y s z", {"x": [1, 2, 4, 5], "y": [1, 3, 4, 5]}, BYTES,
        [(1, 5, 4, 5)], 0, 0, {"axis": 1}, {"x": UINT8, "y": UINT8}),
    Row("QLinearGlobalAveragePool", "x s z s z", {"x": [1, 4, 6, 3]}, BYTES, [(1, 1, 1, 3)],
        0, 0, {"channels_last": 1}, {"x": UINT8}),
    Row("QLinearGlobalAveragePool", "x s z s z", {"x": [1, 4, 6, 3]}, BYTES, [(1, 4, 1, 1)],
        0, 0, {}, {"x": UINT8}),
    Row("NhwcFusedConv", "x w b", {"x": [1, 6, 5, 4]}, {"w": (8, 2, 3, 3), "b": (8,)},
        [(1, 4, 3, 8)], 8 * 2 * 9 + 8, 4 * 3 * 8 * 2 * 9, {"group": 2}),
    Row("NhwcConv", "x w b", {"x": [1, 6, 5, 4]}, {"w": (8, 3, 3, 2), "b": (8,)},
        [(1, 4, 3, 8)], 8 * 2 * 9 + 8, 4 * 3 * 8 * 2 * 9, {"group": 2, "kernel_shape": [3, 3]}),
    Row("QLinearConv", "x s z w s z s z", {"x": [1, 6, 5, 4]},
        {**BYTES, "w": ((8, 4, 1, 1), UINT8)},
        [(1, 3, 3, 8)], 32, 9 * 32, {"channels_last": 1, "strides": [2, 2]}, {"x": UINT8}),
    Row("NhwcMaxPool", "x", {"x": [1, 6, 4, 3]}, {}, [(1, 3, 2, 3)], 0, 0,
        {"kernel_shape": [2, 2], "strides": [2, 2]}, {"x": UINT8}),
    Row("QGemm", "x s z w s z b", {"x": [1, 8]},
        {**BYTES, "w": ((5, 8), UINT8), "b": ((5,), INT32)},
        [(1, 5)], 45, 40, {"transB": 1}, {"x": UINT8}),
    Row("QLinearAdd", "x s z y s z s z", {"x": [4, 1, 3], "y": [1, 4, 6, 3]}, BYTES,
        [(1, 4, 6, 3)], 0, 0, {}, {"x": UINT8, "y": UINT8}),
    Row("QLinearAdd", "x s z y s z s z", {"x": [1, 4, 6, 3], "y": [4, 1, 3]}, BYTES,
        [(1, 4, 6, 3)], 0, 0, {}, {"x": UINT8, "y": UINT8}),
    Row("QLinearMul", "x s z two s z s z", {"x": [1, 4, 6, 3]}, {**BYTES, "two": ((1,), UINT8)},
        [(1, 4, 6, 3)], 0, 0, {}, {"x": UINT8}),
    Row("QLinearConcat", "s z x s z two s z", {"x": [1, 4]}, {**BYTES, "two": ((1, 1), UINT8)},
        [(1, 5)], 0, 0, {"axis": 1}, {"x": UINT8}),
    Row("QLinearConcat", "s z x s z row s z", {"x": [1, 4]}, {**BYTES, "row": ((1, 3), UINT8)},
        [(1, 7)], 3, 0, {"axis": 1}, {"x": UINT8}),
]  # fmt: skip


@each_of(ROWS, ids=[f"{i}-{row.op}" for i, row in enumerate(ROWS)])
def test_operation_has_its_sizes_params_and_macs(tmp_path: Path, row: Row) -> None:
    path = row.file(tmp_path)
    account = account_of(Request(path))
    sizes = [account.tensors[f"y{index}"] for index in range(len(row.expected))]
    assert sizes == row.expected
    (charge,) = account.layers
    assert (charge.params, charge.macs) == (row.params, row.macs)
    network = open_model(path).graphs[0]
    totals = measure(network).totals
    assert (totals.params, totals.macs) == (row.params, row.macs)
    assert all(each.op.counted for each in network.nodes)


def test_attention_that_projects_becomes_a_linear_layer_and_our_own_attention(
    tmp_path: Path,
) -> None:
    network = open_model(ROWS[0].file(tmp_path)).graphs[0]
    assert [each.op.word for each in network.nodes[1:]] == [
        "linear", "split", "split", "split", "fused_attention",
    ]  # fmt: skip


def test_weights_of_few_bits_take_the_bytes_of_the_file(tmp_path: Path) -> None:
    row = next(row for row in ROWS if row.op == "MatMulNBits")
    network = open_model(row.file(tmp_path)).graphs[0]
    assert measure(network).totals.weight_bytes == 320


@each_of(
    [
        (Row("SkipLayerNormalization", "x s g b d", {"x": [1, 5, 8], "s": [1, 5, 8]},
         {"g": (8,), "b": (8,), "d": (8,)}, [(1, 5, 8)], 24, 0),
         ["input", "add", "parameter", "add", "layer_norm"]),
        (Row("SkipSimplifiedLayerNormalization", "x s g", {"x": [1, 5, 8], "s": [1, 5, 8]},
         {"g": (8,)}, [(1, 5, 8)], 8, 0), ["input", "add", "rms_norm"]),
        (Row("SkipSimplifiedLayerNormalization", "x s g b", {"x": [1, 5, 8], "s": [1, 5, 8]},
         {"g": (8,), "b": (8,)}, [(1, 5, 8)], 16, 0),
         ["input", "add", "parameter", "add", "rms_norm"]),
        (Row("BiasGelu", "x b", TOKENS, {"b": (8,)}, [(1, 5, 8)], 8, 0),
         ["parameter", "add", "gelu"]),
        (Row("FastGelu", "x", TOKENS, {}, [(1, 5, 8)], 0, 0), ["gelu"]),
        (Row("GemmFastGelu", "x w b", TOKENS, {"w": (8, 4), "b": (4,)}, [()], 36, 160),
         ["linear", "gelu"]),
        (Row("MatMulBnb4", "x w s", TOKENS, {"w": ((12,), UINT8), "s": (2,)}, [()], 24, 120,
         {"K": 8, "N": 3, "block_size": 16}), ["linear"]),
        (Row("FusedMatMulActivation", "x z", {"x": [1, 5, 8], "z": [1, 8, 3]}, {}, [()], 0, 120,
         {"activation": "Tanh"}), ["input", "matmul", "tanh"]),
        (Row("BiasSplitGelu", "x b", TOKENS, {"b": (8,)}, [()], 8, 0), ["split_gelu"]),
        (Row("GroupNorm", "x g b", {"x": [1, 6, 6, 4]}, dict.fromkeys("gb", (4,)), [()], 8, 0,
         {"groups": 2, "activation": 1, "channels_last": 1}), ["group_norm", "silu"]),
        (Row("SkipGroupNorm", "x g b z d", {"x": [1, 6, 6, 4], "z": [1, 4]},
         dict.fromkeys("gbd", (4,)), [(), ()], 12, 0,
         {"groups": 2, "activation": 0, "channels_last": 1}),
         ["input", "add", "parameter", "add", "group_norm"]),
        (Row("SkipGroupNorm", "x g b z d", {"x": [1, 4, 6, 5], "z": [1, 4, 6, 5]},
         dict.fromkeys("gbd", (4,)), [()], 12, 0,
         {"groups": 2, "activation": 0, "channels_last": 0}),
         ["input", "add", "parameter", "add", "group_norm"]),
        (Row("FusedConv", "x w b z", {"x": [1, 4, 6, 6], "z": [1, 4, 4, 4]},
         {"w": (4, 4, 3, 3), "b": (4,)}, [()], 148, 2304, {"activation": "Relu"}),
         ["input", "conv", "add", "relu"]),
        (Row("FusedConv", "x w", {"x": [1, 4, 6, 6]}, {"w": (4, 4, 3, 3)}, [()], 144, 2304,
         {"activation": "Clip", "activation_params": [0.0, 6.0]}), ["conv", "relu6"]),
        (Row("FusedGemm", "x w", {"x": [1, 4]}, {"w": (4, 3)}, [()], 12, 12,
         {"activation": "Softsign"}), ["linear", "softsign"]),
    ]
)  # fmt: skip
def test_what_is_fused_becomes_our_own_ops(tmp_path: Path, row: Row, expected: list[str]) -> None:
    network = open_model(row.file(tmp_path)).graphs[0]
    assert [each.op.word for each in network.nodes[1:]] == expected
    totals = measure(network).totals
    assert (totals.params, totals.macs) == (row.params, row.macs)


def packed(op: str, inputs: str, output: str, **attributes: Any) -> bytes:
    return node(op, inputs, output, domain="com.microsoft.nchwc", **attributes)


PACKED = [
    packed("ReorderInput", "x", "r", channels_last=1),
    packed("Conv", "r w b", "c", activation="Relu", pads=[1, 1, 1, 1]),
    packed("MaxPool", "c", "p", kernel_shape=[2, 2], strides=[2, 2]),
    packed("Conv", "p w2 b p", "d", group=8),
    packed("Upsample", "d", "u", scales=[1, 1, 2, 2]),
    packed("ReorderOutput", "u", "y", channels=6, channels_last=1),
]
"""Seven channels in a block of 8, and six after it."""


def test_channels_in_blocks_are_those_that_the_weights_are_for(tmp_path: Path) -> None:
    held = [tensor("w", (8, 8, 3, 3)), tensor("w2", (8, 1, 1, 1)), tensor("b", (8,))]
    path = tmp_path / "net.onnx"
    path.write_bytes(model(graph(PACKED, held, {"x": [1, 4, 6, 7]}, "y")))
    tensors = account_of(request_of(parse(str(path)), Overrides())).tensors
    assert tensors["r"] == (1, 8, 4, 6)  # 7 channels fill no block
    network = open_model(str(path)).graphs[0]
    assert [(each.op.word, tuple(each.output)) for each in network.nodes[1:]] == [
        ("reorder", (8, 4, 6)),
        ("conv", (8, 4, 6)),
        ("relu", (8, 4, 6)),
        ("max_pool", (8, 2, 3)),
        ("conv", (8, 2, 3)),
        ("add", (8, 2, 3)),
        ("upsample", (8, 4, 6)),
        ("slice", (6, 4, 6)),
    ]
    totals = measure(network).totals
    assert (totals.params, totals.macs) == (8 * 8 * 9 + 8 + 8, 24 * 8 * 8 * 9 + 6 * 8)


def test_bias_of_a_product_is_apart_from_its_weights(tmp_path: Path) -> None:
    row = next(row for row in ROWS if row.op == "DynamicQuantizeMatMul")
    cost = measure(open_model(row.file(tmp_path)).graphs[0]).layers[-1].cost
    assert (cost.weights, cost.biases) == (40, 5)


def test_bias_and_norm_of_half_width_share_the_bytes_of_the_file(tmp_path: Path) -> None:
    held = dict.fromkeys("gbd", ((8,), FLOAT16))
    row = Row("SkipLayerNormalization", "x s g b d", {**TOKENS, "s": [1, 5, 8]}, held, [()], 24, 0)
    totals = measure(open_model(row.file(tmp_path)).graphs[0]).totals
    assert (totals.params, totals.weight_bytes) == (24, 48)


@pytest.mark.frameworks
@pytest.mark.parametrize("row", ROWS, ids=[f"{i}-{row.op}" for i, row in enumerate(ROWS)])
def test_rows_are_what_onnxruntime_makes(tmp_path: Path, row: Row) -> None:
    from bncalc.writers.onnx.runtime import against_runtime

    if row.op in ("NhwcConv", "NhwcFusedConv", "TransposeMatMul") or len(row.sizes["x"]) == 5:
        pytest.skip("onnxruntime has it on no CPU")
    assert against_runtime(Request(row.file(tmp_path)), "net").mismatches == ()
