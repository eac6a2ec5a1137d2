"""YOLOv5's C3Ghost."""

from bncalc.model.blocks.cross_stage import CrossStage
from bncalc.model.blocks.ghost import Ghost
from bncalc.model.blocks.widths import divided
from bncalc.model.net import Net, Tensor


class C3Ghost(CrossStage):
    """A cross-stage block of ghost bottlenecks: to half the channels and back, added."""

    paper = "ultralytics/yolov5 v7.0, C3Ghost; GhostNet: Han et al. 2019, arXiv:1911.11907"

    def bottleneck(self, net: Net, x: Tensor, name: str) -> Tensor:
        with net.part("ghost_bottleneck", name):
            y = net.build(Ghost(out=divided(x.channels, 2), cheap=5), x)
            y = net.build(Ghost(out=x.channels, cheap=5, act="none"), y)
            return net.add(x, y) if self.shortcut else y
