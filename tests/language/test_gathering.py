"""`layer.*`: the maps of all copies of an entry, within its repeat those of the copies before."""

from tests.rows import each_of
from tests.texts import Texts

import bncalc
from bncalc.language.model import LanguageFile
from bncalc.language.source import read
from bncalc.model.graph import Graph
from bncalc.model.reading import Request
from bncalc.opening.model import open_model

HEAD = "input: [8, 16, 16]\nlayers:\n"


def graph(layers: str) -> Graph:
    return open_model("net.yaml", files=Texts({"net.yaml": HEAD + layers})).graphs[0]


def wiring(layers: str) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    return [(node.op.word, node.inputs, tuple(node.output)) for node in graph(layers).nodes[1:]]


DENSE = """
  - id: layer
    stage: [{concat: {from: [in, layer.*]}}, {conv: {out: 4}}]
    repeat: 3
  - concat: {from: [in, layer.*]}
"""


def test_a_copy_reads_all_before_it_and_what_follows_reads_all() -> None:
    assert wiring(DENSE) == [
        ("concat", (0,), (8, 16, 16)),
        ("conv", (1,), (4, 16, 16)),
        ("concat", (0, 2), (12, 16, 16)),
        ("conv", (3,), (4, 16, 16)),
        ("concat", (0, 2, 4), (16, 16, 16)),
        ("conv", (5,), (4, 16, 16)),
        ("concat", (0, 2, 4, 6), (20, 16, 16)),
    ]


@each_of(
    [
        ("  - {id: x, max_pool: {kernel: 5, stride: 1}, repeat: 3}\n  - concat: {from: [in, x.*]}",
         (0, 1, 2, 3)),
        ("  - {id: x, conv: {out: 8}}\n  - concat: {from: [in, x.*]}", (0, 1)),
        ("  - {id: x, conv: {out: 8}, repeat: =0*h}\n  - concat: {from: [in, x.*]}", (0,)),
        ("  - {id: x, conv: {out: 8}, if: =cin > 8}\n  - concat: {from: [in, x.*]}", (0,)),
        ("  - {id: x, conv: {out: 8}, if: =cin > 8, else: {relu: {}, repeat: 2}}\n"
         "  - concat: {from: [in, x.*]}", (0, 1, 2)),
        ("  - {id: x, stage: [{conv: {out: 8}, repeat: 2}], repeat: 2}\n"
         "  - add: {from: x.*}", (2, 4)),
        ("  - id: x\n    stage: [{add: {from: x.*}, if: =i > 1}, {conv: {out: 8}}]\n"
         "    repeat: 3\n  - multiply: {from: [in, x.*]}", (0, 1, 2, 4)),
    ],
)  # fmt: skip
def test_all_copies_are_those_that_are_placed(layers: str, reads: tuple[int, ...]) -> None:
    assert graph(layers).nodes[-1].inputs == reads


def test_dense_layers_are_the_block_of_ours_but_for_the_join_of_one_map() -> None:
    head = "  - {id: block, dense_block: {layers: 4, growth: 8}}"
    own = """
  - id: layer
    stage:
      - {concat: {from: [in, layer.*]}, if: =i > 0}
      - relu
      - {conv: {out: 32, kernel: 1}}
      - relu
      - {conv: {out: 8}}
    repeat: 4
  - concat: {from: [in, layer.*]}
"""
    defaults = "  - relu\n"
    ours, block = (bncalc.measure(graph(defaults + text)) for text in (own, head))
    assert ours.totals.macs == block.totals.macs
    assert ours.totals.params == block.totals.params


def test_copies_that_are_read_are_all_there_where_others_are_only_counted() -> None:
    text = HEAD + "  - {id: x, relu: , repeat: 9}\n  - {conv: {out: 8}, repeat: 9}\n" + DENSE
    file = LanguageFile.read("net.yaml", lambda path: read(text, path))
    whole, counted = (
        file.reading(Request("net"), counting=counting).designs[0].graph
        for counting in (False, True)
    )
    assert counted.nodes[-1].inputs[1:] == tuple([len(counted.nodes) - k for k in (6, 4, 2)])
    assert len(counted.nodes) < len(whole.nodes)


def test_a_thousand_copies_can_be_read_together() -> None:
    text = "input: [1]\nlayers: [{id: a, relu: , repeat: 1000}, {concat: {from: a.*}}]\n"
    (graph,) = open_model("f.yaml", files=Texts({"f.yaml": text})).graphs
    assert graph.nodes[-1].output == (1000,)
