"""ConvNeXt's block."""

from bncalc.model.blocks.plain import Plain
from bncalc.model.fields import Count, Share
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block
from bncalc.model.shape import Shape


class ConvNeXt(Block):
    """Depthwise 7×7, layer norm, 1×1 to four times the channels, GELU, 1×1 back; a scaled residual.

    It brings its own norm and biases, as published.
    """

    kernel: Count = field(7, doc="kernel of the depthwise convolution")
    expand: Count = field(4, doc="expansion of the 1×1")
    scale: bool = field(True, doc="whether a learned scale for each channel precedes the sum")

    drop_path: Share = field(0, doc="share of images that skip the block in training")

    word = "convnext"
    paper = "Liu et al. 2022, arXiv:2201.03545, figure 4"

    def build(self, net: Net, x: Tensor) -> Tensor:
        y = net.depthwise(x, self.kernel, norm="none", act="none", bias=True)
        y = net.op("layer_norm", y)
        y = net.conv(y, self.expand * x.channels, 1, norm="none", act="gelu", bias=True)
        y = net.conv(y, x.channels, 1, norm="none", act="none", bias=True)
        if self.scale:
            y = net.op("layer_scale", y)
        return net.add(net.drop_path(y, self.drop_path), x)

    def replaces(self, x: Shape) -> Block:
        return Plain(kernel=self.kernel)
