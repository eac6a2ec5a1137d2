"""Ops that move, cut or rename data."""

from itertools import product
from typing import Any

import pytest
from tests import shipped
from tests.rows import each_of

import bncalc
from bncalc.analysis.assumptions import Assumptions, policy_of
from bncalc.analysis.training import training_result
from bncalc.model.graph import Graph, Node
from bncalc.model.ops.moving import Identity
from bncalc.model.registry import op_named
from bncalc.model.shape import Shape


def padded(graph: Graph) -> Graph:
    """Return the graph with an identity before and after everything that each node does."""
    nodes = [graph.nodes[0]]
    place, starts = {0: 0}, {0: 0}
    for index, node in enumerate(graph.nodes[1:], start=1):
        starts[index] = len(nodes)
        read = []
        for source in node.inputs:
            before = nodes[place[source]]
            nodes.append(Node(Identity(), (place[source],), before.output, "", node.training_only))
            read.append(len(nodes) - 1)
        nodes.append(node._replace(inputs=tuple(read)))
        made = len(nodes) - 1
        nodes.append(Node(Identity(), (made,), node.output, "", node.training_only))
        place[index] = made + 1
    starts[len(graph.nodes)] = len(nodes)
    parts = [
        part._replace(start=starts[part.start], stop=starts[part.stop]) for part in graph.parts
    ]
    outputs = [output._replace(node=place[output.node]) for output in graph.outputs]
    return Graph(graph.name, tuple(nodes), tuple(parts), tuple(outputs))


@pytest.mark.parametrize("policy", ["deploy", "eager", "deploy,+depthwise,-add"])
@pytest.mark.parametrize(
    "network", ["googlenet", "mobilenet_v3_small", "shufflenet_v2_x0_5", "yolov5n", "convnext_tiny"]
)
def test_an_identity_changes_no_number(network: str, policy: str) -> None:
    assumptions = Assumptions(batch=2, policy=policy_of(policy))
    graph = shipped.graph(network)
    graphs = graph, padded(graph)
    plain, with_identities = (bncalc.measure(each, assumptions) for each in graphs)
    assert len(with_identities.layers) > 2 * len(plain.layers)
    assert with_identities.totals == plain.totals
    kept = [
        training_result(*pair).saved for pair in zip(graphs, (plain, with_identities), strict=True)
    ]
    assert kept[0] == kept[1]


def _block(order: str, factor: int, at: tuple[int, ...], channel: int, channels: int) -> int:
    """Return the channel that a place of a block has, worked out by counting."""
    place = 0
    for step in reversed(at) if order == "drc" else at:
        place = place * factor + step
    return channel * factor ** len(at) + place if order == "crd" else place * channels + channel


@each_of([(order, space) for order in ("crd", "dcr", "drc") for space in ((4,), (4, 6), (2, 4, 6))])
def test_space_moves_to_the_channels_that_the_order_says_and_back(
    order: str, space: tuple[int, ...]
) -> None:
    factor, channels = 2, 3
    down = op_named("space_to_depth")(factor=factor, order=order)
    up = op_named("pixel_shuffle")(factor=factor, order=order)
    x = Shape(channels, *space)
    y = down.output(x)
    counted = {
        index: (
            _block(order, factor, tuple(i % factor for i in index[1:]), index[0], channels),
            *[i // factor for i in index[1:]],
        )
        for index in product(*map(range, x))
    }
    assert _turned(down, x, y) == counted
    assert _turned(up, y, x) == {moved: index for index, moved in counted.items()}


def _turned(op: Any, x: Shape, output: Shape) -> dict[tuple[int, ...], tuple[int, ...]]:
    """Return where a reshape, a permutation and a reshape put each element."""
    parted, turn = op.parted(x), op.turn(x.axes)
    moved = product(*[range(parted[place]) for place in turn])
    order = [tuple(at[turn.index(place)] for place in range(len(turn))) for at in moved]
    begins = dict(zip(product(*map(range, parted)), product(*map(range, x)), strict=True))
    return dict(zip([begins[at] for at in order], product(*map(range, output)), strict=True))
