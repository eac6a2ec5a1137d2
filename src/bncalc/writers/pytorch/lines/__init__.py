"""Lines: what each op is in PyTorch, as source text: the module that it needs, and its call."""

from bncalc.model.graph import Graph, Node
from bncalc.model.ops.foreign import Foreign
from bncalc.model.shape import Shape
from bncalc.writers.pytorch.lines.functions import FUNCTIONS
from bncalc.writers.pytorch.lines.line import Line
from bncalc.writers.pytorch.lines.products import PRODUCTS, learned_operand
from bncalc.writers.pytorch.lines.windows import WINDOWS
from bncalc.writers.refusal import unwritable

_LINES = {**WINDOWS, **PRODUCTS, **FUNCTIONS}


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
    write = _LINES.get(node.op.word)
    if isinstance(node.op, Foreign) and node.op.facts.like is None:
        write = learned_operand(node.op, inputs, node.output)
    return write(node.op, inputs, node.output) if write and node.op.counted else None
