"""Networks with several inputs and outputs: what is put out, how long it lives, what it reaches."""

import json

from tests.documents import document_text

import bncalc
from bncalc.analysis.assumptions import Assumptions, policy_of
from bncalc.analysis.folding import fold_norm
from bncalc.analysis.receptive_field import receptive_fields
from bncalc.model.graph import Graph
from bncalc.model.net import Net
from bncalc.model.shape import Shape


def design(graph: Graph) -> dict[str, object]:
    report = bncalc.measure(graph)
    document = json.loads(document_text(report))
    found: dict[str, object] = document["designs"][0]
    return found


def forked(*named: str) -> Graph:
    """Three convolutions of one input; those that are named are put out."""
    net = Net(Shape(4, 8, 8))
    for name in ("a", "b", "c"):
        y = net.conv(net.input, 4, name=name)
        if name in named:
            net.output(y, name)
    net.conv(y, 4, stride=8, name="last")
    return net.graph("forked")


def test_without_names_all_that_nothing_reads_is_put_out() -> None:
    graph = forked()
    assert [graph.nodes[node].path for node, _ in graph.outputs] == ["a", "b", "last"]
    assert design(graph)["outputs"] == {"a": [4, 8, 8], "b": [4, 8, 8], "last": [4, 1, 1]}


def test_one_output_without_a_name_is_in_a_document_as_ever() -> None:
    drawn = design(bncalc.block("conv", (4, 8, 8), out=4))
    assert "outputs" not in drawn
    assert "inputs" not in drawn


def test_named_outputs_are_the_outputs_and_a_map_that_is_none_dies_at_once() -> None:
    graph = forked("c")
    assert design(graph)["outputs"] == {"c": [4, 8, 8]}
    assert graph.output == (4, 8, 8)
    live = bncalc.measure(graph).memory.live
    size = 4 * 4 * 8 * 8
    # in and a; in and b; in and c; c, which lives to the end, and the last.
    assert live == (size, 2 * size, 2 * size, 2 * size, size + 4 * 4)


def test_maps_that_nothing_reads_live_to_the_end_where_none_is_named() -> None:
    size = 4 * 4 * 8 * 8
    assert bncalc.measure(forked()).memory.live[3] == 4 * size


def siamese() -> Graph:
    """Two images through the same convolution, then joined."""
    net = Net(Shape(3, 32, 32), name="left")
    right = net.further_input(Shape(3, 32, 32), "right")
    start = len(net)
    x = net.conv(net.input, 8, stride=2, norm="batch")
    with net.sharing(start, len(net)):
        y = net.conv(right, 8, stride=2, norm="batch")
    net.op("linear", net.concat(x, y), out=2)
    return net.graph("siamese")


def test_further_inputs_are_listed_and_are_layers_that_cost_nothing() -> None:
    graph = siamese()
    drawn = design(graph)
    assert drawn["inputs"] == {"left": [3, 32, 32], "right": [3, 32, 32]}
    layers = bncalc.measure(graph).layers
    assert (layers[0].path, layers[0].op, layers[0].traffic) == ("right", "input", 0)
    assert layers[0].cost == (0,) * 6
    peak = drawn["peak"]
    assert isinstance(peak, dict)
    assert {map["path"] for map in peak["maps"]} == {"left", "right", "conv1"}


def test_folding_keeps_inputs_and_outputs() -> None:
    folded = fold_norm(siamese())
    assert [folded.nodes[node].path for node in folded.inputs] == ["left", "right"]
    assert folded.output == (2, 1, 1)
    assert [node.path for node in folded.nodes] == [
        *("left", "right", "conv1", "conv2", "concat", "linear")
    ]


def test_an_input_is_held_to_the_end_where_the_policy_holds_it() -> None:
    held = bncalc.measure(siamese(), Assumptions(policy=policy_of("deploy,+hold_input")))
    assert held.memory.live[-1] == 4 * (2 * 3 * 32 * 32 + 16 * 16 * 16 + 2)


def test_each_input_begins_a_field_of_its_own() -> None:
    fields = receptive_fields(siamese())
    assert fields.output.size == (3, 3)
    assert fields.unclear == ()


def test_a_map_that_is_put_out_keeps_its_norm_and_is_not_written_over() -> None:
    net = Net(Shape(4, 8, 8))
    x = net.conv(net.input, 4)
    net.output(x, "raw")
    net.output(net.act(net.norm(x, "batch"), "relu"))
    graph = net.graph("put out")
    assert [node.op.word for node in fold_norm(graph).nodes[1:]] == ["conv", "batch_norm", "relu"]
    layers = bncalc.measure(graph).layers
    assert [layer.fused for layer in layers] == [False, False, False]
