"""The re-parameterised convolution of YOLOv9."""

from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class RepConv(Projecting):
    """3×3 and 1×1 side by side, summed, then the activation; one 3×3 once it is fused."""

    stride: Count = field(1, doc="stride of both")

    paper = "Ding et al. 2021, arXiv:2101.03697; without the identity branch, as in YOLOv9"

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        if net.form("default") == "fused":
            return net.conv(x, out, 3, stride=self.stride, norm="none", bias=True)
        y = net.conv(x, out, 3, stride=self.stride, act="none", name="conv1")
        past = net.conv(x, out, 1, stride=self.stride, act="none", name="conv2")
        return net.act(net.add(y, past))
