"""Lines: what each op is in PyTorch, as source text: the module that it needs, and its call."""

from math import prod

from bncalc.errors import ShapeError
from bncalc.model.graph import Code, Graph, Node
from bncalc.model.op import Op
from bncalc.model.ops.foreign import EachMap, Facts, Foreign
from bncalc.model.shape import Shape
from bncalc.writers.pytorch.lines.code import code_line
from bncalc.writers.pytorch.lines.foreign import UNWRITTEN, foreign_line
from bncalc.writers.pytorch.lines.functions import FUNCTIONS
from bncalc.writers.pytorch.lines.line import Line, number, sizes_text
from bncalc.writers.pytorch.lines.products import PRODUCTS
from bncalc.writers.pytorch.lines.views import resized
from bncalc.writers.pytorch.lines.views import turned as turn
from bncalc.writers.pytorch.lines.windows import WINDOWS
from bncalc.writers.refusal import unwritable

LINES = {**WINDOWS, **PRODUCTS, **FUNCTIONS}
_SLIDING = {"avg_pool", "conv", "depthwise", "max_pool", "standardised_conv"}
"""Words whose modules work out by themselves what they put out."""


def lines_of(graph: Graph) -> dict[int, Line]:
    """Return what each node but inputs is in PyTorch, by its index.

    Raises UsageError for ops that have no line, all of them at once, with the reasons.
    """
    lines: dict[int, Line] = {}
    reasons: list[tuple[Node, str]] = []
    for index, node in enumerate(graph.nodes):
        if node.op.is_input:
            continue
        line = own_line(graph, node)
        if isinstance(line, Line):
            lines[index] = line
        else:
            reasons.append((node, line))
    if reasons:
        raise unwritable(graph, reasons, "PyTorch")
    return lines


def line_of(graph: Graph, node: Node) -> Line | str:
    """Return what a node is in PyTorch, whatever others have learned, or why it has no line."""
    line = _line(node, graph.input_shapes(node))
    return _in_order(line, graph, node) if isinstance(line, Line) and node.views else line


def own_line(graph: Graph, node: Node) -> Line | str:
    """Return the line of a node with what it has learned itself, or an earlier one has."""
    line = line_of(graph, node)
    if isinstance(line, str) or node.owner is None:
        return line
    return _with_owner(line, line_of(graph, graph.nodes[node.owner]))


def _with_owner(line: Line, owner: Line | str) -> Line | str:
    """Return the line of a layer that has the learned numbers of an earlier one, or why not.

    Fixed numbers are its own.
    """
    if isinstance(owner, str) or line.module.startswith("nn."):
        return line
    if line.learned:
        is_same = (line.module, line.learned) == (owner.module, owner.learned)
    else:
        is_same = (line.module, line.arguments) == (owner.module, owner.arguments)
    if is_same:
        return line
    return _resized(line, owner) or "an earlier layer has learned its numbers"


def _resized(line: Line, owner: Line) -> Line | None:
    """Return the line of a parameter that has one size, as has that of its owner; else None."""
    ours, theirs = ([value for _, value in each.arguments] for each in (line, owner))
    sizes = [[n for n in each if n != 1] for each in (ours, theirs)]
    if not line.module == owner.module == "parameter" or sizes[0] != sizes[1] or len(sizes[0]) > 1:
        return None
    call = line.call.replace(
        "{m}", f"{{m}}.reshape({sizes_text([n for n in ours if isinstance(n, int)])})"
    )
    return line._replace(call=call, arguments=owner.arguments)


def _in_order(line: Line, graph: Graph, node: Node) -> Line | str:
    """Return a line with each map in the order of elements in which its node reads it."""
    call = line.call
    for at, sizes, order in node.views:
        shape = tuple(graph.nodes[node.inputs[at]].output)
        if not order:
            return f"the order in which it takes the elements of {Shape(*shape)} is not known"
        turned = tuple([sizes[axis] for axis in order])
        text = resized(resized(f"{{{at}}}", shape, sizes) + turn(order), turned, shape)
        call = call.replace(f"{{{at}}}", text)
    return line._replace(call=call)


