"""Ops that move, cut, rename or repeat data: free, and saying so."""

from abc import abstractmethod
from collections.abc import Sequence
from math import prod
from typing import Annotated

from bncalc.errors import ShapeError
from bncalc.model.cost import FREE, NOTHING, Kept
from bncalc.model.field_types import Choice
from bncalc.model.fields import Count, Natural, Over, Share
from bncalc.model.kind import field
from bncalc.model.op import Pointwise
from bncalc.model.pattern import Window
from bncalc.model.reach import POINTWISE, Reach, enlarging, gathering, shifting
from bncalc.model.shape import Shape, need_divisible, shown
from bncalc.model.window import axes_of, spread


class Free(Pointwise, abstract=True):
    """An op that computes nothing."""

    costs = FREE
    keeps = NOTHING


class Identity(Free):
    """The input itself."""

    storage = "view"


class Dropout(Free):
    """Zeroes elements while training; nothing at inference."""

    rate: Share = field(0.5, doc="share of elements that are zeroed while training")

    storage = "view"

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(noise=output.elements) if self.rate else NOTHING


class DropPath(Free):
    """Drops a whole branch for an image while training (Huang et al. 2016).

    Nothing at inference. Also called stochastic depth (arXiv:1603.09382).
    """

    rate: Share = field(0.1, doc="share of images that go without the branch while training")

    storage = "view"

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(noise=1) if self.rate else NOTHING


class Flatten(Free):
    """A map as a vector, channels · height · width features; no data moved."""

    storage = "view"

    def settles_space(self) -> bool:
        return True

    def output(self, x: Shape) -> Shape:
        return x.single(x.elements)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return gathering(inputs[0].space)


class Cut(Free, abstract=True):
    """A stretch of one axis: of the channels, or of positions."""

    over: Over = field("channels", doc="the axis that is cut")

    storage = "view"

    def axis(self, x: Shape) -> tuple[int, str]:
        """Return the axis and what it holds; raise ShapeError where there is not one of it."""
        axes = axes_of(self.over, x)
        if len(axes) != 1:
            message = f"{self.word} cuts one axis, not {len(axes)}"
            raise ShapeError(message, field="over", about="axes")
        return axes[0], "positions" if axes[0] else "channels"

    @abstractmethod
    def first(self, x: Shape) -> int:
        """Return where the stretch begins."""

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        x = inputs[0]
        axis, _ = self.axis(x)
        if not axis:
            return POINTWISE
        return shifting(tuple([self.first(x) * (i == axis) for i in range(1, len(x))]))


class Slice(Cut):
    """Some of the channels, or of the positions along an axis: from `start` up to `stop`."""

    start: Natural = field(0, doc="where it starts, counted from 0")
    stop: Count | None = field(None, doc="where it stops, exclusive; at the end if not given")
    over: Over = field("channels", doc="the axis that is cut")

    def output(self, x: Shape) -> Shape:
        axis, what = self.axis(x)
        about = "space" if axis else "channels"
        stop = x[axis] if self.stop is None else self.stop
        if stop > x[axis]:
            message = f"stop {stop} is beyond the {x[axis]} {what}"
            raise ShapeError(message, field="stop", about=about)
        if self.start >= stop:
            message = f"start {self.start} leaves none of the {stop} {what}"
            raise ShapeError(message, field="start", about=about)
        return Shape(*x[:axis], stop - self.start, *x[axis + 1 :])

    def first(self, x: Shape) -> int:
        return self.start


