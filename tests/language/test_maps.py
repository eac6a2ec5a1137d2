"""Files with several inputs and outputs, blocks that take and give several maps, dead maps."""

import json
from pathlib import Path

import pytest
from tests.documents import document_text
from tests.problems import told

import bncalc
from bncalc.model.graph import Graph
from bncalc.opening.model import Model, open_model


def opened(text: str, folder: Path, setting: str = "") -> Model:
    path = folder / "net.yaml"
    path.write_text(text, encoding="utf-8")
    return open_model(f"{path}{setting}")


def ends(graph: Graph) -> dict[str, tuple[int, ...]]:
    """Return what is put out, by name or path."""
    nodes = graph.nodes
    return {name or nodes[node].path: nodes[node].output for node, name in graph.outputs}


def warnings_of(text: str, folder: Path) -> list[str]:
    problems = sorted(opened(text, folder).warnings)
    return [str(problem).removeprefix(f"{folder / 'net.yaml'}:") for problem in problems]


def problems_of(text: str, folder: Path) -> list[str]:
    return told(opened, text, folder, of=f"{folder / 'net.yaml'}:")


SIAMESE = """
inputs: {left: [3, =size, =size], right: [3, 32, 32]}
vars: {size: 32}
outputs: [score, x]
layers:
  - {id: x, conv: {out: 8, stride: 2}}
  - {id: y, from: right, same_as: x}
  - concat: {from: [x, y]}
  - {id: score, linear: {out: 2}}
"""


def test_inputs_and_outputs_have_names(tmp_path: Path) -> None:
    graph = opened(SIAMESE, tmp_path).graphs[0]
    assert ends(graph) == {"x": (8, 16, 16), "score": (2, 1, 1)}
    report = bncalc.measure(graph)
    document = json.loads(document_text(report))
    design = document["designs"][0]
    assert design["inputs"] == {"left": [3, 32, 32], "right": [3, 32, 32]}
    assert design["outputs"] == {"x": [8, 16, 16], "score": [2, 1, 1]}
    assert (design["input"], design["output"]) == ([3, 32, 32], [2, 1, 1])
    assert report.totals.params == 3 * 9 * 8 + 16 * 16 * 16 * 2


def test_a_call_sets_one_of_several_inputs_by_its_name(tmp_path: Path) -> None:
    graph = opened(SIAMESE, tmp_path, "@left=3,64,64@right=64").graphs[0]
    assert [graph.nodes[i].output for i in graph.inputs] == [(3, 64, 64), (3, 64, 64)]
    with pytest.raises(bncalc.UsageError, match="the inputs left and right; write @left="):
        opened(SIAMESE, tmp_path, "@3,64,64")
    with pytest.raises(bncalc.UsageError, match="3×32×32, has 2"):
        opened(SIAMESE, tmp_path, "@left=3,64")


UNET = """
input: [3, 32, 32]
define:
  up:
    args: {out: }
    inputs: [x, skip]
    layers:
      - {id: wide, conv_transpose: {out: =out}}
      - concat: {from: [skip, wide]}
      - {conv: {out: =out}, repeat: 2}
layers:
  - {id: d1, conv: {out: 8}}
  - {id: d2, stage: [max_pool, {conv: {out: 16}}]}
  - max_pool
  - conv: {out: 32}
  - {id: u2, from: [d1, d2], up: {out: 16}, if: false}
  - {id: middle, conv: {out: 32, kernel: 1}}
  - {id: u1, from: [middle, d2], up: {out: 16}}
  - {from: [u1, d1], up: {out: 8}}
"""


def test_an_own_block_takes_several_maps(tmp_path: Path) -> None:
    graph = opened(UNET, tmp_path).graphs[0]
    assert graph.output == (8, 32, 32)
    shapes = {node.path: graph.input_shapes(node) for node in graph.nodes}
    assert shapes["u1/concat"] == ((16, 16, 16), (16, 16, 16))


PYRAMID = """
input: [8, 32, 32]
define:
  exchange:
    inputs: [fine, coarse]
    outputs: [high, low]
    layers:
      - {id: up, from: coarse, upsample: {}}
      - {id: high, add: {from: [fine, up]}}
      - {id: down, from: high, max_pool: {}}
      - {id: low, add: {from: [coarse, down]}}
layers:
  - {id: p3, conv: {out: 8}}
  - {id: p4, conv: {out: 8, stride: 2}}
  - {id: neck, from: [p3, p4], exchange: {}, repeat: 3}
  - {id: head3, from: neck.high, conv: {out: 4}}
  - {id: head4, from: neck.low, same_as: head3}
"""


def test_an_own_block_gives_several_maps_and_its_copies_pass_them_on(tmp_path: Path) -> None:
    graph = opened(PYRAMID, tmp_path).graphs[0]
    assert ends(graph) == {"head3": (4, 32, 32), "head4": (4, 16, 16)}
    adds = [node for node in graph.nodes if node.op.word == "add"]
    assert len(adds) == 6
    assert bncalc.measure(graph).totals.params == 8 * 9 * 8 * 2 + 8 * 9 * 4


def test_all_maps_of_a_block_are_taken_by_its_name(tmp_path: Path) -> None:
    text = PYRAMID.partition("  - {id: head3")[0]
    text = f"outputs: [end]{text}  - {{id: end, from: neck, exchange: {{}}}}\n"
    graph = opened(text, tmp_path).graphs[0]
    assert ends(graph) == {"end.high": (8, 32, 32), "end.low": (8, 16, 16)}


