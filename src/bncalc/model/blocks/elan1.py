"""YOLOv9's ELAN1."""

from bncalc.model.blocks.widths import divided
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Elan1(Projecting):
    """An aggregation block: halves of a 1×1, two units in a chain on one of them, all joined."""

    split: Count = field(doc="channels of the first convolution, whose halves are kept (c3)")
    hidden: Count = field(doc="channels of each unit (c4)")

    paper = "Wang et al. 2024 (YOLOv9), arXiv:2402.13616, figure 4"

    def build(self, net: Net, x: Tensor) -> Tensor:
        divided(self.split, 2, field="split")
        both = net.conv(x, self.split, 1, name="cv1")
        maps = [net.op("split", both, parts=2, part=i) for i in (0, 1)]
        for i in (2, 3):
            maps.append(self.unit(net, maps[-1], f"cv{i}"))
        return net.conv(net.concat(*maps), self.width(x), 1, name="cv4")

    def unit(self, net: Net, x: Tensor, name: str) -> Tensor:
        """Place one of the two units."""
        return net.conv(x, self.hidden, 3, name=name)
