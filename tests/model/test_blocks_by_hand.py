"""Every block against arithmetic written out: what it learns, computes and puts out.

The map has 56×56 positions, and no norm, activation or bias but those that are a block's own.
"""

from typing import Any, NamedTuple

import pytest
from tests.rows import each_of

import bncalc
from bncalc.model.blocks.widths import cut, rounded
from bncalc.model.building import Defaults
from bncalc.model.net import Net, graph_of
from bncalc.model.ops.moving import Split
from bncalc.model.registry import BLOCKS, find
from bncalc.model.shape import Shape

P, Q, S = 56 * 56, 28 * 28, 14 * 14
"""Positions at a stride of 1, 2 and 4."""


class Row(NamedTuple):
    """A block and what it comes to.

    Unless the row says otherwise each weight is used once at every position, nothing is computed
    besides, and the map keeps its positions and has `out` channels, or as many as arrive.
    """

    word: str
    fields: dict[str, Any]
    cin: int
    params: int
    macs: int | None = None
    elementwise: int = 0
    output: tuple[int, int, int] | None = None

    @property
    def expected(self) -> tuple[int, int, int, tuple[int, int, int]]:
        macs = self.params * P if self.macs is None else self.macs
        output = self.output or (self.fields.get("out", self.cin), 56, 56)
        return self.params, macs, self.elementwise, output


_PSA = 64 * 128 + 64 * 9 + 64 * 64 + 64 * 128 + 128 * 64  # of 64 channels: one head, 32 of a key

