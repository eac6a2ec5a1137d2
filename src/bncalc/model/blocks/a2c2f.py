"""YOLO12's A2C2f."""

from bncalc.model.blocks.area_block import AreaBlock
from bncalc.model.blocks.c3 import C3
from bncalc.model.blocks.widths import cut, divided
from bncalc.model.fields import Copies0, Count, Ratio
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class A2c2f(Projecting):
    """A chain of units, all joined at the end: pairs of area attention blocks, or C3 of 3×3."""

    n: Copies0 = field(1, doc="units, at most 1000")
    attention: bool = field(True, doc="whether units are two attention blocks (a2)")
    areas: Count = field(1, doc="equal areas of positions, each attending only to itself")
    residual: bool = field(False, doc="whether the input is added, with a factor for each channel")
    mlp: Ratio = field(2, doc="hidden channels of the attention blocks per channel")
    e: Ratio = field(0.5, doc="hidden channels per output channel")

    paper = "Tian et al. 2025 (YOLO12), arXiv:2502.12524, section 3.3 (R-ELAN)"

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        maps = [net.conv(x, cut(out, self.e, field="e"), 1, name="cv1")]
        for i in range(self.n):
            maps.append(self.unit(net, maps[-1], f"m{i}"))
        y = net.conv(net.concat(*maps), out, 1, name="cv2")
        if not (self.attention and self.residual):
            return y
        return net.add(x, net.op("layer_scale", y))

    def unit(self, net: Net, x: Tensor, name: str) -> Tensor:
        """Place one of the n units, which keeps the channels."""
        if not self.attention:
            return net.build(C3(n=2, first=3), x, name=name)
        with net.part("areas", name):
            block = AreaBlock(heads=divided(x.channels, 32), areas=self.areas, mlp=self.mlp)
            return net.build(block, net.build(block, x))
