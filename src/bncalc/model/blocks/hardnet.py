"""HarDNet's block."""

from math import trunc

from bncalc.errors import ShapeError
from bncalc.model.fields import Copies, Count, Ratio
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block


class HarDNet(Block):
    """3×3 layers linked to earlier ones at distances of powers of two; more links, more channels.

    Layer l takes layers l − 2^i wherever 2^i divides l (0 is the input); its width is growth times
    `multiplier` to the number of links less one. The output is the odd layers and the last.
    """

    growth: Count = field(doc="channels of a layer with one link (k)")
    multiplier: Ratio = field(1.7, doc="growth for each further link (m)")
    layers: Copies = field(8, doc="layers, at most 1000")
    depthwise: bool = field(False, doc="whether a layer is a 1×1 and a depthwise 3×3 (HarDNet-DS)")

    word = "hardnet"
    paper = "Chao et al. 2019, arXiv:1909.00948, section 3; PingoLH/Pytorch-HarDNet"

    def build(self, net: Net, x: Tensor) -> Tensor:
        maps = [x]
        for index in range(1, self.layers + 1):
            links = [index - 2**i for i in range(index.bit_length()) if index % 2**i == 0]
            x = maps[links[0]] if len(links) == 1 else net.concat(*(maps[i] for i in links))
            width = self.width(len(links))
            if self.depthwise:
                maps.append(net.depthwise(net.conv(x, width, 1), act="none"))
            else:
                maps.append(net.conv(x, width, 3))
        kept = [y for i, y in enumerate(maps) if i and (i % 2 == 1 or i == self.layers)]
        return net.concat(*kept) if len(kept) > 1 else kept[0]

    def width(self, links: int) -> int:
        """Return the width of a layer, to an even number as the authors round it."""
        exact: float = self.growth
        for _ in range(links - 1):
            exact = exact * self.multiplier
        width = trunc(exact + 1) // 2 * 2
        if width < 1:
            message = f"multiplier {self.multiplier} leaves none of {self.growth} channels"
            raise ShapeError(message, field="multiplier")
        return width
