"""YOLOv5's C3."""

from bncalc.model.blocks.cross_stage import CrossStage
from bncalc.model.blocks.yolo_bottleneck import YoloBottleneck
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor


class C3(CrossStage):
    """A cross-stage block: bottlenecks on one half of the channels, the other half past them."""

    groups: Count = field(1, doc="groups of the 3×3 of each bottleneck")
    first: Count = field(1, doc="kernel of the first convolution of each bottleneck; 3 in C3k")

    paper = (
        "ultralytics/yolov5 v7.0, models/common.py, C3; CSPNet: Wang et al. 2019, arXiv:1911.11929"
    )

    def bottleneck(self, net: Net, x: Tensor, name: str) -> Tensor:
        inner = YoloBottleneck(shortcut=self.shortcut, groups=self.groups, first=self.first, e=1)
        return net.build(inner, x, name=name)
