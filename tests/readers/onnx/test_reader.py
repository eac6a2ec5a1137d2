"""ONNX files as models: small ones that the tests write, held against the same in our own words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from struct import pack
from typing import Any

import pytest
from tests.problems import problems_of
from tests.program import run
from tests.readers.onnx.encoder import (
    FLOAT,
    FLOAT16,
    INT8,
    INT64,
    file,
    graph,
    model,
    node,
    span,
    tensor,
    typed,
    value,
)
from tests.rows import each_of

from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.errors import BncalcError, SpecError, UsageError
from bncalc.model.graph import Code, Graph
from bncalc.model.net import Net
from bncalc.model.ops.attention import FusedAttention, Matmul
from bncalc.model.ops.recurrent import Gru
from bncalc.model.ops.reducing import Mean
from bncalc.model.shape import Shape
from bncalc.opening.model import open_model
from bncalc.readers.layout import Layout
from bncalc.readers.onnx.orders import Orders
from bncalc.writers.pytorch.module import module_file

IMAGE = [1, 3, 8, 8]


def read(path: str) -> Graph:
    return open_model(path).graphs[0]


def words(net: Graph) -> list[str]:
    return [each.op.word for each in net.nodes[1:]]


def report(path: str) -> Report:
    return measure(read(path))


RESNET_BLOCK = [
    node("Conv", "x w1 b1", "a", name="/layer1/layer1.0/conv1/Conv", pads=[1] * 4),
    node("Relu", "a", "b", name="/layer1/layer1.0/relu/Relu"),
    node("Conv", "b w2 b2", "c", name="/layer1/layer1.0/conv2/Conv", pads=[1] * 4),
    node("Add", "c x", "d", name="/layer1/layer1.0/Add"),
    node("Relu", "d", "e", name="/layer1/layer1.0/relu_1/Relu"),
    node("GlobalAveragePool", "e", "f", name="/avgpool/GlobalAveragePool"),
    node("Flatten", "f", "g", name="/Flatten"),
    node("Gemm", "g fc.weight fc.bias", "y", name="/fc/Gemm", transB=1),
]
RESNET_WEIGHTS = {
    "w1": (8, 8, 3, 3), "b1": (8,), "w2": (8, 8, 3, 3), "b2": (8,),
    "fc.weight": (10, 8), "fc.bias": (10,),
}  # fmt: skip


def test_residual_block_is_what_our_own_words_make_of_it(tmp_path):
    path = file(tmp_path, RESNET_BLOCK, RESNET_WEIGHTS, {"x": [1, 8, 8, 8]})
    net = Net(Shape(8, 8, 8))
    conv: dict[str, Any] = {"kernel": 3, "padding": 1, "bias": True}
    y = net.act(net.op("conv", net.input, out=8, **conv), "relu")
    y = net.act(net.add(net.op("conv", y, out=8, **conv), net.input), "relu")
    net.op("linear", net.op("global_avg_pool", y), out=10, bias=True)
    assert report(path).totals == measure(net.graph("same")).totals
    assert words(read(path)) == words(net.graph("same"))


def test_paths_of_nodes_make_the_tree_of_parts(tmp_path):
    net = read(file(tmp_path, RESNET_BLOCK, RESNET_WEIGHTS, {"x": [1, 8, 8, 8]}))
    assert [each.path for each in net.nodes[1:]] == [
        "layer1/0/conv1",
        "layer1/0/relu",
        "layer1/0/conv2",
        "layer1/0/add",
        "layer1/0/relu_1",
        "avgpool",
        "fc",
    ]
    assert [(part.path, part.start, part.stop) for part in net.parts] == [
        ("layer1", 1, 6),
        ("layer1/0", 1, 6),
    ]


@each_of(["a/c a/b", "a a/b", "a/b a"])
def test_what_is_one_op_again_is_of_the_module_that_holds_all_of_it(tmp_path, scopes):
    first, last = scopes.split()
    silu = [node("Sigmoid", "x", "s", name=f"/{first}/Sigmoid"),
            node("Mul", "s x", "y", name=f"/{last}/Mul")]  # fmt: skip
    assert [each.path for each in read(file(tmp_path, silu, {})).nodes[1:]] == ["a"]


def test_a_transposed_convolution_begins_where_the_file_pads(tmp_path):
    layer = node("ConvTranspose", "x w", "y", pads=[1, 1, 0, 0])
    net = read(file(tmp_path, [layer], {"w": (3, 4, 3, 3)}, {"x": [1, 3, 8, 9]}))
    assert net.nodes[1].output == (4, 9, 10)  # one position less than without padding
    assert vars(net.nodes[1].op)["padding"] == (1, 1)


def test_names_of_weights_say_the_same_as_the_scopes_of_another_export(tmp_path):
    scopes = {
        "pkg.torch.onnx.name_scopes": "['', 'layer1', 'layer1.0', 'layer1.0.bn1', 'batch_norm']",
        "pkg.torch.onnx.class_hierarchy": "['N', 'c.Sequential', 'r.BasicBlock', 'b.BN', 'a.bn']",
    }
    conv = node("Conv", "x layer1.0.conv1.weight", "a", name="node_Conv_1", properties=scopes)
    relu = {**scopes, "pkg.torch.onnx.name_scopes": "['', 'layer1', 'layer1.0', 'relu_1']"}
    act = node("Relu", "a", "y", name="node_relu_1", properties=relu)
    net = read(file(tmp_path, [conv, act], {"layer1.0.conv1.weight": (4, 3, 1, 1)}))
    assert [each.path for each in net.nodes[1:]] == ["layer1/0/conv1", "layer1/0/relu"]
    assert [part.word for part in net.parts] == ["Sequential", "BasicBlock"]


SCORES = ["attention_scores", "softmax", "attention_mix"]


@each_of(
    [
        ("a a a a", -1, ["fused_attention"]),
        ("a a b a", -1, SCORES),  # a softmax of another layer's
        ("a - a a", -1, SCORES),  # a scale of which nothing is noted
        ("a a a a", -2, SCORES),  # weights of a key sum to 1
    ]
)
def test_attention_is_one_layer_where_its_file_notes_that_and_it_is_attention(
    tmp_path, noted, axis, words
):
    notes = [{"bncalc.layer": each} if each != "-" else {} for each in noted.split()]
    nodes = [
        node("MatMul", "q k", "s", properties=notes[0]),
        node("Mul", "s half", "m", properties=notes[1]),
        node("Softmax", "m", "w", axis=axis, properties=notes[2]),
        node("MatMul", "w v", "y", properties=notes[3]),
    ]
    sizes = {"q": [1, 2, 3, 4], "k": [1, 2, 4, 5], "v": [1, 2, 5, 6]}
    net = read(file(tmp_path, nodes, {"half": 0.5}, sizes))
    layers = [each for each in net.nodes if each.op.word not in ("input", "reshape")]
    assert [each.op.word for each in layers] == words
    costs = [each.op.cost(net.input_shapes(each), each.output) for each in layers]
    assert sum(cost.macs for cost in costs) == 2 * 3 * 5 * (4 + 6)
    assert sum(cost.elementwise for cost in costs) == 2 * 3 * 5 * 4  # a scale, a softmax
    assert sum(cost.activations for cost in costs) == 2 * 3 * (6 + 5 * (words == SCORES))


ROWS: dict[str, tuple[Sequence[bytes], Mapping[str, Any], str]] = {
    "Clip": ([node("Clip", "x zero six", "y")], {"zero": 0.0, "six": 5.0}, "clip"),
    "SiLU": ([node("Sigmoid", "x", "a"), node("Mul", "a x", "y")], {}, "silu"),
    "HardSwish": ([node("HardSigmoid", "x", "a"), node("Mul", "x a", "y")], {}, "hard_swish"),
    "HardSwish of Paddle": (
        [
            node("Add", "x three", "a"),
            node("Clip", "a zero six", "b"),
            node("Mul", "x b", "c"),
            node("Div", "c six", "y"),
        ],
        {"three": 3.0, "zero": 0.0, "six": 6.0},
        "hard_swish",
    ),
    "GELU": (
        [
            node("Div", "x root", "a"),
            node("Erf", "a", "b"),
            node("Add", "b one", "c"),
            node("Mul", "x c", "d"),
            node("Mul", "d half", "y"),
        ],
        {"root": 1.4142135, "one": 1.0, "half": 0.5},
        "gelu",
    ),
    "GELU by tanh": (
        [
            node("Pow", "x three", "a"),
            node("Mul", "a k", "b"),
            node("Add", "x b", "c"),
            node("Mul", "c s", "d"),
            node("Tanh", "d", "e"),
            node("Add", "e one", "f"),
            node("Mul", "x f", "g"),
            node("Mul", "g half", "y"),
        ],
        {"three": 3.0, "k": 0.044715, "s": 0.7978846, "one": 1.0, "half": 0.5},
        "gelu",
    ),
    "SiLU, rounded between": (
        [
            node("Sigmoid", "x", "a"),
            node("QuantizeLinear", "a s z", "b"),
            node("DequantizeLinear", "b s z", "c"),
            node("Mul", "x c", "y"),
        ],
        {"s": 0.5, "z": 0},
        "silu",
    ),
    "Mish": (
        [node("Softplus", "x", "a"), node("Tanh", "a", "b"), node("Mul", "x b", "y")],
        {},
        "mish",
    ),
    "Softplus with a threshold": (
        [node("Softplus", "x", "a"), node("Greater", "x big", "g"), node("Where", "g x a", "y")],
        {"big": 20.0},
        "softplus",
    ),
    "convolution of integers": (
        [
            node("DynamicQuantizeLinear", "x", "q s z"),
            node("ConvInteger", "q w z", "a"),
            node("Cast", "a", "b", to=1),
            node("Mul", "s ws", "f"),
            node("Mul", "b f", "c"),
            node("Add", "c bias", "y"),
        ],
        {"w": (5, 3, 1, 1), "ws": 0.5, "bias": (5, 1, 1)},
        "conv",
    ),
    "LayerNorm": (
        [
            node("ReduceMean", "x", "m", axes=[-1]),
            node("Sub", "x m", "d"),
            node("Pow", "d two", "q"),
            node("ReduceMean", "q", "v", axes=[-1]),
            node("Add", "v eps", "w"),
            node("Sqrt", "w", "s"),
            node("Div", "d s", "n"),
            node("Mul", "n scale", "t"),
            node("Add", "t shift", "y"),
        ],
        {"two": 2.0, "eps": 1e-5, "scale": (8,), "shift": (8,)},
        "layer_norm",
    ),
    "convolution with a bias, and a shift after it": (
        [node("Conv", "x w b", "a"), node("Add", "a c", "y")],
        {"w": (5, 3, 1, 1), "b": (5,), "c": (5, 1, 1)},
        "conv parameter add",
    ),
    "a vector times a matrix, both constants": (
        [node("MatMul", "v w", "b"), node("Add", "x b", "y")], {"v": (8,), "w": (8, 8)}, "add"
    ),
    "the last rows and the first, and not all of them": (
        [
            node("Slice", "x three all rows", "a"),
            node("Slice", "x zero two rows", "b"),
            node("Concat", "a b", "y", axis=2),
        ],
        {"zero": [0], "two": [2], "three": [3], "all": [2**62], "rows": [2]},
        "slice split concat",
    ),
    "the largest numbers, and where they are": (
        [node("TopK", "x four", "v i"), node("Cast", "i", "f", to=1), node("Add", "v f", "y")],
        {"four": [4]},
        "top_k add",
    ),
    "parts of positions, joined elsewhere": (
        [node("Split", "x five", "a b", axis=3), node("Concat", "b a b", "y", axis=3)],
        {"five": [5, 3]},
        "slice slice concat",
    ),
    "one of the rows": (
        [node("Gather", "x three", "a", axis=2), node("Relu", "a", "y")], {"three": 3}, "split relu"
    ),
    "channels in another order": (
        [node("Gather", "x order", "a", axis=1), node("Relu", "a", "y")],
        {"order": [2, 1, 0]},
        "gather relu",
    ),
    "channels in their own order": (
        [node("Gather", "x order", "a", axis=1), node("Relu", "a", "y")],
        {"order": [0, 1, -1]},
        "relu",
    ),
    "columns from the last to the first": (
        [node("Slice", "x last first axis back", "a"), node("Relu", "a", "y")],
        {"last": [-1], "first": [-9], "axis": [3], "back": [-1]},
        "slice relu",
    ),
    "rolled": (
        [
            node("Slice", "x three all rows", "a"),
            node("Slice", "x zero three rows", "b"),
            node("Concat", "a b", "y", axis=2),
        ],
        {"zero": [0], "three": [3], "all": [2**62], "rows": [2]},
        "roll",
    ),
    "every second row and column": (
        [
            node("Slice", "x zero all rows two", "a"),
            node("Slice", "x one all rows two", "b"),
            *[
                node("Slice", f"{half} {begin} all columns two", f"{half}{begin}")
                for half in "ab"
                for begin in ("zero", "one")
            ],
            node("Concat", "azero bzero aone bone", "y", axis=1),
        ],
        {"zero": [0], "one": [1], "two": [2], "all": [2**62], "rows": [2], "columns": [3]},
        "space_to_depth",
    ),
    "the first rows and columns, by steps that pass over all others": (
        [
            node("Slice", "x zeros all axes far", "a"),
            node("Concat", "a a", "y", axis=1),
        ],
        {"zeros": [0, 0], "axes": [2, 3], "far": [2**40, 2**40], "all": [2**62, 2**62]},
        "slice concat",
    ),
    "a learned shift": ([node("Add", "x b", "y")], {"b": (3, 1, 1)}, "parameter add"),
    "a learned shift that is added twice": (
        [node("Add", "x b", "a"), node("Relu", "a", "r"), node("Add", "r b", "y")],
        {"b": (3, 1, 1)},
        "parameter add relu add",
    ),
    "a fixed map": (
        [
            node("ConstantOfShape", "sizes", "zeros"),
            node("ScatterND", "zeros at ones", "mask"),
            node("Add", "x mask", "y"),
        ],
        {"sizes": [1, 1, 8, 8], "at": [0], "ones": 1.0},
        "parameter add",
    ),
    "powers": (
        [node("Pow", "x two", "a"), node("Pow", "a half", "y")],
        {"two": 2.0, "half": 0.5},
        "square sqrt",
    ),
    "length over channels": ([node("ReduceL2", "x", "y", axes=[1])], {}, "square sum sqrt"),
    "mean over rows, which go": (
        [node("ReduceMean", "x", "a", axes=[2], keepdims=0), node("Relu", "a", "y")],
        {},
        "mean relu",
    ),
    "maps stacked on an axis of their own": (
        [
            node("Relu", "x", "a"),
            *[node("Unsqueeze", f"{name} one", f"{name}1") for name in "xa"],
            node("Concat", "x1 a1", "b", axis=1),
            node("ReduceSum", "b one", "c", keepdims=0),
            node("Conv", "c w", "y"),
        ],
        {"one": [1], "w": (4, 3, 1, 1)},
        "relu reshape reshape concat sum reshape conv",
    ),
    "padded at one end": (
        [node("Pad", "x ends", "a"), node("Conv", "a w", "y", pads=[0, 0, 1, 1])],
        {"ends": [0, 0, 0, 0, 0, 0, 1, 1], "w": (4, 3, 2, 2)},
        "pad conv",
    ),
    "standardised weights": (
        [
            node("BatchNormalization", "c.weight g z m v", "n", training_mode=1),
            node("Conv", "x n", "y"),
        ],
        {"c.weight": (4, 3, 1, 1), **dict.fromkeys("gzmv", (3,))},
        "standardised_conv",
    ),
    "weights in a norm with statistics of its own": (
        [
            node("BatchNormalization", "c.weight g z m v", "n"),
            node("Conv", "x n", "y"),
        ],
        {"c.weight": (4, 3, 1, 1), **dict.fromkeys("gzmv", (3,))},
        "conv",
    ),
    "RMSNorm": (
        [
            node("Pow", "x two", "q"),
            node("ReduceMean", "q", "m", axes=[-1]),
            node("Add", "m eps", "w"),
            node("Sqrt", "w", "s"),
            node("Div", "x s", "n"),
            node("Mul", "n scale", "y"),
        ],
        {"two": 2.0, "eps": 1e-5, "scale": (8,)},
        "rms_norm",
    ),
    "residual add": ([node("Relu", "x", "a"), node("Add", "a x", "y")], {}, "relu add"),
    "what is read outside is no pattern": (
        [node("Sigmoid", "x", "a"), node("Mul", "a x", "b"), node("Add", "a b", "y")],
        {},
        "sigmoid multiply add",
    ),
}  # fmt: skip


@each_of(ROWS)
def test_what_exporters_take_apart_is_one_op_again(tmp_path, name):
    nodes, tensors, expected = ROWS[name]
    sizes = [1, 5, 8] if name[:3] in ("Lay", "RMS", "Lin") else IMAGE
    assert words(read(file(tmp_path, nodes, tensors, {"x": sizes}))) == expected.split()


def tokens(tmp_path: Path) -> str:
    """Attention of 3 heads on 16 tokens, as the exporter writes what PyTorch's function does."""
    nodes = [
        node("MatMul", "x qkv.weight", "a"),
        node("Add", "a qkv.bias", "b"),
        node("Reshape", "b split", "c"),
        node("Transpose", "c", "d", perm=[2, 0, 3, 1, 4]),
        *[node("Gather", f"d {i}", name, axis=0) for i, name in enumerate("qkv")],
        node("Transpose", "k", "kt", perm=[0, 1, 3, 2]),
        node("Mul", "q scale", "qs"),
        node("Mul", "kt scale", "ks"),
        node("MatMul", "qs ks", "s"),
        node("Softmax", "s", "p", axis=-1),
        node("MatMul", "p v", "m"),
        node("Transpose", "m", "n", perm=[0, 2, 1, 3]),
        node("Reshape", "n join", "o"),
        node("MatMul", "o proj.weight", "t"),
        node("Add", "proj.bias t", "y"),
    ]
    weights = {
        "qkv.weight": (12, 36), "qkv.bias": (36,), "proj.weight": (12, 12), "proj.bias": (12,),
        "split": [1, 16, 3, 3, 4], "join": [1, 16, 12], "scale": 0.70710677,
        "0": 0, "1": 1, "2": 2,
    }  # fmt: skip
    return file(tmp_path, nodes, weights, {"x": [1, 16, 12]})


