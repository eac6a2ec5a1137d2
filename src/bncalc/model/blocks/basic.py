"""The basic block of ResNet-18 and ResNet-34."""

from bncalc.model.fields import Sizes
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Basic(Projecting):
    """Two 3×3 convolutions and a shortcut, projected if the shapes differ."""

    stride: Sizes = field(1, doc="stride of the first convolution")

    paper = "He et al. 2015, arXiv:1512.03385, figure 5 (left)"

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        y = net.conv(x, out, 3, stride=self.stride)
        y = net.conv(y, out, 3, act="none")
        return net.act(net.add(y, net.shortcut(x, out, stride=self.stride)))
