"""DenseNet's layer."""

from bncalc.model.blocks.plain import Plain
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block
from bncalc.model.shape import Shape


class DenseLayer(Block):
    """Norm, activation, 1×1 to 4·growth, norm, activation, 3×3 to growth; joined with the input."""

    growth: Count = field(32, doc="channels that the layer adds (k)")
    bottleneck: Count = field(4, doc="channels of the 1×1, in multiples of the growth")

    paper = "Huang et al. 2016, arXiv:1608.06993, section 3 (DenseNet-B)"

    def build(self, net: Net, x: Tensor) -> Tensor:
        return net.concat(x, self.grown(net, x))

    def grown(self, net: Net, x: Tensor) -> Tensor:
        """Place the layer without its join; return the channels that it adds."""
        y = net.act(net.norm(x))
        y = net.conv(y, self.bottleneck * self.growth, 1)
        return net.conv(y, self.growth, 3, norm="none", act="none")

    def replaces(self, x: Shape) -> Block:
        return Plain(out=self.growth)
