"""The fused inverted residual."""

from bncalc.model.blocks.expanding import Expanding
from bncalc.model.net import Net, Tensor


class FusedInvertedResidual(Expanding):
    """A k×k up and a linear 1×1 down; added to the input if the shape is kept.

    The first two convolutions of an inverted residual as one (Fused-MBConv, EfficientNetV2).
    Without expansion it is one k×k convolution with an activation, after the
    squeeze-and-excitation if there is one (as the authors' code has it).
    """

    paper = "Tan and Le 2021, arXiv:2104.00298, figure 2"

    def build(self, net: Net, x: Tensor) -> Tensor:
        out, mid = self.width(x), self.between(x)
        if mid != x.channels:
            y = net.conv(x, mid, self.kernel, stride=self.stride, act=self.act, name="fused")
            y = self.gated(net, y, x)
            y = net.conv(y, out, 1, act="none", name="project")
        else:
            y = self.gated(net, x, x)
            y = net.conv(y, out, self.kernel, stride=self.stride, act=self.act, name="fused")
        return self.added(net, y, x)
