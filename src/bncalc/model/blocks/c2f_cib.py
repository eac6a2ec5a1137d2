"""YOLOv10's C2fCIB."""

from bncalc.model.blocks.joined_stage import JoinedStage
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor


class C2fCib(JoinedStage):
    """C2f whose units are compact inverted blocks: depthwise 3×3 and 1×1 in turn, five in all."""

    large: bool = field(False, doc="whether the middle one is 7×7 with a 3×3 beside it (lk)")

    paper = "Wang et al. 2024 (YOLOv10), arXiv:2405.14458, figure 3"

    def unit(self, net: Net, x: Tensor, name: str) -> Tensor:
        with net.part("cib", name):
            y = net.conv(net.depthwise(x, 3), 2 * x.channels, 1)
            if self.large:
                wide = net.depthwise(y, 7, act="none")
                y = net.act(net.add(wide, net.depthwise(y, 3, act="none")))
            else:
                y = net.depthwise(y, 3)
            y = net.depthwise(net.conv(y, x.channels, 1), 3)
            return net.add(x, y) if self.shortcut else y
