"""Every form: the networks of the pages and of `configs/` as YAML, PyTorch and ONNX, read back."""

import ast
import re
from pathlib import Path

import pytest
from tests.docs.walk import ROOT, fenced
from tests.writers.test_onnx import encoded

import bncalc
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.model.graph import Graph
from bncalc.model.net import Net
from bncalc.writers.pytorch.module import module_file
from bncalc.writers.yaml.file import model_file

PAGES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))
TEXTS = [text for page in ("README.md", *PAGES) for text in fenced(page, "yaml")]
TEXTS += [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("configs/*.yaml"))]
NETWORKS = [text for text in dict.fromkeys(TEXTS) if re.search(r"^(layers|blocks):", text, re.M)]


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[Graph]:
    """Return what every example means, files that include others beside these."""
    folder = tmp_path_factory.mktemp("examples")
    graphs: list[Graph] = []
    for number, text in enumerate(TEXTS):
        named = re.match(r"# ([\w.]+\.yaml)\n", text)
        path = folder / (named[1] if named else f"example{number}.yaml")
        path.write_text(text, encoding="utf-8")
        if text in NETWORKS:
            graphs += bncalc.load(str(path))
    return graphs


def test_there_are_examples_of_networks_and_of_alternatives(examples: list[Graph]) -> None:
    assert len(examples) > len(NETWORKS) > 10


def test_examples_are_the_same_in_our_language(examples: list[Graph], tmp_path: Path) -> None:
    path = tmp_path / "again.yaml"
    for graph in examples:
        path.write_text(model_file(graph), encoding="utf-8")
        (again,) = bncalc.load(str(path))
        assert [node.path for node in again.nodes] == [node.path for node in graph.nodes]
        assert measure(again).totals == measure(graph).totals, graph.name


def test_examples_are_modules_of_pytorch(examples: list[Graph]) -> None:
    for graph in examples:
        ast.parse(module_file(graph), graph.name)


def test_examples_cost_the_same_as_onnx(examples: list[Graph], tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    for graph in examples:
        path.write_bytes(encoded(graph))
        assert _costs(measure(bncalc.network(str(path)))) == _costs(measure(graph)), graph.name


def _costs(report: Report) -> tuple[object, ...]:
    totals = report.totals
    runs = [layer.cost.params for layer in report.layers if not layer.training_only]
    return sum(runs), totals.macs, totals.activations, totals.peak_activation_bytes, report.output


@pytest.mark.frameworks
def test_examples_run_in_pytorch_and_onnxruntime(examples: list[Graph]) -> None:
    import numpy as np
    import onnxruntime
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from bncalc.writers.onnx.file import model_bytes

    for graph in examples:
        names: dict[str, object] = {}
        source = module_file(graph)
        exec(source, names)
        kind = names[ast.parse(source).body[-1].name]  # type: ignore[attr-defined]
        maps = [graph.nodes[index].output for index in graph.inputs]
        with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
            module = kind().eval()  # type: ignore[operator]
            module(*[torch.empty(1, *shape) for shape in maps])
        totals = measure(graph).totals
        assert sum(p.numel() for p in module.parameters()) == totals.params
        assert counter.get_total_flops() // 2 == totals.macs
        session = onnxruntime.InferenceSession(model_bytes(graph))
        feed = {each.name: np.ones(each.shape, "float32") for each in session.get_inputs()}
        made = session.run(None, feed)
        assert [x.shape[1:] for x in made] == [graph.nodes[o.node].output for o in graph.outputs]


def test_maps_are_put_out_in_the_order_of_the_network(tmp_path: Path) -> None:
    net = Net((3, 8, 8))
    first = net.conv(net.input, 8, 3, name="first")
    second = net.conv(first, 4, 3, name="second")
    net.output(second)
    net.output(first)
    graph = net.graph("two")
    forward = module_file(graph)
    assert "x = self.first(x)\n        y = self.second(x)\n        return y, x" in forward
    for name, content in {
        "two.yaml": model_file(graph).encode(),
        "two.onnx": encoded(graph),
    }.items():
        (tmp_path / name).write_bytes(content)
        read = bncalc.network(str(tmp_path / name))
        assert [read.nodes[each.node].path for each in read.outputs] == ["second", "first"], name
