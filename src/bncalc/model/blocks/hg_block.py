"""The block of HGNetV2."""

from bncalc.model.blocks.widths import divided
from bncalc.model.fields import Copies0, Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class HgBlock(Projecting):
    """A chain of convolutions, all joined with the input at the end, then two 1×1, down and up.

    A light one is a 1×1 and a depthwise convolution. Activations are ReLU.
    """

    mid: Count = field(doc="channels of each convolution")
    kernel: Count = field(3, doc="kernel")
    n: Copies0 = field(6, doc="convolutions, at most 1000")
    light: bool = field(False, doc="whether they are a 1×1 and a depthwise convolution")
    shortcut: bool = field(False, doc="whether the input is added if the channels agree")

    paper = "PaddlePaddle/PaddleClas (PP-HGNetV2, 2022), HGV2_Block; RT-DETR, arXiv:2304.08069"

    def build(self, net: Net, x: Tensor) -> Tensor:
        maps, out = [x], self.width(x)
        for i in range(self.n):
            maps.append(self.unit(net, maps[-1], f"m{i}"))
        y = net.conv(net.concat(*maps), divided(out, 2, field="out"), 1, act="relu", name="sc")
        y = net.conv(y, out, 1, act="relu", name="ec")
        return net.add(y, x) if self.shortcut and x.shape == y.shape else y

    def unit(self, net: Net, x: Tensor, name: str) -> Tensor:
        """Place one of the n convolutions."""
        if not self.light:
            return net.conv(x, self.mid, self.kernel, act="relu", name=name)
        with net.part("light", name):
            y = net.conv(x, self.mid, 1, act="none")
            return net.depthwise(y, self.kernel, act="relu")
