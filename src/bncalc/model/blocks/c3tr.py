"""YOLOv5's C3TR."""

from bncalc.model.blocks.cross_stage import CrossStage
from bncalc.model.blocks.transformer import fed, linear, multihead
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor


class C3tr(CrossStage):
    """A cross-stage block whose bottlenecks are transformer layers without norms.

    A linear layer of the tokens is added to them for their positions.
    """

    heads: Count = field(4, doc="attention heads")

    paper = "ultralytics/yolov5 pull request 2333 (2021), C3TR; ViT: arXiv:2010.11929"

    def bottlenecks(self, net: Net, x: Tensor) -> Tensor:
        x = net.add(x, linear(net, x, x.channels, "positions"))
        return super().bottlenecks(net, x)

    def bottleneck(self, net: Net, x: Tensor, name: str) -> Tensor:
        with net.part("transformer", name):
            qkv = [linear(net, x, x.channels, each, bias=False) for each in "qkv"]
            x = net.add(x, multihead(net, *qkv, heads=self.heads))
            return net.add(x, fed(net, x, x.channels, act="none", bias=False))
