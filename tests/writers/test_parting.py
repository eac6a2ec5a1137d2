"""Parting: flat networks get blocks and repeats, and stay the same in all that they cost."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tests.program import run
from tests.readers.onnx.encoder import file, node
from tests.rows import each_of

import bncalc
from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.measurement import measure
from bncalc.model.graph import Graph
from bncalc.model.net import Net, Tensor
from bncalc.model.ops.convolution import Conv
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.writers.parting import is_flat, parted, with_parts
from bncalc.writers.pytorch.module import module_file
from bncalc.writers.stretches import Wiring
from bncalc.writers.yaml.file import model_file


def costs(graph: Graph) -> tuple[object, ...]:
    totals = measure(graph).totals
    words = "params buffers macs elementwise activations peak_activation_bytes traffic_bytes"
    return tuple(getattr(totals, word) for word in words.split())


def conv(
    x: Tensor, out: int, kernel: int = 3, stride: int = 1, groups: int = 1, act: str = "relu"
) -> Tensor:
    op = Conv(out=out, kernel=kernel, stride=stride, groups=groups, bias=True)
    y = x.net.place(op, x)
    return x.net.act(y, act) if act else y


def residual(x: Tensor, out: int, stride: int = 1, *, projected: bool = False) -> Tensor:
    net = x.net
    y = conv(conv(x, out, stride=stride), out, act="")
    skip = conv(x, out, kernel=1, stride=stride, act="") if projected else x
    return net.act(net.add(y, skip), "relu")


def resnet() -> Graph:
    net = Net((3, 32, 32))
    x = conv(net.input, 8)
    for out, stride in ((8, 1), (16, 2)):
        x = residual(x, out, stride, projected=stride > 1)
        x = residual(residual(x, out), out)
    net.op("global_avg_pool", x)
    return net.graph("resnet")


RESNET = """\
define:
  residual:
    args: {out: , stride: 1, with_shortcut: false}
    layers:
      - {id: conv1, conv: {out: =out, stride: =stride}}
      - {id: conv2, conv: {out: =cin, act: none}}
      - id: shortcut
        from: in
        conv: {out: =out, kernel: 1, stride: =stride, act: none}
        if: =with_shortcut
      - id: add
        add: {from: [conv2, shortcut]}
        if: =with_shortcut
        else: {add: {from: [conv2, in]}}
      - {id: relu, relu: }
layers:
  - conv: {out: 8}
  - {id: stage1, residual: {out: 8}, repeat: 3}
  - {id: stage2, residual: {out: 16}, repeat: 3, first: {stride: 2, with_shortcut: true}}
  - global_avg_pool
"""


def inverted(x: Tensor, wide: int, out: int, *, adds: bool) -> Tensor:
    y = conv(x, wide, kernel=1)
    y = conv(conv(y, wide, groups=wide), out, kernel=1, act="")
    return x.net.add(x, y) if adds else y


def mobilenet() -> Graph:
    net = Net((3, 32, 32))
    x = conv(net.input, 8)
    for wide, out, adds in ((16, 12, 0), (24, 12, 1), (24, 12, 1), (24, 20, 0), (40, 20, 1)):
        x = inverted(x, wide, out, adds=bool(adds))
    return net.graph("mobilenet")


MOBILENET = """\
define:
  residual:
    args: {conv2_out: 12, with_add: false}
    layers:
      - {id: conv1, conv: {out: "=cin*2", kernel: 1}}
      - {id: depthwise, depthwise: }
      - {id: conv2, conv: {out: =conv2_out, kernel: 1, act: none}}
      - {id: add, add: {from: [in, conv2]}, if: =with_add}
layers:
  - conv: {out: 8}
  - {id: stage1, residual: {with_add: true}, repeat: 3, first: {with_add: false}}
  - {id: stage2, residual: {conv2_out: 20, with_add: true}, repeat: 2, first: {with_add: false}}
