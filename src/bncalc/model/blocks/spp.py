"""YOLOv5's SPP."""

from bncalc.model.blocks.widths import divided
from bncalc.model.fields import Counts
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Spp(Projecting):
    """Spatial pyramid pooling: max pools of several windows, joined with what entered them."""

    kernels: Counts = field((5, 9, 13), doc="window of each pool")

    paper = "He et al. 2014, arXiv:1406.4729; as in YOLOv3-SPP and YOLOv5"

    def build(self, net: Net, x: Tensor) -> Tensor:
        y = net.conv(x, divided(x.channels, 2), 1, name="cv1")
        pools = [net.op("max_pool", y, kernel=kernel, stride=1) for kernel in self.kernels]
        return net.conv(net.concat(y, *pools), self.width(x), 1, name="cv2")
