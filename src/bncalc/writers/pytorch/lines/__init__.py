"""Lines: what each op is in PyTorch, as source text: the module that it needs, and its call."""

from bncalc.errors import ShapeError
from bncalc.model.graph import Graph, Node
from bncalc.model.ops.foreign import Foreign
from bncalc.model.shape import Shape
from bncalc.writers.pytorch.lines.foreign import foreign_line
from bncalc.writers.pytorch.lines.functions import FUNCTIONS
from bncalc.writers.pytorch.lines.line import Line
from bncalc.writers.pytorch.lines.products import PRODUCTS
from bncalc.writers.pytorch.lines.windows import WINDOWS
from bncalc.writers.refusal import unwritable

_LINES = {**WINDOWS, **PRODUCTS, **FUNCTIONS}
_SLIDING = {"avg_pool", "conv", "depthwise", "max_pool", "standardised_conv"}
"""Words whose modules work out by themselves what they put out."""


def lines_of(graph: Graph) -> dict[int, Line]:
    """Return what each node but inputs is in PyTorch, by its index.

    Raises UsageError for ops that have no line, all of them at once.
    """
    lines, left = {}, []
    for index, node in enumerate(graph.nodes):
        made = None if node.op.is_input else _line(node, graph.input_shapes(node))
        if made is not None:
            lines[index] = made
        elif not node.op.is_input:
            left.append(node)
    if left:
        raise unwritable(graph, left, "PyTorch")
    return lines


def _line(node: Node, inputs: tuple[Shape, ...]) -> Line | None:
    op = node.op
    if not op.counted:
        return None
    if isinstance(op, Foreign) and op.facts.like is None:
        return foreign_line(op.facts, inputs, node.output)
    write = _LINES.get(op.word) if _is_as_usual(node, inputs) else None
    return write(op, inputs, node.output) if write else None


def _is_as_usual(node: Node, inputs: tuple[Shape, ...]) -> bool:
    """Return whether an op of somebody else's model has the weights and sizes of the op it is like.

    A bias of a single number is none of a file's parameters, and is a bias of the module.
    """
    if not isinstance(node.op, Foreign) or node.op.facts.like is None:
        return True
    like, facts = node.op.facts.like, node.op.facts
    if facts.each is not None:
        return False
    try:
        usual = like.cost(inputs, node.output)
        same_sizes = facts.word not in _SLIDING or like.output(*inputs) == node.output
    except ShapeError:
        return False
    return same_sizes and usual.weights == facts.cost.weights