"""


def separable() -> Graph:
    net = Net((8, 32, 32))
    x = net.input
    for out in (8, 8, 8, 16, 16):
        x = conv(conv(x, x.channels, groups=x.channels), out, kernel=1)
    return net.graph("separable")


SEPARABLE = """\
define: {block: {args: {out: 8}, layers: [depthwise, {conv: {out: =out, kernel: 1}}]}}
layers:
  - {id: stage1, block: , repeat: 3}
  - {id: stage2, block: {out: 16}, repeat: 2}
"""


def dense() -> Graph:
    net = Net((8, 16, 16))
    maps = [net.input]
    for _ in range(3):
        x = net.concat(*maps) if len(maps) > 1 else net.input
        x = net.act(net.op("batch_norm", x), "relu")
        maps.append(net.op("conv", x, out=4, norm="none", act="none"))
    return net.graph("dense")


DENSE = """\
define: {chain: {layers: [batch_norm, relu, {conv: {out: 4}}]}}
layers:
  - {id: chain1, chain: }
  - concat: {from: [in, chain1]}
  - {id: chain2, chain: }
  - concat: {from: [in, chain1, chain2]}
  - {id: chain3, chain: }
"""


def transformer() -> Graph:
    net = Net((8, 16))
    x = net.input
    for _ in range(3):
        y = net.op("layer_norm", x)
        scores = net.op("attention_scores", y, y, heads=2)
        x = net.add(x, net.op("attention_mix", scores, y))
        y = net.op("linear", net.op("layer_norm", x), out=32, each=True)
        x = net.add(x, net.op("linear", y, out=8, each=True))
    return net.graph("transformer")


TRANSFORMER = """\
  block: {layers: [{id: residual1, residual: }, residual2]}
layers:
  - {id: stage1, block: , repeat: 3}
