"""The plain convolution, which every other block is measured against."""

from bncalc.model.fields import Count, Sizes
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Plain(Projecting):
    """One k×k convolution over all channels."""

    kernel: Sizes = field(3, doc="kernel size, or [height, width]")
    stride: Sizes = field(1, doc="stride")
    groups: Count = field(1, doc="groups that the channels are divided into")
    dilation: Sizes = field(1, doc="distance between the taps of the kernel")

    paper = "LeCun et al. 1998; 3×3 throughout: Simonyan and Zisserman 2014, arXiv:1409.1556"

    def build(self, net: Net, x: Tensor) -> Tensor:
        return net.conv(
            x,
            self.width(x),
            self.kernel,
            stride=self.stride,
            groups=self.groups,
            dilation=self.dilation,
        )
