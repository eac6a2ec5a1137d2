"""YOLOv8's C2."""

from bncalc.model.blocks.widths import cut
from bncalc.model.blocks.yolo_bottleneck import YoloBottleneck
from bncalc.model.fields import Copies0, Count, Ratio
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class C2(Projecting):
    """A cross-stage block whose first 1×1 makes both halves: bottlenecks on one of them."""

    n: Copies0 = field(1, doc="bottlenecks, at most 1000")
    shortcut: bool = field(True, doc="whether the bottlenecks add their input")
    groups: Count = field(1, doc="groups of the second 3×3 of each bottleneck")
    e: Ratio = field(0.5, doc="hidden channels per output channel")

    paper = "ultralytics (YOLOv8, 2023), C2; CSPNet: Wang et al. 2019, arXiv:1911.11929"

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        both = net.conv(x, 2 * cut(out, self.e, field="e"), 1, name="cv1")
        y, past = (net.op("split", both, parts=2, part=i) for i in (0, 1))
        inner = YoloBottleneck(shortcut=self.shortcut, groups=self.groups, first=3, e=1)
        for i in range(self.n):
            y = net.build(inner, y, name=f"m{i}")
        return net.conv(net.concat(y, past), out, 1, name="cv2")
