"""ONNX files held against onnxruntime, and one model against another by the paths of layers."""

import importlib.util
from pathlib import Path

import pytest
from tests.program import run
from tests.readers.onnx.encoder import file, node

from bncalc.model.net import Net
from bncalc.writers.model_comparison import against_model


def convolved(tmp_path: Path) -> str:
    nodes = [node("Conv", "x w", "a"), node("Relu", "a", "y")]
    return file(tmp_path, nodes, {"w": (4, 3, 3, 3)})


@pytest.mark.skipif(importlib.util.find_spec("onnxruntime") is not None, reason="said without it")
def test_without_the_runtime_the_extra_is_named(tmp_path: Path) -> None:
    done = run("verify", convolved(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'bncalc[onnxruntime]'" in done.stderr


@pytest.mark.frameworks
def test_every_tensor_of_a_file_is_held_against_the_runtime(tmp_path: Path) -> None:
    done = run("verify", convolved(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "net agrees with onnxruntime in all 2 tensors" in done.stdout
    assert "params and MACs of 2 layers with a plain count of the file's nodes" in done.stdout


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("nodes", "held", "inputs"),
    [
        ("x z", {}, {"x": [3, 4], "z": [2, 4, 5]}),
        ("x z", {}, {"x": [5, 4], "z": [4]}),
        ("w x", {"w": (2, 3, 4)}, {"x": [4, 5]}),
        ("w x", {"w": (2, 1, 3, 4)}, {"x": [5, 4, 6]}),
        ("w x", {"w": (4,)}, {"x": [4, 5]}),
        ("x w", {"w": (2, 4, 5)}, {"x": [3, 4]}),
    ],
)
def test_a_product_whose_batch_is_not_on_its_first_axis_agrees(
    tmp_path: Path, nodes: str, held: dict[str, tuple[int, ...]], inputs: dict[str, list[int]]
) -> None:
    done = run("verify", file(tmp_path, [node("MatMul", nodes, "y")], held, inputs))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.frameworks
def test_a_file_that_does_not_run_is_an_error(tmp_path: Path) -> None:
    path = file(tmp_path, [node("Swirl", "x", "y", domain="own")])
    done = run("verify", path)
    assert done.returncode == 2
    assert f"onnxruntime does not run {path}" in done.stderr


def test_layers_with_the_same_paths_are_paired_by_them() -> None:
    graphs = []
    for names in ("ab", "ba"):
        net = Net((3, 8, 8))
        maps = {name: net.conv(net.input, 4 if name == "a" else 8, 1, name=name) for name in names}
        net.concat(maps["a"], maps["b"])
        graphs.append(net.graph(names))
    assert against_model(*graphs).mismatches == ()
