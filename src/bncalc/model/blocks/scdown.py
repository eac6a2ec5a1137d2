"""YOLOv10's SCDown."""

from bncalc.model.fields import Sizes
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class Scdown(Projecting):
    """Downsampling with space and channels apart: 1×1 to the channels, then a depthwise stride."""

    kernel: Sizes = field(3, doc="kernel of the depthwise convolution")
    stride: Sizes = field(2, doc="its stride")

    paper = "Wang et al. 2024 (YOLOv10), arXiv:2405.14458, section 3.2"

    def build(self, net: Net, x: Tensor) -> Tensor:
        y = net.conv(x, self.width(x), 1, name="cv1")
        return net.depthwise(y, self.kernel, stride=self.stride, act="none", name="cv2")