def test_nodes_are_put_in_order_if_a_file_has_them_in_another(tmp_path):
    inner = graph([node("Add", "d early", "t")], outputs="t")
    nodes = [
        node("If", "yes", "y", then_branch=inner, else_branch=inner),
        node("Conv", "half w", "d"),
        node("Relu", "d", "early"),
        node("Cast", "x", "half", to=1),
    ]
    tensors = {"w": (4, 3, 1, 1), "yes": 1}
    net = read(file(tmp_path, nodes, tensors))
    assert words(net) == ["conv", "relu", "add"]
    circle = [node("Relu", "b", "a"), node("Relu", "a", "b"), node("Add", "x b", "y")]
    with pytest.raises(SpecError, match=r"Relu reads '[ab]', which nothing before it makes"):
        read(file(tmp_path, circle))


def test_attention_is_its_ops_and_views_are_none(tmp_path):
    net = read(tokens(tmp_path))
    heads = ["attention_scores", "softmax", "attention_mix"]
    assert [word for word in words(net) if word not in ("split", "reshape")] == [
        "linear",
        *heads,
        "linear",
    ]
    totals = measure(net).totals
    assert totals.params == 12 * 36 + 36 + 12 * 12 + 12
    assert totals.macs == 16 * (12 * 36 + 12 * 12) + 2 * 3 * 16 * 16 * 4


