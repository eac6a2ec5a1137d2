"""Convolutions and linear layers: everything whose cost is a product with learned weights."""

from math import prod
from typing import TYPE_CHECKING, ClassVar

from bncalc.errors import ShapeError
from bncalc.model.cost import Cost, Kept
from bncalc.model.fields import Act, Bias, Called, Count, Norm, Padding, Real, Sizes, Sizes0
from bncalc.model.kind import field
from bncalc.model.op import Block, Op, as_called
from bncalc.model.reach import POINTWISE, Reach, gathering, sliding, transposed
from bncalc.model.shape import Shape, need_divisible
from bncalc.model.window import spread, window_positions
from bncalc.named import new

if TYPE_CHECKING:
    from typing import TypedDict

    from bncalc.model.building import AxisSize
    from bncalc.model.net import Net, Tensor

    class SlidingFields(TypedDict, total=False):
        """The types of what a convolution of any kind takes beside its kernel."""

        stride: AxisSize
        dilation: AxisSize
        padding: AxisSize | str
        norm: str | Op
        act: str | Op
        bias: bool | str

    class ConvFields(SlidingFields, total=False):
        """Those of a convolution over all channels."""

        groups: int

    class DepthwiseFields(SlidingFields, total=False):
        """Those of a depthwise convolution."""

        multiplier: int


class Weighted(Op, abstract=True):
    """A layer of learned weights, with the norm and activation that follow it."""

    norm: Norm = field("default", doc="normalisation after it")
    act: Act = field("default", doc="activation after that")

    family = "product"
    takes_bias = True
    aside: ClassVar[tuple[str, ...]] = ("norm", "act", "called")
    by_net = ("padding", "bias")
    keeps = Kept(inputs=True)

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        y = net.place(self, *inputs)
        return net.follow(y, norm=self.norm, act=self.act)


