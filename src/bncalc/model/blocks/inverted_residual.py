"""The inverted residual with a linear bottleneck."""

from bncalc.model.blocks.expanding import Expanding
from bncalc.model.net import Net, Tensor


class InvertedResidual(Expanding):
    """1×1 up, a depthwise k×k, a linear 1×1 down; added to the input if the shape is kept.

    The block of MobileNetV2; with squeeze-and-excitation that of MobileNetV3 and EfficientNet
    (MBConv). Without expansion there is no first 1×1.
    """

    paper = "Sandler et al. 2018, arXiv:1801.04381, table 1; Howard et al. 2019, arXiv:1905.02244"

    def build(self, net: Net, x: Tensor) -> Tensor:
        out, mid, y = self.width(x), self.between(x), x
        if mid != x.channels:
            y = net.conv(x, mid, 1, act=self.act, name="expand")
        y = net.depthwise(y, self.kernel, stride=self.stride, act=self.act)
        y = self.gated(net, y, x)
        y = net.conv(y, out, 1, act="none", name="project")
        return self.added(net, y, x)
