"""Pooling: windows that compare or average, with nothing to learn."""

from math import gcd, prod

from bncalc.model.cost import NOTHING, Cost, Kept
from bncalc.model.fields import Called, Padding, Sizes
from bncalc.model.kind import field
from bncalc.model.op import Op, as_called
from bncalc.model.reach import Reach, adapting, gathering, sliding
from bncalc.model.shape import Shape
from bncalc.model.window import spread, window_positions


class MaxPool(Op):
    """Max pooling: k − 1 comparisons for each output element, k = kh · kw.

    The stride is the kernel's size unless it is given; `ceil` keeps a last window that the stride
    cuts short (PyTorch's ceil_mode).
    """

    kernel: Sizes = field(2, doc="window size, or one for each axis: [height, width]")
    stride: Sizes | None = field(None, doc="step between windows; the kernel's size if not given")
    dilation: Sizes = field(1, doc="distance between the taps of the window")
    padding: Padding = field("default", doc="positions added at the ends of each axis, or `same`")
    ceil: bool = field(False, doc="whether a last, partial window counts")
    called: Called = as_called()

    family = "pooling"
    by_net = ("padding",)

    def output(self, x: Shape) -> Shape:
        space = window_positions(
            x.space,
            self.kernel,
            self.kernel if self.stride is None else self.stride,
            dilation=self.dilation,
            padding=self.padding,
            ceil=self.ceil,
        )
        return Shape(x.channels, *space)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        kernel = spread(self.kernel, output.axes, "kernel")
        return Cost(elementwise=(prod(kernel) - 1) * output.elements)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        stride = self.kernel if self.stride is None else self.stride
        return sliding(inputs[0].space, self.kernel, stride, self.dilation, self.padding)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True, indices=output.elements)


class AvgPool(MaxPool):
    """Average pooling: k − 1 additions and one multiplication for each output element, k = kh · kw.

    The stride is the kernel's size unless it is given.
    """

    count_padding: bool = field(True, doc="whether the mean counts the padding, as zeros")
    called: Called = as_called()

    aside = ("count_padding", "called")
    keeps = Kept(inputs=True)

    def twin(self) -> str:
        usual = super().twin()
        return usual if self.count_padding or usual != self.word else f"{self.word}:unpadded"

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        kernel = spread(self.kernel, output.axes, "kernel")
        return Cost(elementwise=prod(kernel) * output.elements)


class GlobalPool(Op, abstract=True):
    """What becomes of each channel as a whole: one position."""

    called: Called = as_called()

    family = "pooling"

    def settles_space(self) -> bool:
        return True

    def output(self, x: Shape) -> Shape:
        return whole(x)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return gathering(inputs[0].space)


class GlobalAvgPool(GlobalPool):
    """The mean of each channel: one position; h · w operations for each channel."""

    keeps = NOTHING

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(elementwise=inputs[0].elements)


class GlobalMaxPool(GlobalPool):
    """The maximum of each channel: one position; h · w − 1 comparisons for each channel."""

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(elementwise=inputs[0].elements - output.elements)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True, indices=output.elements)


class AdaptiveAvgPool(Op):
    """Average pooling to a given size, whatever arrives.

    Along each axis output i averages inputs floor(i·n/m) to ceil((i+1)·n/m), as in PyTorch; one
    operation for each element that a window covers.
    """

    size: Sizes = field(1, doc="size of each axis of the output")
    called: Called = as_called()

    family = "pooling"

    def settles_space(self) -> bool:
        return True

    def output(self, x: Shape) -> Shape:
        return Shape(x.channels, *spread(self.size, x.axes, "size"))

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        x = inputs[0]
        sides = zip(x.space, output.space, strict=True)
        return Cost(elementwise=x.channels * prod([covered(*side) for side in sides]))

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return adapting(inputs[0].space, output.space)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return NOTHING if output.positions == 1 else Kept(inputs=True)  # one position is a mean


class AdaptiveMaxPool(AdaptiveAvgPool):
    """Max pooling to a given size, with the windows of adaptive average pooling."""

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(elementwise=super().cost(inputs, output).elementwise - output.elements)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True, indices=output.elements)


def whole(x: Shape) -> Shape:
    """Return one position in place of all; raise ShapeError where there is no axis of them."""
    return Shape(x.channels, *spread((1,), x.axes, "pool"))


def covered(size: int, out: int) -> int:
    """Return how many positions the windows cover together.

    Window i ends where window i + 1 begins, or one position later where that boundary falls within
    a position, as all but gcd(size, out) of the `out` boundaries do.
    """
    return size + out - gcd(size, out)