def test_attention_in_windows_is_its_ops(tmp_path):
    """4 windows of 2 × 2 tokens, 3 heads of 4: queries meet the keys of their own window."""
    nodes = [
        node("Reshape", "x windows", "w"),
        node("MatMul", "w qkv.weight", "a"),
        node("Reshape", "a split", "c"),
        node("Transpose", "c", "d", perm=[2, 0, 3, 1, 4]),
        *[node("Gather", f"d {i}", name, axis=0) for i, name in enumerate("qkv")],
        node("Transpose", "k", "kt", perm=[0, 1, 3, 2]),
        node("Mul", "q scale", "qs"),
        node("MatMul", "qs kt", "s"),
        node("Add", "s bias", "b"),
        node("Softmax", "b", "p", axis=-1),
        node("MatMul", "p v", "m"),
        node("Transpose", "m", "n", perm=[0, 2, 1, 3]),
        node("Reshape", "n join", "o"),
        node("MatMul", "o proj.weight", "y"),
    ]
    tensors = {
        "qkv.weight": (12, 36), "proj.weight": (12, 12), "bias": (3, 4, 4), "scale": 0.5,
        "windows": [4, 4, 12], "split": [4, 4, 3, 3, 4], "join": [4, 4, 12], "0": 0, "1": 1, "2": 2,
    }  # fmt: skip
    net = read(file(tmp_path, nodes, tensors, {"x": [1, 16, 12]}))
    assert [word for word in words(net) if word not in ("split", "reshape")] == [
        "linear", "attention_scores", "parameter", "add", "softmax", "attention_mix", "linear",
    ]  # fmt: skip
    scores = next(each for each in net.nodes if each.op.word == "attention_scores")
    assert scores.output == (3, 16, 4)
    totals = measure(net).totals
    assert totals.params == 12 * 36 + 12 * 12 + 3 * 4 * 4
    assert totals.macs == 16 * (12 * 36 + 12 * 12) + 2 * 4 * 3 * 4 * 4 * 4


def test_chains_of_shapes_are_no_layers(tmp_path):
    nodes = [
        node("Shape", "x", "s"),
        node("Gather", "s zero", "n"),
        node("Unsqueeze", "n axis", "u"),
        node("Concat", "u rest", "t", axis=0),
        node("Reshape", "x t", "r"),
        node("Gemm", "r w", "y", transB=1),
    ]
    tensors = {"zero": 0, "axis": [0], "rest": [-1], "w": (5, 192)}
    path = file(tmp_path, nodes, tensors, {"x": ["batch", 3, 8, 8]})
    assert words(read(path)) == ["linear"]
    assert open_model(path).notes == (
        f"{path}: the file does not fix the batch size; it is 1 here",
    )


def test_batch_of_the_file_is_left_out_of_every_map(tmp_path):
    conv = [node("Conv", "x w", "a"), node("Flatten", "a", "b"), node("Gemm", "b v", "y")]
    path = file(tmp_path, conv, {"w": (4, 3, 1, 1), "v": (256, 10)}, {"x": [16, 3, 8, 8]})
    assert report(path).totals.macs == 64 * 12 + 2560
    assert read(path).input == (3, 8, 8)


