"""YOLOv9's RepCSP."""

from typing import TYPE_CHECKING, Annotated

from bncalc.model.blocks.rep_conv import RepConv
from bncalc.model.blocks.widths import cut
from bncalc.model.fields import Integer, Ratio
from bncalc.model.kind import field
from bncalc.model.op import Projecting

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor


class RepCsp(Projecting):
    """A C3 whose bottlenecks begin with a re-parameterised convolution."""

    n: Annotated[int, Integer(0, 1000)] = field(1, doc="bottlenecks, at most 1000")
    shortcut: bool = field(True, doc="whether the bottlenecks add their input")
    e: Ratio = field(0.5, doc="hidden channels for each output channel")

    paper = "Wang et al. 2024 (YOLOv9), arXiv:2402.13616; CSPNet, arXiv:1911.11929"

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        (x,) = inputs
        out = self.width(x)
        hidden = cut(out, self.e, field="e")
        y = net.conv(x, hidden, 1, name="cv1")
        past = net.conv(x, hidden, 1, name="cv2")
        for i in range(self.n):
            with net.part("bottleneck", f"m{i}"):
                z = net.conv(net.build(RepConv(), y, name="cv1"), hidden, 3, name="cv2")
                y = net.add(y, z) if self.shortcut else z
        return net.conv(net.concat(y, past), out, 1, name="cv3")
