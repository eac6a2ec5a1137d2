"""Small graphs in all forms: what they are as PyTorch, as YAML and as nodes of ONNX.

`forms.txt` holds them; `pytest tests/writers/test_forms.py --golden` writes it anew.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests import shipped
from tests.graph_lines import hold
from tests.model.test_block_layers import ROWS as BLOCKS
from tests.readers.onnx.test_placed import NETS
from tests.writers.test_onnx import ROWS as OPS

import bncalc
from bncalc.errors import BncalcError
from bncalc.model.graph import Graph
from bncalc.writers.onnx.file import made
from bncalc.writers.pytorch.module import module_file
from bncalc.writers.yaml.file import model_file

KINDS = ("bottleneck", "inverted_residual", "dense_block", "window_attention")
"""Blocks of parts, shortcuts and repeats."""

ALWAYS = ("def __init__(self) -> None:", "super().__init__()", "class Net(nn.Module):")


def graphs() -> Iterator[tuple[str, Graph]]:
    for name, net in NETS.items():
        yield name, net.graph()
    for word, fields, shape, *_ in OPS:
        yield f"{word} {fields}", bncalc.block(word, shape, **fields)
    defaults = bncalc.Defaults(norm="batch", act="relu")
    for row in BLOCKS:
        if row.word in KINDS:
            yield row.title, bncalc.block(row.word, row.input, defaults=defaults, **row.fields)


def _module(graph: Graph) -> list[str]:
    """Return the classes of a module, without the functions that it calls."""
    text = module_file(graph)
    lines = text[text.index("\nclass ") :].replace("    ", "  ").splitlines()
    return [line for line in lines if not line.endswith(ALWAYS)]


def _file(graph: Graph) -> list[str]:
    return model_file(graph).splitlines()[2:]


def _nodes(graph: Graph) -> list[str]:
    """Return the nodes and the weights of an ONNX file."""
    maker, _ = made(graph)
    nodes = [
        f"{node.output} = {node.op}({', '.join(node.inputs)}) {node.attributes or ''}".rstrip()
        for node in maker.nodes
    ]
    return [*nodes, *[f"{name}: {held.shape} {held.usual}" for name, held in maker.weights.items()]]


def _lines(write: Callable[[Graph], list[str]], graph: Graph) -> list[str]:
    """Return what is written, or why it is not."""
    try:
        return [f"  {line}".rstrip() for line in write(graph) if line]
    except BncalcError as error:
        return [f"  {line}" for line in str(error).splitlines()]


def test_module_files_are_as_ruff_formats_them(tmp_path: Path) -> None:
    for number, (_, graph) in enumerate(graphs()):
        with suppress(BncalcError):
            (tmp_path / f"net{number}.py").write_text(module_file(graph), encoding="utf-8")
    for name in ("inception_v3", "mobilenet_v3_large", "retinanet_resnet50_fpn"):
        (tmp_path / f"{name}.py").write_text(module_file(shipped.graph(name)), encoding="utf-8")
    check = ["-m", "ruff", "format", "--isolated", "--line-length", "88", "--diff", str(tmp_path)]
    done = subprocess.run([sys.executable, *check], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0), done.stderr
    written = "\n".join([path.read_text(encoding="utf-8") for path in tmp_path.iterdir()])
    assert [line for line in written.splitlines() if len(line) > 88] == []


def test_forms_of_small_graphs_are_those_kept(request: pytest.FixtureRequest) -> None:
    lines = []
    for name, graph in graphs():
        lines.append(name)
        for write in (_module, _file, _nodes):
            lines += _lines(write, graph)
    hold(lines, Path(__file__).with_name("forms.txt"), request)


def test_a_net_costs_the_same_when_its_yaml_is_read(tmp_path: Path) -> None:
    path, nothing = tmp_path / "net.yaml", "shuffle that is put out before its end"
    for name, net in NETS.items():
        if name != nothing:  # of which no layer is left
            graph = net.graph()
            path.write_text(model_file(graph), encoding="utf-8")
            assert _costs(bncalc.network(str(path))) == _costs(graph), name


def _costs(graph: Graph) -> tuple[object, ...]:
    """Return what a graph comes to, but for the bytes of weights, whose widths YAML has no word."""
    report = bncalc.measure(graph)
    cost, shapes = report.cost, [output.shape for output in report.outputs]
    peak = report.totals.peak_activation_bytes
    return cost.params, cost.buffers, cost.macs, cost.elementwise, cost.activations, peak, shapes


@pytest.mark.frameworks
def test_a_module_puts_out_what_its_graph_does() -> None:
    import torch

    for name, graph in graphs():
        names: dict[str, Any] = {}
        try:
            source = module_file(graph)
        except BncalcError:
            continue
        exec(source, names)
        module = names[ast.parse(source).body[-1].name]().eval()  # type: ignore[attr-defined]
        made = module(*[torch.zeros(1, *graph.nodes[index].output) for index in graph.inputs])
        made = made if isinstance(made, tuple) else (made,)
        wanted = [graph.nodes[output.node].output for output in graph.outputs]
        shapes = [
            (*x.shape[1:], *(1,) * (len(y) + 1 - x.ndim)) for x, y in zip(made, wanted, strict=True)
        ]
        assert (name, shapes) == (name, [tuple(shape) for shape in wanted])
        params = sum(weights.numel() for weights in module.parameters())
        assert params == bncalc.measure(graph).totals.params, name
