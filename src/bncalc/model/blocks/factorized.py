"""A k×k convolution factorised in space."""

from typing import Annotated

from bncalc.model.field_types import Choice
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting
from bncalc.model.window import need_axes


class Factorized(Projecting):
    """k×1, then 1×k: the reach of a k×k, with 2k weights in place of k² for a pair of channels."""

    mid: Count | None = field(None, doc="hidden channels; as many as `out` if not given")
    kernel: Count = field(3, doc="length of both kernels (k)")
    stride: Count = field(1, doc="stride: of the k×1 in height, of the 1×k in width")
    order: Annotated[str, Choice(("vertical", "horizontal"))] = field(
        "vertical", doc="which comes first: vertical, the k×1, or horizontal, the 1×k"
    )

    paper = "Szegedy et al. 2015, arXiv:1512.00567, section 3.2 and figure 6"
    as_plain = ("kernel", "stride")

    def build(self, net: Net, x: Tensor) -> Tensor:
        need_axes(x.shape, 2, self.word)
        out = self.width(x)
        mid = out if self.mid is None else self.mid
        down, across = ((self.kernel, 1), (self.stride, 1)), ((1, self.kernel), (1, self.stride))
        first, second = (down, across) if self.order == "vertical" else (across, down)
        y = net.conv(x, mid, first[0], stride=first[1])
        return net.conv(y, out, second[0], stride=second[1])
