"""The reader held against onnxruntime and PyTorch: every tensor's shape, params and MACs."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import pytest
from tests.readers.onnx.test_shapes import ROWS

from bncalc.analysis.measurement import measure
from bncalc.opening.model import open_model
from bncalc.readers.onnx.inputs import settle
from bncalc.readers.onnx.interpretation import infer
from bncalc.readers.onnx.proto import read_model
from bncalc.readers.onnx.value import Value
from bncalc.readers.onnx.wire import Wire

pytestmark = pytest.mark.frameworks

ELEMENTS = {1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64", 9: "bool", 10: "float16"}

LIGHT = {
    "light_bvlc_alexnet": (60_965_224, 0, 654_560_384),
    "light_inception_v1": (6_998_552, 0, 1_431_556_352),
    "light_resnet50": (25_557_032, 53_120, 4_089_184_256),
    "light_squeezenet": (1_235_496, 0, 349_151_936),
    "light_vgg19": (143_667_240, 0, 19_632_062_464),
}
"""Params, buffers and MACs of files in the onnx package; ResNet-50's are those of torchvision."""


def run(data: bytes) -> dict[str, Any]:
    """Return every tensor of a file by name, as onnxruntime works it out from ones."""
    import numpy as np
    import onnx
    import onnxruntime

    model = onnx.load_from_string(data)
    put_out = {output.name for output in model.graph.output}
    names = {name for node in model.graph.node for name in node.output if name}
    model.graph.output.extend([onnx.ValueInfoProto(name=name) for name in sorted(names - put_out)])
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    values = inputs(data)
    feed = {name: np.ones(value.dims or (), ELEMENTS[value.type]) for name, value in values.items()}
    outputs = [output.name for output in session.get_outputs()]
    return dict(zip(outputs, session.run(outputs, feed), strict=True))


def inputs(data: bytes) -> dict[str, Value]:
    proto = read_model(Wire(data))
    return dict(settle(proto.graph, "net.onnx", {}, None).values)


def differences(data: bytes) -> list[str]:
    """Return the tensors whose shape or numbers are others than those of onnxruntime."""
    import numpy as np

    wire = Wire(data)
    proto = read_model(wire)
    trace = infer(wire, proto, settle(proto.graph, "net.onnx", {}, None).values, {})
    ours = {trace.names[i]: trace.values[i] for step in trace.steps for i in step.outputs if i >= 0}
    wrong = []
    for name, value in run(data).items():
        own = ours.get(name)
        if own is None:
            continue  # within a function, or a branch under the name that it has outside
        if own.dims != value.shape:
            wrong.append(f"{name}: {own.dims}, and {value.shape} in onnxruntime")
        elif own.numbers is not None:
            held = np.array(own.numbers, dtype="float64").reshape(own.dims)
            if not np.allclose(held, value.astype("float64"), rtol=1e-6):
                wrong.append(f"{name}: {own.numbers}")
    return wrong


@pytest.mark.parametrize("row", ROWS, ids=[f"{i}-{row.op}" for i, row in enumerate(ROWS)])
def test_rows_of_shapes_are_what_onnxruntime_makes(row):
    if row.op == "Reshape" and prod(row.sizes[0]) == 0:
        pytest.skip("onnxruntime refuses an input without elements")
    made = run(row.file())
    assert [made[f"y{i}"].shape for i in range(len(row.expected))] == row.expected


def light(name: str) -> Path:
    import onnx

    return Path(onnx.__file__).parent / "backend" / "test" / "data" / "light" / f"{name}.onnx"


@pytest.mark.parametrize("name", LIGHT)
def test_stripped_files_have_the_published_numbers(name):
    totals = measure(open_model(str(light(name))).graphs[0]).totals
    assert (totals.params, totals.buffers, totals.macs) == LIGHT[name]


@pytest.mark.parametrize(
    "name", [*LIGHT, "light_densenet121", "light_shufflenet", "light_zfnet512"]
)
def test_every_tensor_of_stripped_files_has_its_shape(name):
    assert differences(light(name).read_bytes()) == []


def modules() -> dict[str, Any]:
    """Return modules by name, each with an input."""
    import torch
    from torch import nn

    image, tokens = torch.randn(1, 8, 12, 12), torch.randn(1, 10, 24)
    attention = nn.TransformerEncoderLayer(24, 3, 48, batch_first=True)
    normed = nn.Sequential(nn.Conv2d(8, 8, 3, bias=False), nn.BatchNorm2d(8), nn.SiLU())
    return {
        "normed": (normed, image),
        "group norm": (nn.Sequential(nn.Conv2d(8, 8, 1), nn.GroupNorm(4, 8)), image),
        "transposed": (nn.ConvTranspose2d(8, 4, 3, 2, 1, output_padding=1), image),
        "pool": (nn.MaxPool2d(3, 2, 1, ceil_mode=True), image),
        "bilinear": (nn.Upsample(scale_factor=2, mode="bilinear"), image),
        "lstm": (nn.LSTM(24, 16, num_layers=2, batch_first=True), tokens),
        "attention": (attention, tokens),
        "gelu": (nn.Sequential(nn.Linear(24, 48), nn.GELU(), nn.LayerNorm(48)), tokens),
    }


@pytest.mark.parametrize("dynamo", [False, True], ids=["legacy", "dynamo"])
@pytest.mark.parametrize(
    "name", ["normed", "group norm", "transposed", "pool", "bilinear", "lstm", "attention", "gelu"]
)
@pytest.mark.filterwarnings("ignore")
def test_exports_of_pytorch_have_its_params_and_every_shape(tmp_path, name, dynamo):
    torch = pytest.importorskip("torch")
    if dynamo:
        pytest.importorskip("onnxscript")
    if name == "attention" and not dynamo:
        pytest.skip("PyTorch's older exporter cannot write it")
    module, example = modules()[name]
    module.eval()
    folded = 0
    for inner in module.modules():
        folded += inner.num_features if isinstance(inner, torch.nn.BatchNorm2d) else 0
    for parameter in module.parameters():  # equal tensors would be stored once
        torch.nn.init.normal_(parameter)
    path = tmp_path / "net.onnx"
    further = {"external_data": False, "verbose": False} if dynamo else {}
    torch.onnx.export(module, (example,), str(path), dynamo=dynamo, **further)
    assert differences(path.read_bytes()) == []
    params = sum(parameter.numel() for parameter in module.parameters())
    assert measure(open_model(str(path)).graphs[0]).totals.params == params - folded
