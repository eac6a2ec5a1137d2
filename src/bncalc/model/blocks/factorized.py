"""A k×k convolution factorised in space."""

from typing import TYPE_CHECKING

from bncalc.model.blocks.plain import Plain
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.op import Block
from bncalc.model.shape import Shape

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor


class Factorized(Block):
    """k×1, then 1×k: the reach of a k×k, with 2k weights in place of k² for a pair of channels."""

    out: Count | None = field(None, doc="output channels; as many as arrive if not given")
    mid: Count | None = field(None, doc="channels between; as many as `out` if not given")
    kernel: Count = field(3, doc="k")
    stride: Count = field(1, doc="stride: of the first in height, of the second in width")

    paper = "Szegedy et al. 2015, arXiv:1512.00567, section 3.2 and figure 6"

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        (x,) = inputs
        out = x.channels if self.out is None else self.out
        mid = out if self.mid is None else self.mid
        y = net.conv(x, mid, (self.kernel, 1), stride=(self.stride, 1))
        return net.conv(y, out, (1, self.kernel), stride=(1, self.stride))

    def replaces(self, x: Shape) -> Block:
        out = x.channels if self.out is None else self.out
        return Plain(out=out, kernel=self.kernel, stride=self.stride)
