"""Joins: several maps become one."""

from bncalc.errors import ShapeError
from bncalc.model.cost import FREE, Cost
from bncalc.model.fields import Called
from bncalc.model.kept import NOTHING, Kept
from bncalc.model.op import Op, as_called
from bncalc.model.reach import POINTWISE
from bncalc.model.shape import Shape, require


class Add(Op):
    """The sum of maps of one shape: one addition for each element and further map."""

    called: Called = as_called("method")

    inputs = None
    storage = "in_place"
    role = "add"
    reaches = POINTWISE
    keeps = NOTHING

    def output(self, *inputs: Shape) -> Shape:
        return _common(inputs, "add")

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(elementwise=(len(inputs) - 1) * output.elements)


class Multiply(Add):
    """The product of maps; one position scales each channel, as in squeeze-and-excitation."""

    role = "multiply"
    keeps = Kept(inputs=True)

    def output(self, *inputs: Shape) -> Shape:
        return _common(inputs, "multiply")


class Concat(Op):
    """Maps of one space behind each other along the channels; it only moves data."""

    inputs = None
    reaches = POINTWISE
    keeps = NOTHING
    costs = FREE

    def output(self, *inputs: Shape) -> Shape:
        space = inputs[0].space
        if any(x.space != space for x in inputs):
            raise ShapeError(_differ("concat", inputs, "sizes"), about="space")
        return Shape(sum(x.channels for x in inputs), *space)


def _common(shapes: tuple[Shape, ...], word: str) -> Shape:
    """Return the one shape, where a single position fits any map of the same channels."""
    if all(x == shapes[0] for x in shapes):
        return shapes[0]
    largest = next((x for x in shapes if x.positions != 1), shapes[0])
    for x in shapes:
        require(x.channels == largest.channels, lambda: _differ(word, shapes, "channels"))
        if x.space != largest.space and x.positions != 1:
            raise ShapeError(_differ(word, shapes, "sizes"), about="space")
    return largest


def _differ(word: str, shapes: tuple[Shape, ...], what: str) -> str:
    return f"{word} cannot join {_listed(shapes)}: {what} differ"


def _listed(shapes: tuple[Shape, ...]) -> str:
    if len(shapes) > 6:
        shapes = shapes[:6]
        return ", ".join(map(str, shapes)) + ", …"
    return " and ".join(map(str, shapes)) if len(shapes) < 3 else ", ".join(map(str, shapes))
