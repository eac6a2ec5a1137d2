"""Lines: what each op is in PyTorch, as source text: the module that it needs, and its call."""

from bncalc.errors import UsageError
from bncalc.model.graph import Node
from bncalc.model.ops.foreign import Foreign
from bncalc.model.shape import Shape
from bncalc.writers.pytorch.lines.functions import FUNCTIONS
from bncalc.writers.pytorch.lines.line import Line
from bncalc.writers.pytorch.lines.products import PRODUCTS, learned_operand
from bncalc.writers.pytorch.lines.windows import WINDOWS

_LINES = {**WINDOWS, **PRODUCTS, **FUNCTIONS}


def line(node: Node, inputs: tuple[Shape, ...]) -> Line:
    """Return what a node is in PyTorch; raise UsageError for an op that has no line."""
    write = _LINES.get(node.op.word)
    if isinstance(node.op, Foreign) and node.op.facts.like is None:
        write = learned_operand(node.op, inputs, node.output)
    if write is None or not node.op.counted:
        raise UsageError(f"{node.path}: {node.op.word} cannot be written as PyTorch")
    return write(node.op, inputs, node.output)
