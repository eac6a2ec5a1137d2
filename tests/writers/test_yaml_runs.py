"""Equal parts among others are copies of one, in files of models from elsewhere alone."""

from pathlib import Path
from typing import Any

import bncalc
from bncalc.model.graph import Graph
from bncalc.model.net import Net, Tensor
from bncalc.writers.tree import Child, tree
from bncalc.writers.yaml.file import imported_file, model_file
from bncalc.writers.yaml.network import Network
from bncalc.writers.yaml.runs import run_of
from bncalc.writers.yaml.words import Words, defaults_of


def residual(x: Tensor, out: int, name: str, *, kernel: int = 3, stride: int = 1) -> Tensor:
    """A block with a projection where the shapes differ."""
    net = x.net
    with net.part("residual_unit", name):
        y = net.conv(x, out, kernel, stride=stride)
        y = net.conv(net.act(y, "relu"), out, kernel)
        skip = net.conv(x, out, 1, stride=stride) if stride > 1 else x
        return net.add(y, skip)


def stage(*kernels: int, tap: int | None = None) -> Graph:
    """Blocks of these kernels after one that has another stride; something may read one of them."""
    net = Net((8, 16, 16))
    with net.part("any_stage", "body"):
        x = residual(net.input, 16, "block1-0", stride=2)
        for number, kernel in enumerate(kernels, start=1):
            x = residual(x, 16, f"block1-{number}", kernel=kernel)
            tapped = x if number == tap else None
            if tapped is not None:
                side = tapped
    y = net.conv(x, 4, 1)
    if tap is not None:
        net.add(y, net.conv(side, 4, 1))
    return net.graph("net")


def entries(graph: Graph) -> list[str]:
    """Return the lines of the file that begin an entry of the stage."""
    lines = imported_file(graph).replace("[{id: block1", "\n- {id: block1").splitlines()
    return [line.strip().rstrip(",") for line in lines if "id: block1" in line]


def hold_but_for_paths(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(imported_file(graph), encoding="utf-8")
    (read,) = bncalc.load(str(path))
    assert [(n.op, n.inputs, n.output) for n in read.nodes] == [
        (n.op, n.inputs, n.output) for n in graph.nodes
    ]


def test_equal_parts_after_another_are_copies_of_one_entry(tmp_path: Path) -> None:
    graph = stage(3, 3, 3, 3)
    assert entries(graph) == [
        "- {id: block1-0, residual_unit: }, {id: block1, residual_unit2: , repeat: 4}]}"
    ]
    hold_but_for_paths(graph, tmp_path)
    assert "repeat" not in model_file(graph)


def test_parts_in_turn_are_copies_of_a_stage(tmp_path: Path) -> None:
    graph = stage(3, 5, 3, 5, 3, 5, 1)
    assert "repeat: 3" in imported_file(graph)
    assert entries(graph)[1:] == [
        "- id: block1",
        "- {id: block1-1, residual_unit2: {kernel: 3}}",
        "- {id: block1-2, residual_unit2: {kernel: 5}}",
        "- {id: block1-7, residual_unit2: {kernel: 1}}",
    ]
    hold_but_for_paths(graph, tmp_path)


def test_a_part_that_another_reads_as_well_ends_its_copies(tmp_path: Path) -> None:
    graph = stage(3, 3, 3, 3, tap=2)
    repeats = [line for line in entries(graph) if "repeat: 2" in line]
    assert len(repeats) == 2
    hold_but_for_paths(graph, tmp_path)


def test_a_layer_that_is_all_of_a_part_has_its_name(tmp_path: Path) -> None:
    net = Net((8, 16, 16))
    x = net.conv(net.input, 8)
    for name in ("relu", "relu_2"):
        with net.part("re_lu", name):
            x = net.act(x, "relu")
    with net.part("own_norm", "norm"):
        x = net.norm(x, "layer")
    with net.part("patch_embed", "embed"):
        net.conv(x, 4, name="proj")
    graph = net.graph("net")
    text = imported_file(graph)
    assert "- {id: relu_2, relu: }" in text
    assert "- {id: norm, layer_norm: }" in text
    assert "- {id: embed, stage: [{id: proj, conv: {out: 4}}]}" in text
    hold_but_for_paths(graph, tmp_path)


class _Watched(list[Child]):
    """Children that note the furthest one that is looked at."""

    furthest = -1

    def __getitem__(self, at: Any) -> Any:
        self.furthest = max(self.furthest, at)
        return super().__getitem__(at)


def test_no_more_parts_are_looked_at_than_may_be_equal() -> None:
    net = Net((4, 8, 8))
    x = net.input
    for number in range(40):
        with net.part("unit", f"part{number}"):
            x = net.op("conv", net.op("conv", x, out=5 + number, kernel=1), out=4, kernel=1)
    graph = net.graph("unlike")
    root = tree(graph)
    children = _Watched(root.children)
    assert run_of(Network(graph, Words(defaults_of([])[0]), root), children, 0) is None
    assert children.furthest == 2 * 4 - 1
