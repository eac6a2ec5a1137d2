"""RT-DETR's encoder layer."""

from bncalc.model.blocks.transformer import fed, multihead
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block


class Aifi(Block):
    """Attention among the positions of a map, then two linear layers; each added, and normed.

    The positions that queries and keys see are fixed sines, added to the map.
    """

    mid: Count = field(1024, doc="features between the two linear layers")
    heads: Count = field(8, doc="attention heads")

    paper = "Lv et al. 2023 (RT-DETR), arXiv:2304.08069, section 4.2 (AIFI)"

    def build(self, net: Net, x: Tensor) -> Tensor:
        positions = net.op("parameter", shape=tuple(x.shape), learned=False, name="positions")
        return self.encoded(net, x, positions)

    def encoded(self, net: Net, x: Tensor, positions: Tensor) -> Tensor:
        """Place the layer for a map and what is added to it for its positions."""
        at = net.add(x, positions)
        y = net.add(x, multihead(net, at, at, x, heads=self.heads))
        y = net.op("layer_norm", y, name="norm1")
        y = net.add(y, fed(net, y, self.mid, act="gelu"))
        return net.op("layer_norm", y, name="norm2")
