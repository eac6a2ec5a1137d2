"""The fused inverted residual."""

from typing import TYPE_CHECKING, Annotated

from bncalc.model.blocks.inverted_residual import squeeze_width
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


class FusedInvertedResidual(Projecting):
    """A k×k up and a linear 1×1 down; added to the input if the shape is kept.

    The first two convolutions of an inverted residual as one (Fused-MBConv, EfficientNetV2).
    Without expansion it is one k×k convolution with an activation, after the
    squeeze-and-excitation if there is one (as the authors' code has it).
    """

    expand: Ratio = field(6, doc="expansion: channels between, for each channel that arrives")
    mid: Count | None = field(None, doc="channels between, exactly; from `expand` if not given")
    kernel: Sizes = field(3, doc="kernel of the first convolution")
    stride: Sizes = field(1, doc="stride of the first convolution")
    se: Ratio | None = field(None, doc="squeeze-and-excitation: its width as a share of the input")
    se_mid: Count | None = field(None, doc="width of squeeze-and-excitation, exactly")
    act: Act = field("default", doc="activation of all but the last convolution")
    se_act: Act = field("relu", doc="activation within squeeze-and-excitation")
    gate: Annotated[str, Choice(("sigmoid", "hard_sigmoid"))] = field(
        "sigmoid", doc="gate of squeeze-and-excitation"
    )
    drop_path: Share = field(0, doc="share of images that skip it in training, if it adds")

    paper = "Tan and Le 2021, arXiv:2104.00298, figure 2"

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        (x,) = inputs
        out = self.width(x)
        mid = rounded(x.channels, self.expand, field="expand") if self.mid is None else self.mid
        wider = mid != x.channels
        y = x
        if wider:
            y = net.conv(x, mid, self.kernel, stride=self.stride, act=self.act, name="fused")
        if self.se or self.se_mid is not None:
            squeezed = squeeze_width(x.channels, self.se) if self.se_mid is None else self.se_mid
            y = net.op("squeeze_excitation", y, mid=squeezed, act=self.se_act, gate=self.gate)
        if wider:
            y = net.conv(y, out, 1, act="none", name="project")
        else:
            y = net.conv(y, out, self.kernel, stride=self.stride, act=self.act, name="fused")
        if is_strided(self.stride) or x.shape != y.shape:
            return y
        return net.add(net.drop_path(y, self.drop_path), x)

    def replaces(self, x: Shape) -> Block:
        out = self.width(x)
        return Plain(out=out, kernel=self.kernel, stride=self.stride)
