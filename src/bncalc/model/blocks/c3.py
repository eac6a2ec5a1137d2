"""YOLOv5's C3."""

from typing import TYPE_CHECKING, Annotated

from bncalc.model.blocks.widths import cut
from bncalc.model.blocks.yolo_bottleneck import YoloBottleneck
from bncalc.model.fields import Count, Integer, Ratio
from bncalc.model.kind import field
from bncalc.model.op import Projecting

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor


class C3(Projecting):
    """A cross-stage block: bottlenecks on one half of the channels, the other half past them."""

    n: Annotated[int, Integer(0, 1000)] = field(1, doc="bottlenecks, at most 1000")
    shortcut: bool = field(True, doc="whether the bottlenecks add their input")
    groups: Count = field(1, doc="groups of the 3×3 of each bottleneck")
    first: Count = field(1, doc="kernel of the first convolution of each bottleneck; 3 in C3k")
    e: Ratio = field(0.5, doc="hidden channels for each output channel")

    paper = (
        "ultralytics/yolov5 v7.0, models/common.py, C3; CSPNet: Wang et al. 2019, arXiv:1911.11929"
    )

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        (x,) = inputs
        out = self.width(x)
        hidden = cut(out, self.e, field="e")
        y = net.conv(x, hidden, 1, name="cv1")
        past = net.conv(x, hidden, 1, name="cv2")
        for i in range(self.n):
            inner = YoloBottleneck(
                shortcut=self.shortcut, groups=self.groups, first=self.first, e=1
            )
            y = net.build(inner, y, name=f"m{i}")
        return net.conv(net.concat(y, past), out, 1, name="cv3")
