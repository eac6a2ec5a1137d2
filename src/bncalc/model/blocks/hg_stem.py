"""The stem of HGNetV2."""

from bncalc.model.blocks.widths import divided
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class HgStem(Projecting):
    """A strided 3×3; two 2×2 beside a 2×2 pool, joined; then a strided 3×3 and a 1×1.

    Maps are padded by one at their ends before each 2×2. Activations are ReLU.
    """

    mid: Count = field(doc="hidden channels")

    paper = "PaddlePaddle/PaddleClas (PP-HGNetV2, 2022), the stem"

    def build(self, net: Net, x: Tensor) -> Tensor:
        y = net.op("pad", net.conv(x, self.mid, 3, stride=2, act="relu", name="stem1"), size=_ENDS)
        half = divided(self.mid, 2, field="mid")
        past = net.conv(y, half, 2, padding=0, act="relu", name="stem2a")
        past = net.op("pad", past, size=_ENDS)
        past = net.conv(past, self.mid, 2, padding=0, act="relu", name="stem2b")
        y = net.concat(net.op("max_pool", y, kernel=2, stride=1, padding=0), past)
        y = net.conv(y, self.mid, 3, stride=2, act="relu", name="stem3")
        return net.conv(y, self.width(x), 1, act="relu", name="stem4")


_ENDS = (0, 1, 0, 1)
"""One row below and one column on the right."""
