"""The bottleneck of ResNet-50 and its relatives."""

from typing import Annotated

from bncalc.model.blocks.widths import divided, rounded
from bncalc.model.field_types import Choice
from bncalc.model.fields import Count, Ratio, Sizes
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Bottleneck(Projecting):
    """1×1 down, 3×3, 1×1 up, and a shortcut, projected if the shapes differ.

    With `groups` it is the block of ResNeXt, with a wider `mid` that of Wide ResNet; `se` puts
    squeeze-and-excitation after the 3×3, its width a share of the channels that arrive (RegNetY).
    """

    mid: Count | None = field(None, doc="channels of the 3×3; a quarter of `out` if not given")
    stride: Sizes = field(1, doc="stride")
    stride_on: Annotated[str, Choice(("3x3", "1x1"))] = field(
        "3x3", doc="which convolution strides: the 3×3 (v1.5) or the first 1×1 (as published)"
    )
    groups: Count = field(1, doc="groups of the 3×3")
    dilation: Sizes = field(1, doc="dilation of the 3×3")
    se: Ratio | None = field(None, doc="squeeze-and-excitation: its width as a share of the input")
    shortcut: Annotated[str, Choice(("last", "first"))] = field(
        "last", doc="when the shortcut's projection runs: after the rest, or before it as in RegNet"
    )

    paper = (
        "He et al. 2015, arXiv:1512.03385, figure 5 (right); groups: Xie et al. 2016, 1611.05431"
    )
    as_plain = ("stride",)

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        mid = divided(out, 4, field="out", instead="mid") if self.mid is None else self.mid
        first, second = (1, self.stride) if self.stride_on == "3x3" else (self.stride, 1)
        early = net.shortcut(x, out, stride=self.stride) if self.shortcut == "first" else None
        y = net.conv(x, mid, 1, stride=first)
        y = net.conv(y, mid, 3, stride=second, groups=self.groups, dilation=self.dilation)
        if self.se:
            y = net.op("squeeze_excitation", y, mid=rounded(x.channels, self.se, field="se"))
        y = net.conv(y, out, 1, act="none")
        late = net.shortcut(x, out, stride=self.stride) if early is None else early
        return net.act(net.add(y, late))
