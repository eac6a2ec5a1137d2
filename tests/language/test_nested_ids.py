"""Ids of lists within lists: each list has its own, and sees those around it and inside of it."""

from pathlib import Path

from tests.rows import each_of
from tests.typed import problems_of, written
from tests.work import calls

NESTED = """
input: [8, 8, 8]
outputs: [body.down.a, body.a, a]
layers:
  - {id: a, conv: {out: 2}}
  - id: body
    stage:
      - {id: a, from: in, conv: {out: 3}}
      - {id: down, stage: [{id: a, conv: {out: 4}}, {id: b, from: a, conv: {out: 5}}]}
      - {id: c, from: [a, b], concat: }
  - {id: d, from: [a, b], concat: }
  - {id: e, from: body.down.b, same_as: body.c}
"""


def test_an_id_means_the_entry_of_the_nearest_list_around(tmp_path: Path) -> None:
    text = NESTED.replace("  - {id: e, from: body.down.b, same_as: body.c}\n", "")
    graph = written(text, tmp_path)
    by_path = {node.path: node for node in graph.nodes}
    sources = {
        path: [graph.nodes[source].path for source in by_path[path].inputs]
        for path in ("body/down/b", "body/c", "d")
    }
    assert sources == {
        "body/down/b": ["body/down/a"],
        "body/c": ["body/a", "body/down/b"],
        "d": ["a", "body/down/b"],
    }
    assert [output.node for output in graph.outputs] == [3, 2, 1]


def test_an_entry_inside_of_a_stage_is_placed_again_by_the_ids_of_both(tmp_path: Path) -> None:
    graph = written(
        NESTED.replace("body.down.b, same_as: body.c", "[a, b], same_as: body.c"), tmp_path
    )
    assert graph.nodes[-1].op.word == "concat"
    text = NESTED.replace("{out: 2}", "{out: 4}").replace(
        "body.down.b, same_as: body.c", "a, same_as: body.down.b"
    )
    last = written(text, tmp_path).nodes[-1]
    assert last.weights_of == 4


TWICE = """
input: [8, 8, 8]
layers:
  - {id: left, from: in, stage: [{id: a, conv: {out: 8}}, {id: b, conv: {out: 8}}]}
  - {id: right, from: in, stage: [{id: a, conv: {out: 8}}]}
  - add: {from: [left, right]}
  - {from: [left.a, right.a], add: }
  - {from: [a, b], add: }
  - {id: left, conv: {out: 8}}
"""


def test_an_id_of_two_lists_needs_that_of_its_stage_and_one_of_a_list_is_its_own(
    tmp_path: Path,
) -> None:
    assert problems_of(TWICE, tmp_path) == [
        "8:13: error: the id 'a' is used in several lists; write 'left.a' or 'right.a'",
        "9:5: error: the id 'left' is used twice",
    ]


INNER = """
input: [8, 8, 8]
layers:
  - {id: left, from: in, stage: [{id: a, conv: {out: 8}}]}
  - id: right
    from: in
    stage:
      - {id: inner, stage: [{id: a, conv: {out: 4}}]}
      - {id: b, from: a, conv: {out: 8}}
  - {from: [left.a, right.b], add: }
  - {from: [a, right.a, left.c, lift.a], add: }
"""


def test_an_id_inside_of_a_list_is_nearer_than_one_of_a_list_beside_it(tmp_path: Path) -> None:
    assert problems_of(INNER, tmp_path) == [
        "11:13: error: the id 'a' is used in several lists; write 'left.a' or 'right.a'",
        "11:25: error: there is no earlier id 'left.c' (did you mean 'left.a'?)",
        "11:33: error: there is no earlier id 'lift.a' (did you mean 'left.a'?)",
    ]
    nodes = written(INNER.replace("  - {from: [a,", "  # {from: [a,"), tmp_path).nodes
    sources = {node.path: [nodes[source].path for source in node.inputs] for node in nodes}
    assert sources["right/b"] == ["right/inner/a"]


BRANCHES = """
input: [8, 8, 8]
layers:
  - id: both
    add:
      - [{id: a, conv: {out: 8}}, {id: c, from: a, conv: {out: 8}}]
      - [{id: a, conv: {out: 4}}, {id: b, from: a, conv: {out: 8}}]
  - {from: [b, c], add: }
"""


def test_branches_have_ids_of_their_own(tmp_path: Path) -> None:
    graph = written(BRANCHES, tmp_path)
    nodes = {node.path: node for node in graph.nodes}
    assert graph.nodes[nodes["both/branch2/b"].inputs[0]].path == "both/branch2/a"


TAKEN = """
input: [8, 8, 8]
layers:
  - {id: left, stage: [{id: a, conv: {out: 8, kernel: 1}}]}
  - {id: inner, stage: [{id: b, from: a, conv: {out: 8, kernel: 1}}]}
  - LATER
  - {id: again, same_as: inner}
"""


@each_of(
    [
        "{id: a, conv: {out: 8, kernel: 1}}",
        "{id: right, stage: [{id: a, conv: {out: 8, kernel: 1}}]}",
        "{id: around, stage: [{id: right, stage: [{id: a, conv: {out: 8, kernel: 1}}]}]}",
    ]
)
def test_what_is_placed_again_sees_the_ids_that_it_saw(later: str, tmp_path: Path) -> None:
    nodes = written(TAKEN.replace("LATER", later), tmp_path).nodes
    assert nodes[-1].path == "again/b"
    assert [nodes[source].path for source in nodes[-1].inputs] == ["left/a"]


def test_ids_of_many_stages_and_of_deep_ones_are_as_much_work_as_of_few(tmp_path: Path) -> None:
    def work(text: str) -> int:
        return calls(lambda: written(f"input: [1]\nlayers:\n{text}", tmp_path))

    def row(count: int) -> str:
        return "".join([f"  - {{id: s{i}, stage: [{{id: c{i}, relu: }}]}}\n" for i in range(count)])

    def nest(depth: int) -> str:
        inner = "{id: c, relu: }"
        for i in range(depth):
            inner = f"{{id: s{i}, stage: [{inner}, {{id: c{i}, relu: }}]}}"
        return f"  - {inner}\n"

    work(row(1))
    assert work(row(200)) < 4.4 * work(row(50))
    assert work(nest(24)) < 6 * work(nest(8))
