"""Both writers: a module and an ONNX file, given the same numbers, are the same function."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tests.writers.test_onnx import EVERY_OP, IMAGE, TOKENS, VOLUME

import bncalc
from bncalc.model.graph import Graph
from bncalc.writers.onnx.file import model_bytes
from bncalc.writers.pytorch.module import module_file

Form = tuple[str, Mapping[str, Any], tuple[int, ...]]
ODD, VECTOR = (6, 7, 9), (6,)


def _forms() -> Iterator[Form]:
    """Return ops in what has a meaning of its own in one of the two: padding, rounding, gates."""
    shape: tuple[int, ...]
    padding: Any
    for shape in (IMAGE, ODD, TOKENS):
        for ceil in (False, True):
            window: dict[str, Any] = {"kernel": 3, "stride": 2, "ceil": ceil}
            for count in (False, True):
                yield "avg_pool", {**window, "padding": 1, "count_padding": count}, shape
            for padding in (0, 1, "same"):
                yield "max_pool", {**window, "padding": padding, "dilation": 2}, shape
    yield "avg_pool", {"kernel": 3, "stride": 2, "padding": "same"}, IMAGE
    yield "avg_pool", {"kernel": [5, 2], "stride": 3, "padding": [2, 0], "ceil": True}, ODD
    yield "max_pool", {"kernel": 3, "stride": 1, "padding": [0, 2, 1, 1]}, IMAGE
    for mode in ("nearest", "bilinear", "bicubic", "area"):
        for size in ([11, 13], [5, 4], [8, 3]):
            yield "upsample", {"mode": mode, "size": size}, IMAGE
    for mode in ("bilinear", "bicubic"):
        yield "upsample", {"mode": mode, "scale": [2, 3], "align_corners": True}, IMAGE
    for mode in ("zeros", "reflect", "replicate", "circular"):
        yield "pad", {"size": [1, 2, 0, 3], "mode": mode}, IMAGE
        yield "pad", {"size": 1, "mode": mode}, VOLUME
    yield "pad", {"size": [2, 1], "value": -1.5}, TOKENS
    for sizes in (3, [3, 8], 12):
        yield "adaptive_avg_pool", {"size": sizes}, IMAGE
        yield "adaptive_max_pool", {"size": sizes}, IMAGE
    for over in ("channels", "positions", "height"):
        for word in ("mean", "sum", "max", "softmax"):
            yield word, {"over": over}, VOLUME
    for shape in (IMAGE, TOKENS, VOLUME, VECTOR):
        for norm in ("batch_norm", "layer_norm", "rms_norm"):
            yield norm, {"eps": 0.01}, shape
            yield norm, {"affine": False}, shape
        yield "group_norm", {"groups": 2, "eps": 0.01}, shape
        yield "local_response_norm", {"size": 3, "alpha": 0.1, "beta": 0.5, "k": 2.0}, shape
    yield "instance_norm", {"eps": 0.01, "affine": True}, TOKENS
    for order in ("crd", "dcr", "drc"):
        yield "space_to_depth", {"factor": 2, "order": order}, (2, 2, 4, 6)
        yield "pixel_shuffle", {"factor": 2, "order": order}, (16, 4, 6)
    for stride, padding, dilation in ((1, "same", 2), (2, "same", 1), (3, [1, 0], 1)):
        window = {"kernel": [4, 3], "stride": stride, "dilation": dilation, "padding": padding}
        yield "conv", {**window, "out": 4, "groups": 2, "bias": True}, ODD
        yield "unfold", window, ODD
    for shape in (IMAGE, TOKENS, VOLUME):
        window = {"kernel": 3, "stride": 2, "padding": 1, "output_padding": 1, "dilation": 2}
        yield "conv_transpose", {"out": 4, **window, "groups": 2, "bias": True}, shape
    for eps in (0, 0.01):
        yield "standardised_conv", {"out": 4, "gain": True, "scale": 0.5, "eps": eps}, IMAGE
    for layers, both, bias in ((1, False, True), (1, True, False), (2, True, True)):
        gates = {"hidden": 5, "layers": layers, "bidirectional": both, "bias": bias}
        yield "gru", gates, TOKENS
        yield "lstm", {**gates, "areas": 2}, TOKENS
    functions: tuple[tuple[str, dict[str, Any]], ...] = (
        ("leaky_relu", {"slope": 0.3}),
        ("elu", {"alpha": 1.7}),
        ("gelu", {}),
        ("gelu", {"approximate": True}),
        ("softplus", {"beta": 2.5}),
    )
    for word, fields in functions:
        yield word, fields, IMAGE
    for word in ("hard_sigmoid", "hard_swish", "mish", "exp", "tanh"):
        yield word, {}, IMAGE


FIXED = ("fixed", "frozen_norm")
"""What has numbers that are not learned, which ONNX holds as whole ones."""


@pytest.mark.frameworks
def test_every_form_of_an_op_is_the_same_function_in_both() -> None:
    graphs = [bncalc.block(word, shape, **fields) for word, fields, shape in _forms()]
    for graph in (*graphs, *[graph for graph in EVERY_OP if graph.name not in FIXED]):
        layers = {node.path: node.op for node in graph.nodes[1:]}
        assert apart_in_both(graph) < 1e-5, layers


@pytest.mark.frameworks
def test_networks_are_the_same_function_in_both() -> None:
    for name in ("mlperf_tiny_kws", "mobilenet_v3_small@3,64,64", "mobilevit_xxs@3,64,64"):
        assert apart_in_both(bncalc.network(name)) < 1e-4, name


def apart_in_both(graph: Graph) -> float:
    """Return how far apart both put out what they do of one input, for each unit of the mean."""
    import onnx
    import torch
    from onnxruntime import InferenceSession

    source, names = module_file(graph), dict[str, Any]()
    exec(source, names)
    module = names[ast.parse(source).body[-1].name]().eval()  # type: ignore[attr-defined]
    random = torch.Generator().manual_seed(1)
    maps = [torch.rand(1, *graph.nodes[i].output, generator=random) + 0.1 for i in graph.inputs]
    stored = {
        f"{path}.{name}".lstrip(".")
        for path, part in module.named_modules()
        if not type(part).__module__.startswith("torch.")
        for name, _ in part.named_buffers(recurse=False)
    }
    with torch.no_grad():
        for name, weights in module.state_dict().items():
            if name in stored:  # which ONNX does not know
                weights.fill_(weights.dtype != torch.long)
            elif weights.is_floating_point():
                spread = 1.0 if weights.ndim < 2 else min(1.0, (4 / weights[0].numel()) ** 0.5)
                weights.copy_(torch.rand(weights.shape, generator=random) * 2 * spread - spread)
                weights.abs_().add_(0.5) if "var" in name else None
        made = module(*maps)
    model = onnx.load_from_string(model_bytes(graph, seed=0))
    state = {name: each.numpy() for name, each in module.state_dict().items()}
    _give(model.graph, {name: each for name, each in state.items() if name not in stored})
    session = InferenceSession(model.SerializeToString())
    fed = {put.name: x.numpy() for put, x in zip(session.get_inputs(), maps, strict=True)}
    made, own = made if isinstance(made, tuple) else (made,), session.run(None, fed)
    return max(_apart(x.numpy(), y) for x, y in zip(made, own, strict=True))


def _apart(x: Any, y: Any) -> float:
    """Return how far apart two maps are where a maximum is not of padding alone."""
    import numpy as np

    x = x.reshape(y.shape)
    known = np.isfinite(x)
    return float(abs(x[known] - y[known]).max() / abs(y[known]).mean())


GATES = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2)}
"""The order in which ONNX has the gates of PyTorch."""
_RECURRENT = re.compile(r"(.*)\.l(\d+)\.(weight|recurrence\.weight|bias)")
_HELD = {"weight": ("weight_ih",), "recurrence.weight": ("weight_hh",)}


def _give(graph: Any, state: dict[str, Any]) -> None:
    """Give an ONNX graph the numbers of a module, each of which it has under a like name."""
    import numpy as np
    from onnx.numpy_helper import from_array

    reading = {name: node.op_type for node in graph.node for name in node.input}
    known = {_plain(name): name for name, each in state.items() if each.dtype.kind == "f"}
    given = set()
    for each in graph.initializer:
        if each.data_type != 1 or not each.dims:
            continue
        kind = reading[each.name]
        if kind in GATES:
            names, values = _gates(each, state, GATES[kind])
        else:
            names = {known[_plain(each.name)]}
            values = state[next(iter(names))]
        is_same = values.shape == (*each.dims,) and len(set(each.dims)) > 1
        if kind in ("Gather", "MatMul") and not is_same:
            values = values.reshape(len(values), -1).T
        given |= names
        each.CopyFrom(from_array(np.ascontiguousarray(values).reshape(each.dims), each.name))
    assert given == set(known.values())


def _plain(name: str) -> str:
    """Return a name as both have it: a tensor `2` is `layer2` in one, `2/act` is `2_act`."""
    name = re.sub(r"(^|\.)layer(?=_?\d)", r"\1", name)
    return re.sub(r"\W|_", "", re.sub(r"\.weight$", "", name))


def _gates(each: Any, state: dict[str, Any], order: tuple[int, ...]) -> tuple[set[str], Any]:
    """Return the names and numbers of a recurrent layer's weights or biases, in ONNX's order."""
    import numpy as np

    path, layer, word = _RECURRENT.fullmatch(each.name).groups()  # type: ignore[union-attr]
    names: set[str] = set()
    ways = []
    for way in ("", "_reverse")[: each.dims[0]]:
        held = [f"{path}.{x}_l{layer}{way}" for x in _HELD.get(word, ("bias_ih", "bias_hh"))]
        names.update(held)
        parts = [np.split(state[name], len(order))[gate] for name in held for gate in order]
        ways.append(np.concatenate(parts))
    return names, np.stack(ways)
