"""Normalisations by hand."""

from pathlib import Path

from tests.rows import each_of

import bncalc

FILE = """\
input: [24, 16, 16]
defaults: {{norm: {default}}}
layers:
  - conv: {{out: 48, norm: {norm}}}
"""


@each_of(
    [
        ("{group: {groups: 8}}", "default", 8),
        ("batch", "{group: {groups: 8}}", 8),
        ("batch", "{group: {groups: =cin//6}}", 4),
        ("{group: {groups: 8}}", "{group: {groups: 2, affine: false}}", 2),
    ],
)
def test_a_convolution_can_say_the_arguments_of_its_norm(
    tmp_path: Path, default: str, norm: str, groups: int
) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(FILE.format(default=default, norm=norm))
    (graph,) = bncalc.load(str(file))
    assert [node.path for node in graph.nodes] == ["in", "conv", "conv.norm"]
    assert vars(graph.nodes[2].op)["groups"] == groups
    learned = 0 if "affine" in norm else 2 * 48
    assert bncalc.measure(graph).totals.params == 24 * 9 * 48 + learned


def test_arguments_that_change_nothing_are_the_word_alone() -> None:
    plain = bncalc.block("conv", (64, 8, 8), out=64, norm="group", act="relu")
    told = bncalc.block(
        "conv", (64, 8, 8), out=64, norm={"group": {"groups": 32}}, act={"relu": {}}
    )
    assert told == plain
