"""Folded norms by hand."""

from contextlib import nullcontext

from tests import shipped

import bncalc
from bncalc.analysis.conventions import CONVENTIONS, account
from bncalc.analysis.folding import fold_norm
from bncalc.model.graph import Output, Told
from bncalc.model.net import Net

NORMED = bncalc.Defaults(norm="batch", act="relu")


def test_a_norm_becomes_the_bias_of_its_convolution() -> None:
    graph = bncalc.block("plain", (16, 8, 8), defaults=NORMED)
    folded = fold_norm(graph)
    assert bncalc.measure(graph).totals.params == 16 * 9 * 16 + 2 * 16
    assert bncalc.measure(folded).totals.params == 16 * 9 * 16 + 16
    assert [node.path for node in folded.nodes] == ["in", "conv", "conv.act"]
    assert [node.inputs for node in folded.nodes] == [(), (0,), (1,)]


def test_a_norm_before_its_convolution_stays() -> None:
    graph = bncalc.block("dense_layer", (64, 8, 8), defaults=NORMED)
    words = [node.op.word for node in fold_norm(graph).nodes]
    assert words == ["input", "batch_norm", "relu", "conv", "relu", "conv", "concat"]


def test_resnet50_folds_to_its_known_params() -> None:
    graph = shipped.graph("resnet50")
    folded = bncalc.measure(fold_norm(graph))
    assert folded.totals.params == 25_530_472
    assert folded.totals.macs == bncalc.measure(graph).totals.macs
    assert sum(part.cost.params for part in folded.sections if part.depth == 0) < 25_530_472


def test_parts_still_cover_their_layers() -> None:
    graph = shipped.graph("resnet18")
    folded = bncalc.measure(fold_norm(graph))
    for part in folded.sections:
        inside = [x for x in folded.layers if x.path.startswith(part.path + "/")]
        assert list(folded.layers[part.start : part.stop]) == inside


def test_a_norm_of_a_map_that_others_need_stays() -> None:
    net = Net((4, 8, 8))
    x = net.op("conv", net.input, out=4, kernel=1)
    normed = net.op("batch_norm", x)
    alone = net.graph("alone")
    also_put_out = alone._replace(outputs=(Output(1), Output(2)))
    net.op("add", x, normed)
    assert [node.op.word for node in fold_norm(alone).nodes] == ["input", "conv"]
    for graph in (also_put_out, net.graph("read")):
        assert fold_norm(graph) == graph


def test_what_calls_tell_of_tools_follows_the_layers_that_are_left() -> None:
    net = Net((4, 8, 8))
    x = net.op("batch_norm", net.op("conv", net.input, out=4, kernel=1))
    x = net.op("upsample", x, scale=2)
    net.op("relu", x)
    told = Told("fvcore", 3, 100), Told("fvcore", 2, 10), Told("fvcore", 0, 1)
    graph = net.graph("told")._replace(told=told, idle=frozenset({2, 4}), ask_products=lambda: 7)
    folded = fold_norm(graph)
    assert folded.told == (Told("fvcore", 2, 100), Told("fvcore", 0, 1))
    assert folded.idle == {3}
    terms = 4 * 4 * 64, 100, 1
    assert account(folded, CONVENTIONS["fvcore"]).total == sum(terms)
    products = 7
    assert account(folded, CONVENTIONS["torchprofile"]).total == 4 * 4 * 64 + products


def test_layers_of_the_same_weights_fold_with_the_same_norm_alone() -> None:
    def folded(*, shares_norm: bool) -> list[str]:
        net = Net((4, 8, 8))
        x = net.op("batch_norm", net.op("conv", net.input, out=4, kernel=1))
        with net.sharing(1, 2):
            y = net.op("conv", x, out=4, kernel=1)
        with net.sharing(2, 3) if shares_norm else nullcontext():
            net.op("batch_norm", y)
        return [node.op.word for node in fold_norm(net.graph("net")).nodes]

    assert folded(shares_norm=True) == ["input", "conv", "conv"]
    assert folded(shares_norm=False) == ["input", "conv", "batch_norm", "conv", "batch_norm"]
