"""RT-DETR's fusion block."""

from bncalc.model.blocks.rep_conv import RepConv
from bncalc.model.blocks.widths import cut
from bncalc.model.fields import Copies0, Ratio
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class RepC3(Projecting):
    """A 1×1 and re-parameterised convolutions after it, and a 1×1 beside them; the sum of both."""

    n: Copies0 = field(3, doc="convolutions in a row, at most 1000")
    e: Ratio = field(1, doc="hidden channels per output channel")

    paper = "Lv et al. 2023 (RT-DETR), arXiv:2304.08069, figure 3 (fusion)"

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        hidden = cut(out, self.e, field="e")
        y = net.conv(x, hidden, 1, name="cv1")
        for i in range(self.n):
            y = net.build(RepConv(), y, name=f"m{i}")
        y = net.add(y, net.conv(x, hidden, 1, name="cv2"))
        return y if hidden == out else net.conv(y, out, 1, name="cv3")
