"""Ops that move, cut or rename data."""

import pytest
from tests import shipped

import bncalc
from bncalc.analysis.assumptions import Assumptions, policy_of
from bncalc.analysis.training import training_result
from bncalc.model.graph import Graph, Node
from bncalc.model.ops.moving import Identity


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
