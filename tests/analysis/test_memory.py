"""Liveness against a simulator that walks the graph and counts who still needs what."""

import random

import pytest

import bncalc
from bncalc.analysis.assumptions import DEPLOY, Policy
from bncalc.analysis.memory import liveness
from bncalc.model.graph import Graph
from bncalc.model.net import Net
from bncalc.model.shape import Shape

NOTHING_IN_PLACE = Policy("none", norm=False, act=False, add=False)


def random_graph(seed: int) -> Graph:
    rng = random.Random(seed)
    net = Net(Shape(rng.randint(1, 4), 8, 8), bncalc.Defaults(norm=rng.choice(["none", "batch"])))
    maps = [net.input]
    for _ in range(rng.randint(1, 20)):
        x = rng.choice(maps[-3:])
        word = rng.choice(["conv", "relu", "add", "concat", "identity", "split", "batch_norm"])
        if word == "conv":
            y = net.conv(x, rng.randint(1, 6), 3, act=rng.choice(["none", "relu"]))
        elif word == "add":
            y = net.add(x, rng.choice([one for one in maps if one.shape == x.shape]))
        elif word == "concat":
            y = net.concat(x, rng.choice(maps))
        elif word == "split":
            y = net.op("split", x, parts=1)
        else:
            y = net.op(word, x)
        maps.append(y)
    return net.graph(str(seed))


def simulate(graph: Graph, policy: Policy) -> int:
    """Run the graph with buffers that are freed when their last reader has run."""
    nodes = graph.nodes
    waiting = {i: sum(node.inputs.count(i) for node in nodes) for i in range(len(nodes))}
    holders: dict[int, set[int]] = {}  # a buffer, and the nodes whose maps are in it
    sizes: dict[int, int] = {}
    buffer_of: dict[int, int] = {}
    peak = 0
    allowed = {"norm": policy.norm, "act": policy.act, "join": policy.add}
    for index, node in enumerate(nodes):
        target = None
        if node.op.storage == "view":
            target = buffer_of[node.inputs[0]]
        elif node.op.storage == "in_place" and allowed[node.op.role]:
            for source in node.inputs:
                buffer = buffer_of[source]
                needed = any(
                    waiting[one] > (node.inputs.count(one)) or not waiting[one]
                    for one in holders[buffer]
                )
                if not needed and nodes[source].output.elements == node.output.elements:
                    target = buffer
                    break
        if target is None:
            target = index
            holders[target], sizes[target] = set(), node.output.elements
        holders[target].add(index)
        buffer_of[index] = target
        peak = max(peak, sum(sizes[one] for one in holders))
        for source in node.inputs:
            waiting[source] -= 1
            if not waiting[source]:
                buffer = buffer_of[source]
                holders[buffer].discard(source)
                if not holders[buffer]:
                    del holders[buffer]
    return peak


@pytest.mark.parametrize("policy", [DEPLOY, NOTHING_IN_PLACE], ids=["deploy", "none"])
def test_liveness_agrees_with_the_simulator(policy: Policy) -> None:
    for seed in range(500):
        graph = random_graph(seed)
        assert liveness(graph, policy).peak == simulate(graph, policy), seed


def test_the_add_alone_moves_resnet50_by_a_third() -> None:
    (graph,) = bncalc.load("resnet50")
    assert liveness(graph).peak == 1_806_336
    assert liveness(graph, Policy(add=False)).peak == 2_408_448


def test_depthwise_in_place_as_on_microcontrollers() -> None:
    (graph,) = bncalc.load("mobilenet_v2")
    assert liveness(graph).peak == 1_505_280
    assert liveness(graph, Policy(depthwise=True)).peak == 1_404_928


def test_the_peak_of_a_plain_convolution_is_its_input_and_output() -> None:
    found = liveness(bncalc.block("plain", (256, 56, 56)))
    assert found.peak == 2 * 256 * 56 * 56
    assert found.live == (256 * 56 * 56, 2 * 256 * 56 * 56)
