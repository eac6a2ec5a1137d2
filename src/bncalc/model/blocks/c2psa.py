"""YOLO11's C2PSA."""

from bncalc.model.blocks.psa_block import PsaBlock
from bncalc.model.blocks.widths import divided
from bncalc.model.fields import Copies0
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block


class C2psa(Block):
    """Attention blocks on one half of the channels; PSA of YOLOv10 has one of them."""

    n: Copies0 = field(1, doc="attention blocks, at most 1000")

    paper = "ultralytics/ultralytics (YOLO11, 2024), C2PSA; YOLOv10, arXiv:2405.14458, PSA"

    def build(self, net: Net, x: Tensor) -> Tensor:
        hidden = divided(x.channels, 2)
        both = net.conv(x, 2 * hidden, 1, name="cv1")
        past, y = (net.op("split", both, parts=2, part=i) for i in (0, 1))
        for i in range(self.n):
            y = net.build(PsaBlock(), y, name=f"m{i}")
        return net.conv(net.concat(past, y), x.channels, 1, name="cv2")
