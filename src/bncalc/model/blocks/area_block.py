"""YOLO12's attention block."""

from bncalc.model.blocks.attending import attended, fed_forward
from bncalc.model.blocks.widths import cut, divided
from bncalc.model.fields import Count, Ratio
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block


class AreaBlock(Block):
    """Attention within areas and a depthwise 7×7 of the values, then two 1×1; each added."""

    heads: Count | None = field(None, doc="heads; one for every 32 channels if not given")
    areas: Count = field(1, doc="equal areas of positions, each attending only to itself")
    mlp: Ratio = field(1.2, doc="hidden channels of the two 1×1 per channel")

    paper = "Tian et al. 2025 (YOLO12), arXiv:2502.12524, section 3.2"

    def build(self, net: Net, x: Tensor) -> Tensor:
        with net.part("attention", "attn"):
            y = self.attention(net, x)
        x = net.add(x, y)
        return fed_forward(net, x, cut(x.channels, self.mlp, field="mlp"), "mlp")

    def attention(self, net: Net, x: Tensor) -> Tensor:
        """Place the attention: 2 · c · N² / areas multiply-accumulates between positions."""
        heads = divided(x.channels, 32, instead="heads") if self.heads is None else self.heads
        qkv = net.conv(x, 3 * x.channels, 1, act="none", name="qkv")
        q, k, v = (net.op("split", qkv, parts=3, part=i) for i in range(3))
        return attended(net, (q, k, v), heads=heads, areas=self.areas, kernel=7)
