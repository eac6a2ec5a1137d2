"""Reductions: the mean, the largest or the sum over channels or over any axes of a map."""

from bncalc.model.cost import NOTHING, Cost, Kept
from bncalc.model.fields import Called, Over
from bncalc.model.kind import field
from bncalc.model.op import Op, as_called
from bncalc.model.reach import POINTWISE, Reach, reducing
from bncalc.model.shape import Shape
from bncalc.model.window import axes_of


class Reduction(Op, abstract=True):
    """What becomes of several axes a size of 1; the map keeps its number of axes."""

    over: Over = field(doc="the axes that become a size of 1")
    called: Called = as_called("method")

    family = "pooling"
    keeps = NOTHING

    def output(self, x: Shape) -> Shape:
        axes = axes_of(self.over, x)
        return Shape(*[1 if axis in axes else size for axis, size in enumerate(x)])

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        x = inputs[0]
        spatial = [axis - 1 for axis in axes_of(self.over, x) if axis and x[axis] > 1]
        return reducing(x.axes, spatial) if spatial else POINTWISE


class Mean(Reduction):
    """The mean over axes: an addition for each element but the first, and a division."""

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(elementwise=inputs[0].elements)


class Sum(Reduction):
    """The sum over axes: an addition for each element but the first."""

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(elementwise=inputs[0].elements - output.elements)


class Max(Reduction):
    """The largest over axes: a comparison for each element but the first.

    Over one axis PyTorch's `max` keeps the indices; over several `amax` keeps what it compares.
    """

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(elementwise=inputs[0].elements - output.elements)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        one_axis = len(axes_of(self.over, inputs[0])) == 1
        return Kept(indices=output.elements) if one_axis else Kept(inputs=True, output=True)
