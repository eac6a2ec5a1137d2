"""YOLOv9's SPPELAN."""

from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Sppelan(Projecting):
    """Spatial pyramid pooling: a 1×1, three max pools in a chain, all joined by a 1×1."""

    hidden: Count = field(doc="channels of the first convolution (c3)")
    kernel: Count = field(5, doc="window of the pools")

    paper = "Wang et al. 2024 (YOLOv9), arXiv:2402.13616, figure 4"

    def build(self, net: Net, x: Tensor) -> Tensor:
        maps = [net.conv(x, self.hidden, 1, name="cv1")]
        for _ in range(3):
            maps.append(net.op("max_pool", maps[-1], kernel=self.kernel, stride=1))
        return net.conv(net.concat(*maps), self.width(x), 1, name="cv5")
