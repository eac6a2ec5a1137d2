"""Inception's pooled branch."""

from typing import TYPE_CHECKING, Annotated

from bncalc.model.fields import Choice, Count
from bncalc.model.kind import field
from bncalc.model.op import Block

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor


class InceptionPool(Block):
    """A 3×3 pool that keeps the size, then a 1×1 convolution."""

    out: Count | None = field(None, doc="output channels; as many as arrive if not given")
    pool: Annotated[str, Choice(("max", "avg"))] = field("max", doc="how it pools")

    paper = "Szegedy et al. 2014, arXiv:1409.4842, figure 2b; avg: Szegedy et al. 2015, 1512.00567"

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        (x,) = inputs
        y = net.op(f"{self.pool}_pool", x, kernel=3, stride=1)
        return net.conv(y, x.channels if self.out is None else self.out, 1)
