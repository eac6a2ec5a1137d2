"""The depthwise separable convolution."""

from typing import Annotated

from bncalc.model.field_types import Choice
from bncalc.model.fields import Act, Sizes
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class DepthwiseSeparable(Projecting):
    """A depthwise k×k, then a 1×1 over the channels.

    MobileNet puts norm and activation after both, Xception only after the 1×1.
    """

    kernel: Sizes = field(3, doc="kernel of the depthwise convolution")
    stride: Sizes = field(1, doc="stride of the depthwise convolution")
    style: Annotated[str, Choice(("mobilenet", "xception"))] = field(
        "mobilenet", doc="which convolutions norm and activation follow"
    )
    act: Act = field("default", doc="activation")

    paper = "Howard et al. 2017, arXiv:1704.04861, section 3.1; Chollet 2016, arXiv:1610.02357"
    as_plain = ("kernel", "stride")

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        norm, act = ("default", self.act) if self.style == "mobilenet" else ("none", "none")
        y = net.depthwise(x, self.kernel, stride=self.stride, norm=norm, act=act)
        return net.conv(y, out, 1, act=self.act, name="pointwise")
