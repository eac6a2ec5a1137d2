"""Formulas in a written file: a value follows what arrives wherever all that is alike agrees."""

import re
from pathlib import Path
from typing import get_args

from tests.readers.onnx.encoder import file, node
from tests.rows import each_of
from tests.writers.test_yaml import again, hold

import bncalc
from bncalc.model.cost import Cost
from bncalc.model.graph import Graph
from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign, Keeping
from bncalc.model.shape import Shape
from bncalc.writers.yaml.file import model_file
from bncalc.writers.yaml.multiples import ANY, _described


def rows_that_widen(*widths: int) -> Graph:
    """Own blocks, each with two copies of another: the first widens, the second narrows again."""
    net = Net((8, 6, 6))
    x = net.input
    for width in widths:
        x = net.conv(x, width, 1)
        with net.part("fused"), net.part("sequential", "block"):
            for copy, out in enumerate((4 * width, width)):
                with net.part("conv_norm", str(copy)):
                    x = net.norm(net.conv(x, out), "batch")
    return net.graph("net")


def test_copies_to_which_another_width_arrives_than_to_the_first_take_theirs_by_an_argument(
    tmp_path: Path,
) -> None:
    graph = rows_that_widen(8, 16)
    text = model_file(graph)
    assert "args: {block_out: }" in text
    assert 'conv_norm: {out: =block_out}, repeat: 2, first: {out: "=block_out*4"}' in text
    hold(graph, tmp_path)


def encoder(width: int, ratio: int) -> str:
    """Three alike blocks of tokens, each wider within."""
    net = Net((width, 10))
    x = net.input
    for i in range(3):
        with net.part("block", f"block{i}"):
            y = net.op("linear", x, out=ratio * width, each=True)
            y = net.op("linear", net.op("gelu", y), out=width, each=True)
            y = net.op("linear", y, out=width + 1, each=True)
            x = net.op("add", x, net.op("linear", y, out=width, each=True))
    return model_file(net.graph("net"))


def test_a_width_that_all_blocks_have_is_written_once() -> None:
    text = encoder(32, 4)
    assert re.findall("linear: {out: (.*?), each", text) == ['"=cin*4"', '"=cin/4"', "33", "32"]
    assert re.findall("linear: {out: (.*?), each", encoder(32, 5)) == [
        "160",
        '"=cin/5"',
        "33",
        "32",
    ]


def tokens_of(*sizes: tuple[int, ...]) -> str:
    """Blocks that reshape a map, and a last one that is a token for each position."""
    net = Net((8, 4, 4))
    for i, size in enumerate(sizes):
        with net.part("tokens", f"part{i}"):
            y = net.op("reshape", net.input, to=list(size))
            net.op("softmax", y)
    return model_file(net.graph("net"))


def test_a_reshape_follows_what_arrives_if_it_does_so_in_all_blocks_that_are_alike() -> None:
    assert "reshape: {to: [=cin, =positions]}" in tokens_of((8, 16), (8, 16))
    text = tokens_of((8, 16), (2, 64))
    assert "args: {to: }" in text
    assert "{to: [2, 64]}" in text
    assert "{to: [8, 16]}" in text


def test_a_width_is_written_once_though_a_reshape_changes_positions() -> None:
    net = Net((8, 4, 4))
    x = net.op("reshape", net.input, to=[8, 16])
    x = net.op("reshape", x, to=[16, 8])
    x = net.op("reshape", x, to=[8, 2, 8])
    x = net.op("reshape", x, to=[4, 32])
    net.op("reshape", x, to=[4, 4, 8])
    assert re.findall("to: (.*?)}", model_file(net.graph("net"))) == [
        "[=cin, =positions]", "[=positions, =cin]", "[=positions, 2, 8]", "[4, 32]",
        "[=cin, 4, 8]",
    ]  # fmt: skip


def test_a_reshape_to_one_axis_has_numbers() -> None:
    net = Net((1, 3, 16))
    net.op("reshape", net.input, to=[48])
    assert "reshape: {to: [48]}" in model_file(net.graph("net"))


