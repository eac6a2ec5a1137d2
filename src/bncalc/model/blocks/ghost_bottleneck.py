"""GhostNet's bottleneck."""

from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class GhostBottleneck(Projecting):
    """A ghost module up, a depthwise k×k if it strides, a linear ghost module down; a shortcut.

    The shortcut is the input if its shape is kept, else a depthwise k×k and a 1×1.
    """

    mid: Count = field(doc="hidden channels")
    kernel: Count = field(3, doc="kernel of the strided depthwise convolutions")
    stride: Count = field(1, doc="stride")
    se_mid: Count | None = field(None, doc="width of squeeze-and-excitation; none if not given")

    paper = "Han et al. 2019, arXiv:1911.11907, figure 3"
    as_plain = ("stride",)

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        y = net.op("ghost", x, out=self.mid, name="expand")
        if self.stride > 1:
            y = net.depthwise(y, self.kernel, stride=self.stride, act="none")
        if self.se_mid is not None:
            y = net.op("squeeze_excitation", y, mid=self.se_mid, gate="hard_sigmoid")
        y = net.op("ghost", y, out=out, act="none", name="project")
        if self.stride == 1 and x.shape == y.shape:
            return net.add(y, x)
        with net.part("shortcut", "shortcut"):
            past = net.depthwise(x, self.kernel, stride=self.stride, act="none")
            past = net.conv(past, out, 1, act="none")
        return net.add(y, past)