"""

NETWORKS = (
    (resnet, RESNET),
    (mobilenet, MOBILENET),
    (separable, SEPARABLE),
    (dense, DENSE),
    (transformer, TRANSFORMER),
)


def flat(graph: Graph) -> Graph:
    """Return a graph as a file without names has it."""
    nodes = [graph.nodes[0], *[n._replace(path=f"node_{i}") for i, n in enumerate(graph.nodes[1:])]]
    return graph._replace(nodes=tuple(nodes), parts=())


def test_layers_that_are_not_repeated_keep_the_names_that_they_have() -> None:
    net = Net((3, 8, 8))
    x = net.input
    acts = {"stem": "relu", "Conv_2": "gelu", "node_3": "sigmoid", "stage4": "tanh", "a": "silu"}
    for name, act in acts.items():
        x = net.act(net.conv(x, 8, 1, name=name), act)
    net.op("linear", net.op("global_avg_pool", x, name="mean"), out=10, name="head")
    graph = net.graph("net")
    plain = [node._replace(path=node.path.replace(".", "_")) for node in graph.nodes]
    written = with_parts(graph._replace(nodes=tuple(plain)), model_file)
    assert re.findall(r"id: (\w+)", written) == ["stem", "a", "head"]


@each_of(NETWORKS, ids=[make.__name__ for make, _ in NETWORKS])
def test_what_a_flat_network_repeats_is_said_once(
    make: Callable[[], Graph], text: str, tmp_path: Path
) -> None:
    graph = flat(make())
    written = with_parts(graph, model_file)
    assert written.endswith(text)
    path = tmp_path / "net.yaml"
    path.write_text(written, encoding="utf-8")
    (again,) = bncalc.load(str(path))
    assert costs(again) == costs(graph)


def test_parts_hold_what_they_took_as_modules_of_pytorch_do() -> None:
    graph = flat(mobilenet())
    eager = [measure(each, Assumptions(policy="eager")).totals for each in (graph, parted(graph))]
    assert eager[0].peak_activation_bytes < eager[1].peak_activation_bytes


def test_a_flat_onnx_file_is_a_file_to_edit(tmp_path: Path) -> None:
    nodes, weights = [node("Conv", "x w0", "m0", pads=[1] * 4)], {"w0": (8, 3, 3, 3)}
    for i in range(3):
        nodes += [
            node("Conv", f"m{i} a{i}", f"a{i}y", name=f"Conv_{5 * i + 7}", pads=[1] * 4),
            node("Relu", f"a{i}y", f"a{i}z", name=f"Relu_{5 * i + 8}"),
            node("Add", f"a{i}z m{i}", "y" if i == 2 else f"m{i + 1}", name=f"Add_{5 * i + 9}"),
        ]
        weights[f"a{i}"] = (8, 8, 3, 3)
    path = file(tmp_path, nodes, weights)
    done = run("export", path, "--to", "yaml")
    assert (done.returncode, done.stderr) == (0, "")
    text = done.stdout
    assert "  - {id: stage1, residual: , repeat: 3}\n" in text
    assert list(yaml.safe_load(text)["define"]) == ["residual"]


def test_names_that_our_language_gives_and_parts_that_hold_most_layers_stay() -> None:
    net = Net((3, 8, 8))
    x = net.conv(net.conv(net.input, 8, act="relu"), 8, act="relu")
    assert not is_flat(net.graph("named"))
    with net.part("module", "head"):
        net.op("relu", net.op("conv", net.op("conv", x, out=4), out=4))
    assert not is_flat(net.graph("parts"))
    half = Net((3, 8, 8))
    x = half.op("conv", half.input, out=4)
    with half.part("module", "head"):
        x = half.op("relu", half.op("conv", x, out=4))
    assert not is_flat(half.graph("half"))
    half.op("relu", x)
    assert is_flat(half.graph("less than half"))
    assert is_flat(flat(net.graph("flat")))


def test_what_training_alone_runs_leaves_a_network_as_it_is() -> None:
    net = Net((3, 8, 8))
    with net.training_only():
        net.op("conv", net.input, out=4, norm="none", act="none")
    net.op("relu", net.input)
    assert not is_flat(flat(net.graph("net")))


def test_a_layer_of_single_positions_is_not_one_of_windows() -> None:
    """Whatever its sizes are."""
    net = Net((8, 8, 8))
    x = net.input
    for out, kernel in ((4, 3), (6, 5), (4, 2), (4, 1)):
        x = conv(x, out, kernel, act="")
    wiring = Wiring(net.graph("net"))
    forms = [wiring.form(start, start + 1) for start in (1, 2, 3, 4)]
    assert forms[0] == forms[1] == forms[2] != forms[3]


def test_operations_without_a_word_of_ours_are_of_one_form_if_they_are_called_alike() -> None:
    net = Net((8, 8, 8))
    x = net.input
    for word in ("sort", "sort", "cumsum"):
        x = net.place(Foreign(Facts(word, x.shape)), x)
    wiring = Wiring(net.graph("net"))
    forms = [wiring.form(start, start + 1) for start in (1, 2, 3)]
    assert forms[0] == forms[1] != forms[2]


def test_a_layer_has_its_norm_and_its_activation() -> None:
    net = Net((8, 8, 8))
    for norm, act in (("batch", "relu"), ("batch", "none"), ("none", "relu"), ("none", "none")):
        last = net.conv(net.input, 8, norm=norm, act=act)
    net.op("relu", net.add(last, net.input))
    layers = Wiring(net.graph("net")).layers()
    assert [(layer.start, layer.stop) for layer in layers] == [
        (1, 4), (4, 6), (6, 8), (8, 9), (9, 10), (10, 11)
    ]  # fmt: skip


def test_a_map_that_is_read_further_on_ends_a_row() -> None:
    net = Net((8, 8, 8))
    maps = [net.input]
    for _ in range(4):
        maps.append(conv(maps[-1], 8, act=""))
    net.concat(maps[2], maps[4])
    text = with_parts(flat(net.graph("net")), model_file)
    assert text.endswith(
        "  - {id: stage1, conv: {out: 8}, repeat: 2}\n"
        "  - {id: stage2, conv: {out: 8}, repeat: 2}\n"
        "  - concat: {from: [stage1, stage2]}\n"
    )


def test_pytorch_has_a_class_of_the_blocks_that_are_found() -> None:
    source = with_parts(flat(resnet()), module_file)
    assert source.count("class ") == 2
    assert "Residual(in_channels=8, out_channels=16, stride=2, with_shortcut=True)" in source


def test_parts_that_a_form_cannot_say_are_left_out() -> None:
    def write(graph: Graph) -> str:
        if graph.parts:
            raise bncalc.UsageError("parts")
        return f"{len(graph.nodes)} layers"

    graph = flat(resnet())
    assert with_parts(graph, write) == f"{len(graph.nodes)} layers"


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_there_twice_is_a_block(times: int) -> None:
    net = Net((8, 16, 16))
    x = net.input
    for _ in range(times):
        x = conv(residual(x, 8), 8, kernel=1)
    assert len([part for part in parted(net.graph("net")).parts if part.word == "residual"]) == (
        times if times > 1 else 0
    )


@each_of([(3, False, 4), (1, False, 2), (3, True, 2)])
def test_a_body_without_its_sum_is_of_one_form_and_read_at_its_end_only(
    kernel: int, is_read: bool, count: int
) -> None:
    net = Net((8, 16, 16))
    x = residual(residual(net.input, 8), 8)
    for _ in range(2):
        within = conv(x, 8)
        x = conv(within, 8, kernel=kernel, act="")
        x = net.concat(x, within) if is_read else x
    words = [part.word for part in parted(net.graph("net")).parts]
    assert words.count("residual") == count


@pytest.mark.parametrize(("act", "count"), [("relu", 2), ("", 0)])
def test_a_single_layer_beside_a_map_is_no_block(act: str, count: int) -> None:
    net = Net((8, 16, 16))
    x = net.input
    for _ in range(2):
        x = net.add(conv(x, 8, act=act), x)
    words = [part.word for part in parted(net.graph("net")).parts]
    assert words.count("residual") == count


def test_of_bodies_without_their_sum_the_longest_is_taken_first() -> None:
    net = Net((8, 16, 16))
    x = net.input
    for length in (2, 3, 2, 3):
        y = x
        for _ in range(length):
            y = conv(y, 8, act="")
        x = net.op("relu", net.add(y, x))
    for out in (12, 12, 16):
        x = conv(x, out, act="")
    parts = [part for part in parted(net.graph("net")).parts if part.word == "residual"]
    assert [part.stop - part.start for part in parts] == [4, 5, 4, 5, 3]


@each_of(["first", "last"])
def test_a_body_without_its_sum_may_hold_other_blocks(place: str) -> None:
    net = Net((8, 16, 16))

    def body(x: Tensor) -> Tensor:
        x = x if place == "first" else conv(x, 8, act="")
        x = net.concat(conv(x, 4, act=""), conv(x, 4, kernel=1, act=""))
        return conv(x, 8, act="") if place == "first" else x

    x = net.input
    for adds in (True, True, False):
        y = body(x)
        x = net.add(y, x) if adds else y
    words = [part.word for part in parted(net.graph("net")).parts]
    assert words.count("residual") == 3


@each_of([0, 1])
def test_a_pool_a_convolution_and_its_norm_are_a_shortcut_and_no_more(longer: int) -> None:
    net = Net((8, 16, 16))
    x = net.input
    for out in (8, 16, 24):
        y = conv(conv(conv(x, out, stride=2), out), out, act="")
        skip = net.op("avg_pool", x, kernel=2, stride=2)
        skip = net.conv(skip, out, 1, norm="batch", act="none")
        for _ in range(longer):
            skip = conv(skip, out, kernel=1, act="")
        x = net.add(y, skip)
    wiring = Wiring(net.graph("net"))
    assert [len(block.shortcut) for block in wiring.blocks()] == 3 * [0 if longer else 3]
