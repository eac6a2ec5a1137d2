"""YOLOv5's bottleneck."""

from bncalc.model.blocks.widths import cut
from bncalc.model.fields import Count, Ratio
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class YoloBottleneck(Projecting):
    """1×1 to int(out · e) channels, 3×3 to out; added to the input if the channels agree."""

    shortcut: bool = field(True, doc="whether the input is added if the channels agree")
    groups: Count = field(1, doc="groups of the 3×3 (g)")
    first: Count = field(1, doc="kernel of the first convolution; 3 since YOLOv8")
    e: Ratio = field(0.5, doc="expansion: hidden channels per output channel")

    paper = "ultralytics/yolov5 v7.0, models/common.py, Bottleneck"
    as_plain = ()

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        y = net.conv(x, cut(out, self.e, field="e"), self.first)
        y = net.conv(y, out, 3, groups=self.groups)
        return net.add(x, y) if self.shortcut and x.shape == y.shape else y
