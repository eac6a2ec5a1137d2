"""DenseNet's block of layers."""

from bncalc.model.blocks.dense_layer import DenseLayer
from bncalc.model.fields import Copies, Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block


class DenseBlock(Block):
    """Dense layers one after the other, each fed with the input and what all before it made.

    Costs are those of as many dense layers. The maps stay apart and every layer joins them anew, as
    in the authors' code: they are in memory twice, which is DenseNet's known price.
    """

    layers: Copies = field(doc="layers, at most 1000")
    growth: Count = field(32, doc="channels that each layer adds (k)")
    bottleneck: Count = field(4, doc="channels of a layer's 1×1, in multiples of the growth")

    paper = "Huang et al. 2016, arXiv:1608.06993, section 3 (DenseNet-B)"

    def build(self, net: Net, x: Tensor) -> Tensor:
        maps = [x]
        layer = DenseLayer(growth=self.growth, bottleneck=self.bottleneck)
        for i in range(self.layers):
            x = net.concat(*maps) if i else maps[0]
            with net.part(layer.word, str(i)):
                maps.append(layer.grown(net, x))
        return net.concat(*maps)