def _line(node: Node, inputs: tuple[Shape, ...]) -> Line | str:
    """Return the line of a node, or why it has none."""
    op, code = node.op, node.code
    if isinstance(code, str):
        return code
    if code and (code.more or not op.counted):
        return code_line(code, inputs, node.output)
    if not op.counted:
        return "bncalc does not know this operation"
    if isinstance(op, Foreign):
        return _foreign(op, code, inputs, node.output)
    return _native(op, inputs, node.output)


def _foreign(
    op: Foreign, code: Code | None, inputs: tuple[Shape, ...], output: Shape
) -> Line | str:
    """Return the line of an operation of somebody else's, be it like one of ours, or why none."""
    facts, like = op.facts, op.facts.like
    if like is None:
        return foreign_line(facts, code, inputs, output)
    if difference := _difference(facts, like, inputs):
        return code_line(code, inputs, output) if code else difference
    if facts.each is not None:
        return _of_each(facts, facts.each, like, inputs, output)
    line = _native(op, inputs, output)
    return line if isinstance(line, str) else _with_fewer(line, facts, like, inputs)


def _native(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Line | str:
    write = LINES.get(op.word)
    return write(op, inputs, output) if write else UNWRITTEN


def _with_fewer(line: Line, facts: Facts, like: Op, inputs: tuple[Shape, ...]) -> Line:
    """Return the line of a module that has learned fewer biases or shifts than usual."""
    cost = facts.cost
    usual = like.cost(inputs, facts.output)
    if facts.word == "layer_norm" and 2 * cost.params == usual.params:
        return line._replace(arguments=(*line.arguments, ("bias", False)))
    if facts.word == "linear" and 1 < cost.biases < usual.biases:
        sizes = [value for name, value in line.arguments if not name]
        arguments = (*[("", size) for size in sizes], ("", cost.biases))
        return line._replace(module="PartlyBiased", arguments=arguments)
    return line


def _of_each(
    facts: Facts, each: EachMap, like: Op, inputs: tuple[Shape, ...], output: Shape
) -> Line | str:
    """Return the line of an op that is done to each of several maps, which become a batch."""
    own, write = each.inputs[0], LINES.get(facts.word)
    batched, made = ((x.channels, each.maps, *x.space) for x in (own, each.output))
    if write is None or len(inputs) > 1 or inputs[0].elements != prod(batched):
        return f"how the {each.maps} maps lie in its inputs is not known"
    line = write(like, each.inputs, each.output)
    if isinstance(line, str):
        return line
    maps = resized("{0}", tuple(inputs[0]), batched)
    call = line.call.replace("{0}", f"{maps}.transpose(1, 2).flatten(0, 1)")
    call += f".unflatten(0, (-1, {number('maps', each.maps)})).transpose(1, 2)"
    return line._replace(call=resized(call, made, tuple(output)))


def _difference(facts: Facts, like: Op, inputs: tuple[Shape, ...]) -> str:
    """Return what an op of somebody else's model has otherwise than the op it is like, if anything.

    A bias of a single number is none of a file's parameters, and is a bias of the module.
    """
    own, output = (facts.each.inputs, facts.each.output) if facts.each else (inputs, facts.output)
    own = own[: like.inputs]
    try:
        usual = like.cost(own, output)
        made = like.output(*own) if facts.word in _SLIDING else output
    except ShapeError as error:
        return str(error)
    if made != output:
        return f"its output is {output}; that of such a layer in PyTorch is {made}"
    if usual.weights != facts.cost.weights:
        return (
            f"it has learned {facts.cost.weights:,} weights; such a layer in PyTorch has"
            f" {usual.weights:,}"
        )
    without_shifts = facts.word == "layer_norm" and 2 * facts.cost.params == usual.params
    if like.family == "norm" and usual.params != facts.cost.params and not without_shifts:
        return f"it has learned {facts.cost.params:,} numbers; such a norm has {usual.params:,}"
    return ""
