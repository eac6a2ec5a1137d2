"""VoVNet's one-shot aggregation."""

from bncalc.model.fields import Copies, Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Osa(Projecting):
    """3×3 convolutions in a chain; all of them and the input joined once, then a 1×1."""

    mid: Count = field(doc="channels of each 3×3")
    layers: Copies = field(5, doc="3×3 convolutions, at most 1000")
    shortcut: bool = field(False, doc="whether the input is added if the channels agree")

    paper = "Lee et al. 2019, arXiv:1904.09730, figure 1b"

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        maps = [x]
        for _ in range(self.layers):
            maps.append(net.conv(maps[-1], self.mid, 3))
        y = net.conv(net.concat(*maps), out, 1, name="aggregate")
        return net.add(y, x) if self.shortcut and x.shape == y.shape else y
