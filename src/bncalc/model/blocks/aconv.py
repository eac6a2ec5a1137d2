"""YOLOv9's AConv."""

from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Aconv(Projecting):
    """Downsampling: an average pool of 2 with stride 1, then a 3×3 with stride 2."""

    paper = "Wang et al. 2024 (YOLOv9), arXiv:2402.13616 (the small models)"

    def build(self, net: Net, x: Tensor) -> Tensor:
        y = net.op("avg_pool", x, kernel=2, stride=1, padding=0, called="function")
        return net.conv(y, self.width(x), 3, stride=2, padding=1, name="cv1")