ROLES: dict[str, tuple[Sequence[bytes], Mapping[str, Any], tuple[int, int]]] = {
    "batch norm has statistics": (
        [node("BatchNormalization", "x s b m v", "y")],
        dict.fromkeys("sbmv", (3,)),
        (6, 6),
    ),
    "weights in a Constant node": (
        [node("Constant", "", "w", value=tensor("", (4, 3, 1, 1))), node("Conv", "x w", "y")],
        {},
        (12, 0),
    ),
    "weights that were stripped": (
        [
            node("ConstantOfShape", "sizes", "w", value=tensor("", [1], [0.5])),
            node("Conv", "x w", "y"),
        ],
        {"sizes": [4, 3, 1, 1]},
        (12, 0),
    ),
    "a shared matrix counts once": (
        [node("Conv", "x w", "a"), node("Conv", "a w", "y")],
        {"w": (3, 3, 1, 1)},
        (9, 0),
    ),
    "a factor of the formula is nothing learned": (
        [node("Mul", "x two", "a"), node("Add", "a two", "y")],
        {"two": 2.0},
        (0, 0),
    ),
    "a number with the name of a module's parameter": (
        [node("Mul", "x blocks.0.act.scale", "a"), node("Add", "a val_1", "y")],
        {"blocks.0.act.scale": (1,), "val_1": (1,)},
        (1, 0),
    ),
    "one bias of one output, be it rounded and scaled back before, and a number after more": (
        [node("MatMul", "x w", "a"), node("QuantizeLinear", "a s", "q"),
         node("DequantizeLinear", "q s", "r"), node("Add", "r BiasAdd:0", "b"),
         node("Conv", "x k", "c"), node("Add", "c val_2", "d"), node("MatMul", "x wide", "e"),
         node("Add", "e val_3", "f"), node("Sum", "b d f", "y")],
        {"w": (8, 1), "BiasAdd:0": (1,), "s": 0.5, "k": (1, 3, 1, 1), "val_2": (1,),
         "wide": (8, 8), "val_3": (1,)},
        (8 + 1 + 3 + 1 + 64, 0),
    ),
    "ones that a norm is given are not learned, its module's own are, reshaped or not": (
        [
            node("GroupNormalization", "x val_1 val_2", "a", num_groups=3),
            node("Reshape", "a apart", "b"),
            node("InstanceNormalization", "b /1/Constant_1_output_0 /1/Constant_2_output_0", "c"),
            node("Reshape", "c sizes", "d"),
            node("InstanceNormalization", "d 2.weight 2.bias", "e"),
            node("Reshape", "e flat", "y"),
        ],
        {"val_1": (3,), "val_2": (3,), "apart": [0, 2, -1], "sizes": [1, 6, 4, 8], "flat": [1, -1],
         "/1/Constant_1_output_0": (2,), "/1/Constant_2_output_0": (2,),
         "2.weight": (6,), "2.bias": (6,)},
        (12, 0),
    ),
    "numbers of a norm that are not all alike, whatever their name is": (
        [node("LayerNormalization", "x val_1 val_2", "y")],
        {"val_1": [0.5, 0.25] * 4, "val_2": [1.0] * 8},
        (8, 0),
    ),
    "what is compared, boxes among which some are chosen, and weights of a loss": (
        [node("Greater", "x limits", "a"), node("NonMaxSuppression", "boxes x n", "b"),
         node("NegativeLogLikelihoodLoss", "x labels classes", "c"), node("Identity", "a", "y")],
        {"limits": (8,), "boxes": (1, 8, 4), "n": [3], "classes": (3,), "labels": [0] * 64},
        (0, 0),
    ),
    "a number without an axis, added to one output": (
        [node("MatMul", "x w", "a"), node("Add", "a scalar", "y")],
        {"w": (8, 1), "scalar": 2.0},
        (8, 0),
    ),
    "a number of any name in its module, and scales that a quantiser has named": (
        [node("Add", "x mixer.A", "a"), node("Mul", "a fc.weight_scale", "y")],
        {"mixer.A": (1,), "fc.weight_scale": (1,)},
        (1, 0),
    ),
    "single numbers that are cut from learned ones": (
        [
            node("Softmax", "weights", "s"),
            node("Slice", "s zero one", "first"),
            node("Slice", "s one two", "second"),
            node("Mul", "x first", "a"),
            node("Mul", "a second", "y"),
        ],
        {"weights": (2,), "zero": [0], "one": [1], "two": [2]},
        (2, 0),
    ),
    "scales and zero points of each column": (
        [
            node("DynamicQuantizeLinear", "x", "q s z"),
            node("MatMulInteger", "q w z zeros", "i"),
            node("Cast", "i", "f", to=1),
            node("Mul", "s scales", "factors"),
            node("Mul", "f factors", "p"),
            node("Add", "p bias", "y"),
        ],
        {"w": typed("w", (8, 5), INT8, bytes(40)), "zeros": typed("zeros", (5,), INT8, bytes(5)),
         "scales": (5,), "bias": (5,)},
        (40 + 5, 0),
    ),
    "an identity matrix": (
        [
            node("ConstantOfShape", "sizes", "z"),
            node("EyeLike", "z", "eye"),
            node("Mul", "x eye", "y"),
        ],
        {"sizes": [8, 8]},
        (0, 0),
    ),
    "zeros to begin with, in a file that has its weights": (
        [
            node("ConstantOfShape", "sizes", "z"),
            node("Concat", "x z", "a", axis=1),
            node("Conv", "a w", "y"),
        ],
        {"sizes": [1, 1, 8, 8], "w": (20, 4, 1, 1)},
        (80, 0),
    ),
    "a mask among the operations of a file that has its weights apart": (
        [
            node("Constant", [], "/Constant_output_0", value=tensor("", (8, 8))),
            node("Add", "x /Constant_output_0", "a"),
            node("Conv", "a w", "y"),
        ],
        {"w": (30, 3, 1, 1)},
        (90, 0),
    ),
    "a mask of one number less than the weights of its file": (
        [
            node("Constant", [], "/Constant_output_0", value=tensor("", (1, 8))),
            node("Add", "x /Constant_output_0", "a"),
            node("Conv", "a w", "y"),
        ],
        {"w": (3, 3, 1, 1)},
        (9, 0),
    ),
    "masks and turning positions that names tell": (
        [node("Add", "x layers.0.attn_mask", "a"), node("Mul", "a rope.pos_embed", "y")],
        {"layers.0.attn_mask": (8, 8), "rope.pos_embed": (8, 8)},
        (0, 0),
    ),
    "a mask of all heads, after what each learns of offsets and before what all learn": (
        [
            node("Add", "x where", "a"), node("Add", "a val_1", "b"),
            node("Add", "b attn.bias", "c"), node("Softmax", "c", "y"),
        ],
        {"where": (1, 1, 8, 8), "val_1": (3, 8, 8), "attn.bias": (8, 8)},
        (256, 0),
    ),
    "a table that a tool has looked rows up in, among the operations, and a mask": (
        [
            node("Constant", [], "/attn/Gather_output_0", value=tensor("", (3, 8, 8))),
            node("Add", "x /attn/Gather_output_0", "a"),
            node("Constant", [], "/Where_output_0", value=tensor("", (3, 8, 8))),
            node("Add", "a /Where_output_0", "b"), node("Conv", "b w", "y"),
        ],
        {"w": (300, 3, 1, 1)},
        (900 + 192, 0),
    ),
    "the first state of a loop, as TensorFlow calls it": (
        [node("Add", "x model/lstm/zeros:0", "a"), node("Mul", "a model/lstm/zeros:0", "y")],
        {"model/lstm/zeros:0": (8, 8)},
        (0, 0),
    ),
    "masks, and maps that are none, by their numbers": (
        [
            node("Add", "x causal", "a"), node("Add", "a windows", "b"),
            node("Add", "b offsets", "c"), node("Softmax", "c", "d"),
            node("Add", "d head.mask", "y"),
        ],
        {"causal": typed("causal", (8, 8), FLOAT, pack("<64f", *[0.0, float("-inf")] * 32)),
         "windows": tensor("windows", (3, 8, 8), [0.0] * 128 + [0.0, -100.0] * 32),
         "offsets": tensor("offsets", (8, 8), [0.5, -0.25, 0.0, -200.0] * 16),
         "head.mask": tensor("head.mask", (8,), [-104.0, -117.0, -124.0, -90.0] * 2)},
        (64 + 8, 0),
    ),
    "positions that a formula makes, in a product of a column and a row, and of more": (
        [
            node("Reshape", "x column", "a"), node("MatMul", "a inv_freq", "b"),
            node("MatMul", "b m.inv_freq", "y"),
        ],
        {"column": [192, 1], "inv_freq": (1, 4), "m.inv_freq": (4, 2)},
        (8, 0),
    ),
    "zeros that a norm without a bias is given": (
        [
            node("Constant", [], "/norm/Constant_output_0", value=tensor("", [8], [0.0] * 8)),
            node("LayerNormalization", "x norm.weight /norm/Constant_output_0", "a"),
            node("Conv", "a w", "y"),
        ],
        {"norm.weight": (8,), "w": (4, 3, 1, 1)},
        (8 + 12, 0),
    ),
    "a norm whose numbers are all in nodes": (
        [
            node("Constant", [], "g", value=tensor("", [8])),
            node("Constant", [], "b", value=tensor("", [8])),
            node("LayerNormalization", "x g b", "y"),
        ],
        {},
        (16, 0),
    ),
    "a learned scale": ([node("Mul", "x g", "y")], {"g": (3, 1, 1)}, (3, 0)),
    "a learned map": ([node("Add", "x g", "y")], {"g": (3, 8, 8)}, (192, 0)),
    "what nobody reads": (
        [node("Relu", "x", "y"), node("Conv", "x w", "z")],
        {"w": (4, 3, 1, 1)},
        (0, 0),
    ),
    "a state to begin with": (
        [node("Reshape", "x steps", "s"), node("LSTM", "s w r b  h", "y", hidden_size=2)],
        {"steps": [8, 1, 24], "w": (1, 8, 24), "r": (1, 8, 2), "b": (1, 16), "h": (1, 1, 2)},
        (8 * 24 + 8 * 2 + 16, 0),
    ),
    "constants of a formula beside a learned one": (
        [node("Mul", "pos.weight /Constant_output_0", "c"), node("Add", "x c", "y")],
        {"pos.weight": (3, 1, 1), "/Constant_output_0": (1, 8, 8)},
        (3, 0),
    ),
    "a gain without a name, in a norm of weights": (
        [
            node("BatchNormalization", "c.weight view_1 val_12 m v", "n"),
            node("Conv", "x n", "y"),
        ],
        {"c.weight": (4, 3, 1, 1), "view_1": (3,), "val_12": (3,), "m": (3,), "v": (3,)},
        (12 + 3, 0),
    ),
    "a second copy of weights, for their statistics": (
        [
            node("Constant", [], "/c_output_0", value=tensor("", [4], [0.0] * 4)),
            node("ReduceMean", "onnx::2", "m", axes=[2], keepdims=0),
            node("BatchNormalization", "onnx::1 onnx::3 /c_output_0 m m", "n"),
            node("Reshape", "n sizes", "w"),
            node("Conv", "x w", "y"),
        ],
        {"onnx::1": (1, 4, 3), "onnx::2": (1, 4, 3), "onnx::3": (4,), "sizes": [4, 3, 1, 1]},
        (12 + 4, 0),
    ),
    "a bias of which a part is set to zero": (
        [
            node("ScatterND", "qkv.bias at zeros", "b"),
            node("Add", "x b", "y"),
        ],
        {"qkv.bias": (8,), "at": (4, 1), "zeros": (4,)},
        (8, 0),
    ),
    "a mask that begins as zeros": (
        [
            node("ConstantOfShape", "sizes", "z"),
            node("ScatterND", "z at ones", "mask"),
            node("Add", "x mask", "y"),
        ],
        {"sizes": [8, 8], "at": (4, 1), "ones": (4, 8)},
        (0, 0),
    ),
    "weights without a name in what makes a table": (
        [
            node("MatMul", "/coords_output_0 onnx::MatMul_1", "h"),
            node("Add", "h mlp.0.bias", "t"),
            node("Add", "x t", "y"),
        ],
        {"/coords_output_0": (8, 2), "onnx::MatMul_1": (2, 8), "mlp.0.bias": (8,)},
        (16 + 8, 0),
    ),
    "gates in another order, of which some have lost their name": (
        [
            node("Split", "r.weight_hh", "a b", axis=1),
            node("Concat", "b val_7 a", "r", axis=1),
            node("Reshape", "x steps", "s"),
            node("GRU", "s w r", "y", hidden_size=2),
        ],
        {"steps": [8, 1, 24], "w": (1, 6, 24), "r.weight_hh": (1, 4, 2), "val_7": (1, 2, 2)},
        (6 * 24 + 6 * 2, 0),
    ),
    "a bias of one number behind its scale": (
        [node("DequantizeLinear", "b s", "c"), node("Conv", "x w c", "y")],
        {"w": (1, 3, 1, 1), "b": (1,), "s": (1,)},
        (3 + 1, 0),
    ),
    "the window of a spectrum": (
        [node("Reshape", "x s", "a"), node("STFT", "a h w", "y")],
        {"s": [1, 192, 1], "h": 8, "w": (16,)},
        (0, 0),
    ),
    "a quantised mask of all heads": (
        [
            node("QLinearAdd", "x s z where s z s z", "a", domain="com.microsoft"),
            node("QLinearSoftmax", "a s z s z", "y", domain="com.microsoft"),
        ],
        {"where": typed("where", (1, 1, 8, 8), INT8, bytes(64)),
         "s": typed("s", (), FLOAT, bytes(4)), "z": typed("z", (), INT8, bytes(1))},
        (0, 0),
    ),
    "places to look at": ([node("GridSample", "x base", "y")], {"base": (1, 4, 4, 2)}, (0, 0)),
    "regions of a map": (
        [
            node("MaxRoiPool", "x r", "a", pooled_shape=[2, 2]),
            node("RoiAlign", "x s i", "b", output_height=2, output_width=2),
            node("Concat", "a b", "y", axis=0),
        ],
        {"r": (4, 5), "s": (4, 4), "i": [0, 0, 0, 0]},
        (0, 0),
    ),
    "a slope for each channel": ([node("PRelu", "x p", "y")], {"p": (3, 1, 1)}, (3, 0)),
    "zeros as large as the input": (
        [
            node("Shape", "x", "s"),
            node("ConstantOfShape", "s", "z"),
            node("Add", "x z", "y"),
        ],
        {},
        (0, 0),
    ),
}  # fmt: skip


@each_of(ROLES)
def test_parameter_is_what_its_role_says(tmp_path, name):
    nodes, tensors, expected = ROLES[name]
    totals = report(file(tmp_path, nodes, tensors)).totals
    assert (totals.params, totals.buffers) == expected


def test_lstm_multiplies_at_every_step_of_every_sequence(tmp_path):
    """One gate: 4 numbers of the input and 5 of the state; 4 gates, 5 of each, 2 directions."""
    nodes = [node("LSTM", "x w r b", "y", hidden_size=5, direction="bidirectional")]
    weights = {"w": (2, 20, 4), "r": (2, 20, 5), "b": (2, 40)}
    totals = report(file(tmp_path, nodes, weights, {"x": [7, 1, 4]})).totals
    assert totals.params == 2 * (20 * 4 + 20 * 5 + 40)
    assert totals.macs == 7 * 2 * 4 * 5 * (4 + 5)


