"""VoVNet's one-shot aggregation."""

from typing import TYPE_CHECKING

from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.op import Block

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor


class Osa(Block):
    """3×3 convolutions in a chain; all of them and the input joined once, then a 1×1."""

    mid: Count = field(doc="channels of each 3×3")
    out: Count = field(doc="output channels")
    layers: Count = field(5, doc="3×3 convolutions")

    paper = "Lee et al. 2019, arXiv:1904.09730, figure 1b"

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        maps = [inputs[0]]
        for _ in range(self.layers):
            maps.append(net.conv(maps[-1], self.mid, 3))
        return net.conv(net.concat(*maps), self.out, 1, name="aggregate")
