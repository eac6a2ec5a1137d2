"""ShuffleNetV2's unit."""

from bncalc.errors import ShapeError
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class ShuffleUnit(Projecting):
    """1×1, depthwise 3×3, 1×1 on half the channels, the other half past them, then a shuffle.

    With a stride both branches take all channels, and each makes half of the output.
    """

    stride: Count = field(1, doc="stride: 1 keeps the shape")

    paper = "Ma et al. 2018, arXiv:1807.11164, figure 3 (c) and (d)"
    as_plain = ("stride",)

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        if self.stride == 1 or self.out is None:
            cin = x.channels
            if cin % 2 != 0:
                raise ShapeError(f"the number of input channels, {cin}, is not even")
        if self.stride == 1:
            if out != x.channels:
                message = f"a unit of stride 1 keeps the {x.channels} channels; out is {out}"
                raise ShapeError(message, field="out")
            past, y = (net.op("split", x, parts=2, part=i) for i in (0, 1))
        else:
            if out % 2 != 0:
                raise ShapeError(f"out {out} is not even", field="out", about="fields")
            past, y = net.depthwise(x, stride=self.stride, act="none"), x
            past = net.conv(past, out // 2, 1)
        y = net.conv(y, out // 2, 1)
        y = net.depthwise(y, stride=self.stride, act="none")
        y = net.conv(y, out // 2, 1)
        return net.op("channel_shuffle", net.concat(past, y), groups=2)
