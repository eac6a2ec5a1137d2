"""What blocks are made of: each with few and with many settings, layer by layer.

`block_layers.txt` holds them; `pytest tests/model/test_block_layers.py --golden` writes it anew.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.graph_lines import hold, lines_of

import bncalc
from bncalc.model.registry import BLOCKS


class Row(NamedTuple):
    """A block on a map, which is 16 channels of 8 × 8 unless that is said."""

    word: str
    fields: Mapping[str, Any] = {}
    input: tuple[int, ...] = (16, 8, 8)

    @property
    def title(self) -> str:
        fields = " ".join([f"{name}={value}" for name, value in self.fields.items()])
        return f"{self.word} {fields} on {'×'.join(map(str, self.input))}"


GATED = {"se": 0.25, "act": "silu", "se_act": "hard_swish", "gate": "hard_sigmoid"}
ROWS = [
    Row("plain"),
    Row("plain", {"out": 24, "kernel": 5, "stride": 2, "groups": 4, "dilation": 2}),
    Row("basic"),
    Row("basic", {"out": 24, "stride": 2}),
    Row("bottleneck"),
    Row("bottleneck", {"mid": 8, "out": 24, "stride": 2, "groups": 2, "dilation": 2, "se": 0.5}),
    Row("bottleneck", {"stride": 2, "stride_on": "1x1", "shortcut": "first"}),
    Row("depthwise_separable"),
    Row("depthwise_separable", {"out": 24, "kernel": 5, "stride": 2, "style": "xception"}),
    Row("inverted_residual"),
    Row("inverted_residual", {"expand": 1}),
    Row("inverted_residual", {"mid": 40, "out": 16, "kernel": 5, "drop_path": 0.2, **GATED}),
    Row("inverted_residual", {"out": 24, "stride": 2, "se_mid": 7}),
    Row("fused_inverted_residual"),
    Row("fused_inverted_residual", {"expand": 1, "drop_path": 0.2}),
    Row("fused_inverted_residual", {"mid": 40, "out": 24, "stride": 2, "kernel": 5, **GATED}),
    Row("factorized"),
    Row("factorized", {"mid": 8, "out": 24, "kernel": 5, "stride": 2, "order": "horizontal"}),
    Row("small_kernels"),
    Row("small_kernels", {"out": 24, "kernel": 7, "stride": 2}),
    Row("yolo_bottleneck"),
    Row("yolo_bottleneck", {"out": 24, "groups": 2, "first": 3, "e": 0.75}),
    Row("yolo_bottleneck", {"shortcut": False}),
    Row("c3"),
    Row("c3", {"out": 24, "n": 2, "shortcut": False, "e": 0.75, "groups": 2, "first": 3}),
    Row("c3_ghost", {"n": 2}),
    Row("c3_ghost", {"out": 24, "shortcut": False, "e": 0.75}),
    Row("c3tr", {"n": 2}),
    Row("c3tr", {"out": 32, "shortcut": False, "e": 0.75, "heads": 2}),
    Row("c2", {"n": 2}),
    Row("c2", {"out": 24, "shortcut": False, "groups": 2, "e": 0.75}),
    Row("c2f", {"n": 2}),
    Row("c2f", {"out": 24, "shortcut": True, "groups": 2, "e": 0.75}),
    Row("spp"),
    Row("spp", {"out": 24, "kernels": (3, 7)}),
    Row("sppf"),
    Row("sppf", {"kernel": 3, "n": 2, "shortcut": True}),
    Row("sppf", {"out": 24}),
    Row("c3k2", {"n": 2}),
    Row("c3k2", {"out": 24, "e": 0.25, "shortcut": False, "c3k": True}),
    Row("c3k2", {"attention": True}),
    Row("c3k2", {"attention": True, "groups": 2}, (256, 4, 4)),
    Row("psa_block"),
    Row("psa_block", {"heads": 2}),
    Row("psa_block", {}, (256, 4, 4)),
    Row("c2psa", {"n": 2}, (256, 4, 4)),
    Row("c2psa"),
    Row("scdown"),
    Row("scdown", {"out": 24, "kernel": 5, "stride": 1}),
    Row("c2f_cib", {"n": 2}),
    Row("c2f_cib", {"out": 24, "shortcut": True, "e": 0.25, "large": True}),
    Row("rep_conv"),
    Row("rep_conv", {"out": 24, "stride": 2}),
    Row("rep_csp", {"n": 2}),
    Row("rep_csp", {"out": 24, "shortcut": False, "e": 0.75}),
    Row("elan1", {"split": 8, "hidden": 6}),
    Row("elan1", {"out": 24, "split": 12, "hidden": 5}),
    Row("rep_ncspelan4", {"split": 8, "hidden": 6}),
    Row("rep_ncspelan4", {"out": 24, "split": 12, "hidden": 5, "n": 2}),
    Row("aconv"),
    Row("aconv", {"out": 24}),
    Row("adown"),
    Row("adown", {"out": 24}),
    Row("sppelan", {"hidden": 6}),
    Row("sppelan", {"out": 24, "hidden": 6, "kernel": 3}),
    Row("area_block", {}, (64, 8, 8)),
    Row("area_block", {"heads": 2, "areas": 4, "mlp": 2}),
    Row("a2c2f", {"n": 2}, (64, 8, 8)),
    Row("a2c2f", {"attention": False, "e": 0.25}, (64, 8, 8)),
    Row("a2c2f", {"out": 64, "areas": 4, "residual": True, "mlp": 1.5}, (64, 8, 8)),
    Row("hg_stem", {"mid": 6}),
    Row("hg_stem", {"out": 24, "mid": 6}),
    Row("hg_block", {"mid": 6, "n": 2}),
    Row("hg_block", {"out": 24, "mid": 6, "kernel": 5, "n": 3, "light": True}),
    Row("hg_block", {"mid": 6, "n": 1, "shortcut": True}),
    Row("rep_c3"),
    Row("rep_c3", {"out": 24, "n": 2, "e": 0.5}),
    Row("aifi"),
    Row("aifi", {"mid": 24, "heads": 4}),
    Row("asymmetric"),
    Row("asymmetric", {"out": 24, "kernel": 5, "stride": 2, "groups": 4, "form": "trained"}),
    Row("repvgg"),
    Row("repvgg", {"out": 24, "stride": 2, "groups": 4, "form": "trained"}),
    Row("repvgg", {"form": "trained"}),
    Row("dense_layer"),
    Row("dense_layer", {"growth": 6, "bottleneck": 2}),
    Row("dense_block", {"layers": 2}),
    Row("dense_block", {"layers": 3, "growth": 6, "bottleneck": 2}),
    Row("hardnet", {"growth": 10, "layers": 4}),
    Row("hardnet", {"growth": 14, "multiplier": 1.6, "layers": 5, "depthwise": True}),
    Row("hardnet", {"growth": 1, "multiplier": 1, "layers": 2}),
    Row("inception_pool"),
    Row("inception_pool", {"out": 24, "pool": "avg"}),
    Row("inception", {"one": 4, "three_reduce": 5, "three": 6, "five_reduce": 2, "five": 3,
                      "pool": 7}),
    Row("inception", {"one": 4, "three_reduce": 5, "three": 6, "five_reduce": 2, "five": 3,
                      "pool": 7, "five_kernel": 3}),
    Row("fire", {"squeeze": 4, "expand1": 6, "expand3": 10}),
    Row("shuffle_unit"),
    Row("shuffle_unit", {"out": 24, "stride": 2}),
    Row("ghost"),
    Row("ghost", {"out": 25, "kernel": 3, "ratio": 3, "cheap": 5, "stride": 2, "act": "none"}),
    Row("ghost_bottleneck", {"mid": 24}),
    Row("ghost_bottleneck", {"out": 8, "mid": 6, "stride": 2}, (8, 1, 1)),
    Row("ghost_bottleneck", {"out": 24, "mid": 20, "kernel": 5, "stride": 2, "se_mid": 7}),
    Row("squeeze_excitation"),
    Row("squeeze_excitation", {"mid": 5, "act": "silu", "gate": "hard_sigmoid", "bias": False}),
    Row("squeeze_excitation", {"ratio": 4}),
    Row("convnext"),
    Row("convnext", {"kernel": 5, "expand": 2, "scale": False, "drop_path": 0.1}),
    Row("osa", {"mid": 6}),
    Row("osa", {"mid": 6, "layers": 3, "shortcut": True}),
    Row("osa", {"out": 24, "mid": 6, "layers": 2}),
    Row("attention"),
    Row("attention", {"heads": 4, "bias": False, "areas": 4}),
    Row("attention", {"heads": 2, "fused": True}),
    Row("window_attention", {"window": 4}),
    Row("window_attention", {"heads": 4, "bias": False, "window": 2, "shift": 1,
                             "position_bias": False}),
    Row("window_attention", {"heads": 4, "window": 4, "shift": 2, "fused": True}),
]  # fmt: skip


def test_rows_hold_every_block() -> None:
    assert {row.word for row in ROWS} == set(BLOCKS)


def test_layers_of_blocks_are_those_kept(request: pytest.FixtureRequest) -> None:
    defaults = bncalc.Defaults(norm="none", act="none")
    lines = []
    for row in ROWS:
        graph = bncalc.block(row.word, row.input, defaults=defaults, **row.fields)
        lines += [row.title, *lines_of(graph, costs=False)]
    hold(lines, Path(__file__).with_name("block_layers.txt"), request)
