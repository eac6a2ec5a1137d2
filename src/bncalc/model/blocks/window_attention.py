"""Self-attention within windows."""

from bncalc.errors import ShapeError
from bncalc.model.blocks.attention import SelfAttention
from bncalc.model.fields import Count, Natural
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.window import need_axes


class WindowAttention(SelfAttention):
    """Self-attention among the positions of each w × w window, shifted if asked, with a bias.

    The windows are views of the map: what is copied to make them is not counted. The map must be
    a whole number of windows high and wide; if it is not, `pad` it before and `crop` it after.
    """

    window: Count = field(7, doc="rows and columns of a window (w)")
    shift: Natural = field(0, doc="positions by which the windows are shifted along both axes")
    position_bias: bool = field(True, doc="whether scores get a learned bias for each offset")

    paper = "Liu et al. 2021, arXiv:2103.14030, section 3.2"

    def build(self, net: Net, x: Tensor) -> Tensor:
        need_axes(x.shape, 2, self.word)
        if not all(size % self.window == 0 for size in x.shape.space):
            message = f"{x.shape} is not a whole number of windows of {self.window}"
            raise ShapeError(message, field="window", about="space")
        if not self.shift:
            return super().build(net, x)
        if self.shift >= self.window:
            message = f"shift is {self.shift}; it must be less than window, which is {self.window}"
            raise ShapeError(message, field="shift")
        back = tuple([size - self.shift for size in x.shape.space])
        y = super().build(net, net.op("roll", x, by=back))
        return net.op("roll", y, by=self.shift)

    def attended(self, net: Net, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        windows = q.shape.positions // (self.window * self.window)
        if self.fused and not self.position_bias:
            return net.op("fused_attention", q, k, v, heads=self.heads, areas=windows)
        scores = net.op("attention_scores", q, k, heads=self.heads, areas=windows)
        if self.position_bias:
            scores = net.op("relative_position_bias", scores, window=self.window)
        scores = net.op("softmax", scores, over="width")
        return net.op("attention_mix", scores, v, areas=windows)
