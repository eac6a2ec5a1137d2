"""The inverted residual with a linear bottleneck."""

from math import trunc
from typing import TYPE_CHECKING, Annotated

from bncalc.model.blocks.plain import Plain
from bncalc.model.blocks.widths import rounded
from bncalc.model.field_types import Choice
from bncalc.model.fields import Act, Count, Ratio, Share, Sizes
from bncalc.model.kind import field
from bncalc.model.op import Block, Projecting
from bncalc.model.shape import Shape
from bncalc.model.window import is_strided

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor


class InvertedResidual(Projecting):
    """1×1 up, a depthwise k×k, a linear 1×1 down; added to the input if the shape is kept.

    The block of MobileNetV2; with squeeze-and-excitation that of MobileNetV3 and EfficientNet
    (MBConv). Without expansion there is no first 1×1.
    """

    expand: Ratio = field(6, doc="expansion: channels between, for each channel that arrives")
    mid: Count | None = field(None, doc="channels between, exactly; from `expand` if not given")
    kernel: Sizes = field(3, doc="kernel of the depthwise convolution")
    stride: Sizes = field(1, doc="stride of the depthwise convolution")
    se: Ratio | None = field(None, doc="squeeze-and-excitation: its width as a share of the input")
    se_mid: Count | None = field(None, doc="width of squeeze-and-excitation, exactly")
    act: Act = field("default", doc="activation of all but the last convolution")
    se_act: Act = field("relu", doc="activation within squeeze-and-excitation")
    gate: Annotated[str, Choice(("sigmoid", "hard_sigmoid"))] = field(
        "sigmoid", doc="gate of squeeze-and-excitation"
    )
    drop_path: Share = field(0, doc="share of images that skip it in training, if it adds")

    paper = "Sandler et al. 2018, arXiv:1801.04381, table 1; Howard et al. 2019, arXiv:1905.02244"

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        (x,) = inputs
        out = self.width(x)
        mid = rounded(x.channels, self.expand, field="expand") if self.mid is None else self.mid
        y = x
        if mid != x.channels:
            y = net.conv(x, mid, 1, act=self.act, name="expand")
        y = net.depthwise(y, self.kernel, stride=self.stride, act=self.act)
        if self.se or self.se_mid is not None:
            squeezed = squeeze_width(x.channels, self.se) if self.se_mid is None else self.se_mid
            y = net.op("squeeze_excitation", y, mid=squeezed, act=self.se_act, gate=self.gate)
        y = net.conv(y, out, 1, act="none", name="project")
        if is_strided(self.stride) or x.shape != y.shape:
            return y
        return net.add(net.drop_path(y, self.drop_path), x)

    def replaces(self, x: Shape) -> Block:
        out = self.width(x)
        return Plain(out=out, kernel=self.kernel, stride=self.stride)


def squeeze_width(channels: int, share: float | None) -> int:
    """Return the width of squeeze-and-excitation: a share of the input, at least 1."""
    width = trunc(channels * (share or 0))
    return width + (width < 1)
