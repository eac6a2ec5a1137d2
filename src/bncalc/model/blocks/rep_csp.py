"""YOLOv9's RepCSP."""

from bncalc.model.blocks.cross_stage import CrossStage
from bncalc.model.blocks.rep_conv import RepConv
from bncalc.model.net import Net, Tensor


class RepCsp(CrossStage):
    """A C3 whose bottlenecks begin with a re-parameterised convolution."""

    paper = "Wang et al. 2024 (YOLOv9), arXiv:2402.13616; CSPNet, arXiv:1911.11929"

    def bottleneck(self, net: Net, x: Tensor, name: str) -> Tensor:
        with net.part("bottleneck", name):
            y = net.conv(net.build(RepConv(), x, name="cv1"), x.channels, 3, name="cv2")
            return net.add(x, y) if self.shortcut else y
