"""Expanding blocks: more channels between than arrive, as in an inverted residual."""

from math import trunc
from typing import Annotated

from bncalc.model.blocks.widths import rounded
from bncalc.model.field_types import Choice
from bncalc.model.fields import Act, Count, Ratio, Share, Sizes
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting
from bncalc.model.window import is_strided


class Expanding(Projecting, abstract=True):
    """Wide between, with squeeze-and-excitation if asked; added to the input if it can be."""

    expand: Ratio = field(6, doc="expansion: hidden channels per input channel")
    mid: Count | None = field(None, doc="hidden channels, exactly; from `expand` if not given")
    kernel: Sizes = field(3, doc="kernel of the k×k convolution")
    stride: Sizes = field(1, doc="stride of the k×k convolution")
    se: Ratio | None = field(None, doc="squeeze-and-excitation: its width as a share of the input")
    se_mid: Count | None = field(None, doc="width of squeeze-and-excitation, exactly")
    act: Act = field("default", doc="activation of all but the last convolution")
    se_act: Act = field("relu", doc="activation within squeeze-and-excitation")
    gate: Annotated[str, Choice(("sigmoid", "hard_sigmoid"))] = field(
        "sigmoid", doc="gate of squeeze-and-excitation"
    )
    drop_path: Share = field(
        0, doc="share of images that skip the block in training, if it has a shortcut"
    )

    as_plain = ("kernel", "stride")

    def between(self, x: Tensor) -> int:
        """Return the channels between."""
        return rounded(x.channels, self.expand, field="expand") if self.mid is None else self.mid

    def gated(self, net: Net, y: Tensor, x: Tensor) -> Tensor:
        """Place squeeze-and-excitation, if asked; its width is a share of what arrived, x."""
        if not self.se and self.se_mid is None:
            return y
        squeezed = squeeze_width(x.channels, self.se) if self.se_mid is None else self.se_mid
        return net.op("squeeze_excitation", y, mid=squeezed, act=self.se_act, gate=self.gate)

    def added(self, net: Net, y: Tensor, x: Tensor) -> Tensor:
        """Add the input, if the shape is kept."""
        if is_strided(self.stride) or x.shape != y.shape:
            return y
        return net.add(net.drop_path(y, self.drop_path), x)


def squeeze_width(channels: int, share: float | None) -> int:
    """Return the width of squeeze-and-excitation: a share of the input, at least 1."""
    width = trunc(channels * (share or 0))
    return width + (width < 1)
