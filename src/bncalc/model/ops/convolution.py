"""Convolutions and linear layers: everything whose cost is a product with learned weights."""

from typing import TYPE_CHECKING

from bncalc.model.cost import Cost
from bncalc.model.fields import Act, Bias, Count, Norm, Padding, Sizes, Sizes0
from bncalc.model.kept import Kept
from bncalc.model.kind import field
from bncalc.model.op import Block, Op
from bncalc.model.reach import Reach, gathering, sliding, transposed
from bncalc.model.shape import Shape, require
from bncalc.model.window import window_positions

if TYPE_CHECKING:
    from typing import TypedDict

    from bncalc.model.net import Net, Size, Tensor

    class SlidingFields(TypedDict, total=False):
        """The types of what a convolution of any kind takes beside its kernel."""

        stride: Size
        dilation: Size
        padding: Size | str
        norm: str | Op
        act: str | Op
        bias: bool | str

    class ConvFields(SlidingFields, total=False):
        """Those of a convolution over all channels."""

        groups: int

    class DepthwiseFields(SlidingFields, total=False):
        """Those of a depthwise convolution."""

        multiplier: int


class Conv(Op):
    """A convolution, with the norm and activation that follow it.

    weights = cin/groups · kh · kw · out, and each is used once at every output position:
    MACs = weights · oh · ow. A map of h rows leaves (h + 2·padding − dilation·(kernel−1) − 1) //
    stride + 1 of them, as in PyTorch; with `padding: same` ceil(h / stride), as in TensorFlow.
    """

    out: Count = field(doc="output channels")
    kernel: Sizes = field(3, doc="kernel size, or [height, width]")
    stride: Sizes = field(1, doc="step between windows")
    groups: Count = field(1, doc="groups that the channels are divided into")
    dilation: Sizes = field(1, doc="distance between the taps of the kernel")
    padding: Padding = field("default", doc="rows and columns added at each side, or `same`")
    norm: Norm = field("default", doc="normalisation after the convolution")
    act: Act = field("default", doc="activation after that")
    bias: Bias = field("default", doc="whether it adds a bias")

    family = "product"
    takes_bias = True

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        y = net.place(net.settled(self), *inputs)
        return net.follow(y, norm=self.norm, act=self.act)

    def is_depthwise(self, output: Shape) -> bool:
        return output.channels > 1 and self.groups == output.channels

    def output(self, *inputs: Shape) -> Shape:
        cin, h, w = inputs[0]
        divide(cin, self.out, self.groups)
        sides = window_positions(
            (h, w), self.kernel, self.stride, dilation=self.dilation, padding=self.padding
        )
        return Shape(self.out, *sides)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        (cin, _, _), (cout, oh, ow), (kh, kw) = inputs[0], output, self.kernel
        weights = cin // self.groups * kh * kw * cout
        macs = weights * oh * ow
        return learned(weights, self.bias is True, macs, output)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        sizes = inputs[0][1:], output[1:]
        return sliding(*sizes, self.kernel, self.stride, self.dilation, self.padding)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True)

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        return (inputs[0].channels // self.groups, *self.kernel, self.out)


class Depthwise(Block):
    """A depthwise convolution: each channel is filtered by itself.

    A convolution with as many groups as channels: weights = kh · kw · out, out = cin · multiplier.
    """

    kernel: Sizes = field(3, doc="kernel size, or [height, width]")
    stride: Sizes = field(1, doc="step between windows")
    multiplier: Count = field(1, doc="output channels for each input channel")
    dilation: Sizes = field(1, doc="distance between the taps of the kernel")
    padding: Padding = field("default", doc="rows and columns added at each side, or `same`")
    norm: Norm = field("default", doc="normalisation after the convolution")
    act: Act = field("default", doc="activation after that")
    bias: Bias = field("default", doc="whether it adds a bias")

    layer = True

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        cin = inputs[0].channels
        shared = {one.name: getattr(self, one.name) for one in self.fields}
        del shared["multiplier"]
        return Conv(out=cin * self.multiplier, groups=cin, **shared).build(net, *inputs)


class ConvTranspose(Op):
    """A transposed convolution: a learned upsampling.

    weights = cin · kh · kw · out/groups, each used once at every *input* position:
    MACs = weights · h · w. The map grows to (h − 1)·stride − 2·padding + dilation·(kernel−1) +
    output_padding + 1, as in PyTorch.
    """

    out: Count = field(doc="output channels")
    kernel: Sizes = field(2, doc="kernel size, or [height, width]")
    stride: Sizes = field(2, doc="step between the windows in the output")
    padding: Sizes0 = field(0, doc="rows and columns cut off at each side of the output")
    output_padding: Sizes0 = field(0, doc="rows and columns added at the end of the output")
    groups: Count = field(1, doc="groups that the channels are divided into")
    dilation: Sizes = field(1, doc="distance between the taps of the kernel")
    norm: Norm = field("default", doc="normalisation after it")
    act: Act = field("default", doc="activation after that")
    bias: Bias = field("default", doc="whether it adds a bias")

    family = "product"
    takes_bias = True

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        y = net.place(net.settled(self), *inputs)
        return net.follow(y, norm=self.norm, act=self.act)

    def output(self, *inputs: Shape) -> Shape:
        cin, h, w = inputs[0]
        divide(cin, self.out, self.groups)
        return Shape(self.out, self._side(0, h), self._side(1, w))

    def _side(self, axis: int, size: int) -> int:
        reach = self.dilation[axis] * (self.kernel[axis] - 1) + self.output_padding[axis] + 1
        side = (size - 1) * self.stride[axis] - 2 * self.padding[axis] + reach
        require(
            side >= 1,
            lambda: f"padding {self.padding[axis]} leaves nothing of the {size}-wide input",
            field="padding",
            about="space",
        )
        return side

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        (cin, h, w), (cout, _, _), (kh, kw) = inputs[0], output, self.kernel
        weights = cin * kh * kw * (cout // self.groups)
        return learned(weights, self.bias is True, weights * h * w, output)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return transposed(self.kernel, self.stride, self.dilation, self.padding)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True)

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        return (inputs[0].channels, *self.kernel, self.out // self.groups)


class Linear(Op):
    """A fully connected layer; it flattens a feature map by itself.

    weights = cin·h·w · out, each used once: MACs = weights.
    """

    out: Count = field(doc="output features")
    norm: Norm = field("none", doc="normalisation after it")
    act: Act = field("none", doc="activation after that")
    bias: Bias = field("default", doc="whether it adds a bias")

    family = "product"
    takes_bias = True
    settles_space = True

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        y = net.place(net.settled(self), *inputs)
        return net.follow(y, norm=self.norm, act=self.act)

    def output(self, *inputs: Shape) -> Shape:
        return Shape(self.out)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        weights = inputs[0].elements * self.out
        return learned(weights, self.bias is True, weights, output)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return gathering(inputs[0][1:])

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True)

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        return (inputs[0].elements, self.out)


def divide(cin: int, out: int, groups: int) -> None:
    """Raise ShapeError unless groups divide both sides; the output's side is beyond doubt."""
    require(
        out % groups == 0,
        lambda: f"{out} output channels are not divisible by groups {groups}",
        field="groups",
        about="fields",
    )
    require(
        cin % groups == 0,
        lambda: f"{cin} input channels are not divisible by groups {groups}",
        field="groups",
    )


def learned(weights: int, bias: bool, macs: int, output: Shape) -> Cost:
    """Return the cost of a layer of learned weights; a bias is one addition per output element."""
    made = output.elements
    return Cost(weights, bias * output.channels, 0, macs, bias * made, made)