class Conv(Weighted):
    """A convolution, with the norm and activation that follow it.

    weights = cin/groups · kh · kw · out, and each is used once at every output position:
    MACs = weights · oh · ow. An axis of n leaves (n + 2·padding − dilation·(kernel−1) − 1) //
    stride + 1 positions, as in PyTorch; with `padding: same` ceil(n / stride), as in TensorFlow.
    The map has one, two or three axes.
    """

    out: Count = field(doc="output channels")
    kernel: Sizes = field(3, doc="kernel size, or one for each axis: [height, width]")
    stride: Sizes = field(1, doc="step between windows")
    groups: Count = field(1, doc="groups that the channels are divided into")
    dilation: Sizes = field(1, doc="distance between the taps of the kernel")
    padding: Padding = field("default", doc="positions added at the ends of each axis, or `same`")
    norm: Norm = field("default", doc="normalisation after the convolution")
    act: Act = field("default", doc="activation after that")
    bias: Bias = field("default", doc="whether it adds a bias")
    called: Called = as_called()

    def is_depthwise(self, output: Shape) -> bool:
        return output.channels > 1 and self.groups == output.channels

    def output(self, x: Shape) -> Shape:
        divide(x.channels, self.out, self.groups)
        space = window_positions(
            x.space, self.kernel, self.stride, dilation=self.dilation, padding=self.padding
        )
        return new(Shape, (self.out, *space))

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        kernel = spread(self.kernel, output.axes, "kernel")
        weights = inputs[0].channels // self.groups * prod(kernel) * output.channels
        return learned(weights, self.bias is True, weights * output.positions, output)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return sliding(inputs[0].space, self.kernel, self.stride, self.dilation, self.padding)

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        kernel = spread(self.kernel, output.axes, "kernel")
        return (inputs[0].channels // self.groups, *kernel, self.out)


class StandardisedConv(Conv):
    """A convolution whose weights are standardised when they are used (Qiao et al. 2019).

    Each output channel's weights get mean 0 and variance 1: five operations for each weight, once a
    batch. A gain (Brock et al. 2021) adds `out` params, and one operation for each weight. Tools
    that see these steps when a model runs count them apart from the convolution.
    """

    gain: bool = field(False, doc="whether each output channel has a learned gain")
    scale: Real = field(1, doc="a constant factor of the standardised weights, such as γ/√fan-in")
    eps: Real = field(1e-6, doc="added to the variance, under the root")

    aside = (*Weighted.aside, "scale", "eps")

    def twin(self) -> str:
        if self.called != "module":
            return Conv.word + f":{self.called}"
        return f"{self.word}:gain" if self.gain else self.word

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        plain = super().cost(inputs, output)
        gains = output.channels if self.gain else 0
        standardising = (5 + self.gain) * plain.weights
        return plain + Cost(weights=gains, elementwise=standardising)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        weights = super().cost(inputs, output).weights
        return Kept(inputs=True, shared=weights + (2 + self.gain) * output.channels)


class Depthwise(Block):
    """A depthwise convolution: each channel is filtered on its own.

    A convolution with as many groups as channels: weights = kh · kw · out, out = cin · multiplier.
    """

    kernel: Sizes = field(3, doc="kernel size, or one for each axis: [height, width]")
    stride: Sizes = field(1, doc="step between windows")
    multiplier: Count = field(1, doc="output channels for each input channel")
    dilation: Sizes = field(1, doc="distance between the taps of the kernel")
    padding: Padding = field("default", doc="positions added at the ends of each axis, or `same`")
    norm: Norm = field("default", doc="normalisation after the convolution")
    act: Act = field("default", doc="activation after that")
    bias: Bias = field("default", doc="whether it adds a bias")

    layer = True

    def build(self, net: "Net", x: "Tensor") -> "Tensor":
        cin = x.channels
        shared = {field.name: getattr(self, field.name) for field in self.fields}
        del shared["multiplier"]
        return Conv(out=cin * self.multiplier, groups=cin, **shared).build(net, x)


class ConvTranspose(Weighted):
    """A transposed convolution: a learned upsampling.

    weights = cin · kh · kw · out/groups, each used once at every *input* position:
    MACs = weights · h · w. An axis of n grows to (n − 1)·stride − 2·padding + dilation·(kernel−1) +
    output_padding + 1, as in PyTorch.
    """

    out: Count = field(doc="output channels")
    kernel: Sizes = field(2, doc="kernel size, or one for each axis: [height, width]")
    stride: Sizes = field(2, doc="step between the windows in the output")
    padding: Sizes0 = field(0, doc="positions cut off at both ends of each axis of the output")
    output_padding: Sizes0 = field(0, doc="positions added at the end of each axis of the output")
    groups: Count = field(1, doc="groups that the channels are divided into")
    dilation: Sizes = field(1, doc="distance between the taps of the kernel")
    norm: Norm = field("default", doc="normalisation after it")
    act: Act = field("default", doc="activation after that")
    bias: Bias = field("default", doc="whether it adds a bias")
    called: Called = as_called()

    def output(self, x: Shape) -> Shape:
        divide(x.channels, self.out, self.groups)
        kernel, stride, dilation, padding = self.windows(x.axes)
        further = spread(self.output_padding, x.axes, "output_padding")
        sides = zip(x.space, kernel, stride, dilation, padding, further, strict=True)
        return Shape(self.out, *[_enlarged(*side) for side in sides])

    def windows(self, axes: int) -> tuple[tuple[int, ...], ...]:
        names = ("kernel", "stride", "dilation", "padding")
        return tuple([spread(getattr(self, name), axes, name) for name in names])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        x, kernel = inputs[0], spread(self.kernel, output.axes, "kernel")
        weights = x.channels * prod(kernel) * (output.channels // self.groups)
        return learned(weights, self.bias is True, weights * x.positions, output)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return transposed(*self.windows(output.axes))

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        kernel = spread(self.kernel, output.axes, "kernel")
        return (inputs[0].channels, *kernel, self.out // self.groups)


class Linear(Weighted):
    """A fully connected layer: it flattens the map, or works at each position.

    weights = cin·h·w · out, each used once: MACs = weights. With `each` it is what PyTorch's does
    on tokens: weights = cin · out, each used once at every position.
    """

    out: Count = field(doc="output features")
    each: bool = field(
        False, doc="whether it works at each position, instead of flattening the map"
    )
    norm: Norm = field("none", doc="normalisation after it")
    act: Act = field("none", doc="activation after that")
    bias: Bias = field("default", doc="whether it adds a bias")
    called: Called = as_called()

    def settles_space(self) -> bool:
        return not self.each

    def output(self, x: Shape) -> Shape:
        return Shape(self.out, *x.space) if self.each else x.single(self.out)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        weights = self._features(inputs[0]) * self.out
        return learned(weights, self.bias is True, weights * output.positions, output)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return POINTWISE if self.each else gathering(inputs[0].space)

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        return (self._features(inputs[0]), self.out)

    def _features(self, x: Shape) -> int:
        return x.channels if self.each else x.elements


def divide(cin: int, out: int, groups: int) -> None:
    """Raise ShapeError unless groups divide both sides; the output's side is beyond doubt."""
    need_divisible(out, "output channels", groups, field="groups", about="fields")
    need_divisible(cin, "input channels", groups, field="groups")


def learned(weights: int, bias: bool, macs: int, output: Shape) -> Cost:
    """Return the cost of a layer of learned weights; a bias is one addition per output element."""
    made = output.elements
    return new(Cost, (weights, bias * output.channels, 0, macs, bias * made, made))


def _need_within(further: int, stride: int, dilation: int) -> None:
    """Raise ShapeError for a further position that no tap reaches, as PyTorch and ONNX do."""
    if further >= stride and further >= dilation:
        raise ShapeError(
            f"output_padding {further} is not less than the stride {stride} or the dilation "
            f"{dilation}",
            field="output_padding",
            about="space",
        )


def _enlarged(
    size: int, kernel: int, stride: int, dilation: int, padding: int, further: int
) -> int:
    """Return the size of one axis after a transposed convolution."""
    _need_within(further, stride, dilation)
    side = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + further + 1
    if side < 1:
        message = f"padding {padding} leaves nothing of the {size}-wide input"
        raise ShapeError(message, field="padding", about="space")
    return side
