"""Squeeze-and-excitation."""

from typing import Annotated

from bncalc.model.blocks.widths import divided
from bncalc.model.field_types import Choice
from bncalc.model.fields import Act, Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block


class SqueezeExcitation(Block):
    """Scales each channel by a gate computed from the means of all: pool, 1×1 down, 1×1 up."""

    mid: Count | None = field(None, doc="hidden channels; channels // ratio if not given")
    ratio: Count = field(16, doc="by which the channels are divided if `mid` is not given")
    act: Act = field("relu", doc="activation between the two convolutions")
    gate: Annotated[str, Choice(("sigmoid", "hard_sigmoid"))] = field("sigmoid", doc="the gate")
    bias: bool = field(True, doc="whether the 1×1 convolutions add a bias")

    paper = "Hu et al. 2017, arXiv:1709.01507, figure 3"

    def build(self, net: Net, x: Tensor) -> Tensor:
        mid = self.mid
        if mid is None:
            mid = divided(x.channels, self.ratio, field="ratio", instead="mid")
        y = net.op("global_avg_pool", x)
        y = net.conv(y, mid, 1, norm="none", act=self.act, bias=self.bias, name="reduce")
        y = net.conv(y, x.channels, 1, norm="none", act=self.gate, bias=self.bias, name="expand")
        return net.op("multiply", x, y)