@each_of(
    [
        ([node("Relu", "x", "z")], [7, 1, 4], 7),
        ([node("MatMul", "x m", "z")], [7, 1, 3], 7),
        ([node("Transpose", "x", "z", perm=(1, 0, 2))], [1, 7, 4], 7),
        ([node("Transpose", "x", "z", perm=(1, 0, 2))], [2, 7, 4], 7),
    ],
)
def test_first_axis_is_of_steps_where_a_recurrent_layer_has_it_so(tmp_path, before, sizes, steps):
    nodes = [*before, node("LSTM", "z w r", "y", hidden_size=5)]
    weights = {"w": (1, 20, 4), "r": (1, 20, 5), "m": (3, 4)}
    totals = report(file(tmp_path, nodes, weights, {"x": sizes})).totals
    product = steps * 3 * 4 if before[0] == node("MatMul", "x m", "z") else 0
    assert totals.macs == product + steps * 20 * (4 + 5)


def test_batch_of_steps_is_the_second_axis_and_steps_are_asked_for(tmp_path):
    nodes = [node("LSTM", "x w r   h", "y", hidden_size=5)]
    weights = {"w": (1, 20, 4), "r": (1, 20, 5)}
    path = file(tmp_path, nodes, weights, {"x": ["n", "m", 4], "h": [1, "m", 5]})
    with pytest.raises(UsageError, match=rf"^{path}: n of 'x' is not fixed; give {path}@n=128$"):
        read(path)
    assert report(path + "@n=7").totals.macs == 7 * 20 * (4 + 5)
    path = file(tmp_path, nodes, weights, {"x": [-1, 1, 4], "h": [1, 1, 5]})
    with pytest.raises(UsageError, match=r"axis 0 of .x. is not fixed; give --input 128,1,4$"):
        read(path)
    assert report(path + "@7,1,4").totals.macs == 7 * 20 * (4 + 5)


def test_matrix_that_is_turned_before_a_product_has_no_batch_on_its_first_axis(tmp_path):
    turned = [node("Gemm", "x w b", "y", transA=1)]
    path = file(tmp_path, turned, {"w": (8, 5), "b": (5,)}, {"x": [8, 3]})
    totals = report(path).totals
    assert (totals.params, totals.macs, totals.activations) == (45, 3 * 8 * 5, 3 * 5)


def test_recurrent_layers_and_products_of_two_maps_are_words_of_the_language(tmp_path):
    gru = [node("GRU", "x w r b", "y", hidden_size=5)]
    weights = {"w": (1, 15, 4), "r": (1, 15, 5), "b": (1, 30)}
    path = file(tmp_path, gru, weights, {"x": [7, 1, 4]})
    assert read(path).nodes[-1].op == Gru(hidden=5)
    assert report(path).totals.params == 15 * (4 + 5) + 30
    product = [node("MatMul", "x z", "y")]
    path = file(tmp_path, product, {}, {"x": [1, 2, 3, 4], "z": [1, 2, 4, 5]})
    layer = report(path).layers[-1]
    assert (layer.op, layer.cost.macs, layer.cost.activations) == ("matmul", 2 * 3 * 4 * 5, 30)
    assert type(read(path).nodes[-1].op) is Matmul


@each_of(
    [
        ("x z", {"x": [3, 4], "z": [2, 4, 5]}, 2 * 4 * 5),  # a row of each of two products
        ("x z", {"x": [5, 4], "z": [4]}, 4),
        ("w x", {"x": [4, 5]}, 2 * 3 * 4 * 5),  # what is put out is of all images
        ("v x", {"x": [5, 4, 6]}, 2 * 3 * 4 * 6),
    ]
)
def test_products_are_those_of_one_image_if_they_divide(tmp_path, inputs, sizes, macs):
    path = file(tmp_path, [node("MatMul", inputs, "y")], {"w": (2, 3, 4), "v": (2, 1, 3, 4)}, sizes)
    assert report(path).totals.macs == macs


def test_mean_over_channels_is_a_word_of_the_language(tmp_path):
    path = file(tmp_path, [node("ReduceMean", "x", "y", axes=[1], keepdims=1)])
    assert read(path).nodes[-1].op == Mean(over=(0,))
    assert report(path).layers[-1].output == (1, 8, 8)
    more = file(tmp_path, [node("ReduceMean", "x", "y", axes=[5])], {}, {"x": [1, 2, 3, 4, 5, 6]})
    assert report(more).layers[-1].cost.elementwise == 720  # more axes than a map has


def test_columns_are_added_up_as_an_image(tmp_path):
    nodes = [node("Col2Im", "x image block", "y", pads=[1] * 4)]
    tensors = {"image": [5, 6], "block": [3, 3]}
    layer = report(file(tmp_path, nodes, tensors, {"x": [1, 18, 30]})).layers[-1]
    assert (layer.op, layer.output) == ("fold", (2, 5, 6))
    assert layer.cost.elementwise == 18 * 30


@pytest.mark.parametrize(
    ("equation", "macs", "elementwise"),
    [
        ("bij,bjk->bik", 2 * 3 * 4 * 5, 0),
        ("bij,bij->bij", 0, 2 * 3 * 4),
        ("bij,bjk->bk", 2 * 3 * 4 * 5, 0),
    ],
)
@pytest.mark.parametrize("batch", [1, 3])
def test_einsum_multiplies_once_for_each_combination_of_letters(
    tmp_path, equation, macs, elementwise, batch
):
    second = [batch, 2, 4, 5] if macs else [batch, 2, 3, 4]
    inputs = {"x": [batch, 2, 3, 4], "z": second}
    einsum = node(
        "Einsum", "x z", "y", equation="a" + equation.replace(",", ",a").replace(">", ">a")
    )
    totals = report(file(tmp_path, [einsum], {}, inputs)).totals
    assert (totals.macs, totals.elementwise) == (macs, elementwise)


def test_shared_weights_are_said_to_be_those_of_the_first(tmp_path):
    nodes = [node("Conv", "x w", "a"), node("Conv", "a w", "y")]
    net = read(file(tmp_path, nodes, {"w": (3, 3, 1, 1)}))
    assert [each.weights_of for each in net.nodes] == [None, None, 1]


def test_inputs_and_outputs_have_their_names(tmp_path):
    nodes = [node("Add", "left right", "sum"), node("Relu", "sum", "positive")]
    inputs = {"left": IMAGE, "right": IMAGE}
    totals = report(file(tmp_path, nodes, {}, inputs, "sum positive"))
    assert [port.path for port in totals.inputs] == ["left", "right"]
    assert [port.name for port in totals.outputs] == ["sum", "positive"]


def quantised(tmp_path: Path) -> str:
    nodes = [
        node("QuantizeLinear", "x s z", "xq"),
        node("DequantizeLinear", "xq s z", "xd"),
        node("DequantizeLinear", "wq ws wz", "w"),
        node("DequantizeLinear", "bq ws", "b"),
        node("Conv", "xd w b", "y"),
    ]
    held = [
        typed("wq", [4, 3, 1, 1], INT8, bytes(12)),
        typed("bq", [4], 6, bytes(16)),
        typed("wz", [4], INT8, bytes(4)),
        typed("z", [], INT8, bytes(1)),
        tensor("ws", [4]),
        tensor("s", []),
    ]
    path = tmp_path / "net.onnx"
    path.write_bytes(model(graph(nodes, held, {"x": IMAGE}, "y")))
    return str(path)


def test_quantised_weights_are_those_of_the_float_twin(tmp_path):
    totals = report(quantised(tmp_path)).totals
    assert (totals.params, totals.macs) == (4 * 3 + 4, 64 * 12)
    assert words(read(quantised(tmp_path))) == ["conv"]


@each_of([(FLOAT16, 2, ""), (FLOAT, 4, ""), (FLOAT, 4, "Relu")])
def test_a_map_that_a_layer_takes_from_the_file_is_learned_and_has_the_bytes_of_its_type(
    tmp_path, kind, width, made
):
    held = [
        typed("part.held", [1, 6, 4], kind, bytes(24 * width)),
        typed("part.weight", [4, 3], kind, bytes(12 * width)),
    ]
    nodes = [node(made, "part.held", "map")] if made else []
    nodes += [node("MatMul", ["map" if made else "part.held", "part.weight"], "y")]
    path = tmp_path / "net.onnx"
    path.write_bytes(model(graph([*nodes, node("Add", "y x", "z")], held, {"x": [1, 6, 3]}, "z")))
    totals = report(str(path)).totals
    assert (totals.params, totals.weight_bytes) == (24 + 12, (24 + 12) * width)


def test_quantised_weights_take_the_bytes_that_the_file_has_for_them(tmp_path):
    path = quantised(tmp_path)
    assert report(path).totals.weight_bytes == 4 * 3 + 4 * 4
    (design,) = json.loads(run("show", path, "--format", "json").stdout)["designs"]
    assert design["layers"][0]["stored_bytes"] == 28
    for call in (("show", path), ("memory", path), ("compare", path)):
        assert "weights as the file stores them: 28 B for 16 numbers" in run(*call).stdout
    assert "stores" not in run("compare", path, "--columns", "macs").stdout
    moved = (3 * 64 + 4 * 64) * 4
    assert report(path).totals.traffic_bytes == moved + 28


def test_operators_on_quantised_maps_count_as_their_float_twins(tmp_path):
    nodes = [node("QLinearConv", "x s z w s z s z b", "y")]
    held = [typed("w", [4, 3, 1, 1], INT8, bytes(12)), typed("b", [4], 6, bytes(16))]
    held += [tensor("s", []), typed("z", [], 2, bytes(1))]
    path = tmp_path / "net.onnx"
    path.write_bytes(model(graph(nodes, held, {"x": IMAGE}, "y", {"x": 2})))
    totals = report(str(path)).totals
    assert (totals.params, totals.macs) == (16, 768)


