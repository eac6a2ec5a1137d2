"""YOLOv5's SPPF."""

from typing import TYPE_CHECKING

from bncalc.model.blocks.widths import divided
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.op import Projecting

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor


class Sppf(Projecting):
    """Spatial pyramid pooling, fast: three max pools in a chain, joined with what entered them."""

    kernel: Count = field(5, doc="window of the pools")

    paper = "ultralytics/yolov5 v7.0, models/common.py, SPPF; SPP: He et al. 2014, arXiv:1406.4729"

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        (x,) = inputs
        out = self.width(x)
        maps = [net.conv(x, divided(x.channels, 2), 1, name="cv1")]
        for _ in range(3):
            maps.append(net.op("max_pool", maps[-1], kernel=self.kernel, stride=1))
        return net.conv(net.concat(*maps), out, 1, name="cv2")
