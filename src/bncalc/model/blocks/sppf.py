"""YOLOv5's SPPF."""

from typing import Annotated

from bncalc.model.blocks.widths import divided
from bncalc.model.field_types import Integer
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Sppf(Projecting):
    """Spatial pyramid pooling, fast: n max pools in a chain, joined with what entered them."""

    kernel: Count = field(5, doc="window of the pools")
    n: Annotated[int, Integer(1, 100)] = field(3, doc="pools, at most 100")
    shortcut: bool = field(False, doc="whether the input is added if the channels agree")

    paper = "ultralytics/yolov5 v7.0, models/common.py, SPPF; SPP: He et al. 2014, arXiv:1406.4729"

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        maps = [net.conv(x, divided(x.channels, 2), 1, name="cv1")]
        for _ in range(self.n):
            maps.append(net.op("max_pool", maps[-1], kernel=self.kernel, stride=1))
        y = net.conv(net.concat(*maps), out, 1, name="cv2")
        return net.add(x, y) if self.shortcut and x.shape == y.shape else y
