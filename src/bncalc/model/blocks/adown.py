"""YOLOv9's ADown."""

from bncalc.model.blocks.widths import divided
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Adown(Projecting):
    """Average pool; half the channels by a 3×3 with stride 2, half by a max pool and a 1×1."""

    paper = "Wang et al. 2024 (YOLOv9), arXiv:2402.13616, figure 4"

    def build(self, net: Net, x: Tensor) -> Tensor:
        half = divided(self.width(x), 2, field="out")
        y = net.op("avg_pool", x, kernel=2, stride=1, padding=0, called="function")
        first, second = (net.op("split", y, parts=2, part=i) for i in (0, 1))
        first = net.conv(first, half, 3, stride=2, padding=1, name="cv1")
        second = net.op("max_pool", second, kernel=3, stride=2, padding=1, called="function")
        return net.concat(first, net.conv(second, half, 1, name="cv2"))
