"""Ops that move, cut, rename or repeat data: free, and saying so."""

from math import prod

from bncalc.model.cost import FREE
from bncalc.model.fields import Count, Natural, Ratio, Sizes0
from bncalc.model.kept import NOTHING, Kept
from bncalc.model.kind import field
from bncalc.model.op import Pointwise
from bncalc.model.reach import (
    Reach,
    Window,
    enlarging,
    gathering,
    shifting,
)
from bncalc.model.shape import Shape, require, shown
from bncalc.model.window import spread


class Free(Pointwise, abstract=True):
    """An op that computes nothing."""

    costs = FREE
    keeps = NOTHING


class Identity(Free):
    """The input itself."""

    storage = "view"


class Dropout(Free):
    """Zeroes elements while training; nothing at inference."""

    rate: Ratio = field(0.5, doc="share of elements that are zeroed while training")

    storage = "view"

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(noise=output.elements) if self.rate else NOTHING


class DropPath(Free):
    """Leaves a branch away for an image as a whole while training (Huang et al. 2016).

    Nothing at inference. Also called stochastic depth (arXiv:1603.09382).
    """

    rate: Ratio = field(0.1, doc="share of images that go without the branch while training")

    storage = "view"

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(noise=1) if self.rate else NOTHING


class Flatten(Free):
    """A map as a vector, channels · height · width features; no data moved."""

    storage = "view"

    def settles_space(self) -> bool:
        return True

    def output(self, *inputs: Shape) -> Shape:
        return inputs[0].single(inputs[0].elements)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return gathering(inputs[0].space)


class Slice(Free):
    """Some of the channels: from `start` up to `stop`."""

    start: Natural = field(0, doc="first channel, counted from 0")
    stop: Count | None = field(None, doc="channel after the last; all that follow if not given")

    storage = "view"

    def output(self, *inputs: Shape) -> Shape:
        cin, *space = inputs[0]
        stop = cin if self.stop is None else self.stop
        require(stop <= cin, lambda: f"stop {stop} is beyond the {cin} channels", field="stop")
        require(
            self.start < stop,
            lambda: f"start {self.start} leaves none of the {stop} channels",
            field="start",
        )
        return Shape(stop - self.start, *space)


class Split(Free):
    """One of several equal parts of the channels."""

    parts: Count = field(2, doc="number of equal parts")
    part: Natural = field(0, doc="which of them, counted from 0")

    storage = "view"

    def output(self, *inputs: Shape) -> Shape:
        cin, *space = inputs[0]
        require(
            cin % self.parts == 0,
            lambda: f"{cin} channels are not divisible into {self.parts} parts",
            field="parts",
        )
        require(
            self.part < self.parts,
            lambda: f"part {self.part} is not below the number of parts, {self.parts}",
            field="part",
        )
        return Shape(cin // self.parts, *space)


class ChannelShuffle(Free):
    """Interleaves the channels of groups (ShuffleNet, Zhang et al. 2017)."""

    groups: Count = field(2, doc="groups whose channels are interleaved")

    def output(self, *inputs: Shape) -> Shape:
        cin = inputs[0].channels
        require(
            cin % self.groups == 0,
            lambda: f"{cin} channels are not divisible by groups {self.groups}",
            field="groups",
        )
        return inputs[0]


class PixelShuffle(Free):
    """Moves channels into space: C·r² × H × W becomes C × H·r × W·r (Shi et al. 2016)."""

    factor: Count = field(2, doc="r, by which each axis grows")

    def output(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        factors = spread((self.factor,), x.axes, "factor")
        block = prod(factors)
        require(
            x.channels % block == 0,
            lambda: f"{x.channels} channels are not divisible by {self.factor}^{x.axes} = {block}",
            field="factor",
        )
        return Shape(x.channels // block, *[size * self.factor for size in x.space])

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return enlarging((self.factor,) * output.axes)


class SpaceToDepth(Free):
    """Moves space into channels: C × H × W becomes C·r² × H/r × W/r."""

    factor: Count = field(2, doc="r, by which each axis shrinks")

    def output(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        factors = spread((self.factor,), x.axes, "factor")
        for size in x.space:
            require(
                size % self.factor == 0,
                lambda: f"a map of {shown(x.space)} is not divisible by factor {self.factor}",
                field="factor",
                about="space",
            )
        return Shape(x.channels * prod(factors), *[size // self.factor for size in x.space])

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return Reach((Window((0,), (self.factor - 1,), self.factor),) * output.axes)


class Pad(Free):
    """Adds zeros at both ends of each axis."""

    size: Sizes0 = field(1, doc="positions added at both ends of each axis")

    def output(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        added = zip(x.space, spread(self.size, x.axes, "size"), strict=True)
        return Shape(x.channels, *[size + 2 * each for size, each in added])

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return shifting(tuple([-each for each in spread(self.size, output.axes, "size")]))


class Crop(Free):
    """Cuts positions off at both ends of each axis."""

    size: Sizes0 = field(1, doc="positions cut off at both ends of each axis")

    storage = "view"

    def output(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        cut = spread(self.size, x.axes, "size")
        left = [size - 2 * each for size, each in zip(x.space, cut, strict=True)]
        for size in left:
            require(
                size > 0,
                lambda: f"cutting {shown(cut)} off at both ends leaves nothing of {shown(x.space)}",
                field="size",
                about="space",
            )
        return Shape(x.channels, *left)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return shifting(spread(self.size, output.axes, "size"))
