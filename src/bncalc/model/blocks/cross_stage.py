"""Cross-stage blocks: one half of the channels goes through bottlenecks, the other past them."""

from abc import abstractmethod

from bncalc.model.blocks.widths import cut
from bncalc.model.fields import Copies0, Ratio
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class CrossStage(Projecting, abstract=True):
    """Bottlenecks on one half of the channels, the other half past them (CSPNet, 1911.11929)."""

    n: Copies0 = field(1, doc="bottlenecks, at most 1000")
    shortcut: bool = field(True, doc="whether the bottlenecks add their input")
    e: Ratio = field(0.5, doc="hidden channels per output channel")

    @abstractmethod
    def bottleneck(self, net: Net, x: Tensor, name: str) -> Tensor:
        """Place one bottleneck."""

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        hidden = cut(out, self.e, field="e")
        y = self.bottlenecks(net, net.conv(x, hidden, 1, name="cv1"))
        past = net.conv(x, hidden, 1, name="cv2")
        return net.conv(net.concat(y, past), out, 1, name="cv3")

    def bottlenecks(self, net: Net, x: Tensor) -> Tensor:
        """Place what one half of the channels goes through."""
        for i in range(self.n):
            x = self.bottleneck(net, x, f"m{i}")
        return x