ROWS = (
    Row("plain", {}, 256, 256 * 3 * 3 * 256),
    Row("plain", {"kernel": 5, "out": 32}, 16, 16 * 5 * 5 * 32),
    Row("basic", {}, 64, 64 * 9 * 64 + 64 * 9 * 64, elementwise=64 * P),
    Row("basic", {"out": 128, "stride": 2}, 64, 64 * 9 * 128 + 128 * 9 * 128 + 64 * 128,
        macs=(64 * 9 * 128 + 128 * 9 * 128 + 64 * 128) * Q, elementwise=128 * Q,
        output=(128, 28, 28)),
    Row("bottleneck", {"mid": 64}, 256, 256 * 64 + 64 * 9 * 64 + 64 * 256, elementwise=256 * P),
    Row("bottleneck", {"mid": 64, "out": 256}, 64, 64 * 64 + 64 * 9 * 64 + 64 * 256 + 64 * 256,
        elementwise=256 * P),
    Row("bottleneck", {"mid": 128, "groups": 32}, 256, 256 * 128 + 4 * 9 * 128 + 128 * 256,
        elementwise=256 * P),
    Row("depthwise_separable", {"out": 64}, 32, 32 * 9 + 32 * 64),
    Row("inverted_residual", {}, 24, 24 * 144 + 144 * 9 + 144 * 24, elementwise=24 * P),
    Row("inverted_residual", {"expand": 1, "out": 16}, 32, 32 * 9 + 32 * 16),
    Row("fused_inverted_residual", {"expand": 4}, 24, 24 * 9 * 96 + 96 * 24, elementwise=24 * P),
    Row("fused_inverted_residual", {"expand": 1}, 24, 24 * 9 * 24, elementwise=24 * P),
    Row("factorized", {"kernel": 7}, 192, 192 * 7 * 192 + 192 * 7 * 192),
    Row("small_kernels", {"kernel": 5}, 64, 2 * 64 * 9 * 64),
    Row("small_kernels", {"kernel": 7}, 64, 3 * 64 * 9 * 64),
    Row("yolo_bottleneck", {}, 256, 256 * 128 + 128 * 9 * 256, elementwise=256 * P),
    Row("c3", {"n": 1}, 64, 64 * 32 + 64 * 32 + (32 * 32 + 32 * 9 * 32) + 64 * 64,
        elementwise=32 * P),
    Row("c2f", {"n": 1}, 64, 64 * 64 + (32 * 9 * 32 + 32 * 9 * 32) + 96 * 64),
    Row("sppf", {}, 256, 256 * 128 + 512 * 256, elementwise=3 * 24 * 128 * P),
    Row("sppf", {"n": 2, "shortcut": True}, 256, 256 * 128 + 384 * 256,
        elementwise=(2 * 24 * 128 + 256) * P),
    Row("c3", {"n": 1, "first": 3}, 64, 64 * 32 + 64 * 32 + 2 * 32 * 9 * 32 + 64 * 64,
        elementwise=32 * P),
    Row("yolo_bottleneck", {"first": 3}, 256, 256 * 9 * 128 + 128 * 9 * 256, elementwise=256 * P),
    Row("c3k2", {}, 64, 64 * 64 + (32 * 9 * 16 + 16 * 9 * 32) + 96 * 64, elementwise=32 * P),
    Row("psa_block", {}, 64, _PSA, macs=(_PSA + 96 * P) * P, elementwise=(4 * P + 3 * 64) * P),
    Row(  # two heads
        "psa_block",
        {},
        128,
        128 * 256 + 128 * 9 + 128 * 128 + 2 * 128 * 256,
        macs=(128 * 256 + 128 * 9 + 128 * 128 + 2 * 128 * 256 + 192 * P) * P,
        elementwise=(2 * 4 * P + 3 * 128) * P,
    ),
    Row("c2psa", {}, 128, 128 * 128 + _PSA + 128 * 128,
        macs=(128 * 128 + _PSA + 128 * 128 + 96 * P) * P, elementwise=(4 * P + 3 * 64) * P),
    Row("scdown", {"out": 32}, 64, 64 * 32 + 32 * 9, macs=64 * 32 * P + 32 * 9 * Q,
        output=(32, 28, 28)),
    Row("c2f_cib", {}, 64, 64 * 64 + (32 * 9 + 32 * 64 + 64 * 9 + 64 * 32 + 32 * 9) + 96 * 64),
    Row("c2f_cib", {"large": True}, 64,
        64 * 64 + (32 * 9 + 32 * 64 + 64 * (49 + 9) + 64 * 32 + 32 * 9) + 96 * 64,
        elementwise=64 * P),
    Row("rep_conv", {}, 16, 16 * 9 * 16 + 16 * 16, elementwise=16 * P),
    Row("rep_csp", {}, 64, 2 * 64 * 32 + (32 * 9 * 32 + 32 * 32 + 32 * 9 * 32) + 64 * 64,
        elementwise=2 * 32 * P),
    Row("elan1", {"split": 32, "hidden": 16}, 64, 64 * 32 + 2 * 16 * 9 * 16 + 64 * 64),
    Row(
        "rep_ncspelan4",
        {"split": 32, "hidden": 16},
        64,
        64 * 32
        + 2 * (2 * 16 * 8 + (8 * 9 * 8 + 8 * 8 + 8 * 9 * 8) + 16 * 16 + 16 * 9 * 16)
        + 64 * 64,
        elementwise=4 * 8 * P,
    ),
    Row("aconv", {"out": 32}, 16, 16 * 9 * 32, macs=16 * 9 * 32 * Q, elementwise=4 * 16 * 55 * 55,
        output=(32, 28, 28)),
    Row("adown", {"out": 32}, 16, 8 * 9 * 16 + 8 * 16, macs=(8 * 9 * 16 + 8 * 16) * Q,
        elementwise=4 * 16 * 55 * 55 + 8 * 8 * Q, output=(32, 28, 28)),
    Row("sppelan", {"hidden": 8, "out": 32}, 16, 16 * 8 + 32 * 32, elementwise=3 * 24 * 8 * P),
    Row("area_block", {}, 64, 64 * 192 + 64 * 49 + 64 * 64 + 2 * 64 * 76,
        macs=(29_248 + 2 * 64 * P) * P, elementwise=(2 * 4 * P + 3 * 64) * P),
    Row("area_block", {"areas": 2}, 64, 64 * 192 + 64 * 49 + 64 * 64 + 2 * 64 * 76,
        macs=(29_248 + 2 * 64 * P // 2) * P, elementwise=(2 * 4 * P // 2 + 3 * 64) * P),
    Row("a2c2f", {}, 64, 64 * 32 + 2 * (32 * 96 + 32 * 49 + 32 * 32 + 2 * 32 * 64) + 64 * 64,
        macs=(25_664 + 2 * 2 * 32 * P) * P, elementwise=2 * (4 * P + 3 * 32) * P),
    Row("a2c2f", {"residual": True, "n": 0}, 64, 64 * 32 + 32 * 64 + 64,
        macs=(64 * 32 + 32 * 64) * P, elementwise=(64 + 64) * P),
    Row("spp", {}, 64, 64 * 32 + 4 * 32 * 64, elementwise=(24 + 80 + 168) * 32 * P),
    Row("c2", {}, 64, 64 * 64 + 2 * 32 * 9 * 32 + 64 * 64, elementwise=32 * P),
    Row("c2f", {"groups": 4}, 64, 64 * 64 + 32 * 9 * 32 + 8 * 9 * 32 + 96 * 64),
    Row("c3_ghost", {}, 64, 2 * 64 * 32 + (32 * 8 + 8 * 25) + (16 * 16 + 16 * 25) + 64 * 64,
        elementwise=32 * P),
    Row("c3tr", {}, 64,
        2 * 64 * 32 + (32 * 32 + 32) + 3 * 32 * 32 + 4 * (32 * 32 + 32) + 2 * 32 * 32 + 64 * 64,
        macs=(18_592 - 5 * 32 + 2 * 32 * P) * P, elementwise=(5 * 32 + 4 * 4 * P + 3 * 32) * P),
    Row("hg_stem", {"mid": 16, "out": 24}, 3,
        3 * 9 * 16 + 16 * 4 * 8 + 8 * 4 * 16 + 32 * 9 * 16 + 16 * 24,
        macs=(3 * 9 * 16 + 2 * 8 * 4 * 16) * Q + (32 * 9 * 16 + 16 * 24) * S,
        elementwise=(16 + 8 + 16 + 3 * 16) * Q + (16 + 24) * S, output=(24, 14, 14)),
    Row("hg_block", {"mid": 8, "out": 32, "n": 2}, 16,
        (16 * 9 * 8 + 8 * 9 * 8) + (16 + 2 * 8) * 16 + 16 * 32, elementwise=(8 + 8 + 16 + 32) * P),
    Row("hg_block", {"mid": 8, "kernel": 5, "n": 1, "light": True, "shortcut": True}, 16,
        (16 * 8 + 8 * 25) + (16 + 8) * 8 + 8 * 16, elementwise=(8 + 8 + 16 + 16) * P),
    Row("hg_block", {"mid": 8, "out": 16, "n": 1}, 16, 16 * 9 * 8 + (16 + 8) * 8 + 8 * 16,
        elementwise=(8 + 8 + 16) * P),
    Row("rep_c3", {"n": 1}, 16, 2 * 16 * 16 + 16 * 10 * 16, elementwise=2 * 16 * P),
    Row("rep_c3", {"n": 1, "e": 0.5}, 16, 2 * 16 * 8 + 8 * 10 * 8 + 8 * 16, elementwise=2 * 8 * P),
    Row("aifi", {"mid": 32, "heads": 4}, 64,
        4 * (64 * 64 + 64) + 2 * 2 * 64 + (64 * 32 + 32) + (32 * 64 + 64),
        macs=(4 * 64 * 64 + 2 * 64 * 32 + 2 * 64 * P) * P,
        elementwise=(4 * 64 + 32 + 64 + 4 * 4 * P + 2 * 7 * 64 + 5 * 32 + 3 * 64) * P),
    Row("asymmetric", {}, 16, 16 * 9 * 16 + 16 * 3 * 16 + 16 * 3 * 16, elementwise=2 * 16 * P),
    Row("asymmetric", {"form": "fused"}, 16, 16 * 9 * 16 + 16, macs=16 * 9 * 16 * P,
        elementwise=16 * P),
    Row("repvgg", {}, 16, 16 * 9 * 16 + 16 * 16, elementwise=2 * 16 * P),
    Row(
        "repvgg", {"form": "fused"}, 16, 16 * 9 * 16 + 16, macs=16 * 9 * 16 * P, elementwise=16 * P
    ),
    Row("dense_layer", {}, 64, 64 * 128 + 128 * 9 * 32, output=(96, 56, 56)),
    Row("dense_block", {"layers": 2}, 64, 64 * 128 + 128 * 9 * 32 + 96 * 128 + 128 * 9 * 32,
        output=(128, 56, 56)),
    Row("hardnet", {"growth": 14, "layers": 2}, 64, 64 * 9 * 14 + (14 + 64) * 9 * 24,
        output=(14 + 24, 56, 56)),
    Row("inception_pool", {"out": 32}, 192, 192 * 32, elementwise=8 * 192 * P),
    Row("inception", {"one": 2, "three_reduce": 3, "three": 4, "five_reduce": 5, "five": 6,
        "pool": 7}, 10, 10 * 2 + (10 * 3 + 3 * 9 * 4) + (10 * 5 + 5 * 25 * 6) + 10 * 7,
        elementwise=8 * 10 * P, output=(2 + 4 + 6 + 7, 56, 56)),
    Row("fire", {"squeeze": 16, "expand1": 64, "expand3": 64}, 64, 64 * 16 + 16 * 64 + 16 * 9 * 64,
        output=(128, 56, 56)),
    Row("shuffle_unit", {}, 116, 58 * 58 + 58 * 9 + 58 * 58),
    Row("shuffle_unit", {"stride": 2, "out": 116}, 24,
        (24 * 9 + 24 * 58) + (24 * 58 + 58 * 9 + 58 * 58),
        macs=24 * 58 * P + (24 * 9 + 24 * 58 + 58 * 9 + 58 * 58) * Q, output=(116, 28, 28)),
    Row("ghost", {"out": 16}, 8, 8 * 8 + 8 * 9),
    Row("ghost_bottleneck", {"mid": 72}, 24, (24 * 36 + 36 * 9) + (72 * 12 + 12 * 9),
        elementwise=24 * P),
    Row("squeeze_excitation", {}, 256, (256 * 16 + 16) + (16 * 256 + 256), macs=2 * 256 * 16,
        elementwise=2 * 256 * P + 16 + 256 + 16 + 3 * 256),
    Row("convnext", {}, 96, (96 * 49 + 96) + 2 * 96 + (96 * 384 + 384) + (384 * 96 + 96) + 96,
        macs=(96 * 49 + 2 * 96 * 384) * P,
        elementwise=(2 * 96 + 384 + 7 * 96 + 5 * 384 + 2 * 96) * P),
    Row("osa", {"mid": 8, "out": 32, "layers": 2}, 16, 16 * 9 * 8 + 8 * 9 * 8 + 32 * 32),
    Row("attention", {"heads": 4}, 64, (64 * 192 + 192) + (64 * 64 + 64),
        macs=(64 * 192 + 64 * 64 + 2 * 64 * P) * P, elementwise=(192 + 64 + 4 * 4 * P) * P),
    Row("window_attention", {"heads": 4, "shift": 3}, 64,
        (64 * 192 + 192) + (64 * 64 + 64) + 13 * 13 * 4,
        macs=(64 * 192 + 64 * 64 + 2 * 64 * 49) * P, elementwise=(192 + 64 + 4 * 49 * (4 + 1)) * P),
)  # fmt: skip


@each_of(ROWS, ids=[f"{row.word} {row.fields}" for row in ROWS])
def test_a_block_comes_to_what_was_worked_out(row: Row) -> None:
    report = bncalc.measure(bncalc.block(row.word, (row.cin, 56, 56), **row.fields))
    totals = report.totals
    assert (totals.params, totals.macs, totals.elementwise, report.output) == row.expected


@each_of(ROWS, ids=[f"{row.word} {row.fields}" for row in ROWS])
def test_the_plain_convolution_that_a_block_replaces_puts_out_the_same_map(row: Row) -> None:
    shape = Shape(row.cin, 56, 56)
    plain = find(row.word)(**row.fields).replaces(shape)
    if plain is not None:
        *_, (channels, *space) = row.expected
        if row.word == "dense_layer":  # which puts its input beside what it makes
            channels -= row.cin
        assert graph_of(plain, shape).output == (channels, *space)


@each_of(ROWS, ids=[f"{row.word} {row.fields}" for row in ROWS])
def test_a_block_uses_every_map_that_it_makes_and_cuts_no_part_twice(row: Row) -> None:
    graph = bncalc.block(row.word, (row.cin, 56, 56), **row.fields)
    used = {source for node in graph.nodes for source in node.inputs}
    assert set(range(len(graph.nodes))) - used == {output.node for output in graph.outputs}
    parts = [(node.inputs, node.op.part) for node in graph.nodes if isinstance(node.op, Split)]
    assert len(parts) == len(set(parts))


def test_every_block_has_a_row() -> None:
    assert {row.word for row in ROWS} == set(BLOCKS)


def test_rep_conv_is_one_convolution_with_a_bias_once_it_is_fused() -> None:
    net = Net(Shape(16, 56, 56), Defaults(norm="batch", act="relu", form="fused"))
    net.build(find("rep_conv")(), net.input)
    totals = bncalc.measure(net.graph("fused")).totals
    assert (totals.params, totals.buffers) == (16 * 9 * 16 + 16, 0)
    assert (totals.macs, totals.elementwise) == (16 * 9 * 16 * P, 2 * 16 * P)  # bias, activation


def test_a_width_is_cut_or_rounded_down_to_one_channel_but_not_to_none() -> None:
    assert (cut(3, 0.4, field="e"), rounded(3, 0.4, field="e")) == (1, 1)
    for width in (cut, rounded):
        with pytest.raises(bncalc.ShapeError):
            width(3, 0.1, field="e")
