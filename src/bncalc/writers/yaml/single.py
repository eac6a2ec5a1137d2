"""Single layers: a part that holds one layer, named by its word alone, is that layer."""

from __future__ import annotations

from bncalc.model.graph import Graph


def with_single_layers(graph: Graph) -> Graph:
    """Return a graph in which a layer has the name of a part around it that adds none of its own.

    So a module that runs several times, or whose other steps are nothing, is no group of one.
    """
    nodes, kept = list(graph.nodes), []
    for part in reversed(graph.parts):  # those within others come first
        node = nodes[part.start]
        is_single = part.stop == part.start + 1 and part.block is None
        if is_single and node.path == f"{part.path}/{node.op.word}":
            nodes[part.start] = node._replace(path=part.path)
        else:
            kept.append(part)
    return graph._replace(nodes=tuple(nodes), parts=tuple(reversed(kept)))