@each_of(
    [
        ([], 120),
        ([node("Transpose", "q", "q2", perm=[1, 0, 2])], 120),
        ([node("Neg", "q", "q2")], 0),
    ],
)
def test_rows_of_a_quantised_table_are_parameters_if_they_are_only_moved(tmp_path, between, params):
    last = "q2" if between else "q"
    nodes = [node("Gather", "table x", "q"), *between, node("DequantizeLinear", [last, "s"], "y")]
    held = [typed("table", [20, 6], INT8, bytes(120)), tensor("s", [], [0.5])]
    path = tmp_path / "net.onnx"
    path.write_bytes(model(graph(nodes, held, {"x": [1, 5]}, "y", {"x": INT64})))
    assert report(str(path)).totals.params == params


def test_operation_that_nobody_knows_is_not_counted_but_has_its_params(tmp_path):
    nodes = [node("Swirl", "x w", "a", domain="own"), node("Relu", "a", "y")]
    net = read(file(tmp_path, nodes, {"w": (7, 7)}))
    assert measure(net).totals.params == 49
    assert [layer.op for layer in measure(net).uncounted] == ["Swirl", "Relu"]


def test_operation_on_constants_that_nobody_knows_is_named_unless_its_sizes_are_told(tmp_path):
    """ConstantFill is of the first operator set alone."""
    path = tmp_path / "net.onnx"
    own = graph([node("ConstantFill", [], "c"), node("Add", "x c", "y")], [], {"x": IMAGE}, "y")
    for told, words in ((b"", ["ConstantFill", "Add"]), (span(13, value("c", [1, 3, 8, 8])), [])):
        path.write_bytes(model(own + told))
        assert [layer.op for layer in report(str(path)).uncounted] == words


def test_name_of_an_operation_means_nothing_in_another_domain(tmp_path):
    own = graph([node("Gemm", "x w", "y", domain="own")], [tensor("w", (3, 4))], {"x": IMAGE}, "y")
    path = tmp_path / "net.onnx"
    path.write_bytes(model(own + span(13, value("y", [1, 4, 8, 8]))))
    layer = report(str(path)).layers[-1]
    assert (layer.op, layer.counted, layer.output) == ("Gemm", False, (4, 8, 8))


@pytest.mark.parametrize(
    "operation", [node("Slice", "x i j", "a"), node("Split", "x i", ["a", "b"], axis=1)]
)
def test_part_that_content_picks_has_the_sizes_that_the_file_tells(tmp_path, operation):
    path, ends = tmp_path / "net.onnx", {"i": [2], "j": [2]}
    nodes = [operation, node("Relu", "a", "y")]
    own = graph(nodes, [], {"x": IMAGE, **ends}, "y", dict.fromkeys(ends, INT64))
    path.write_bytes(model(own + span(13, value("a", [1, 2, 8, 8]))))
    report = measure(read(str(path)))
    assert (report.layers[-1].output, report.uncounted) == (Shape(2, 8, 8), ())


def test_what_is_not_counted_is_said_under_the_totals_and_in_json(tmp_path):
    nodes = [node(f"Swirl{i}", f"x{i}", f"x{i + 1}", domain="own") for i in range(2)]
    path = file(tmp_path, nodes, {}, {"x0": IMAGE}, "x2")
    told = run("show", path)
    assert "2 ops are not counted: Swirl0, Swirl1" in told.stdout
    (design,) = json.loads(run("show", path, "--format", "json").stdout)["designs"]
    assert design["uncounted"] == ["Swirl0", "Swirl1"]
    assert [layer.get("counted") for layer in design["layers"]] == [False, False]


def test_sizes_that_depend_on_content_are_said_with_their_place(tmp_path):
    nodes = [node("NonZero", "x", "a", name="found"), node("Cast", "a", "y", to=1)]
    told = run("show", file(tmp_path, nodes))
    where = "sizes depend on the data from NonZero 'found' on and are not known there"
    assert told.stderr.endswith(f": {where}\n")


def test_difference_to_a_file_of_our_own_is_nothing(tmp_path):
    nodes = [
        node("Conv", "x w b", "a", pads=[1] * 4),
        node("Relu", "a", "r"),
        node("MaxPool", "r", "p", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4),
        node("Flatten", "p", "f"),
        node("Gemm", "f v", "y"),
    ]
    path = file(tmp_path, nodes, {"w": (4, 3, 3, 3), "b": (4,), "v": (64, 10)})
    own = tmp_path / "own.yaml"
    layers = [
        "conv: {out: 4, bias: true}",
        "relu",
        "max_pool: {kernel: 3, stride: 2}",
        "linear: {out: 10}",
    ]
    entries = "".join(f"  - {layer}\n" for layer in layers)
    own.write_text(f"input: [3, 8, 8]\nlayers:\n{entries}", encoding="utf-8")
    assert "  unchanged\n" in run("diff", str(own), path).stdout


def test_finding_stands_at_the_file_and_names_the_layers(tmp_path):
    path = file(tmp_path, RESNET_BLOCK, RESNET_WEIGHTS, {"x": [1, 8, 8, 8]})
    told = run("check", path, "--max", "params=1000")
    assert told.returncode == 1
    assert f"{path}: BN101 params 1,258 exceeds limit 1,000 by 258" in told.stdout


def test_batch_that_is_assumed_is_said(tmp_path):
    path = file(tmp_path, [node("Relu", "x", "y")], {}, {"x": ["n", 3, 8, 8]})
    told = run("show", path)
    assert told.stderr == f"note: {path}: the file does not fix the batch size; it is 1 here\n"


@each_of(
    [
        (
            ["batch", 3, "height", "width"],
            "",
            "{path}: height and width of 'x' are not fixed; give --input 3,640,640",
        ),
        ([1, 1, 64, "w"], "", "width of 'x' is not fixed; give --input 1,64,640"),
        (["batch", "seq"], "", "seq of 'x' is not fixed; give {path}@seq=128"),
        ([1, -1], "", "axis 1 of 'x' is not fixed; give --input 128"),
        ([1, 3, 8, 8], "@sq=3", "{path} has no setting 'sq'; there is only x"),
        ([1, 3, "h", "w"], "@h=0@w=4", "h is 0; it must be a whole number of at least 1"),
        (
            [1, 3, "h", "w"],
            "@1,2",
            "{path}: 2 sizes are given for 'x', which has 4 axes with the batch",
        ),
        ([1, 3, 8, 8], "#part", "{path} is one model and holds no design 'part'"),
    ]
)
def test_sizes_that_are_open_are_asked_for(tmp_path, sizes, name, message):
    path = file(tmp_path, [node("Relu", "x", "y")], {}, {"x": sizes})
    with pytest.raises(UsageError) as caught:
        read(path + name)
    assert message.format(path=path) in str(caught.value)


@each_of(
    [
        (["batch", 3, "h", "w"], "@3,16,24", (3, 16, 24)),
        (["batch", 3, "h", "w"], "@h=16@w=24", (3, 16, 24)),
        (["batch", 3, "h", "w"], "@16", (3, 16, 16)),
        ([1, 3, 8, 8], "@3,16,24", (3, 16, 24)),
        (["n", 3, "Dim.1", 8], "@Dim_1=5", (3, 5, 8)),
        (["n", "length"], "@16", (16,)),
    ]
)
def test_sizes_are_given_as_input_or_by_symbol(tmp_path, sizes, name, expected):
    path = file(tmp_path, [node("Relu", "x", "y")], {}, {"x": sizes})
    assert read(path + name).input == expected


def test_input_decides_a_branch_by_its_value(tmp_path):
    then, other = (
        graph([node("Relu", "x", "a")], outputs="a"),
        graph([node("Tanh", "x", "b")], outputs="b"),
    )
    nodes = [
        node("Equal", "sr rate", "c"),
        node("If", "c", "y", then_branch=then, else_branch=other),
    ]
    inputs, kinds = {"x": IMAGE, "sr": []}, {"sr": INT64}
    data = graph(nodes, [tensor("rate", [], [16000])], inputs, "y", kinds)
    path = tmp_path / "net.onnx"
    path.write_bytes(model(data))
    assert words(read(f"{path}@sr=16000")) == ["relu"]
    assert words(read(f"{path}@sr=8000")) == ["tanh"]
    (note,) = open_model(str(path)).notes
    assert note.endswith("runs; both are counted unless @sr=NUMBER says which")


@each_of([
        (b"", "byte 0: the file is empty"),
        (b"\x08\x07", "byte 2: the file ends without a graph"),
        (b"not a model", "byte 0: this is not an ONNX file: a field is of the unknown kind 6"),
        (model(graph([node("Add", "x w", "y")], [tensor("w", [7])], {"x": IMAGE}, "y")),
         "Add '': sizes 1×3×8×8 and 7 do not broadcast"),
        (model(graph([node("LSTM", "", "y")], [], {"x": IMAGE}, "y")),
         "LSTM '': input 0 is missing"),
        (model(graph([node("SkipGroupNorm", ["x", "c", "c", ""], "y", domain="com.microsoft")],
                     [tensor("c", [3])], {"x": IMAGE}, "y")),
         "SkipGroupNorm: it lacks an input that it needs"),
    ])  # fmt: skip
def test_damaged_file_is_one_error_with_an_offset(tmp_path, data, message):
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    (problem,) = problems_of(read, str(path))
    assert problem.location.path == str(path)
    assert message in problem.message


