"""YOLO11's C3k2."""

from bncalc.model.blocks.c3 import C3
from bncalc.model.blocks.joined_stage import JoinedStage
from bncalc.model.blocks.psa_block import PsaBlock
from bncalc.model.blocks.yolo_bottleneck import YoloBottleneck
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor


class C3k2(JoinedStage):
    """C2f with other units: bottlenecks of half the width, cross-stage blocks, or attention."""

    shortcut: bool = field(True, doc="whether the units add their input")
    c3k: bool = field(False, doc="whether each unit is a C3 of two bottlenecks of 3×3")
    attention: bool = field(False, doc="whether each unit is a bottleneck and an attention block")
    groups: Count = field(1, doc="groups of the 3×3 of each bottleneck")

    paper = "ultralytics/ultralytics (YOLO11, 2024), nn/modules/block.py, C3k2"

    def unit(self, net: Net, x: Tensor, name: str) -> Tensor:
        inner = YoloBottleneck(shortcut=self.shortcut, groups=self.groups, first=3)
        if self.attention:
            with net.part("unit", name):
                heads = max(x.channels // 64, 1)
                return net.build(PsaBlock(heads=heads), net.build(inner, x))
        if self.c3k:
            c3 = C3(n=2, shortcut=self.shortcut, groups=self.groups, first=3)
            return net.build(c3, x, name=name)
        return net.build(inner, x, name=name)
