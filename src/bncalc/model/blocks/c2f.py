"""YOLOv8's C2f."""

from typing import TYPE_CHECKING, Annotated

from bncalc.model.blocks.widths import cut
from bncalc.model.field_types import Integer
from bncalc.model.fields import Ratio
from bncalc.model.kind import field
from bncalc.model.op import Projecting

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor


class C2f(Projecting):
    """A cross-stage block whose bottlenecks are all joined at the end."""

    n: Annotated[int, Integer(0, 1000)] = field(1, doc="bottlenecks, at most 1000")
    shortcut: bool = field(False, doc="whether the bottlenecks add their input")
    e: Ratio = field(0.5, doc="hidden channels for each output channel")

    paper = "ultralytics/ultralytics (YOLOv8, 2023), nn/modules/block.py, C2f"

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        (x,) = inputs
        out = self.width(x)
        hidden = cut(out, self.e, field="e")
        both = net.conv(x, 2 * hidden, 1, name="cv1")
        maps = [net.op("split", both, parts=2, part=i) for i in (0, 1)]
        for i in range(self.n):
            maps.append(self.unit(net, maps[-1], f"m{i}"))
        return net.conv(net.concat(*maps), out, 1, name="cv2")

    def unit(self, net: "Net", x: "Tensor", name: str) -> "Tensor":
        """Place one of the n units, which keeps the channels."""
        with net.part("bottleneck", name):
            y = net.conv(net.conv(x, x.channels, 3), x.channels, 3)
            return net.add(x, y) if self.shortcut else y
