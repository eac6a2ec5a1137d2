"""Weights that are used more than once: learned once, run each time.

Figures of PyTorch 2.13 for the same modules, called as often: params, and what autograd keeps.
"""

from typing import Any

import pytest
from tests.rows import each_of

import bncalc
from bncalc.analysis.difference import difference
from bncalc.analysis.folding import fold_norm
from bncalc.analysis.training import Training
from bncalc.model.building import Defaults
from bncalc.model.graph import Graph
from bncalc.model.net import Net, Tensor
from bncalc.model.shape import Shape


def again(net: Net, start: int, x: Tensor, out: int = 16, **fields: Any) -> Tensor:
    with net.sharing(start, start + 1):
        return net.op("conv", x, out=out, **fields)


def shared_convolutions() -> Graph:
    """A convolution with its norm and ReLU twice, then one twice with a norm of its own each."""
    net = Net(Shape(16, 32, 32))
    start = len(net)
    x = net.conv(net.input, 16, norm="batch", act="relu", name="a")
    with net.sharing(start, len(net)):
        x = net.conv(x, 16, norm="batch", act="relu", name="a_again")
    start = len(net)
    x = net.norm(net.conv(x, 16, name="c"), "batch")
    with net.sharing(start, start + 1):
        x = net.conv(x, 16, name="c_again")
    net.norm(x, "batch")
    return net.graph("shared")


def test_params_count_once_and_macs_each_time() -> None:
    report = bncalc.measure(shared_convolutions(), also=["training"])
    assert report.totals.params == 4_704
    assert report.totals.macs == 4 * 9 * 16 * 16 * 32 * 32
    assert report.totals.buffers == 3 * 32
    assert report.result(Training).saved == 524_800
    assert [layer.weights_of for layer in report.layers if layer.op != "relu"] == [
        *(None, None, "a", "a.norm", None, None, "c", None)
    ]


def test_a_norm_folds_into_shared_weights_where_it_follows_every_use() -> None:
    folded = fold_norm(shared_convolutions())
    assert bncalc.measure(folded).totals.params == 4_688
    assert [node.path for node in folded.nodes if node.op.family == "norm"] == [
        *("batch_norm1", "batch_norm2")
    ]
    assert [node.weights_of for node in folded.nodes if node.op.word == "conv"] == [
        *(None, 1, None, 5)
    ]


def test_what_is_left_of_a_folded_norm_has_its_params() -> None:
    """The norm of the convolution folds; its other use, after a sum, is then the only one."""
    net = Net(Shape(4, 8, 8))
    x = net.conv(net.input, 4, norm="batch")
    with net.sharing(2, 3):
        net.norm(net.add(x, net.input), "batch")
    folded = fold_norm(net.graph("net"))
    assert [(node.op.word, node.weights_of) for node in folded.nodes[1:]] == [
        *(("conv", None), ("add", None), ("batch_norm", None))
    ]
    assert bncalc.measure(folded).totals.params == 4 * 4 * 9 + 4 + 8


def test_the_int8_image_holds_shared_weights_once() -> None:
    assert bncalc.measure(shared_convolutions(), also=["flash"]).numbers()["flash_bytes"] == (
        2 * 16 * 16 * 9 + 4 * 16 + 2 * (16 + 4 * 16)
    )


def test_weights_are_read_at_each_use() -> None:
    net = Net(Shape(16, 8, 8))
    x = net.conv(net.input, 16)
    again(net, 1, x)
    first, second = bncalc.measure(net.graph("net")).layers
    assert first.traffic == second.traffic
    assert (first.factors, second.factors) == ((16, 3, 3, 16),) * 2


@each_of(
    [
        (8, {"out": 16}, "conv needs weights of 8·3·3·16; those to share are 16·3·3·16"),
        (16, {"out": 16, "bias": True}, "conv needs 2320 params; those to share are 2304"),
        (16, {"out": 16, "norm": "batch"}, "no more weights to share for this batch_norm"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    channels: int, fields: dict[str, Any], message: str
) -> None:
    net = Net(Shape(16, 8, 8))
    net.conv(net.input, 16)
    x = net.op("slice", net.input, stop=channels)
    with pytest.raises(bncalc.ShapeError, match=message):
        again(net, 1, x, **fields)


def test_another_op_cannot_have_them() -> None:
    net = Net(Shape(16, 8, 8))
    net.conv(net.input, 16)
    refused = pytest.raises(bncalc.ShapeError, match="linear cannot have the weights of conv")
    with refused, net.sharing(1, 2):
        net.op("linear", net.input, out=16)


def test_what_was_made_repeats_as_often_as_the_next_weights_in_turn_are_its_own() -> None:
    net = Net(Shape(16, 8, 8))
    mark = net.mark()
    x = net.conv(net.conv(net.input, 16), 16)
    made = net.made(mark, (net.input,), (x,))
    assert made is not None
    assert net.repeats(made, 9)
    with net.sharing(1, 3):
        assert [net.repeats(made, times) for times in (1, 2)] == [True, False]
        with net.sharing(1, 2):
            assert not net.repeats(made)
    with net.training_only():
        assert not net.repeats(made)


def test_a_chain_ends_at_the_first() -> None:
    net = Net(Shape(16, 8, 8))
    x = net.conv(net.input, 16)
    again(net, 2, again(net, 1, x))
    graph = net.graph("chain")
    assert [node.weights_of for node in graph.nodes] == [None, None, 1, 1]


def sharing_or_not(shared: bool) -> Graph:
    net = Net(Shape(16, 8, 8))
    x = net.conv(net.input, 16, name="a")
    if shared:
        again(net, 1, x, name="b")
    else:
        net.conv(x, 16, name="b")
    return net.graph("net")


def test_a_difference_says_that_weights_are_no_longer_shared() -> None:
    old, new = (bncalc.measure(sharing_or_not(shared)) for shared in (True, False))
    change_read = difference(old, new)
    assert [(change.path, change.fields) for change in change_read.changes] == [
        ("b", (("weights", "of a", "own"),))
    ]
    assert (
        change_read.delta("params")
        == change_read.grown(change_read.changes[0], "params")
        == 16 * 16 * 9
    )


def test_other_tools_count_each_use() -> None:
    """conv, norm, ReLU on 32², 16², 8² and two linears, all shared: recorded from the tools."""
    net = Net(Shape(16, 32, 32), Defaults(bias=True))
    x = net.conv(net.input, 16, norm="batch", act="relu")
    for _ in range(2):
        x = net.op("max_pool", x, kernel=2)
        with net.sharing(1, 4):
            x = net.conv(x, 16, norm="batch", act="relu")
    start = len(net)
    x = net.op("linear", net.op("flatten", x), out=1024)
    with net.sharing(start + 1, start + 2):
        net.op("linear", x, out=1024)
    graph = net.graph("tools")
    assert bncalc.measure(graph).totals.params == 1_051_952
    for tool, total in (
        ("fvcore", 5_236_736),
        ("thop", 5_279_744),
        ("torchinfo", 5_217_376),
        ("ptflops", 5_344_256),
        ("ptflops-aten", 5_217_280),
        ("torch", 10_387_456),
    ):
        counted = bncalc.measure(graph, bncalc.Assumptions(convention=tool), also=["convention"])
        assert counted.numbers()["convention_total"] == total, tool
