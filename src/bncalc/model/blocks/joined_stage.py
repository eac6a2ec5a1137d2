"""Joined stages: units on one half of the channels, and what each of them makes joined."""

from abc import abstractmethod

from bncalc.model.blocks.widths import cut
from bncalc.model.fields import Copies0, Ratio
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class JoinedStage(Projecting, abstract=True):
    """Units in a chain on one half of the channels; both halves and all units are joined."""

    n: Copies0 = field(1, doc="units, at most 1000")
    shortcut: bool = field(False, doc="whether the units add their input")
    e: Ratio = field(0.5, doc="hidden channels per output channel")

    @abstractmethod
    def unit(self, net: Net, x: Tensor, name: str) -> Tensor:
        """Place one of the n units, which keeps the channels."""

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        hidden = cut(out, self.e, field="e")
        both = net.conv(x, 2 * hidden, 1, name="cv1")
        maps = [net.op("split", both, parts=2, part=i) for i in (0, 1)]
        for i in range(self.n):
            maps.append(self.unit(net, maps[-1], f"m{i}"))
        return net.conv(net.concat(*maps), out, 1, name="cv2")
