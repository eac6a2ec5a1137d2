"""Order: nodes of a graph so that each comes after those that it reads from.

ONNX demands that, but onnxruntime does not, and its converter to 16 bits appends what comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bncalc.readers.onnx.proto import GraphProto, NodeProto


def in_order(nodes: Sequence[NodeProto]) -> list[NodeProto]:
    """Return nodes in order; those that read in a circle come one after the other."""
    maker = {name: index for index, node in enumerate(nodes) for name in node.outputs if name}
    ordered: dict[int, NodeProto] = {}
    begun: set[int] = set()
    for first in range(len(nodes)):
        left = [first]
        while left:
            index = left[-1]
            before = [] if index in begun else [maker[n] for n in _read(nodes[index]) if n in maker]
            begun.add(index)
            left += [other for other in reversed(before) if other not in begun]
            if left[-1] == index:
                ordered.setdefault(left.pop(), nodes[index])
    return [*ordered.values()]


def _read(node: NodeProto) -> Iterator[str]:
    """Yield the names that a node reads, and the graphs within it."""
    yield from node.inputs
    for attribute in node.attributes.values():
        if isinstance(attribute.value, GraphProto):
            for inner in attribute.value.nodes:
                yield from _read(inner)
            yield from [output.name for output in attribute.value.outputs]