def scaled(*sizes: tuple[int, int]) -> Graph:
    """Blocks in which an unknown operation splits a map into windows of four, and scales it."""
    net = Net((8, 12, 12))
    x = net.input
    for i, (width, stride) in enumerate(sizes):
        x = net.conv(x, width, stride=stride)
        with net.part("windows", f"part{i}"):
            y = net.op(
                "custom", x, op="window", out=[width, x.shape.positions // 4, 4], storage="view"
            )
            net.op("custom", y, op="scale", out=list(y.shape), params=2 * width,
                   elementwise=y.shape.elements)  # fmt: skip
    return net.graph("net")


WINDOWS = """\
      - custom: {op: window, out: [=cin, "=positions/4", 4], storage: view}
      - custom: {op: scale, out: [=cin, =h, 4], params: "=cin*2", elementwise: "=cin*positions"}
"""


def test_what_describes_an_operation_follows_what_arrives_where_it_differs(tmp_path: Path) -> None:
    graph = scaled((8, 1), (16, 2), (24, 3))
    assert f"windows:\n    layers:\n{WINDOWS}" in model_file(graph)
    hold(graph, tmp_path)
    # As many windows in both: nothing differs, and nothing is guessed but the channels.
    assert "out: [=cin, 36, 4], storage: view" in model_file(scaled((8, 1), (8, 1)))


def view(net: Net, x: Tensor, word: str, out: Shape, *options: tuple[str, object]) -> Tensor:
    facts = Facts(word, out, storage="view", options=options)  # type: ignore[arg-type]
    return net.place(Foreign(facts), x)


def test_views_of_other_peoples_models_are_reshapes_and_slices_where_these_say_the_same() -> None:
    net = Net((8, 4, 4))
    x = view(net, net.input, "reshape", Shape(8, 16))
    y = view(net, x, "slice", Shape(8, 1), ("sizes", (8, 16)), ("cut", (1, 0, 1, 1)))
    y = view(net, y, "reshape", Shape(8, 1))  # a map in another order, say
    view(net, x, "slice", Shape(8, 8), ("sizes", (8, 16)), ("cut", (1, 0, 16, 2)))
    view(net, x, "slice", Shape(8), ("sizes", (8, 16)), ("cut", (1, 0, 1, 1)))
    text = model_file(net.graph("net"))
    assert text.split("layers:\n")[1] == (
        "  - {id: reshape1, reshape: {to: [=cin, =positions]}}\n"
        "  - {id: slice1, slice: {stop: 1, over: 1}}\n"
        "  - {id: reshape2, custom: {op: reshape, out: [=cin, 1], storage: view}}\n"
        "  - {id: slice2, from: reshape1, custom: {op: slice, out: [=cin, 8], storage: view}}\n"
        "  - {id: slice3, from: reshape1, custom: {op: slice, out: [=cin], storage: view}}\n"
    )


def test_what_training_keeps_of_an_operation_without_a_word_is_written(tmp_path: Path) -> None:
    nodes = [
        node("Concat", "x", "a", axis=1),  # of one map: it keeps nothing, as it only moves data
        node("Swirl", "a", "b", domain="own"),
        node("Relu", "b", "y"),
    ]
    graph = bncalc.network(file(tmp_path, nodes))
    assert "{id: concat, custom: {op: concat, out: [3, 8, 8]}}" in model_file(graph)
    kept = [
        [layer.op.kept(each.input_shapes(layer), layer.output) for layer in each.nodes[1:]]
        for each in (graph, again(graph, tmp_path))
    ]
    assert kept[0] == kept[1]


@each_of([(Cost(), "nothing"), (Cost(weights=8, macs=128), "inputs")], ids=str)
def test_what_an_operation_keeps_is_said_where_it_is_not_as_usual(
    cost: Cost, usual: Keeping
) -> None:
    for keeps in get_args(Keeping):
        net = Net((8, 4, 4))
        net.place(Foreign(Facts("swirl", net.input.shape, cost, keeps=keeps)), net.input)
        said = re.findall(r"keeps: (\w+)", model_file(net.graph("net")))
        assert said == ([] if keeps == usual else [keeps])


def test_a_width_is_a_half_or_twice_what_arrives_if_it_is_so_in_all_blocks(tmp_path: Path) -> None:
    net = Net((8, 6, 6))
    x = net.input
    for i, width in enumerate((8, 16)):
        x = net.conv(x, width, 1)
        with net.part("halved", f"part{i}"):
            x = net.conv(net.conv(x, width // 2, 1), width)
    graph = net.graph("net")
    inner = '[{conv: {out: "=cin/2", kernel: 1}}, {conv: {out: "=cin*2"}}]'
    assert f"halved: {{layers: {inner}}}" in model_file(graph)
    hold(graph, tmp_path)


def test_a_shape_follows_what_arrives_where_some_bodies_do_not_say_it() -> None:
    sizes: dict[str, list[object]] = {"cin": [8, 16, 24], "h": [4, 4, 4]}
    assert _described("out", [(8, 4), (16, 4), (24, 4)], sizes) == ("=cin", 4)
    assert _described("out", [(8, 4), ANY, (24, 4)], sizes) == ("=cin", 4)
    assert _described("out", [(8, 4), ANY, (12, 4)], sizes) == ""
    sizes = {"h": [None, None, None], "cin": [4, 4, 4]}  # of maps of one axis
    assert _described("params", [8, 8, 8], sizes) == "=cin*2"
