"""YOLO11's attention block."""

from bncalc.model.blocks.attending import attended, fed_forward
from bncalc.model.blocks.widths import divided
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block


class PsaBlock(Block):
    """Attention with keys of half the width and a depthwise 3×3 of the values, then two 1×1.

    Each of the two is added to what entered it.
    """

    heads: Count | None = field(None, doc="heads; one for every 64 channels if not given")

    paper = "ultralytics/ultralytics (YOLO11, 2024), PSABlock; YOLOv10, arXiv:2405.14458"

    def build(self, net: Net, x: Tensor) -> Tensor:
        with net.part("attention", "attn"):
            y = self.attention(net, x)
        return fed_forward(net, net.add(x, y), 2 * x.channels, "ffn")

    def attention(self, net: Net, x: Tensor) -> Tensor:
        """Place the attention: products of N² · heads · (key + value channels of a head)."""
        heads = max(x.channels // 64, 1) if self.heads is None else self.heads
        keys = divided(x.channels, 2 * heads, field="heads") * heads
        qkv = net.conv(x, x.channels + 2 * keys, 1, act="none", name="qkv")
        q = net.op("slice", qkv, stop=keys)
        k = net.op("slice", qkv, start=keys, stop=2 * keys)
        v = net.op("slice", qkv, start=2 * keys)
        return attended(net, (q, k, v), heads=heads, kernel=3)
