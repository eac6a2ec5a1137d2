"""The same elements in another arrangement: reshaped, permuted, rolled, unfolded."""

from math import prod

from bncalc.errors import ShapeError
from bncalc.model.fields import Counts, Order, Over, Padding, Sizes, Sizes0
from bncalc.model.kind import field
from bncalc.model.ops.moving import Free
from bncalc.model.reach import POINTWISE, UNCLEAR, Reach
from bncalc.model.shape import Shape
from bncalc.model.window import axes_of, spread, window_positions


class Reshape(Free):
    """The same elements in other sizes; no data moved."""

    to: Counts = field(doc="the new shape: channels, then the size of each axis")

    storage = "view"

    def output(self, x: Shape) -> Shape:
        y = Shape(*self.to)
        if x.elements != y.elements:
            message = f"{x} has {x.elements} elements and {y} has {y.elements}"
            raise ShapeError(message, field="to", about="space")
        return y

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return POINTWISE if inputs[0] == output else UNCLEAR


class Permute(Free):
    """Puts the axes, channels among them, in another order; PyTorch moves no data."""

    order: Order = field(
        doc="the axes in their new order, 0 the channels: [1, 2, 0] is channels last"
    )

    storage = "view"

    def output(self, x: Shape) -> Shape:
        if sorted(self.order) != list(range(len(x))):
            raise ShapeError(
                f"order {list(self.order)} does not name each of the {len(x)} axes of {x} once",
                field="order",
                about="axes",
            )
        return Shape(*[x[axis] for axis in self.order])

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return POINTWISE if self.order == tuple(range(len(output))) else UNCLEAR


class Transpose(Free):
    """Swaps two axes, of which one may be the channels; the last two if none are named."""

    axes: Over | None = field(None, doc="the two axes")

    storage = "view"
    reaches = UNCLEAR

    def output(self, x: Shape) -> Shape:
        if x.axes <= 0:
            raise ShapeError(f"{x} has only one axis", field="axes", about="axes")
        last = (len(x) - 2, len(x) - 1)
        axes = last if self.axes is None else axes_of(self.axes, x, "axes")
        if len(axes) != 2:
            message = f"transpose takes two axes, not {len(axes)}"
            raise ShapeError(message, field="axes", about="axes")
        sizes = list(x)
        sizes[axes[0]], sizes[axes[1]] = sizes[axes[1]], sizes[axes[0]]
        return Shape(*sizes)


class Roll(Free):
    """Positions moved along each axis, the last ones to the front, as between shifted windows."""

    by: Sizes0 = field(doc="positions to move by, one number for all axes or one for each")

    reaches = UNCLEAR

    def output(self, x: Shape) -> Shape:
        spread(self.by, x.axes, "by")
        return x


class Unfold(Free):
    """What each window covers, as channels: C·kh·kw × windows (PyTorch's im2col).

    Data is copied, an element as often as windows cover it, and nothing is computed.
    """

    kernel: Sizes = field(3, doc="window size, or one for each axis: [height, width]")
    stride: Sizes = field(1, doc="step between windows")
    dilation: Sizes = field(1, doc="distance between the taps of the window")
    padding: Padding = field("default", doc="positions added at the ends of each axis, or `same`")

    reaches = UNCLEAR

    def output(self, x: Shape) -> Shape:
        space = window_positions(
            x.space, self.kernel, self.stride, dilation=self.dilation, padding=self.padding
        )
        kernel = spread(self.kernel, x.axes, "kernel")
        return Shape(x.channels * prod(kernel), prod(space))
