"""Inception's pooled branch."""

from typing import Annotated

from bncalc.model.field_types import Choice
from bncalc.model.fields import Called
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting, as_called


class InceptionPool(Projecting):
    """A 3×3 pool that keeps the size, then a 1×1 convolution."""

    pool: Annotated[str, Choice(("max", "avg"))] = field("max", doc="how it pools")
    called: Called = as_called()

    paper = "Szegedy et al. 2014, arXiv:1409.4842, figure 2b; avg: Szegedy et al. 2015, 1512.00567"

    def build(self, net: Net, x: Tensor) -> Tensor:
        y = net.op(f"{self.pool}_pool", x, kernel=3, stride=1, called=self.called)
        return net.conv(y, self.width(x), 1)
