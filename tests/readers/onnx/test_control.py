"""Branches and loops: turns whose number is known are written out, weights counted once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.readers.onnx.encoder import BOOL, INT64, Graph, graph, model, node, tensor
from tests.rows import each_of

from bncalc.analysis.measurement import measure
from bncalc.errors import SpecError
from bncalc.model.reading import Request
from bncalc.opening.model import open_model
from bncalc.readers.onnx import sequences
from bncalc.readers.onnx.account import account_of

IMAGE = [1, 4, 6, 6]


def body(nodes: list[bytes], inputs: dict[str, Any], outputs: str, held: list[bytes]) -> Graph:
    return graph(nodes, held, inputs, outputs, {"turn": INT64, "going": BOOL})


LOOP = {"turn": [], "going": [], "h": IMAGE}


def looped(nodes: list[bytes], outputs: str = "on h2") -> Graph:
    return body([node("Identity", "going", "on"), *nodes], LOOP, outputs, [])


CONV = [node("Conv", "h w", "h2", pads=[1] * 4)]


def write(tmp_path: Path, nodes: list[bytes], held: list[bytes], outputs: str = "y") -> str:
    path = tmp_path / "net.onnx"
    path.write_bytes(model(graph(nodes, held, {"x": IMAGE}, outputs)))
    return str(path)


def weights() -> bytes:
    return tensor("w", (4, 4, 3, 3))


@each_of(
    [
        ("most  x", [tensor("most", [], [3])], 3),
        ("most going x", [tensor("most", [], [3]), tensor("going", [], [1])], 3),
        ("most going x", [tensor("most", [], [3]), tensor("going", [], [0])], 0),
    ],
)
def test_loop_runs_as_often_as_is_known(tmp_path, inputs, held, turns):
    nodes = [node("Loop", inputs, "z", body=looped(CONV)), node("Relu", "z", "y")]
    totals = measure(open_model(write(tmp_path, nodes, [weights(), *held])).graphs[0]).totals
    assert totals.macs == turns * 36 * 4 * 4 * 9
    assert totals.params == (144 if turns else 0)


def test_loop_ends_when_its_condition_says_so(tmp_path):
    """Turns 0 and 1 go on and the turn of number 2 is the last."""
    nodes = [node("Less", "turn two", "on"), *CONV]
    loop = body(nodes, LOOP, "on h2", [])
    held = [weights(), tensor("two", [], [2])]
    totals = measure(
        open_model(write(tmp_path, [node("Loop", "  x", "y", body=loop)], held)).graphs[0]
    ).totals
    assert totals.macs == 3 * 36 * 4 * 4 * 9


def test_what_turns_put_out_is_stacked(tmp_path):
    loop = looped([*CONV, node("ReduceMean", "h2", "m", axes=[1, 2, 3], keepdims=0)], "on h2 m")
    nodes = [node("Loop", "most  x", "z s", body=loop), node("Relu", "s", "y")]
    net = open_model(write(tmp_path, nodes, [weights(), tensor("most", [], [5])])).graphs[0]
    assert net.nodes[-1].output.elements == 5


def test_scan_goes_over_positions(tmp_path):
    """6 rows of 4 × 6, each times 6 × 8 weights and added to a state of as many."""
    nodes = [
        node("MatMul", "row w", "p"), node("Add", "h p", "h2"), node("Identity", "h2", "o"),
    ]  # fmt: skip
    scan = body(nodes, {"h": [1, 4, 8], "row": [1, 4, 6]}, "h2 o", [])
    held = [tensor("w", (6, 8)), tensor("first", (1, 4, 8))]
    moved = node("Transpose", "x", "rows", perm=[2, 0, 1, 3])
    for x, axes in (("x", [2]), ("x", [-2]), ("rows", None)):
        given: dict[str, Any] = {"scan_input_axes": axes} if axes else {}
        nodes = [
            moved,
            node("Scan", f"first {x}", "last all", body=scan, num_scan_inputs=1, **given),
            node("Relu", "all", "y"),
        ]
        net = open_model(write(tmp_path, nodes, held)).graphs[0]
        assert [each.op.word for each in net.nodes].count("linear") == 6
        assert measure(net).totals.macs == 6 * 4 * 6 * 8
        assert net.nodes[-1].output.elements == 6 * 4 * 8


@pytest.mark.parametrize(
    "most",
    [
        [node("ReduceMax", "x", "m"), node("Cast", "m", "most", to=INT64)],
        [tensor("most", [], [2**40])],
    ],
)
def test_loop_of_no_known_or_of_very_many_turns_is_not_counted(tmp_path, most):
    data = len(most) > 1
    nodes = [*(most if data else []), node("Loop", "most  x", "y", body=looped(CONV))]
    net = open_model(write(tmp_path, nodes, [weights(), *([] if data else most)])).graphs[0]
    assert [layer.op for layer in measure(net).uncounted] == ["Loop"]


def test_loops_within_loops_that_do_nothing_come_to_an_end(tmp_path):
    inner = node("Loop", "most going h", "h2", body=looped([node("Identity", "h", "h2")]))
    outer = looped([inner])
    nodes = [node("Loop", "most  x", "y", body=outer)]
    net = open_model(write(tmp_path, nodes, [tensor("most", [], [2**40])])).graphs[0]
    assert [layer.op for layer in measure(net).uncounted] == ["Loop"]


TWO = [node("SequenceConstruct", "x x", "s")]
HELD = [
    tensor(name, [], [at]) for name, at in (("first", 0), ("middle", 1), ("last", -1), ("three", 3))
]


@each_of([
        ([*TWO, node("SequenceAt", "s last", "e"), node("Relu", "e", "y")], (4, 6, 6)),
        ([node("Optional", "x", "o"), node("OptionalGetElement", "o", "e"), node("Relu", "e", "y")],
         (4, 6, 6)),
        ([*TWO, node("ConcatFromSequence", "s", "y", axis=1)], (8, 6, 6)),
        ([*TWO, node("ConcatFromSequence", "s", "y", axis=1, new_axis=1)], (4, 2, 6, 6)),
        ([node("SplitToSequence", "x three", "s", axis=1), node("SequenceAt", "s last", "y")],
         (1, 6, 6)),
        ([node("SplitToSequence", "x", "s", axis=1, keepdims=0), node("SequenceAt", "s last", "y")],
         (1, 6, 6)),
        ([node("SplitToSequence", "x three", "s", axis=1), node("SequenceAt", "s first", "y")],
         (3, 6, 6)),
        ([node("SequenceEmpty", "", "s"), node("SequenceInsert", "s x", "t"),
         node("SequenceInsert", "t x", "u"), node("SequenceErase", "u last", "v"),
         node("SequenceInsert", "v x last", "z"), node("ConcatFromSequence", "z", "y", axis=2)],
         (4, 12, 6)),
        *[
            (
                [
                    node("Concat", "x x", "two", axis=1),
                    node("Concat", "x two", "third", axis=1),
                    node("SequenceConstruct", "x two third", "s"),
                    node("SequenceErase", f"s{place}", "t"),
                    node("ConcatFromSequence", "t", "y", axis=1),
                ],
                (left, 6, 6),
            )
            for place, left in (("", 4 + 8), (" first", 8 + 12), (" middle", 4 + 12))
        ],
        ([*TWO, node("SequenceLength", "s", "n"), node("Loop", "n  x", "z", body=looped(CONV)),
         node("Relu", "z", "y")], (4, 6, 6)),
    ])  # fmt: skip
def test_sequences_of_known_length_are_followed(tmp_path, nodes, expected):
    network = open_model(write(tmp_path, nodes, [weights(), *HELD])).graphs[0]
    assert network.output == expected
    assert all(each.op.counted for each in network.nodes)


def test_sequence_that_is_put_out_puts_its_elements_out(tmp_path):
    nodes = [node("Relu", "x", "a"), node("SequenceConstruct", "x a", "y")]
    network = open_model(write(tmp_path, nodes, [])).graphs[0]
    assert [each.node for each in network.outputs] == [0, 1]


def test_sequence_of_sequences_is_one_error(tmp_path):
    path = write(tmp_path, [*TWO, node("SequenceConstruct", "s s", "y")], [])
    with pytest.raises(SpecError, match="a sequence cannot hold sequences"):
        open_model(path)


@pytest.mark.parametrize(
    ("nodes", "uncounted"),
    [
        ([node("SplitToSequence", "x", "s", axis=1)], []),
        ([node("SplitToSequence", "x one", "s", axis=1)], []),
        ([node("SplitToSequence", "x two", "s", axis=2)], []),
        ([node("SplitToSequence", "x", "s", axis=2)], ["SplitToSequence"]),
        ([node("SplitToSequence", "x one", "s", axis=2)], ["SplitToSequence"]),
        (
            [node("SplitToSequence", "x", "t", axis=1), node("SequenceInsert", "t x", "s")],
            ["SequenceInsert"],
        ),
    ],
)
def test_sequence_is_followed_up_to_a_length(tmp_path, monkeypatch, nodes, uncounted):
    monkeypatch.setattr(sequences, "LONGEST", 4)  # of 4 channels, and of 6 rows
    held = [tensor("one", [], [1]), tensor("two", [], [2])]
    network = open_model(write(tmp_path, nodes, held, "s")).graphs[0]
    assert [layer.op for layer in measure(network).uncounted] == uncounted


@each_of(
    [
        ("x", {}, (1, 1, 6, 6)),
        ("x", {"keepdims": 0}, (1, 6, 6)),
        ("x one", {"keepdims": 0}, (1, 1, 6, 6)),
    ],
)
def test_axis_goes_where_a_split_has_no_sizes_and_does_not_keep_it(
    tmp_path, inputs, attributes, expected
):
    nodes = [
        node("SplitToSequence", inputs, "s", axis=1, **attributes),
        node("SequenceAt", "s last", "e"),
        node("Relu", "e", "y"),
    ]
    path = write(tmp_path, nodes, [*HELD, tensor("one", [], [1])])
    assert account_of(Request(path)).tensors["y"] == expected


@each_of(
    [
        ("SequenceAt", "s i"),
        ("SequenceInsert", "s x i"),
        ("SequenceErase", "s i"),
        ("SplitToSequence", "x i"),
    ],
)
def test_sequence_of_which_content_decides_is_not_counted(tmp_path, op, inputs):
    nodes = [*TWO, node("ReduceMax", "x", "m", keepdims=0), node("Cast", "m", "i", to=7)]
    path = write(tmp_path, [*nodes, node(op, inputs, "y")], [])
    network = open_model(path).graphs[0]
    assert [each.op.word for each in network.nodes if not each.op.counted] == [op]
    assert account_of(Request(path)).layers[-1].macs is None


def undecided(*branches: list[bytes]) -> list[bytes]:
    """Return nodes whose condition data decides, with what the branches do to x."""
    whole = [graph(nodes, outputs="b") for nodes in branches]
    either = node("If", "c", "y", name="gate", then_branch=whole[0], else_branch=whole[1])
    return [node("ReduceMax", "x", "m", keepdims=0), node("Cast", "m", "c", to=BOOL), either]


WIDE = node("Conv", "x w", "b", pads=[1] * 4)
FAILS = node("Conv", "x first", "b")
EITHER = [
    ([[WIDE], [node("Identity", "x", "b")]], 144, (4, 6, 6), [], True),
    ([[node("Relu", "x", "b")], [node("Conv", "x w", "b")]], 144, None, ["If"], True),
    # a branch that cannot take what arrives is not the one that runs
    ([[FAILS], [WIDE]], 144, (4, 6, 6), [], False),
    ([[WIDE], [node("Conv", "x w", "c")]], 144, (4, 6, 6), [], False),
    ([[FAILS], [FAILS]], 0, None, ["If"], False),
]


@each_of(EITHER)
def test_both_branches_are_counted_where_data_decides(
    tmp_path, branches, params, out, uncounted, noted
):
    held = [weights(), tensor("first", (1, 4, 8))]
    model = open_model(write(tmp_path, undecided(*branches), held))
    report = measure(model.graphs[0])
    assert report.totals.params == params
    assert [layer.op for layer in report.uncounted] == uncounted
    assert (tuple(model.graphs[0].nodes[-1].output) if out else None) == out
    note = "data decides which branch of If 'gate' runs; both are counted"
    assert any(each.endswith(note) for each in model.notes) == noted
