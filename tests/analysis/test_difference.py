"""Differences: sums, symmetry, and layers that stay themselves when others come and go."""

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import shipped
from tests.rows import each_of
from tests.texts import Texts
from tests.work import calls

import bncalc
from bncalc.analysis.difference import Difference, difference
from bncalc.analysis.matching import paired_by_place
from bncalc.analysis.metric import additive
from bncalc.analysis.report import Report
from bncalc.model.net import Net
from bncalc.opening.model import open_model

HEAD = ["global_avg_pool", {"linear": {"out": 10}}]
FIRST: list[dict[str, Any]] = [
    {"conv": {"out": 8}},
    {"bottleneck": {"mid": 4, "out": 16}, "repeat": 3},
]


def report(*layers: Any, shape: tuple[int, int, int] = (3, 32, 32)) -> Report:
    document = {"input": list(shape), "defaults": {"norm": "batch", "act": "relu"}}
    text = json.dumps({**document, "layers": layers})
    files = Texts({"net.yaml": text})
    return bncalc.measure(open_model("net.yaml", files=files).graphs[0])


def two_inputs(first: str, second: str) -> Report:
    net = Net((3, 8, 8), name=first)
    maps = {first: net.input, second: net.further_input((3, 8, 8), second)}
    net.add(net.conv(maps["left"], 8, 1, name="a"), net.conv(maps["right"], 8, 3, name="b"))
    return bncalc.measure(net.graph("net"))


def test_inputs_are_paired_by_name_and_their_order_is_said() -> None:
    old, new = two_inputs("left", "right"), two_inputs("right", "left")
    both = difference(old, new)
    assert (both.changes, both.renamed, both.reordered) == ((), (), ("right", "left"))
    assert difference(old, old).reordered == ()


def marks(found: Difference) -> list[str]:
    return [f"{change.mark} {change.path}" for change in found.changes]


ENTRY = st.one_of(
    st.builds(lambda out, kernel: {"conv": {"out": out, "kernel": kernel}}, st.integers(1, 4),
              st.sampled_from([1, 3])),
    st.builds(lambda mid, repeat, id: {"bottleneck": {"mid": mid, "out": 8}, "repeat": repeat,
                                       **({"id": id} if id else {})},
              st.integers(1, 3), st.integers(1, 4), st.sampled_from([None, "body"])),
    st.sampled_from(["relu", {"inverted_residual": {"out": 4, "se": 0.5}}, {"fire": {
        "squeeze": 2, "expand1": 3, "expand3": 3}}]),
)  # fmt: skip


def nets(entry: st.SearchStrategy[Any] = ENTRY) -> st.SearchStrategy[Report]:
    def unique(layers: list[Any]) -> list[Any]:
        """Leave an id to the first entry that has it."""
        named = [isinstance(layer, dict) and "id" in layer for layer in layers]
        return [
            {key: layer[key] for key in layer if key != "id"}
            if named[i] and any(named[:i])
            else layer
            for i, layer in enumerate(layers)
        ]

    shape = st.sampled_from([(3, 16, 16), (4, 9, 9)])
    lists = st.lists(entry, min_size=1, max_size=7).map(unique)
    return st.builds(lambda layers, shape: report(*layers, shape=shape), lists, shape)


@given(nets(), nets())
@settings(max_examples=40)
def test_rows_hold_each_layer_in_its_order_sum_to_the_total_and_turn_with_the_sides(
    a: Report, b: Report
) -> None:
    forth, back = difference(a, b), difference(b, a)
    assert [change.old for change in forth.layers if change.old] == list(a.layers)
    assert [change.new for change in forth.layers if change.new] == list(b.layers)
    for metric in [metric.key for metric in additive()]:
        grown = getattr(b.totals, metric) - getattr(a.totals, metric)
        assert sum(forth.grown(change, metric) for change in forth.changes) == grown
        assert forth.delta(metric) == grown == -back.delta(metric)
    held = forth.held()
    assert sum(live.old or 0 for live in held) == a.totals.peak_activation_bytes
    assert sum(live.new or 0 for live in held) == b.totals.peak_activation_bytes
    pairs = {(change.old_at, change.new_at) for change in forth.layers}
    assert pairs == {(change.new_at, change.old_at) for change in back.layers}


def test_a_network_that_is_new_holds_its_own_maps_and_params_hold_none() -> None:
    a, b = report(*FIRST), report(*FIRST, *HEAD)
    for old, new in ((None, b), (a, None)):
        sides = difference(old, new).held()
        assert sum(live.old or 0 for live in sides) == (
            old.totals.peak_activation_bytes if old else 0
        )
        assert sum(live.new or 0 for live in sides) == (
            new.totals.peak_activation_bytes if new else 0
        )
    assert difference(a, b).held("params") == ()


