"""RepVGG's block."""

from bncalc.model.fields import Count, Form
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class RepVgg(Projecting):
    """3×3, 1×1 and the input side by side, each with its norm, summed; fused: one 3×3 with a bias.

    The input takes part if its shape is kept, and has a norm if the net has one.
    """

    stride: Count = field(1, doc="stride")
    groups: Count = field(1, doc="groups that the channels are divided into")
    form: Form = field("default", doc="as trained, or as fused for inference")

    word = "repvgg"
    paper = "Ding et al. 2021, arXiv:2101.03697, figures 2 and 4"
    as_plain = ("stride", "groups")

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        stride, groups = self.stride, self.groups
        if net.form(self.form) == "fused":
            return net.conv(x, out, 3, stride=stride, groups=groups, norm="none", bias=True)
        wide, narrow = [
            net.conv(x, out, k, stride=stride, groups=groups, act="none") for k in (3, 1)
        ]
        passed = [net.norm(x)] if self.stride == 1 and x.shape == wide.shape else []
        return net.act(net.add(wide, narrow, *passed))
