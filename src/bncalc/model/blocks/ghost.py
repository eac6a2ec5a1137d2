"""GhostNet's ghost module."""

from bncalc.model.fields import Act, Count, Sizes
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Ghost(Projecting):
    """A convolution to a part of the channels; cheap depthwise copies make the rest."""

    kernel: Sizes = field(1, doc="kernel of the first convolution")
    ratio: Count = field(2, doc="output channels for each channel of the first convolution")
    cheap: Sizes = field(3, doc="kernel of the depthwise convolution")
    stride: Sizes = field(1, doc="stride of the first convolution")
    act: Act = field("default", doc="activation after both")

    paper = "Han et al. 2019, arXiv:1911.11907, section 3.1"
    as_plain = ("kernel", "stride")

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        first = -(-out // self.ratio)
        y = net.conv(x, first, self.kernel, stride=self.stride, act=self.act, name="primary")
        if self.ratio == 1:
            return y
        copies = self.ratio - 1
        cheap = net.depthwise(y, self.cheap, multiplier=copies, act=self.act, name="cheap")
        both = net.concat(y, cheap)
        return both if both.channels == out else net.op("slice", both, stop=out)
