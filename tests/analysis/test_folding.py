"""Folded norms by hand."""

from tests import shipped

import bncalc
from bncalc.analysis.folding import fold_norm

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
