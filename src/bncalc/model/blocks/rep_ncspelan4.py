"""YOLOv9's RepNCSPELAN4."""

from bncalc.model.blocks.elan1 import Elan1
from bncalc.model.blocks.rep_csp import RepCsp
from bncalc.model.fields import Copies0
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor


class RepNcspelan4(Elan1):
    """ELAN1 whose units are a RepCSP and a 3×3."""

    n: Copies0 = field(1, doc="bottlenecks of each RepCSP, at most 1000")

    paper = "Wang et al. 2024 (YOLOv9), arXiv:2402.13616, figure 4 (GELAN)"

    def unit(self, net: Net, x: Tensor, name: str) -> Tensor:
        with net.part("unit", name):
            y = net.build(RepCsp(out=self.hidden, n=self.n), x)
            return net.conv(y, self.hidden, 3)