@given(nets())
@settings(max_examples=15)
def test_a_network_does_not_differ_from_itself(a: Report) -> None:
    assert difference(a, a).changes == ()


@pytest.mark.parametrize(("a", "b"), [("resnet50", "mobilenet_v2"), ("vgg11", "densenet121")])
def test_networks_that_share_little_sum_up_too(a: str, b: str) -> None:
    old, new = (shipped.report(name) for name in (a, b))
    change_read = difference(old, new)
    for metric in [metric.key for metric in additive()]:
        assert sum(
            change_read.grown(change, metric) for change in change_read.changes
        ) == change_read.delta(metric)


def test_an_inserted_layer_shifts_nothing() -> None:
    convs = [{"conv": {"out": out}} for out in (8, 16, 24)]
    change_read = difference(report(*convs), report(convs[0], {"conv": {"out": 16, "kernel": 1}},
                                              *convs[1:]))  # fmt: skip
    assert [change.path for change in change_read.changes if change.mark == "+"] == [
        "conv2",
        "conv2.norm",
        "conv2.act",
    ]
    (third,) = [change for change in change_read.changes if change.mark == "~"]
    assert (third.path, third.old and third.old.path) == ("conv3", "conv2")
    assert third.follows


def test_more_copies_are_added_behind_and_change_no_other() -> None:
    old = report(*FIRST, *HEAD)
    new = report(FIRST[0], {**FIRST[1], "repeat": 5}, *HEAD)
    added = {change.path.rpartition("/")[0] for change in difference(old, new).changes}
    assert added == {"bottleneck/3", "bottleneck/4"}
    assert {change.mark for change in difference(new, old).changes} == {"-"}


def test_a_layer_that_moved_is_another_and_those_around_it_stay() -> None:
    def net(names: str) -> Report:
        kernels = {name: 1 + 2 * at for at, name in enumerate("abcdexy")}
        convs = [{"id": x, "conv": {"out": 3, "kernel": kernels[x], "norm": "none",
                                    "act": "none"}} for x in names]  # fmt: skip
        return report(*convs)

    change = difference(net("abcde"), net("adxybce"))
    assert marks(change) == ["+ d", "+ x", "+ y", "- d"]


def test_the_network_of_a_difference_is_the_new_one_or_what_was_removed() -> None:
    old, new = report(*FIRST), report(*FIRST, *HEAD)
    assert difference(old, new).report is new
    assert difference(None, new).report is new
    assert difference(old, None).report is old


def test_a_layer_that_only_sees_another_input_follows() -> None:
    old = report({"conv": {"out": 8}}, "global_avg_pool", {"linear": {"out": 10}})
    new = report({"conv": {"out": 12}}, "global_avg_pool", {"linear": {"out": 10}})
    change_read = difference(old, new)
    assert [(change.path, change.fields, change.follows) for change in change_read.changes] == [
        ("conv", (("out", 8, 12),), False),
        ("conv.norm", (), True),
        ("conv.act", (), True),
        ("global_avg_pool", (), True),
        ("linear", (), True),
    ]


def test_a_change_that_costs_nothing_is_a_change() -> None:
    old, new = (report({"conv": {"out": 8, "act": act}}) for act in ("relu", "tanh"))
    (act,) = difference(old, new).changes
    assert (act.path, act.follows) == ("conv.act", False)
    assert [layer and layer.op for layer in (act.old, act.new)] == ["relu", "tanh"]


def test_a_network_of_other_names_and_parts_differs_only_in_names() -> None:
    old = report({"conv": {"out": 8}}, {"id": "body", "bottleneck": {"mid": 4, "out": 8}}, *HEAD)
    plain = {"norm": "none", "act": "none"}
    convs = [
        [{"id": f"c{i}", "conv": {"out": out, "kernel": kernel, **plain}}, {"id": f"n{i}",
         "batch_norm": None}] for i, (out, kernel) in enumerate([(8, 3), (4, 1), (4, 3), (8, 1)])
    ]  # fmt: skip
    inner = [*convs[1], {"id": "r1", "relu": None}, *convs[2], {"id": "r2", "relu": None}]
    new = report(*convs[0], {"id": "r0", "relu": None}, {"add": [[*inner, *convs[3]], []]}, "relu",
                 "global_avg_pool", {"id": "fc", "linear": {"out": 10}})  # fmt: skip
    change = difference(old, new)
    assert (change.changes, len(change.layers), len(change.renamed)) == ((), 15, 14)
    pairs = {layer.old.path: layer.path for layer in change.renamed if layer.old}
    assert pairs["body/conv2.norm"] == "add/branch1/n2"
    assert pairs["linear"] == "fc"