WRONG = """
input: [8, 32, 32]
outputs: [p4, p6]
define:
  pair:
    inputs: [a, b]
    outputs: [x, nothing]
    layers: [{id: x, add: {from: [a, b]}}]
  single: {layers: [relu]}
layers:
  - {id: p3, conv: {out: 8}}
  - {id: p4, from: [p3, p3], pair: {}}
  - {from: p3, pair: {}}
  - {from: [p3, p3], single: {}}
  - {from: p4.y, relu: {}}
"""


def test_what_is_wrong_has_its_place(tmp_path: Path) -> None:
    assert problems_of(WRONG, tmp_path) == [
        "3:15: error: there is no earlier id 'p6'; known here: in, p3, p4, p4.x, p4.nothing",
        "7:18: error: there is no earlier id 'nothing'; known here: in, a, b, x"
        " (in 'pair', used at 12:30)",
        "13:16: error: pair takes 2 inputs (a, b), not 1",
        "14:22: error: single takes one input, not 2",
        "15:12: error: there is no earlier id 'p4.y' (did you mean 'p4.x'?)",
    ]


def test_a_file_has_one_input_or_several(tmp_path: Path) -> None:
    text = "input: [3, 8, 8]\ninputs: {a: [3, 8, 8]}\nlayers: [relu]\n"
    assert problems_of(text, tmp_path) == ["2:1: error: a file has `input:` or `inputs:`, not both"]
    text = "input: [3, 8, 8]\noutputs: [a]\nblocks: {a: relu}\n"
    assert problems_of(text, tmp_path) == ["2:1: error: `outputs` is for a file with `layers:`"]


DEAD = """
input: [8, 32, 32]
define:
  wasteful:
    layers:
      - {id: a, conv: {out: 8}}
      - {id: b, from: in, conv: {out: 8}}
      - {from: a, conv: {out: 8}}
layers:
  - {id: a, conv: {out: 8}}
  - {id: aside, from: a, conv: {out: 4}}
  - from: a
    stage: [{id: c, conv: {out: 8}}, {from: a, conv: {out: 8}}]
    repeat: 2
  - {wasteful: {}, repeat: 2}
  - add: [[{id: kept, conv: {out: 8}}, {from: in, conv: {out: 8}}], []]
"""


def test_a_dead_map_within_a_block_or_a_copy_is_a_warning_with_its_line(tmp_path: Path) -> None:
    dead = "warning: nothing reads this map, and it is not an output"
    assert warnings_of(DEAD, tmp_path) == [f"7:27: {dead}", f"13:21: {dead}", f"16:23: {dead}"]
    assert ends(opened(DEAD, tmp_path).graphs[0]) == {"aside": (4, 32, 32), "add/add": (8, 32, 32)}


def test_with_outputs_every_other_map_that_nothing_reads_is_dead(tmp_path: Path) -> None:
    text = DEAD.replace("layers:\n  - {id: a", "outputs: [kept]\nlayers:\n  - {id: a")
    lines = [warning.partition(":")[0] for warning in warnings_of(text, tmp_path)]
    assert lines == ["7", "12", "14", "17"]


DEAD_BRANCH = """
input: [64, 56, 56]
layers:
  - {id: a, conv: {out: 64}}
  - {id: b, from: in, conv: {out: 64}}
  - {id: c, from: in, conv: {out: 64}}
  - add: {from: [a, c]}
  - {conv: {out: 64}, repeat: 3}
"""


def test_a_map_at_the_top_that_nothing_reads_is_an_output_unless_others_are_named(
    tmp_path: Path,
) -> None:
    assert ends(opened(DEAD_BRANCH, tmp_path).graphs[0]) == {
        "b": (64, 56, 56),
        "conv/2": (64, 56, 56),
    }
    named = DEAD_BRANCH.replace("layers:", "outputs: [end]\nlayers:").replace(
        "repeat: 3}", "repeat: 3, id: end}"
    )
    assert warnings_of(named, tmp_path) == [
        "6:23: warning: nothing reads this map, and it is not an output"
    ]
    peaks = [
        bncalc.measure(opened(text, tmp_path).graphs[0]).totals.peak_activation_bytes
        for text in (DEAD_BRANCH, named)
    ]
    size = 4 * 64 * 56 * 56
    assert peaks == [4 * size, 3 * size]


def test_an_input_that_nothing_reads_is_a_warning(tmp_path: Path) -> None:
    text = "inputs: {a: [3, 8, 8], b: [3, 8, 8]}\nlayers: [relu]\n"
    assert warnings_of(text, tmp_path) == ["1:27: warning: nothing reads the input 'b'"]


def test_what_the_last_entry_puts_out_is_put_out_even_if_something_reads_it(tmp_path: Path) -> None:
    text = """
input: [8, 16, 16]
define:
  leaving:
    outputs: [a]
    layers: [{id: a, conv: {out: 8}}, {conv: {out: 4}}]
layers: [{leaving: {}}]
"""
    assert ends(opened(text, tmp_path).graphs[0]) == {"leaving/a": (8, 16, 16)}
    assert len(warnings_of(text, tmp_path)) == 1
