"""GoogLeNet's inception module."""

from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block


class Inception(Block):
    """1×1; 1×1 then 3×3; 1×1 then 5×5; 3×3 max pool then 1×1: four branches, joined."""

    one: Count = field(doc="channels of the 1×1 branch")
    three_reduce: Count = field(doc="channels before the 3×3")
    three: Count = field(doc="channels of the 3×3")
    five_reduce: Count = field(doc="channels before the 5×5")
    five: Count = field(doc="channels of the 5×5")
    pool: Count = field(doc="channels after the pool")
    five_kernel: Count = field(5, doc="kernel of the 5×5 branch: 5 as published, 3 in torchvision")

    paper = "Szegedy et al. 2014, arXiv:1409.4842, figure 2b and table 1"

    def build(self, net: Net, x: Tensor) -> Tensor:
        with net.part("branch", "branch1"):
            one = net.conv(x, self.one, 1)
        with net.part("branch", "branch2"):
            three = net.conv(net.conv(x, self.three_reduce, 1), self.three, 3)
        with net.part("branch", "branch3"):
            five = net.conv(net.conv(x, self.five_reduce, 1), self.five, self.five_kernel)
        pooled = net.op("inception_pool", x, out=self.pool, name="branch4")
        return net.concat(one, three, five, pooled)
