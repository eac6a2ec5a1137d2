"""ONNX out: which operations each op becomes; with the libraries, files that open and read back."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from tests.program import run
from tests.readers.onnx import encoder
from tests.readers.onnx.encoder import tensor
from tests.rows import each_of

import bncalc
from bncalc.analysis.difference import difference
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.model.cost import Cost
from bncalc.model.graph import Graph, MapView, Output
from bncalc.model.net import Net
from bncalc.model.ops.convolution import Conv
from bncalc.model.ops.foreign import Facts, Foreign, facts_like
from bncalc.model.reading import Request
from bncalc.model.registry import OPS
from bncalc.model.shape import Shape
from bncalc.readers.onnx.account import account_of
from bncalc.writers.onnx.file import WRITERS, made
from bncalc.writers.pytorch.lines import LINES
from bncalc.writers.pytorch.module import module_file
from bncalc.zoo import MODELS

IMAGE, TOKENS = (6, 8, 8), (6, 10)
ROWS: tuple[tuple[str, dict[str, Any], tuple[int, ...], str, dict[str, tuple[int, ...]]], ...] = (
    ("conv", {"out": 4, "groups": 2, "bias": True}, IMAGE, "Conv",
     {"weight": (4, 3, 3, 3), "bias": (4,)}),
    ("conv_transpose", {"out": 4}, IMAGE, "ConvTranspose", {"weight": (6, 4, 2, 2)}),
    ("linear", {"out": 5}, IMAGE, "Flatten Gemm Reshape", {"weight": (5, 384)}),
    ("linear", {"out": 5, "each": True, "bias": True}, TOKENS, "Transpose MatMul Add Transpose",
     {"weight": (6, 5), "bias": (5,)}),
    ("max_pool", {"kernel": 3, "ceil": True}, IMAGE, "MaxPool", {}),
    ("max_pool", {"kernel": 2, "padding": 1}, IMAGE, "MaxPool", {}),
    ("max_pool", {"kernel": 2, "padding": 2}, IMAGE, "Pad MaxPool", {}),
    ("max_pool", {"kernel": [3, 1], "padding": 1}, IMAGE, "Pad MaxPool", {}),
    ("avg_pool", {}, TOKENS, "AveragePool", {}),
    ("adaptive_avg_pool", {"size": 2}, IMAGE, "AveragePool", {}),
    ("adaptive_max_pool", {}, IMAGE, "GlobalMaxPool", {}),
    ("adaptive_max_pool", {"size": [1, 2]}, (6, 4, 3), "Slice ReduceMax Concat Slice Slice "
     "ReduceMax ReduceMax Concat", {}),
    ("unfold", {"kernel": [1, 2], "padding": 0}, IMAGE, "Slice Reshape Slice Reshape Concat "
     "Reshape", {}),
    ("standardised_conv", {"out": 4, "gain": True}, IMAGE, "ReduceMean Sub Mul ReduceMean Add Sqrt "
     "Div Mul Conv", {"weight": (4, 6, 3, 3), "gain": (4, 1, 1, 1)}),
    ("standardised_conv", {"out": 4, "groups": 2}, IMAGE, "ReduceMean Sub Mul ReduceMean Add Sqrt "
     "Div Conv", {"weight": (4, 3, 3, 3)}),
    ("batch_norm", {"affine": False}, IMAGE, "Expand Cast Expand Cast BatchNormalization",
     {"running_mean": (6,), "running_var": (6,)}),
    ("frozen_norm", {}, IMAGE, "Expand Cast Expand Cast BatchNormalization",
     {"running_mean": (6,), "running_var": (6,)}),
    ("rms_norm", {}, IMAGE, "Transpose Pow ReduceMean Add Sqrt Div Mul Transpose",
     {"weight": (6,)}),
    ("relative_position_bias", {"window": 2}, (3, 8, 4), "Gather Transpose Reshape Reshape Add "
     "Reshape", {"weight": (9, 3)}),
    ("global_max_pool", {}, IMAGE, "GlobalMaxPool", {}),
    ("batch_norm", {}, IMAGE, "BatchNormalization",
     {"weight": (6,), "bias": (6,), "running_mean": (6,), "running_var": (6,)}),
    ("instance_norm", {"affine": True}, IMAGE, "InstanceNormalization",
     {"weight": (6,), "bias": (6,)}),
    ("group_norm", {"groups": 3}, IMAGE, "GroupNormalization", {"weight": (6,), "bias": (6,)}),
    ("layer_norm", {}, IMAGE, "Transpose LayerNormalization Transpose",
     {"weight": (6,), "bias": (6,)}),
    ("local_response_norm", {}, IMAGE, "LRN", {}),
    ("relu6", {}, IMAGE, "Clip", {}),
    ("dropout", {}, IMAGE, "Dropout", {}),
    ("dropout", {"rate": 0.0}, IMAGE, "", {}),
    ("drop_path", {}, IMAGE, "", {}),
    ("prelu", {}, IMAGE, "PRelu", {"weight": (1, 1, 1)}),
    ("prelu", {"slopes": "channel"}, IMAGE, "PRelu", {"weight": (6, 1, 1)}),
    ("silu", {}, IMAGE, "Sigmoid Mul", {}),
    ("square", {}, IMAGE, "Mul", {}),
    ("softmax", {"over": "positions"}, IMAGE, "Reshape Softmax Reshape", {}),
    ("mean", {"over": "positions"}, IMAGE, "ReduceMean", {}),
    ("permute", {"order": [1, 2, 0]}, IMAGE, "Transpose", {}),
    ("transpose", {}, IMAGE, "Transpose", {}),
    ("roll", {"by": [2, 0]}, IMAGE, "Slice Slice Concat", {}),
    ("slice", {"start": 1, "stop": 4}, IMAGE, "Slice", {}),
    ("crop", {"size": [1, 2]}, IMAGE, "Slice", {}),
    ("channel_shuffle", {"groups": 3}, IMAGE, "Reshape Transpose Reshape", {}),
    ("pixel_shuffle", {"factor": 1}, IMAGE, "DepthToSpace", {}),
    ("pixel_shuffle", {"factor": 1, "order": "dcr"}, IMAGE, "DepthToSpace", {}),
    ("space_to_depth", {"factor": 2}, IMAGE, "Reshape Transpose Reshape", {}),
    ("space_to_depth", {"factor": 2, "order": "dcr"}, IMAGE, "SpaceToDepth", {}),
    ("space_to_depth", {"factor": 2, "order": "drc"}, IMAGE, "Reshape Transpose Reshape", {}),
    ("pad", {"size": 1, "mode": "reflect"}, IMAGE, "Pad", {}),
    ("upsample", {"scale": 2, "mode": "bilinear"}, IMAGE, "Resize", {}),
    ("lstm", {"hidden": 7}, TOKENS, "Transpose LSTM Transpose Reshape Transpose",
     {"l0.weight": (1, 28, 6), "l0.recurrence.weight": (1, 28, 7), "l0.bias": (1, 56)}),
    ("position_embedding", {}, IMAGE, "Add", {"weight": (1, 6, 8, 8)}),
    ("layer_scale", {}, IMAGE, "Mul", {"weight": (6, 1, 1)}),
    ("class_token", {}, TOKENS, "Concat", {"weight": (1, 6, 1)}),
)  # fmt: skip


@each_of(ROWS, ids=[f"{row[0]}{i}" for i, row in enumerate(ROWS)])
def test_an_op_is_these_operations_and_weights(
    word: str,
    fields: dict[str, Any],
    shape: tuple[int, ...],
    operations: str,
    weights: dict[str, tuple[int, ...]],
) -> None:
    maker, _ = made(bncalc.block(word, shape, **fields))
    assert [node.op for node in maker.nodes] == [*operations.split(), "Identity"]
    held = {name.split(".", 1)[1]: weight.shape for name, weight in maker.weights.items()}
    assert held == weights


def attention(*, areas: int = 1, fused: bool = False, keys: int = 4) -> Graph:
    net = Net((8, 4, 4))
    met = net.input if keys == 4 else net.op("avg_pool", net.input, kernel=4 // keys)
    q, k, v = (net.conv(x, out, 1) for x, out in ((net.input, 8), (met, 8), (met, 12)))
    if fused:
        made = net.op("fused_attention", q, k, v, heads=2, areas=areas)
        net.conv(made, 5, 3)
    else:
        scores = net.op("attention_scores", q, k, heads=2, areas=areas)
        net.op("attention_mix", net.op("softmax", scores, over="width"), v, areas=areas)
    return net.graph("attention")


def test_heads_and_areas_are_axes_of_a_product() -> None:
    maker, _ = made(attention())
    assert [node.op for node in maker.nodes].count("MatMul") == 2
    apart, _ = made(attention(areas=4))
    assert maker.number(0.5) in apart.constants  # the scale, 1 / √4 channels of a head
    orders = [n.attributes["perm"] for n in apart.nodes if n.op == "Transpose"]
    assert [0, 3, 1, 4, 2] in orders


@each_of([{}, {"areas": 4}, {"keys": 2}, {"areas": 2, "keys": 2}])
def test_attention_that_is_one_layer_reads_back_as_one(
    more: dict[str, int], tmp_path: Path
) -> None:
    graph = attention(fused=True, **more)
    (tmp_path / "attention.onnx").write_bytes(encoded(graph))
    again = bncalc.network(str(tmp_path / "attention.onnx"))
    assert measure(again, also=["training"]).totals == measure(graph, also=["training"]).totals
    assert module_file(again) == module_file(graph)


def test_every_op_is_written_as_onnx_and_as_pytorch() -> None:
    others = {"custom", "depthwise", "upsample_like"}  # which are placed as ops of another word
    assert OPS.keys() - WRITERS.keys() == OPS.keys() - LINES.keys() == others


def test_weights_that_layers_share_are_one_tensor() -> None:
    net = Net((3, 8, 8))
    x = net.conv(net.input, 3, bias=True)
    with net.sharing(1, 2):
        net.conv(x, 3, bias=True)
    maker, _ = made(net.graph("net"))
    assert [node.inputs[1:] for node in maker.nodes[:2]] == [("conv1.weight", "conv1.bias")] * 2
    assert len(maker.weights) == 2


def test_what_is_fixed_is_made_of_integers_and_is_no_weight() -> None:
    net = Net(IMAGE)
    fixed = net.op("parameter", shape=list(IMAGE), learned=False)
    net.op("frozen_norm", net.add(net.input, fixed))
    maker, _ = made(net.graph("net"))
    assert set(maker.weights) == {"frozen_norm.running_mean", "frozen_norm.running_var"}
    assert all(isinstance(value, list) for value in maker.constants.values())
    expanded = [maker.constants[node.inputs[0]] for node in maker.nodes if node.op == "Expand"]
    assert expanded == [[1], [1], [0]]  # what is added; scale and shift


def odd_columns() -> Graph:
    """Every other column of a map, in the order of columns, rows and channels, as one row."""
    cut, order = ("cut", (2, 1, 8, 2)), ("order", (2, 1, 0))
    options = (("sizes", (6, 8, 8)), cut, ("sizes", (6, 8, 4)), order)
    net = Net(IMAGE)
    net.build(Foreign(Facts("slice", Shape(4, 48), storage="view", options=options)), net.input)
    return net.graph("odd_columns")


def test_a_view_of_known_order_is_what_it_says_one_step_after_the_other() -> None:
    maker, _ = made(odd_columns())
    *steps, _ = maker.nodes
    assert [(node.op, node.attributes.get("perm")) for node in steps] == [
        ("Slice", None), ("Transpose", [0, 3, 2, 1]), ("Reshape", None),
    ]  # fmt: skip
    told = [maker.constants[name] for node in steps for name in node.inputs[1:]]
    assert told == [[1], [8], [3], [2], [1, 4, 48]]  # start, stop, axis and step; sizes


def reading(*views: MapView) -> Graph:
    graph = bncalc.block("max_pool", IMAGE)
    first, pool = graph.nodes
    return graph._replace(nodes=(first, pool._replace(views=views)))


def test_a_layer_reads_its_map_in_the_order_of_its_view() -> None:
    maker, _ = made(reading(MapView(0, (6, 8, 8), (2, 0, 1))))
    assert [(node.op, node.attributes.get("perm")) for node in maker.nodes[:3]] == [
        ("Transpose", [0, 3, 1, 2]), ("Reshape", None), ("MaxPool", None),
    ]  # fmt: skip
    with pytest.raises(bncalc.UsageError, match="max_pool at max_pool: the order in which it ta"):
        made(reading(MapView(0)))


def test_an_operation_of_somebody_elses_is_an_error_that_names_the_layer() -> None:
    with pytest.raises(bncalc.UsageError, match="as ONNX:\n  Odd at Odd: "):
        made(bncalc.block("custom", IMAGE, op="Odd", out=[6]))


def test_a_bias_that_an_earlier_layer_has_learned_is_no_weight_of_this() -> None:
    net = Net(IMAGE)
    op = Conv(out=4, kernel=1, bias=True)
    net.build(Foreign(facts_like(op, Shape(4, 8, 8), Cost(weights=24, macs=1536))), net.input)
    maker, _ = made(net.graph("net"))
    assert [weight.shape for weight in maker.weights.values()] == [(4, 6, 1, 1)]
    assert [node.op for node in maker.nodes] == ["Expand", "Cast", "Conv", "Identity"]


def test_a_map_that_is_put_out_twice_has_both_names() -> None:
    graph = bncalc.block("relu", IMAGE)
    graph = graph._replace(outputs=(Output(1, "a"), Output(1, "b")))
    assert made(graph)[0].outputs == ["a", "b"]


def test_what_onnxruntime_refuses_is_an_error_that_names_the_layer() -> None:
    with pytest.raises(bncalc.UsageError, match="local_response_norm: onnxruntime takes an odd"):
        made(bncalc.block("local_response_norm", IMAGE, size=4))
    with pytest.raises(bncalc.UsageError, match="instance_norm: onnxruntime takes a map"):
        made(bncalc.block("instance_norm", (6,)))


@pytest.mark.parametrize("word", ["batch_norm", "rms_norm"])
def test_numbers_that_32_bits_do_not_hold_are_an_error_that_names_the_layer(word: str) -> None:
    for eps in (1e39, 1e-46):
        with pytest.raises(bncalc.UsageError, match=re.escape(f"{word}: {eps:g} does not fit")):
            made(bncalc.block(word, IMAGE, eps=eps))
    made(bncalc.block(word, IMAGE, eps=1e-45))


def test_names_of_nodes_are_unlike() -> None:
    maker, _ = made(bncalc.network("shufflenet_v2_x0_5"))
    names = [node.name for node in maker.nodes if node.name]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "onnx"], "an ONNX file is binary; give -o FILE"),
        (["--to", "yaml", "--seed", "1"], "--seed is for --to onnx"),
    ],
)
def test_calls_that_cannot_be_are_refused(arguments: list[str], message: str) -> None:
    done = run("export", "resnet18", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.skipif(importlib.util.find_spec("onnx") is not None, reason="said without it")
def test_without_the_library_the_extra_is_named(tmp_path: Path) -> None:
    done = run("export", "resnet18", "--to", "onnx", "-o", str(tmp_path / "net.onnx"))
    assert done.returncode == 2
    assert "pip install 'bncalc[onnx]'" in done.stderr


NETWORKS = (
    "resnet18",
    "mobilenet_v3_small",
    "repvgg_a0",  # sums of three maps
    "mobilevit_xxs",  # attention on maps of two axes
    "inception_v3",
    "r3d_18",
    "unet",
    "mlperf_tiny_ad",
)


def encoded(graph: Graph) -> bytes:
    """Return the file that is written, without the library that writes it."""
    maker, names = made(graph)
    sizes = [(each.name, maker.numbers(*each.shape)) for each in maker.weights.values()]
    nodes = [encoder.node("ConstantOfShape", [size], [name]) for name, size in sizes]
    for each in maker.nodes:
        attributes: dict[str, Any] = each.attributes
        nodes.append(
            encoder.node(
                each.op, each.inputs, [each.output], name=each.name, properties=each.properties,
                **attributes,
            )
        )  # fmt: skip
    constants = [
        tensor(name, [len(value)], value) if isinstance(value, list) else tensor(name, [], [value])
        for name, value in maker.constants.items()
    ]
    inputs = {names[index]: (1, *graph.nodes[index].output) for index in graph.inputs}
    outputs = [names[each.node] for each in graph.outputs]
    return encoder.model(encoder.graph(nodes, constants, inputs, outputs), opset=21)


def joined() -> Graph:
    net = Net((8, 4, 6))
    a, b = (net.op("relu", net.input) for _ in "ab")
    product = net.op("matmul", net.op("transpose", a), b)
    net.add(product, net.op("parameter", shape=list(product.shape)))
    return net.graph("joined")


def fixed() -> Graph:
    net = Net(IMAGE)
    net.add(net.input, net.op("parameter", shape=list(IMAGE), learned=False))
    return net.graph("fixed")


@each_of([("multiply", [6, 1, 1]), ("add", [6, 8, 8]), ("add", [6, 1, 1])])
def test_a_learned_map_beside_a_join_is_not_what_a_layer_has_learned(
    word: str, shape: list[int], tmp_path: Path
) -> None:
    net = Net(IMAGE)
    learned = net.op("parameter", shape=shape, name="learned.map")
    joined = net.op(word, net.op("relu", net.input), learned, name="joined")
    net.op("position_embedding", net.op("layer_scale", joined))
    graph = net.graph("net")
    (tmp_path / "net.onnx").write_bytes(encoded(graph))
    again = bncalc.network(str(tmp_path / "net.onnx"))
    assert {each.op.word for each in again.nodes} == {each.op.word for each in graph.nodes}
    assert {each.path.replace(".", "_") for each in graph.nodes} == {n.path for n in again.nodes}
    assert measure(again).totals == measure(graph).totals


VOLUME = (4, 3, 5, 7)
MORE: tuple[tuple[str, dict[str, Any], tuple[int, ...]], ...] = (
    ("gru", {"hidden": 7, "layers": 2, "bidirectional": True}, TOKENS),
    ("lstm", {"hidden": 5, "layers": 2, "bias": False}, TOKENS),
    ("conv", {"out": 4, "kernel": [1, 2, 3], "stride": [1, 2, 1], "padding": "same"}, VOLUME),
    ("conv", {"out": 4, "padding": [0, 1, 2, 3], "dilation": 2}, IMAGE),
    ("conv_transpose", {"out": 4, "kernel": 3, "stride": 2, "groups": 2}, VOLUME),
    ("linear", {"out": 5, "each": True}, VOLUME),
    ("layer_norm", {}, VOLUME),
    ("group_norm", {"groups": 2}, VOLUME),
    ("adaptive_avg_pool", {"size": [2, 3, 4]}, VOLUME),
    ("avg_pool", {"kernel": [3, 2], "stride": 2}, (6, 7, 8)),
    ("unfold", {"kernel": 2, "padding": 1, "stride": 2}, (6, 5, 7)),
    ("channel_shuffle", {"groups": 2}, VOLUME),
    ("pixel_shuffle", {"factor": 2}, (8, 3, 5)),
    ("pixel_shuffle", {"factor": 2}, TOKENS),
    ("pixel_shuffle", {"factor": 2, "order": "drc"}, (8, 3, 5)),
    ("pixel_shuffle", {"factor": 2, "order": "dcr"}, (8, 2, 3, 5)),
    ("space_to_depth", {"factor": 2}, TOKENS),
    ("local_response_norm", {}, VOLUME),
    ("max_pool", {"kernel": 2, "padding": 2}, TOKENS),
    ("mean", {"over": "positions"}, (6,)),
    ("crop", {"size": [1, 0, 0, 2]}, IMAGE),
    ("pad", {"size": [1, 2, 0, 3]}, IMAGE),
    ("roll", {"by": [2, 3]}, IMAGE),
    ("permute", {"order": [2, 0, 1]}, (2, 3, 4)),
    ("transpose", {}, VOLUME),
    ("softmax", {"over": "channels"}, VOLUME),
    ("upsample", {"scale": 3}, IMAGE),
    ("class_token", {}, IMAGE),
    ("class_token", {}, (6,)),
    ("relative_position_bias", {"window": 3}, (3, 18, 9)),
)


OTHERWISE = {
    "adaptive_max_pool": "elementwise",  # along one axis after the other
    "adaptive_avg_pool": "elementwise",
    "frozen_norm": "buffers",  # of which ONNX knows statistics alone
    "mean": "elementwise",  # over the positions of a vector, which is nothing
}
"""What may differ once a file is read again, of ops that ONNX has not."""


@each_of([(row[0], row[1], row[2]) for row in (*ROWS, *MORE)])
def test_an_op_costs_the_same_read_again(
    word: str, fields: dict[str, Any], shape: tuple[int, ...], tmp_path: Path
) -> None:
    graph, path = bncalc.block(word, shape, **fields), tmp_path / "op.onnx"
    path.write_bytes(encoded(graph))
    own, again = measure(graph).totals, measure(bncalc.network(str(path))).totals
    for name in ("params", "buffers", "macs", "elementwise", "activations"):
        if name != OTHERWISE.get(word):
            assert getattr(again, name) == getattr(own, name), name


def _every_op() -> list[Graph]:
    graphs = [bncalc.block(word, shape, **fields) for word, fields, shape, *_ in ROWS]
    graphs += [bncalc.block(word, shape, **fields) for word, fields, shape in MORE]
    attentions = [attention(), attention(areas=4), attention(fused=True)]
    return [*graphs, *attentions, joined(), fixed(), odd_columns()]


EVERY_OP = _every_op()


@each_of(EVERY_OP, ids=lambda graph: graph.name)
def test_an_op_reads_back_with_the_same_map_and_costs(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(encoded(graph))
    account = account_of(Request(str(path)))
    costs = [node.op.cost(graph.input_shapes(node), node.output) for node in graph.nodes]
    assert sum(layer.params for layer in account.layers) == sum(cost.params for cost in costs)
    assert sum(layer.macs or 0 for layer in account.layers) == sum(cost.macs for cost in costs)
    _, names = made(graph)
    for output in graph.outputs:
        sizes = account.tensors[names[output.node]]
        assert sizes == (1, *graph.nodes[output.node].output)


@each_of([("avg_pool", {"count_include_pad": 1}), ("max_pool", {})])
def test_averages_alone_count_the_zeros_around_a_map(word: str, more: dict[str, int]) -> None:
    maker, _ = made(bncalc.block(word, IMAGE, kernel=3, stride=2, padding=1))
    window = {"kernel_shape": [3, 3], "strides": [2, 2], "dilations": [1, 1], "ceil_mode": 0}
    assert maker.nodes[0].attributes == {**window, "pads": [1] * 4, **more}


def test_windows_that_differ_are_cut_where_pytorch_cuts_them() -> None:
    maker, _ = made(bncalc.block("adaptive_avg_pool", (6, 4), size=3))
    slices = [node for node in maker.nodes if node.op == "Slice"]
    cuts = [[maker.constants[name] for name in node.inputs[1:]] for node in slices]
    assert cuts == [[[0], [2], [2]], [[1], [3], [2]], [[2], [4], [2]]]  # from, to, axis


def test_taps_of_a_channel_lie_beside_each_other_and_weights_of_a_query_sum_to_1() -> None:
    unfolded, _ = made(bncalc.block("unfold", (6, 5, 7), kernel=2))
    (joined,) = [node for node in unfolded.nodes if node.op == "Concat"]
    assert (joined.attributes["axis"], len(joined.inputs)) == (2, 4)
    fused, _ = made(attention(fused=True))
    (softmax,) = [node for node in fused.nodes if node.op == "Softmax"]
    assert softmax.attributes["axis"] == -1
    assert fused.number(0.5) in fused.constants  # 1 / √4 channels of a head


def test_each_pair_of_places_in_a_window_has_the_number_of_its_offset() -> None:
    maker, _ = made(bncalc.block("relative_position_bias", (1, 4, 4), window=2))
    offsets = [4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4]  # (dy + 1) · 3 + dx + 1
    assert offsets in maker.constants.values()


def test_a_long_list_of_numbers_has_a_short_name_and_each_only_one(tmp_path: Path) -> None:
    graph = bncalc.block("window_attention", (8, 14, 14), window=7, heads=2)
    maker, _ = made(graph)
    assert max(map(len, maker.constants)) < 40
    lists = [tuple(value) for value in maker.constants.values() if isinstance(value, list)]
    assert len(set(lists)) == len(lists)
    path = tmp_path / "net.onnx"
    path.write_bytes(encoded(graph))
    ours, theirs = measure(graph).totals, measure(bncalc.network(str(path))).totals
    assert (theirs.params, theirs.macs) == (ours.params, ours.macs)


def read_back(name: str, tmp_path: Path) -> tuple[Report, Report]:
    graph = bncalc.network(name)
    path = tmp_path / "net.onnx"
    path.write_bytes(encoded(graph))
    return measure(graph, also=["training"]), measure(bncalc.network(str(path)), also=["training"])


@each_of(NETWORKS)
def test_an_exported_network_reads_back_as_itself(name: str, tmp_path: Path) -> None:
    ours, theirs = read_back(name, tmp_path)
    assert theirs.totals == ours.totals
    kept = [report.results[0].of_whole() for report in (ours, theirs)]
    assert kept[0] == kept[1]
    compared = difference(ours, theirs)
    layers = [change.old or change.new for change in compared.changes]
    assert {layer.op for layer in layers if layer} <= {"split"}  # cut where they are needed
    assert [change for change in compared.renamed if change.old and change.old.cost.params] == []
    words = [(part.path, part.word) for part in theirs.parts]
    assert words == [(part.path, part.word) for part in ours.parts]


@pytest.mark.whole
@pytest.mark.parametrize("name", MODELS)
def test_every_exported_network_has_the_same_totals(name: str, tmp_path: Path) -> None:
    ours, theirs = read_back(name, tmp_path)
    runs = [layer.cost.params for layer in ours.layers if not layer.training_only]
    assert theirs.totals.params == sum(runs)
    for key in ("macs", "elementwise", "activations", "peak_activation_bytes"):
        assert getattr(theirs.totals, key) == getattr(ours.totals, key), key
    words = {layer.op for layer in ours.layers}
    if "frozen_norm" not in words:  # of which ONNX knows statistics alone
        assert theirs.totals.traffic_bytes == ours.totals.traffic_bytes
        whole = "drop_path" not in words and len(runs) == len(ours.layers)
        kept = [report.results[0].of_whole() for report in (ours, theirs)]
        assert not whole or kept[0] == kept[1]


@pytest.mark.frameworks
@pytest.mark.parametrize("graph", EVERY_OP, ids=lambda graph: graph.name)
def test_every_file_runs_and_puts_out_the_same_shape(graph: Graph) -> None:
    import numpy as np
    import onnxruntime

    from bncalc.writers.onnx.file import model_bytes

    data = model_bytes(graph, seed=1)
    assert data == model_bytes(graph, seed=1)
    assert (data != model_bytes(graph, seed=2)) == bool(made(graph)[0].weights)
    session = onnxruntime.InferenceSession(data)
    feed = {each.name: np.ones(each.shape, "float32") for each in session.get_inputs()}
    outputs = session.run(None, feed)
    assert [made.shape for made in outputs] == [
        (1, *graph.nodes[output.node].output) for output in graph.outputs
    ]


@each_of(
    [
        ("batch_norm", {"eps": 0.001}),
        ("instance_norm", {"eps": 0.1, "affine": True}),
        ("group_norm", {"eps": 1e-6, "groups": 2}),
        ("layer_norm", {"eps": 1e-12}),
        ("rms_norm", {"eps": 1e-5}),
        ("local_response_norm", {"alpha": 0.2, "beta": 0.5, "k": 2}),
        ("standardised_conv", {"out": 4, "eps": 1e-5}),
        ("standardised_conv", {"out": 4, "gain": True, "scale": 0.1, "eps": 0.001}),
        ("leaky_relu", {"slope": 0.1}),
        ("elu", {"alpha": 1.5}),
        ("gelu", {"approximate": True}),
        ("avg_pool", {"kernel": 3, "padding": 1, "count_padding": False}),
        ("pad", {"value": 0.3}),
        ("pad", {"value": float("-inf")}),
        ("upsample", {"mode": "bilinear", "align_corners": True}),
    ]
)
def test_numbers_that_cost_nothing_read_back(
    word: str, fields: dict[str, Any], tmp_path: Path
) -> None:
    graph = bncalc.block(word, (6, 8, 8), **fields)
    (tmp_path / "net.onnx").write_bytes(encoded(graph))
    (*_, node) = bncalc.network(str(tmp_path / "net.onnx")).nodes
    assert node.op.word == word
    assert {name: getattr(node.op, name) for name in node.op.aside} == {
        name: getattr(graph.nodes[-1].op, name) for name in node.op.aside
    }