def parted(*, early: bool) -> Report:
    """A map of which one half goes through a part; where it is cut is of no account."""
    net = Net((8, 8, 8))
    halves = [net.op("split", net.input, part=part) for part in range(2 * early)]
    with net.part("body"):
        x = halves[1] if early else net.op("split", net.input, part=1)
        y = net.conv(net.conv(net.conv(x, 4), 4), 4)
    net.concat(halves[0] if early else net.op("split", net.input, part=0), y)
    return bncalc.measure(net.graph("net"))


def test_a_part_is_paired_as_a_part_and_what_runs_at_another_time_with_itself() -> None:
    between = difference(parted(early=True), parted(early=False))
    assert between.changes == ()
    assert [(change.old_at, change.new_at) for change in between.layers] == [
        (0, 4), (1, 0), (2, 1), (3, 2), (4, 3), (5, 5)
    ]  # fmt: skip


def test_what_comes_to_the_same_cost_in_the_same_place_is_one_layer() -> None:
    old, new = (
        report({"conv": {"out": 8}}, {"id": name, word: {"out": 16, "act": "none", "norm": "none",
                                                         **fields}}, "relu")
        for name, word, fields in (("a", "conv", {"kernel": 1}), ("b", "linear", {"each": True}))
    )  # fmt: skip
    (change,) = difference(old, new).changes
    assert (change.mark, change.old and change.old.path, change.path) == ("~", "a", "b")


@each_of([
        ({"max_pool": {"kernel": 2}}, {"max_pool": {"kernel": 2, "stride": [2, 2]}}, ()),
        ({"conv": {"out": 4, "padding": 1}}, {"conv": {"out": 4}}, ()),
        ({"conv": {"out": 4, "padding": "same"}}, {"conv": {"out": 4}}, ()),
        ({"conv": {"out": 4, "stride": 2, "padding": "same"}},
         {"conv": {"out": 4, "stride": 2, "padding": [0, 1, 0, 1]}}, ()),
        ({"conv": {"out": 4, "stride": 2, "padding": "same"}}, {"conv": {"out": 4, "stride": 2}},
         ("padding",)),
        ({"max_pool": {"kernel": 3, "ceil": True}}, {"max_pool": {"kernel": 3}}, ()),
        ({"relu": {"called": "function"}}, "relu", ()),
        ({"split": {"parts": 3, "part": 2}}, {"slice": {"start": 2}}, ()),
        ({"slice": {"stop": 16, "over": "width"}}, {"split": {"over": "width"}}, ()),
        ({"slice": {"stop": 16, "over": "width"}}, {"slice": {"stop": 16, "over": "height"}},
         ("over",)),
        ({"custom": {"op": "conv_transpose", "out": [4, 64, 64], "params": 48, "macs": 49152,
                     "activations": 16384, "family": "product"}},
         {"conv_transpose": {"out": 4, "kernel": 2, "stride": 2, "bias": False, "norm": "none",
                             "act": "none"}}, ()),
        ({"multiply": [[], ["global_avg_pool"]]}, {"multiply": [["global_avg_pool"], []]}, ()),
    ])  # fmt: skip
def test_what_does_the_same_is_no_change_however_it_is_written(
    before: Any, after: Any, differ: tuple[str, ...]
) -> None:
    changes = difference(report(before), report(after)).changes
    assert tuple(name for change in changes for name, *_ in change.fields) == differ
    assert bool(changes) == bool(differ)


def test_an_input_is_paired_with_one_however_many_there_are() -> None:
    sides = []
    for names in ("bc", "c"):
        net = Net((4, 8, 8))
        maps = [net.input, *[net.further_input((4, 8, 8), name) for name in names]]
        net.concat(*[net.conv(x, 8, 1) for x in maps])
        sides.append(bncalc.measure(net.graph("net")))
    for old in (sides[0], sides[0]._replace(reads=())):  # what a report does not know
        pairs = [(change.old_at, change.new_at) for change in difference(old, sides[1]).layers]
        assert pairs == [(0, -1), (1, 0), (2, 1), (3, 2), (4, -1), (5, 3)]


def test_inputs_are_paired_wherever_they_are_in_the_running_order() -> None:
    sides = []
    for late in (False, True):
        net = Net((4, 8, 8))
        second = None if late else net.further_input((4, 8, 8), "b")
        first = net.conv(net.input, 8, 1)
        second = second or net.further_input((4, 8, 8), "b")
        net.concat(net.conv(first, 8, 1), net.conv(second, 8, 1))
        sides.append(bncalc.measure(net.graph("net")))
    places = [(change.old_at, change.new_at) for change in paired_by_place(*sides)]
    assert sorted(places) == [(0, 1), (1, 0), (2, 2), (3, 3), (4, 4)]