class Split(Cut):
    """One of several equal parts of the channels, or of the positions along an axis."""

    parts: Count = field(2, doc="number of equal parts")
    part: Natural = field(0, doc="which part, counted from 0")
    over: Over = field("channels", doc="the axis that is cut")

    def output(self, x: Shape) -> Shape:
        axis, what = self.axis(x)
        if x[axis] % self.parts != 0:
            message = f"{x[axis]} {what} are not divisible into {self.parts} parts"
            raise ShapeError(message, field="parts", about="space" if axis else "channels")
        if self.part >= self.parts:
            message = f"part {self.part} is not below the number of parts, {self.parts}"
            raise ShapeError(message, field="part", about="fields")
        return Shape(*x[:axis], x[axis] // self.parts, *x[axis + 1 :])

    def first(self, x: Shape) -> int:
        return x[self.axis(x)[0]] // self.parts * self.part


class ChannelShuffle(Free):
    """Interleaves the channels of groups (ShuffleNet, Zhang et al. 2017)."""

    groups: Count = field(2, doc="groups whose channels are interleaved")

    def output(self, x: Shape) -> Shape:
        need_divisible(x.channels, "channels", self.groups, field="groups")
        return x


ChannelOrder = Annotated[str, Choice(("crd", "dcr", "drc"))]


def _depth_and_blocks(order: str, depth: int, blocks: Sequence[int]) -> list[int]:
    """Return what the channels of a block are counted by, the slowest first."""
    return {
        "crd": [depth, *blocks],
        "dcr": [*blocks, depth],
        "drc": [*reversed(blocks), depth],
    }[order]


class PixelShuffle(Free):
    """Moves channels into space: C·r² × H × W becomes C × H·r × W·r (Shi et al. 2016)."""

    factor: Count = field(2, doc="factor by which each axis grows (r)")
    order: ChannelOrder = field(
        "crd",
        doc="what changes from one channel to the next, first the fastest: c columns, r rows, d"
        " depth, the output's channel; `crd` in PyTorch, `dcr` in TensorFlow",
    )

    aside = ("order",)

    def output(self, x: Shape) -> Shape:
        factors = spread((self.factor,), x.axes, "factor")
        block = prod(factors)
        if x.channels % block != 0:
            message = f"{x.channels} channels are not divisible by {self.factor}^{x.axes} = {block}"
            raise ShapeError(message, field="factor")
        return Shape(x.channels // block, *[size * self.factor for size in x.space])

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return enlarging((self.factor,) * output.axes)

    def turn(self, axes: int) -> list[int]:
        """Return the order in which depth, blocks and space, as they arrive, are put out."""
        parts = _depth_and_blocks(self.order, 0, range(1, axes + 1))
        pairs = [(axes + 1 + axis, parts.index(axis + 1)) for axis in range(axes)]
        return [parts.index(0), *[place for pair in pairs for place in pair]]

    def parted(self, x: Shape) -> list[int]:
        """Return the sizes of depth, blocks and space, as they arrive."""
        depth = x.channels // self.factor**x.axes
        blocks = [self.factor] * x.axes
        return [*([depth, *blocks] if self.order == "crd" else [*blocks, depth]), *x.space]


class SpaceToDepth(Free):
    """Moves space into channels: C × H × W becomes C·r² × H/r × W/r."""

    factor: Count = field(2, doc="factor by which each axis shrinks (r)")
    order: ChannelOrder = field(
        "crd",
        doc="what changes from one channel to the next, first the fastest: c columns, r rows, d"
        " depth, the input's channel; `crd` in PyTorch, `dcr` in ONNX and TensorFlow",
    )

    aside = ("order",)

    def output(self, x: Shape) -> Shape:
        factors = spread((self.factor,), x.axes, "factor")
        for size in x.space:
            if size % self.factor != 0:
                message = f"a map of {shown(x.space)} is not divisible by factor {self.factor}"
                raise ShapeError(message, field="factor", about="space")
        return Shape(x.channels * prod(factors), *[size // self.factor for size in x.space])

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return Reach((Window((0,), (self.factor - 1,), self.factor),) * output.axes)

    def turn(self, axes: int) -> list[int]:
        """Return the order in which channels and each axis, in blocks, are put out."""
        inner = [2 * axis for axis in range(1, axes + 1)]
        return [*_depth_and_blocks(self.order, 0, inner), *[place - 1 for place in inner]]

    def parted(self, x: Shape) -> list[int]:
        """Return the sizes of channels and of each axis, in blocks, as they arrive."""
        return [x.channels, *[n for size in x.space for n in (size // self.factor, self.factor)]]
