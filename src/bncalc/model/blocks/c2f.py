"""YOLOv8's C2f."""

from bncalc.model.blocks.joined_stage import JoinedStage
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor


class C2f(JoinedStage):
    """A cross-stage block whose bottlenecks are all joined at the end."""

    groups: Count = field(1, doc="groups of the second 3×3 of each bottleneck")

    paper = "ultralytics/ultralytics (YOLOv8, 2023), nn/modules/block.py, C2f"

    def unit(self, net: Net, x: Tensor, name: str) -> Tensor:
        with net.part("bottleneck", name):
            y = net.conv(net.conv(x, x.channels, 3), x.channels, 3, groups=self.groups)
            return net.add(x, y) if self.shortcut else y
