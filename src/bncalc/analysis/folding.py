"""Folding: batch norms that follow a layer of weights disappear into it, as for inference."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from bncalc.model.graph import Graph, Node, Part


def fold_norm(graph: Graph) -> Graph:
    """Return the graph as deployed: each foldable batch norm is gone, and its layer has a bias.

    A norm folds into the convolution or linear layer before it, where nobody else reads what that
    layer makes; into weights that are used more than once only where the same norm follows each
    use. The norm's 2C params become C of a bias, or vanish where there was one; MACs stay.
    """
    gone = _folding(graph)
    if not any(gone):
        return graph
    before = [0, *accumulate(gone)]
    into = {node.inputs[0] for node, folds in zip(graph.nodes, gone, strict=True) if folds}
    moved: list[int] = []
    nodes: list[Node] = []
    owners: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        if gone[index]:
            moved.append(moved[node.inputs[0]])
            continue
        moved.append(index - before[index])
        op = node.op.having(bias=True) if index in into else node.op
        weights_of = node.weights_of
        if weights_of is not None:  # where the first to use them is gone, the next has them
            first = owners.setdefault(weights_of, moved[index if gone[weights_of] else weights_of])
            weights_of = first if first < len(nodes) else None
        inputs = tuple([moved[i] for i in node.inputs])
        nodes.append(node._replace(op=op, inputs=inputs, weights_of=weights_of))
    outputs = tuple([output._replace(node=moved[output.node]) for output in graph.outputs])
    parts = _left(graph.parts, before)
    told = [each._replace(node=moved[each.node]) for each in graph.told if not gone[each.node]]
    return Graph(
        graph.name,
        tuple(nodes),
        parts,
        outputs,
        asides=graph.asides,
        idle=frozenset([moved[index] for index in graph.idle if not gone[index]]),
        ask_products=graph.ask_products,
        told=tuple(told),
    )


def folded_side(graphs: tuple[Graph, Graph]) -> int | None:
    """Return which of two graphs has no norm to fold, where the other has some."""
    norms = [sum(_folding(graph)) for graph in graphs]
    return norms.index(0) if 0 in norms and any(norms) else None


def _left(parts: Sequence[Part], before: Sequence[int]) -> tuple[Part, ...]:
    """Return the parts of which nodes are left; `before` each node so many are gone."""
    left = [
        part._replace(start=part.start - before[part.start], stop=part.stop - before[part.stop])
        for part in parts
    ]
    return tuple([part for part in left if part.stop > part.start])


def _folding(graph: Graph) -> list[bool]:
    """Say of each node whether it is a norm that disappears into the layer before it."""
    readers = graph.readers()
    folds = [_folds(graph, node, readers) for node in graph.nodes]
    uses: dict[int, set[int]] = {}
    for index, node in enumerate(graph.nodes):
        if node.weights_of is not None:
            uses.setdefault(node.weights_of, {node.weights_of}).add(index)
    norms = {node.inputs[0]: i for i, node in enumerate(graph.nodes) if folds[i]}
    for layers in uses.values():
        following = {owner(graph, norms[i]) if i in norms else None for i in layers}
        if len(following) > 1:
            for layer in layers & norms.keys():
                folds[norms[layer]] = False
    return folds


def owner(graph: Graph, index: int) -> int:
    """Return the node that the weights of a node belong to."""
    first = graph.nodes[index].weights_of
    return index if first is None else first


def _folds(graph: Graph, node: Node, readers: list[list[int]]) -> bool:
    if not node.op.folds:
        return False
    source = node.inputs[0]
    return graph.nodes[source].op.takes_bias and len(readers[source]) == 1