@pytest.mark.parametrize(
    ("nodes", "tensors", "outputs", "shapes"),
    [
        (
            [node("MaxPool", "x", "y at", kernel_shape=[2, 2], strides=[2, 2])],
            {},
            "y at",
            [(3, 4, 4)] * 2,
        ),
        (
            [node("LayerNormalization", "x s b", "y mean", axis=-1), node("Sqrt", "mean", "z")],
            {"s": (8,), "b": (8,)},
            "y z",
            [(8, 3, 8), (3, 8, 1)],
        ),
    ],
)
def test_further_outputs_are_maps_too(tmp_path, nodes, tensors, outputs, shapes):
    """The indices of maxima, and the mean that a norm was worked out with."""
    net = read(file(tmp_path, nodes, tensors, outputs=outputs))
    assert sorted([net.nodes[each.node].output for each in net.outputs]) == sorted(shapes)


@each_of([(17, "y", True), (13, "y p q r s", False), (17, "y", False), (14, "y p q", False)])
def test_norm_by_the_statistics_of_a_batch_is_no_norm_of_an_export(
    tmp_path, opset, outputs, trains
):
    nodes = [node("BatchNormalization", "x g b m v", outputs, training_mode=int(trains))]
    path = file(tmp_path, nodes, dict.fromkeys("gbmv", (3,)), opset=opset)
    assert (words(read(path)), report(path).totals.params) == (["batch_norm"], 6)
    if trains or opset < 14:
        with pytest.raises(UsageError, match="batch_norm at batch_norm: it takes the statistics"):
            module_file(read(path))
    else:
        module_file(read(path))


def test_last_state_of_a_recurrent_layer_may_be_all_that_is_wanted(tmp_path):
    nodes = [node("GRU", "x w r", " last", hidden_size=5), node("Relu", "last", "y")]
    path = file(tmp_path, nodes, {"w": (1, 15, 4), "r": (1, 15, 5)}, {"x": [7, 1, 4]})
    net = read(path)
    assert report(path).totals.params == 15 * (4 + 5)
    assert Gru(hidden=5, bias=False) in [each.op for each in net.nodes]
    assert net.nodes[-1].output.elements == 5


def test_input_may_be_put_out_as_it_is(tmp_path):
    inputs = {"x": IMAGE, "z": [1, 5]}
    net = read(file(tmp_path, [node("Relu", "x", "y")], {}, inputs, "y z"))
    assert sorted([net.nodes[each.node].output for each in net.outputs]) == [(3, 8, 8), (5,)]


def test_input_may_be_a_single_number(tmp_path):
    held = {"x": [], "z": [1, 5]}
    net = read(file(tmp_path, [node("Gemm", "z w x", "y")], {"w": (5, 4)}, held))
    assert [each.output for each in net.nodes if each.op.is_input] == [(1,), (5,)]


def test_model_without_an_input_is_one_error(tmp_path):
    path = file(tmp_path, [node("Constant", "", "y", value_float=1.0)], {}, {})
    with pytest.raises(SpecError, match="byte 0: the model takes no input"):
        read(path)


@each_of(
    [
        (node("GridSample", "x z", "y", mode="bilinear"), [1, 5, 7, 2], 0, 7 * 3 * 5 * 7),
        (
            node("FusedMatMul", "x z", "y", domain="com.microsoft", transA=1),
            [8, 5],
            3 * 8 * 8 * 5,
            0,
        ),
        (node("DeformConv", "x w z", "y"), [1, 18, 6, 6], 36 * 27 * 4, 7 * 27 * 36),
        (node("AffineGrid", "z size", "y"), [1, 2, 3], 0, 5 * 7 * 2 * (2 + 2)),
        (node("LpPool", "x", "y", kernel_shape=[2, 4]), [1], 0, 3 * 7 * 5 * (8 + 7 + 1)),
        (node("GlobalLpPool", "x", "y"), [1], 0, 3 * (64 + 63 + 1)),
        (node("Clip", "x low", "y"), [1], 0, 192),  # a comparison with each limit that is given
        (node("Clip", ["x", "", "z"], "y"), [1], 0, 192),
        (node("Clip", "x low z", "y"), [1], 0, 2 * 192),
        (node("Celu", "x", "y", alpha=2.0), [1], 0, 5 * 192),  # max(0, x), or 2 · (exp(x/2) − 1)
        (node("ArgMax", "x", "y", axis=1), [1], 0, 192 - 64),  # the first is compared with none
        (node("ReduceMin", "x", "y", axes=[2]), [1], 0, 192 - 24),
        (node("ReduceL1", "x", "y", axes=[1]), [1], 0, 192 + 192 - 64),
        (node("ReduceSum", "x", "y", keepdims=0), [1], 0, 192 - 1),
        (node("ReduceSum", "z", "y", keepdims=0), [1, 0, 8], 0, 0),  # nothing to add up
        (
            node("RoiAlign", "x z i", "y", output_height=2, output_width=5, sampling_ratio=2),
            [3, 4],
            *(0, 4 * (7 + 1) * 3 * 3 * 2 * 5),  # 4 samples of 4 neighbours each, added up
        ),
    ],
)
def test_what_has_no_word_of_its_own_is_counted(tmp_path, operation, sizes, macs, elementwise):
    tensors = {"w": (4, 3, 3, 3), "i": [0, 0, 0], "size": [1, 3, 5, 7], "low": 0.5}
    path = file(tmp_path, [operation], tensors, {"x": IMAGE, "z": sizes})
    totals = report(path).totals
    assert (totals.macs, totals.elementwise) == (macs, elementwise)


def test_steps_of_a_sequence_are_cut_from_a_map_whose_batch_lies_between(tmp_path):
    """A linear layer for a step of a convolution's map, which Keras puts time first."""
    nodes = [
        node("Conv", "x w", "c"),
        node("Squeeze", "c two", "s"),
        node("Transpose", "s", "t", perm=[2, 0, 1]),
        node("Slice", "t one two zero", "p"),
        node("Squeeze", "p zero", "q"),
        node("MatMul", "q m", "y"),
    ]
    held = {"zero": [0], "one": [1], "two": [2]}
    tensors = {"w": (5, 3, 1, 3), "m": (5, 7), **held}
    net = read(file(tmp_path, nodes, tensors, {"x": [1, 3, 1, 12]}))
    assert [each.output for each in net.nodes[-2:]] == [(5, 1, 1), (7, 1, 1)]
    assert measure(net).totals.macs == 5 * 9 * 10 * 1 + 5 * 7


def test_products_by_letters_and_attention_as_one_operation_are_words(tmp_path):
    """2 heads: 3 queries and 4 keys of 5 numbers each, the batch among the letters."""
    heads = {"x": [1, 2, 3, 5], "k": [1, 2, 4, 5], "v": [1, 2, 4, 6]}
    scores = [node("Einsum", "x k", "y", equation="bhqd,bhkd->bhqk")]
    net = read(file(tmp_path, scores, {}, {name: heads[name] for name in "xk"}))
    (layer,) = [each for each in net.nodes if each.op.word == "matmul"]
    assert type(layer.op) is Matmul
    assert measure(net).totals.macs == 2 * 3 * 4 * 5
    net = read(file(tmp_path, [node("Attention", "x k v", "y")], {}, heads))
    assert net.nodes[-1].op == FusedAttention(heads=2)
    assert net.nodes[-1].output == (12, 3)
    assert measure(net).totals.macs == 2 * 3 * 4 * (5 + 6)


@each_of([("1 3 8", "1 5 8", "1 5 12"), ("1 2 3 4", "1 2 5 4", "1 2 5 6")])
def test_what_reads_attention_takes_channels_of_tokens(tmp_path, q, k, v):
    """Queries, keys and values differ in number and width: none lies as what is put out does."""
    sizes = {name: [*map(int, each.split())] for name, each in zip("qkv", (q, k, v), strict=True)}
    turn = node("Transpose", "a", "t", perm=[0, 2, 1, 3])
    attention = node("Attention", "q k v", "a", q_num_heads=2, kv_num_heads=2)
    apart = [attention, turn, node("Reshape", "t to", "b")]
    nodes = apart if len(sizes["q"]) == 4 else [attention, node("Identity", "a", "b")]
    nodes.append(node("MatMul", "b w", "y"))
    net = read(file(tmp_path, nodes, {"w": (12, 5), "to": [1, 3, 12]}, sizes))
    assert (net.nodes[-1].op.word, net.nodes[-1].output) == ("linear", (5, 3))
    assert net.nodes[-1].views == ()


@each_of(
    [
        (12, {"ratio": 0.25}, "x", 0.25),
        (12, {}, "x", 0.5),
        (13, {}, "x quarter", 0.25),
        (13, {}, "x none", None),
        (13, {}, "x all", None),
        (13, {}, "x odd", None),
        (13, {}, "x x", 0.5),  # which data decides
    ]
)
def test_dropout_is_a_layer_that_costs_nothing(tmp_path, opset, ratio, inputs, rate):
    numbers = {"quarter": 0.25, "none": 0.0, "all": 1.0, "odd": -3.0}
    nodes = [node("Dropout", inputs, "d", **ratio), node("Relu", "d", "y")]
    net = read(file(tmp_path, nodes, numbers, {"x": [1, 3, 4, 4]}, opset=opset))
    *layers, relu = net.nodes[1:]
    assert [vars(each.op)["rate"] for each in layers] == ([rate] if rate else [])
    assert relu.inputs == (len(layers),)
    assert measure(net).totals.elementwise == 3 * 4 * 4
    kept = measure(net, also=["training"]).results[0].of_whole()["saved_for_backward_bytes"]
    assert kept == 4 * 48 * (1 + len(layers))  # what the ReLU puts out, and what is zeroed


def test_any_damage_to_a_file_is_an_error_of_ours(tmp_path):
    """A few hundred files, each with bytes changed, cut off or put in at random places."""
    from random import Random

    random, whole = Random(20261128), Path(tokens(tmp_path)).read_bytes()
    path, outcomes = tmp_path / "bad.onnx", set()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(random.randint(1, 8)):
            at = random.randrange(len(data))
            data[at : at + random.choice([0, 1, 1, 1, 40])] = random.choice(
                [bytes([random.randrange(256)]), b"", b"\xff" * 9]
            )
        path.write_bytes(data)
        try:
            measure(read(str(path)))
            outcomes.add("read")
        except BncalcError as error:
            outcomes.add(type(error).__name__)
    assert outcomes == {"read", "SpecError", "UsageError"} or outcomes == {"read", "SpecError"}


