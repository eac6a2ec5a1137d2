"""Multi-head self-attention."""

from abc import abstractmethod

from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block


class SelfAttention(Block, abstract=True):
    """1×1 to Q, K, V, what they do with each other, 1×1 back."""

    heads: Count = field(1, doc="heads that the channels are divided among")
    bias: bool = field(True, doc="whether the four projections add a bias")
    fused: bool = field(False, doc="whether one fused kernel computes it, which stores no scores")

    paper = "Vaswani et al. 2017, arXiv:1706.03762, section 3.2"

    @abstractmethod
    def attended(self, net: Net, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Place the products between the projections."""

    def build(self, net: Net, x: Tensor) -> Tensor:
        qkv = self._projected(net, x, 3 * x.channels, "qkv")
        q, k, v = (net.op("split", qkv, parts=3, part=i) for i in range(3))
        y = self.attended(net, q, k, v)
        return self._projected(net, y, x.channels, "project")

    def _projected(self, net: Net, x: Tensor, out: int, name: str) -> Tensor:
        return net.conv(x, out, 1, norm="none", act="none", bias=self.bias, name=name)


class Attention(SelfAttention):
    """Self-attention among the positions of a map: 1×1 to Q, K, V, their products, 1×1 back."""

    areas: Count = field(1, doc="equal areas of positions, each attending only to itself")

    def attended(self, net: Net, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        heads, areas = self.heads, self.areas
        if self.fused:
            return net.op("fused_attention", q, k, v, heads=heads, areas=areas)
        scores = net.op("attention_scores", q, k, heads=heads, areas=areas)
        return net.op("attention_mix", net.op("softmax", scores, over="width"), v, areas=areas)
