"""SqueezeNet's fire module."""

from bncalc.model.blocks.plain import Plain
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block
from bncalc.model.shape import Shape


class Fire(Block):
    """1×1 squeeze, then 1×1 and 3×3 expand side by side, joined."""

    squeeze: Count = field(doc="channels of the squeeze")
    expand1: Count = field(doc="channels of the 1×1 expand")
    expand3: Count = field(doc="channels of the 3×3 expand")

    paper = "Iandola et al. 2016, arXiv:1602.07360, figure 1"

    def build(self, net: Net, x: Tensor) -> Tensor:
        y = net.conv(x, self.squeeze, 1, name="squeeze")
        small = net.conv(y, self.expand1, 1, name="expand1x1")
        return net.concat(small, net.conv(y, self.expand3, 3, name="expand3x3"))

    def replaces(self, x: Shape) -> Block:
        return Plain(out=self.expand1 + self.expand3)
