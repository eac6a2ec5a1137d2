"""Families of models in other formats: each design is what the model read with its values is."""

from pathlib import Path

import pytest
from tests.program import run
from tests.readers.onnx.encoder import graph, model, node, tensor
from tests.rows import each_of

import bncalc
from bncalc.opening.family import ModelFamily
from bncalc.opening.name import parse

YOLO = """\
nc: 80
scales: {n: [1, 1, 1024]}
backbone:
  - [-1, 1, Conv, [16, 3, 2]]
  - [-1, 1, Conv, [32, 3, 2]]
head:
  - [-1, 1, Classify, [nc]]
"""


def network(tmp_path: Path) -> str:
    path = tmp_path / "net.onnx"
    nodes = [node("Conv", "x w", "y", pads=[1] * 4)]
    weights = [tensor("w", [8, 3, 3, 3])]
    path.write_bytes(model(graph(nodes, weights, {"x": [1, 3, "h", "w"]}, "y")))
    return str(path)


def test_only_one_input_with_channels_is_that_of_a_family(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    for inputs, expected in (
        ({"x": [1, 3, 8, 8]}, (3, 8, 8)),
        ({"x": [1, 3, 8, 8], "z": [1, 3, 8, 8]}, None),
        ({"x": [1, 5], "z": [1, 5]}, None),
    ):
        nodes = [node("Relu", name, f"y{name}") for name in inputs]
        path.write_bytes(model(graph(nodes, [], inputs, [f"y{name}" for name in inputs])))
        assert ModelFamily(parse(str(path))).input({}) == expected


@each_of(
    [
        ({"size": [16, 24]}, [(16, 16), (24, 24)]),
        ({"input": [16, (3, 16, 24)]}, [(16, 16), (16, 24)]),
        ({"h": [16], "w": [24, 16]}, [(16, 24), (16, 16)]),
    ],
)
def test_an_onnx_file_is_worked_out_at_each_size(
    tmp_path: Path, vary: dict[str, object], sizes: list[tuple[int, int]]
) -> None:
    swept = bncalc.sweep(bncalc.space(f"{network(tmp_path)}@32", vary=vary, metrics=["macs"]))
    assert [row["macs"] for row in swept.rows()] == [8 * 3 * 9 * h * w for h, w in sizes]


def test_what_the_name_of_an_ultralytics_file_sets_varies_with_its_size(tmp_path: Path) -> None:
    path = tmp_path / "yolo.yaml"
    path.write_text(YOLO)
    vary = {"nc": [10, 80], "size": [32, 64]}
    swept = bncalc.sweep(bncalc.space(f"{path}@nc=20", vary=vary, metrics=["params", "macs"]))
    expected = []
    for nc, size in ((10, 32), (10, 64), (80, 32), (80, 64)):
        (design,) = bncalc.load(f"{path}@nc={nc}@{size}")
        totals = bncalc.measure(design).totals
        expected.append((totals.params, totals.macs))
    assert [(row["params"], row["macs"]) for row in swept.rows()] == expected
    assert len(set(expected)) == 4


def test_the_largest_size_of_an_onnx_file_is_found(tmp_path: Path) -> None:
    done = run("fit", f"{network(tmp_path)}@32", "--vary", "size=8:64:1", "--max", "macs=100k")
    size = int((100_000 / (8 * 3 * 9)) ** 0.5)
    assert f"\nfits  {size} " in done.stdout


@pytest.mark.parametrize("command", [("formula", "--vary", "size"), ("sensitivity",)])
def test_another_format_has_no_formula(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = run(command[0], f"{network(tmp_path)}@32", *command[1:])
    assert done.returncode == 2
    assert "is read anew for each value; `bncalc export " in done.stderr


def test_an_open_size_is_asked_for(tmp_path: Path) -> None:
    done = run("sweep", network(tmp_path), "--vary", "size=16,32")
    assert (done.returncode, "height and width of 'x' are not fixed" in done.stderr) == (2, True)
