"""ACNet's asymmetric convolution block."""

from bncalc.model.fields import Count, Form
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting
from bncalc.model.window import need_axes


class Asymmetric(Projecting):
    """k×k, k×1 and 1×k side by side, each with its norm, summed; fused: one k×k with a bias."""

    kernel: Count = field(3, doc="kernel size (k)")
    stride: Count = field(1, doc="stride")
    groups: Count = field(1, doc="groups that the channels are divided into")
    form: Form = field("default", doc="as trained, or as fused for inference")

    paper = "Ding et al. 2019, arXiv:1908.03930, figure 2"
    as_plain = ("kernel", "stride", "groups")

    def build(self, net: Net, x: Tensor) -> Tensor:
        need_axes(x.shape, 2, self.word)
        out = self.width(x)
        k, stride, groups = self.kernel, self.stride, self.groups
        if net.form(self.form) == "fused":
            return net.conv(x, out, k, stride=stride, groups=groups, norm="none", bias=True)
        sides = [
            net.conv(x, out, kernel, stride=stride, groups=groups, act="none")
            for kernel in ((k, k), (k, 1), (1, k))
        ]
        return net.act(net.add(*sides))