def test_number_that_is_added_or_multiplied_is_a_fixed_map_and_no_parameter(tmp_path):
    nodes = [node("Mul", "x c", "a"), node("Sub", "c a", "b"), node("Conv", "b w", "y")]
    path = file(tmp_path, nodes, {"c": 0.5, "w": (4, 3, 1, 1)})
    assert words(read(path)) == ["parameter", "multiply", "parameter", "subtract", "conv"]
    totals = report(path).totals
    assert (totals.params, totals.buffers, totals.elementwise) == (12, 0, 2 * 3 * 64)
    assert "nn.Conv2d(3, 4, 1" in run("export", path).stdout


def test_product_of_constants_is_a_layer_and_what_its_weights_multiply_is_not_learned(tmp_path):
    nodes = [
        node("MatMul", "grid proj.weight", "a"),
        node("Relu", "a", "b"),
        node("Add", "x b", "y"),
    ]
    path = file(tmp_path, nodes, {"grid": (1, 3, 8, 5), "proj.weight": (5, 8)})
    assert words(read(path)) == ["parameter", "linear", "relu", "reshape", "add"]
    totals = report(path).totals
    assert (totals.params, totals.macs) == (5 * 8, 3 * 8 * 8 * 5)


@each_of([("coord_w", 3), ("coord_conv_weight", 3), ("conv.coords_proj", 3), ("block.zeros", 3),
          ("rpe.coords_log", 0), ("relative_coords_table", 0), ("head.mask", 0)])  # fmt: skip
def test_names_tell_of_what_is_added_and_not_of_what_is_a_kernel(tmp_path, name, params):
    kernel, sum_ = node("Conv", ["x", name], "y"), node("Add", ["x", name], "y")
    assert report(file(tmp_path, [kernel], {name: (4, 3, 1, 1)})).totals.params == 12
    path = file(tmp_path, [sum_], {name: (3, 1, 1)})
    assert report(path).totals.params == params
    note = f"taken for masks or tables and not counted: 3 numbers of {name!r}"
    assert (f"{path}: {note}" in open_model(path).notes) == (not params)


LEARNED_MAPS = [
    ([node("Conv", "query w", "a", pads=[1] * 4)], {"query": (1, 3, 8, 8), "w": (3, 3, 3, 3)}, 273),
    ([node("MatMul", "onnx::MatMul_7 w", "a")], {"onnx::MatMul_7": (1, 3, 8, 5), "w": (5, 8)}, 160),
    ([node("MatMul", "head.query w", "a")], {"head.query": (1, 3, 8, 5), "w": (5, 8)}, 160),
    ([node("MatMul", "rel_coords_table w", "a")],
     {"rel_coords_table": (1, 3, 8, 5), "w": (5, 8)}, 40),
    ([node("LayerNormalization", "head.query s b", "n"), node("MatMul", "n w", "a")],
     {"head.query": (1, 3, 8, 5), "s": (5,), "b": (5,), "w": (5, 8)},
     160),
    ([node("LayerNormalization", "head.query n.weight n.bias", "n"), node("MatMul", "n w", "a")],
     {"head.query": (1, 3, 8, 5), "n.weight": (5,), "n.bias": (5,), "w": (5, 8)}, 170),
]  # fmt: skip


@each_of(LEARNED_MAPS)
def test_map_that_is_there_without_an_input_is_learned_if_it_has_a_parameter_s_name(
    tmp_path, nodes, held, params
):
    path = file(tmp_path, [*nodes, node("Add", "x a", "y")], held)
    assert report(path).totals.params == params


def test_windows_slide_along_the_axes_of_the_file_and_not_along_a_map_s_windows(tmp_path):
    apart = [node("Reshape", "x sizes", "a"), node("Conv", "a w", "b", pads=[1] * 4)]
    pooled = node("MaxPool", "b", "y", kernel_shape=[2, 2], strides=[2, 2])
    path = file(tmp_path, [*apart, pooled], {"sizes": [4, 3, 4, 4], "w": (5, 3, 3, 3)})
    assert [each.output for each in read(path).nodes[1:]] == [
        (3, 4, 4, 4),
        (5, 4, 4, 4),
        (5, 4, 2, 2),
    ]
    assert report(path).totals.macs == 4 * 16 * 5 * 3 * 9


def test_operation_of_another_domain_may_lack_what_a_product_needs(tmp_path):
    nodes = [node("MatMul", "w", "a", domain="my"), node("Add", "x a", "y")]
    assert words(read(file(tmp_path, nodes, {"w": (8, 4)})))[0] == "MatMul"


def test_map_that_is_multiplied_by_itself_is_squared(tmp_path):
    assert words(read(file(tmp_path, [node("Mul", "x x", "y")], {}))) == ["square"]


@pytest.mark.parametrize("times", [float("nan"), float("inf")])
def test_old_repeat_by_what_is_no_number_is_one_error(tmp_path, times):
    path = file(tmp_path, [node("Tile", "x t a", "y")], {"t": times, "a": 1.0}, opset=1)
    with pytest.raises(
        SpecError, match=r"byte \d+: Tile '': its inputs and attributes do not match"
    ):
        read(path)


def test_constant_along_the_channels_of_an_old_sum_is_the_bias_of_the_product(tmp_path):
    def nodes(axis: int) -> list[bytes]:
        return [node("Conv", "x w", "a"), node("Add", "a b", "y", broadcast=1, axis=axis)]

    weights = {"w": (4, 3, 3, 3), "b": (4,)}
    path = file(tmp_path, nodes(1), weights, opset=6)
    assert words(read(path)) == ["conv"]
    assert report(path).totals.params == 4 * 3 * 9 + 4
    with pytest.raises(SpecError, match=r"Add '': there is no axis 5 among 4"):
        read(file(tmp_path, nodes(5), weights, opset=6))


def test_a_map_that_a_join_reads_many_times_is_looked_at_once_for_each(monkeypatch):
    compared = []

    def noted(layout):
        compared.append(layout)
        return 1

    monkeypatch.setattr(Layout, "__hash__", noted)
    net, orders = Net((3, 8, 8)), Orders()
    net.concat(*[net.input] * 1000)
    for _ in range(1000):
        orders.ask(0, Layout((3, 64), (1, 0)))
    orders.end(range(1, 2), {})
    graph = orders.told(net.graph("net"))
    assert [view.order for view in graph.nodes[1].views] == [(1, 0)] * 1000
    assert len(compared) == 1000


@each_of(
    [
        ("HardSigmoid", {"alpha": 1 / 6}, "hard_sigmoid", None),
        ("HardSigmoid", {}, "hard_sigmoid", "({0} * 0.2 + 0.5).clamp(0, 1)"),
        ("HardSigmoid", {"alpha": 0.25, "beta": 0.4}, "hard_sigmoid",
         "({0} * 0.25 + 0.4).clamp(0, 1)"),
        ("Selu", {}, "selu", None),
        ("Selu", {"gamma": 2.0}, "selu", "gamma of Selu is 2, and not 1.0507"),
    ],
)  # fmt: skip
def test_a_function_with_other_numbers_than_its_word_has_is_not_written_as_it(
    tmp_path, op, attributes, word, reason
):
    (layer,) = open_model(file(tmp_path, [node(op, "x", "y", **attributes)])).graphs[0].nodes[1:]
    code = layer.code.call if isinstance(layer.code, Code) else layer.code
    assert (layer.op.word, code) == (word, reason)


def test_a_swish_of_another_slope_has_its_call(tmp_path):
    nodes = [node("HardSigmoid", "x", "a"), node("Mul", "x a", "y")]
    (layer,) = open_model(file(tmp_path, nodes)).graphs[0].nodes[1:]
    assert isinstance(layer.code, Code)
    assert layer.op.word == "hard_swish"
    assert layer.code.call == "{0} * ({0} * 0.2 + 0.5).clamp(0, 1)"


def test_a_layer_that_is_like_an_op_has_no_other_fields_than_it(tmp_path):
    """The second convolution has the bias of the first, and so another cost."""
    nodes = [node("Conv", "x v b", "c"), node("Conv", "c w b", "y")]
    path = file(tmp_path, nodes, {"v": (3, 3, 1, 1), "w": (3, 3, 1, 1), "b": (3,)})
    first, second = report(path).layers
    assert (first.cost.params, second.cost.params) == (12, 9)
    assert first.fields == second.fields


def test_a_quantiser_s_endings_are_no_part_of_a_path(tmp_path):
    """As onnxruntime quantises: what it has found, lengthened, and numbered if it is read again."""
    sizes = {"0.conv.weight": (3, 3, 1, 1), "pos": (1, 3, 8, 8)}
    read_as = ["0.conv.weight_DequantizeLinear_Output", "pos_DequantizeLinear_Output_1"]
    nodes = [
        node("DequantizeLinear", f"{name}_quantized s", as_)
        for name, as_ in zip(sizes, read_as, strict=True)
    ]
    nodes += [node("Conv", f"x {read_as[0]}", "a"), node("Add", f"a {read_as[1]}", "y")]
    names = {name: f"{name}_quantized" for name in sizes}
    held = {names[n]: typed(names[n], dims, INT8, bytes(prod(dims))) for n, dims in sizes.items()}
    path = file(tmp_path, nodes, {**held, "s": 0.5})
    assert [each.path for each in read(path).nodes[1:]] == ["0/conv", "pos"]
