"""Joins: several maps become one."""

from bncalc.errors import ShapeError
from bncalc.model.cost import FREE, NOTHING, Cost, Kept
from bncalc.model.fields import Called, Over
from bncalc.model.kind import field
from bncalc.model.op import Op, as_called
from bncalc.model.reach import POINTWISE, UNCLEAR, Reach
from bncalc.model.shape import Shape
from bncalc.model.window import axes_of


class Add(Op):
    """The sum of maps: one addition for each element and further map.

    A size of 1 serves any: 64×1×1 is added to each position of 64×8×8, and 1×8×8 to each channel.
    """

    called: Called = as_called("method")

    inputs = None
    commutes = True
    storage = "in_place"
    role = "add"
    reaches = POINTWISE
    keeps = NOTHING

    def output(self, *inputs: Shape) -> Shape:
        return _common(inputs, self.word)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(elementwise=(len(inputs) - 1) * output.elements)


class Multiply(Add):
    """The product of maps: one multiplication for each element and further map.

    A size of 1 serves any: 64×1×1 scales each channel of 64×8×8, as in squeeze-and-excitation.
    """

    role = "multiply"
    keeps = Kept(inputs=True)


class Subtract(Add):
    """The first map minus the others: one subtraction for each element and further map."""

    commutes = False


class Divide(Multiply):
    """The first map divided by the others: one division for each element and further map."""

    commutes = False


class Concat(Op):
    """Maps one after the other along the channels, or along an axis; it only moves data."""

    over: Over = field("channels", doc="the axis along which they follow each other")

    inputs = None
    costs = FREE
    keeps = NOTHING

    def output(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        axes = axes_of(self.over, x)
        if len(axes) != 1:
            raise ShapeError("concat takes one axis", field="over", about="axes")
        (axis,) = axes
        if not all(len(y) == len(x) for y in inputs):
            raise ShapeError(_differ("concat", inputs, "numbers of axes"), about="axes")
        others = [(*y[:axis], *y[axis + 1 :]) for y in inputs]
        if any(sizes != others[0] for sizes in others):
            channels = axis and any(y.channels != x.channels for y in inputs)
            what, about = ("channels", "channels") if channels else ("sizes", "space")
            raise ShapeError(_differ("concat", inputs, what), about=about)
        return Shape(*x[:axis], sum([y[axis] for y in inputs]), *x[axis + 1 :])

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return UNCLEAR if axes_of(self.over, output)[0] else POINTWISE


def _common(shapes: tuple[Shape, ...], word: str) -> Shape:
    """Return the shape of maps joined element by element, where a size of 1 serves any."""
    longest = max(shapes, key=len)
    sizes = list(longest)
    repeats = False
    for x in shapes:
        same_axes = len(x) == len(longest) or x.positions == 1
        if not same_axes:
            raise ShapeError(_differ(word, shapes, "numbers of axes"), about="axes")
        for axis, size in enumerate(x):
            if size == sizes[axis]:  # asked first: of most maps nothing else is asked
                continue
            if sizes[axis] == 1:
                sizes[axis] = size
                repeats = True
            elif size != 1:
                what, about = ("sizes", "space") if axis else ("channels", "channels")
                raise ShapeError(_differ(word, shapes, what), about=about)
    return Shape(*sizes) if repeats else longest


def _differ(word: str, shapes: tuple[Shape, ...], what: str) -> str:
    return f"{word} cannot join {_listed(shapes)}: {what} differ"


def _listed(shapes: tuple[Shape, ...]) -> str:
    if len(shapes) > 6:
        shapes = shapes[:6]
        return ", ".join(map(str, shapes)) + ", …"
    return " and ".join(map(str, shapes)) if len(shapes) < 3 else ", ".join(map(str, shapes))