def test_an_activation_is_paired_with_another_one_in_its_place() -> None:
    sides = []
    for word in ("relu", "silu"):
        net = Net((4, 8, 8))
        x = net.conv(net.input, 8, 1, name=f"{word}_a")
        net.conv(net.op(word, x, name=f"{word}_b"), 8, 1, name=f"{word}_c")
        sides.append(bncalc.measure(net.graph("net")))
    places = [(change.old_at, change.new_at) for change in paired_by_place(*sides)]
    assert places == [(0, 0), (1, 1), (2, 2)]


def test_a_network_without_another_side_is_all_new_or_all_removed() -> None:
    net = report(*FIRST)
    assert {change.mark for change in difference(None, net).changes} == {"+"}
    removed = difference(net, None)
    assert len(removed.changes) == len(net.layers)
    assert removed.totals("params") == (net.totals.params, None)
    assert removed.delta("params") == -net.totals.params
    ops = [layer.op for layer in net.layers]
    for answer in (difference(None, net), removed):
        assert [row["op"] for row in answer.rows()] == ops


def test_a_layer_that_reads_another_map_of_the_same_shape_is_changed() -> None:
    def net(*more: Any) -> Report:
        first = {"id": "a", "conv": {"out": 8}}, {"id": "b", "conv": {"out": 8}}
        return report(*first, *more, *HEAD)

    other = difference(
        net({"id": "c", "conv": {"out": 8}}), net({"id": "c", "from": "a", "conv": {"out": 8}})
    )
    assert [(change.path, change.fields) for change in other.changes] == [
        ("c", (("reads", "b.act", "a.act"),))
    ]
    assert not other.is_empty


def test_other_maps_that_are_put_out_are_a_change() -> None:
    def net(*outputs: str) -> Report:
        text = (
            "input: [3, 8, 8]\nlayers:\n  - {id: a, conv: {out: 4}}\n  - {id: b, conv: {out: 4}}\n"
            f"outputs: [{', '.join(outputs)}]\n"
        )
        return bncalc.measure(open_model("net.yaml", files=Texts({"net.yaml": text})).graphs[0])

    assert difference(net("a", "b"), net("b", "a")).is_empty
    fewer = difference(net("a", "b"), net("b"))
    assert (fewer.changes, fewer.put_out) == ((), ("a", None, False))
    assert not fewer.is_empty


def test_a_long_chain_stays_aligned_without_a_look_at_each_pair() -> None:
    def chain(length: int, out: int = 8) -> list[dict[str, Any]]:
        return [{"conv": {"out": out}}] * length

    large = {"conv": {"out": 8, "kernel": 5}}
    old, inserted = report(*chain(150)), report(*chain(100), large, *chain(50), large)
    assert len(difference(old, inserted).changes) == 6
    widened, work = report(*chain(150, 9)), []
    assert len(difference(old, widened).changes) == 450
    for part in (1, 3):
        stop = 150 * part
        a, b = [
            side._replace(layers=side.layers[:stop], reads=side.reads[: stop + 1], outputs=())
            for side in (old, widened)
        ]
        work.append(calls(partial(difference, a, b)))
    assert work[1] < 3.3 * work[0]


def test_of_alike_parts_the_one_that_keeps_its_name_stays() -> None:
    first, second, fire = [
        {"id": "first", "bottleneck": {"mid": 4, "out": 3}},
        {"id": "second", "bottleneck": {"mid": 4, "out": 3}},
        {"id": "third", "fire": {"squeeze": 2, "expand1": 3, "expand3": 3}},
    ]
    kept = difference(report(first, second), report(second, fire)).layers
    pairs = [(change.old.path, change.new.path) for change in kept if change.old and change.new]
    assert {old.partition("/")[0] for old, _ in pairs} == {"second"}
    assert all(old == new for old, new in pairs)


def test_parts_move_as_far_as_it_makes_a_better_whole() -> None:
    # Twenty new layers come first, and as many others go at the end: all between have moved.
    convs = [{"conv": {"out": out, "kernel": 1}} for out in range(1, 61)]
    moved = difference(report(*convs), report(*[{"conv": {"out": 99}}] * 20, *convs[:40]))
    kept = [change for change in moved.layers if change.old and change.new]
    assert [(change.old_at, change.new_at) for change in kept] == [(i, i + 60) for i in range(120)]


def test_what_follows_is_only_what_is_there_on_both_sides() -> None:
    old, new = report({"conv": {"out": 4}}, "relu"), report({"conv": {"out": 8}}, "relu")
    both = {change.path: change for change in difference(old, new).changes}
    assert [both["conv"].follows, both["relu"].follows] == [False, True]
    relu = both["relu"]
    assert relu.old is not None
    other = relu._replace(old=relu.old._replace(op="silu"))
    assert not other.follows
    saved = relu._replace(old=relu.old._replace(fields=None))  # what a report does not know
    assert not saved.follows
    for one_sided in (difference(None, new), difference(old, None)):
        assert not any(change.follows for change in one_sided.changes)
