"""Views: those of other people's models are written by a word of ours where one says the same."""

from __future__ import annotations

from bncalc.model.graph import Graph
from bncalc.model.op import Op
from bncalc.model.ops.arranging import Reshape
from bncalc.model.ops.foreign import Foreign
from bncalc.model.ops.moving import Slice
from bncalc.model.shape import Shape


def with_own_views(graph: Graph) -> Graph:
    """Return a graph whose views are ops of ours, as far as there are such."""
    nodes = [node._replace(op=_own(node.op, graph.input_shapes(node))) for node in graph.nodes]
    return graph._replace(nodes=tuple(nodes))


def _own(op: Op, inputs: tuple[Shape, ...]) -> Op:
    if not isinstance(op, Foreign) or op.storage != "view" or len(inputs) != 1:
        return op
    x, y = inputs[0], op.facts.output
    is_turned = y == x  # perhaps: axes in another order may have the same sizes
    if op.word == "reshape" and not is_turned and y.elements == x.elements:
        return Reshape(to=tuple(y))
    if op.word == "slice":
        return _cut(op, x) or op
    return op


def _cut(op: Foreign, x: Shape) -> Op | None:
    """Return the cut of one axis of a map that a view is, None if it is another view."""
    steps = dict(op.facts.options)
    cut = steps.get("cut")
    cuts = [name for name, _ in op.facts.options if name == "cut"]
    if len(cuts) != 1 or op.facts.options[0] != ("sizes", tuple(x)) or not isinstance(cut, tuple):
        return None
    axis, start, stop, step = cut
    wanted = Shape(*x[:axis], stop - start, *x[axis + 1 :])
    if step != 1 or op.facts.output != wanted:
        return None
    return Slice(start=start, stop=None if stop == x[axis] else stop, over=(axis,))
