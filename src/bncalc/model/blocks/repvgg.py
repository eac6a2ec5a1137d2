"""RepVGG's block."""

from typing import TYPE_CHECKING, Any

from bncalc.model.blocks.plain import Plain
from bncalc.model.fields import Count, Form
from bncalc.model.kind import field
from bncalc.model.op import Block
from bncalc.model.shape import Shape

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor


class RepVgg(Block):
    """3×3, 1×1 and the input side by side, each with its norm, summed; fused: one 3×3 with a bias.

    The input takes part where its shape is kept; it has a norm where the net has one.
    """

    out: Count | None = field(None, doc="output channels; as many as arrive if not given")
    stride: Count = field(1, doc="stride")
    groups: Count = field(1, doc="groups that the channels are divided into")
    form: Form = field("default", doc="as trained, or as fused for inference")

    word = "repvgg"
    paper = "Ding et al. 2021, arXiv:2101.03697, figures 2 and 4"

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        (x,) = inputs
        out = x.channels if self.out is None else self.out
        shared: dict[str, Any] = {"stride": self.stride, "groups": self.groups}
        if net.form(self.form) == "fused":
            return net.op("conv", x, out=out, kernel=3, **shared, norm="none", bias=True)
        sides = [
            net.op("conv", x, out=out, kernel=kernel, **shared, act="none") for kernel in (3, 1)
        ]
        if self.stride == 1 and x.shape == sides[0].shape:
            sides.append(net.norm(x))
        return net.act(net.add(*sides))

    def replaces(self, x: Shape) -> Block:
        out = x.channels if self.out is None else self.out
        return Plain(out=out, stride=self.stride, groups=self.groups)
