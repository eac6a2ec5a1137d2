"""Lowering: a network as an engine has it, with activations fused and padding made an op."""

from __future__ import annotations

from collections import Counter

from bncalc.analysis.arena.runtime import ConverterPadding, Runtime
from bncalc.analysis.arena.scratch import pads
from bncalc.analysis.folding import fold_norm
from bncalc.model.graph import Graph, Node, Output
from bncalc.model.op import Op
from bncalc.model.ops.convolution import Conv, Linear
from bncalc.model.ops.joining import Add
from bncalc.model.ops.moving import Dropout, DropPath, Flatten, Identity
from bncalc.model.ops.resizing import Pad
from bncalc.model.window import spread

_FUSE = (Conv, Linear, Add)
_VANISH = (Identity, Dropout, DropPath)


def lower(graph: Graph, runtime: Runtime, padding: ConverterPadding = "same") -> Graph:
    """Return the network as the runtime runs it: ops in its order, parts left out.

    Batch norms are folded, what does nothing at inference vanishes, activations that the runtime
    fuses join the op before them, and a linear layer behind a map gets the reshape that it needs.
    `padding` says what a converter made of padding: `same`, part of each convolution, as
    TensorFlow has it; `strided`, an op of its own where a stride of more than 1 makes it differ
    from that; `all`, an op of its own before every convolution that pads, as from PyTorch.
    """
    lowered = _Lowered(fold_norm(graph), runtime, padding)
    for index, node in enumerate(lowered.graph.nodes):
        if not node.training_only:
            lowered.moved[index] = lowered.take(node)
    outputs = [Output(lowered.moved[output.node], output.name) for output in lowered.graph.outputs]
    return Graph(graph.name, tuple(lowered.nodes), (), tuple(outputs))


class _Lowered:
    """Nodes placed so far; `moved` holds the new index of each node that is run."""

    def __init__(self, graph: Graph, runtime: Runtime, padding: ConverterPadding) -> None:
        self.graph = graph
        self.nodes: list[Node] = []
        self.moved: dict[int, int] = {}
        self._runtime = runtime
        self._padding = padding
        self._readers = Counter(
            source for node in graph.nodes if not node.training_only for source in node.inputs
        )
        self._readers.update(output.node for output in graph.outputs)

    def take(self, node: Node) -> int:
        """Place what the runtime makes of a node; return the index of what puts out its map."""
        if isinstance(node.op, _VANISH) or self._fuses(node):
            return self.moved[node.inputs[0]]
        inputs = tuple([self.moved[source] for source in node.inputs])
        op = node.op
        if isinstance(op, Conv) and self._pads_apart(op, node):
            inputs = (self._pad(op, node, inputs[0]),)
            op = op.having(padding=0)
        elif isinstance(op, Linear) and not op.each and self.nodes[inputs[0]].output.positions > 1:
            inputs = (self._before(Flatten(), node, inputs[0], "reshape"),)
        return self._placed(node._replace(op=op, inputs=inputs))

    def _placed(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _fuses(self, node: Node) -> bool:
        if node.op.word not in self._runtime.fuses:
            return False
        (source,) = node.inputs
        return isinstance(self.graph.nodes[source].op, _FUSE) and self._readers[source] == 1

    def _pads_apart(self, op: Conv, node: Node) -> bool:
        given = op.padding == "same" or self._padding == "same"
        if given or not any(pads(op, node.output.axes)):
            return False
        return self._padding == "all" or not _is_same(op, self.graph, node)

    def _pad(self, op: Conv, node: Node, source: int) -> int:
        return self._before(Pad(size=pads(op, node.output.axes)), node, source, "pad")

    def _before(self, op: Op, node: Node, source: int, name: str) -> int:
        shape = op.output(self.nodes[source].output)
        return self._placed(Node(op, (source,), shape, f"{node.path}.{name}"))


def _is_same(op: Conv, graph: Graph, node: Node) -> bool:
    """Return whether padding on both sides is what TensorFlow's SAME pads."""
    (arriving,), axes = graph.input_shapes(node), node.output.axes
    sides = zip(
        arriving.space,
        node.output.space,
        spread(op.kernel, axes, "kernel"),
        spread(op.stride, axes, "stride"),
        spread(op.dilation, axes, "dilation"),
        pads(op, axes),
        strict=True,
    )
    return all(
        max(0, (out - 1) * step + far * (taps - 1) + 1 - size) == 2 * pad
        for size, out, taps, step, far, pad in sides
    )
