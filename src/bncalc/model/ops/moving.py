"""Ops that move, cut, rename or repeat data: free, and saying so."""

from typing import Annotated

from bncalc.model.cost import FREE, Cost
from bncalc.model.fields import Choice, Count, Natural, Ratio, Sizes, Sizes0
from bncalc.model.kept import NOTHING, Kept
from bncalc.model.kind import field
from bncalc.model.op import Op
from bncalc.model.reach import (
    POINTWISE,
    Reach,
    Window,
    enlarging,
    gathering,
    interpolating,
    shifting,
)
from bncalc.model.shape import Shape, require


class Free(Op, abstract=True):
    """An op that computes nothing."""

    def output(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return FREE

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return POINTWISE

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return NOTHING


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
    """A map as a vector: channels · height · width features, no data moved."""

    storage = "view"
    settles_space = True

    def output(self, *inputs: Shape) -> Shape:
        return Shape(inputs[0].elements)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return gathering(inputs[0][1:])


class Slice(Free):
    """Some of the channels: from `start` up to `stop`."""

    start: Natural = field(0, doc="first channel, counted from 0")
    stop: Count | None = field(None, doc="channel after the last; all that follow if not given")

    storage = "view"

    def output(self, *inputs: Shape) -> Shape:
        cin, h, w = inputs[0]
        stop = cin if self.stop is None else self.stop
        require(stop <= cin, lambda: f"stop {stop} is beyond the {cin} channels", field="stop")
        require(
            self.start < stop,
            lambda: f"start {self.start} leaves none of the {stop} channels",
            field="start",
        )
        return Shape(stop - self.start, h, w)


class Split(Free):
    """One of several equal parts of the channels."""

    parts: Count = field(2, doc="number of equal parts")
    part: Natural = field(0, doc="which of them, counted from 0")

    storage = "view"

    def output(self, *inputs: Shape) -> Shape:
        cin, h, w = inputs[0]
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
        return Shape(cin // self.parts, h, w)


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

    factor: Count = field(2, doc="r, by which height and width grow")

    def output(self, *inputs: Shape) -> Shape:
        cin, h, w = inputs[0]
        squared = self.factor * self.factor
        require(
            cin % squared == 0,
            lambda: f"{cin} channels are not divisible by factor² = {squared}",
            field="factor",
        )
        return Shape(cin // squared, h * self.factor, w * self.factor)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return enlarging((self.factor, self.factor))


class SpaceToDepth(Free):
    """Moves space into channels: C × H × W becomes C·r² × H/r × W/r."""

    factor: Count = field(2, doc="r, by which height and width shrink")

    def output(self, *inputs: Shape) -> Shape:
        cin, h, w = inputs[0]
        fits = (h % self.factor + w % self.factor) == 0
        require(
            fits,
            lambda: f"a map of {h}×{w} is not divisible by factor {self.factor}",
            field="factor",
            about="space",
        )
        return Shape(cin * self.factor * self.factor, h // self.factor, w // self.factor)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        rows = Window((0,), (self.factor - 1,), self.factor)
        return Reach(rows, rows)


class Pad(Free):
    """Adds rows and columns of zeros at each side."""

    size: Sizes0 = field(1, doc="rows and columns added at each side, or [rows, columns]")

    def output(self, *inputs: Shape) -> Shape:
        (cin, h, w), (rows, columns) = inputs[0], self.size
        return Shape(cin, h + 2 * rows, w + 2 * columns)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        rows, columns = self.size
        return shifting((-rows, -columns))


class Crop(Free):
    """Cuts rows and columns off at each side."""

    size: Sizes0 = field(1, doc="rows and columns cut off at each side, or [rows, columns]")

    storage = "view"

    def output(self, *inputs: Shape) -> Shape:
        (cin, h, w), (rows, columns) = inputs[0], self.size
        require(
            (h > 2 * rows) & (w > 2 * columns),
            lambda: f"cutting {rows} rows and {columns} columns leaves nothing of {h}×{w}",
            field="size",
            about="space",
        )
        return Shape(cin, h - 2 * rows, w - 2 * columns)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return shifting(self.size)


class Upsample(Op):
    """Enlarges the map; bilinear costs seven operations for each element, nearest none."""

    scale: Sizes = field(2, doc="factor for height and width, or [height, width]")
    mode: Annotated[str, Choice(("nearest", "bilinear"))] = field("nearest", doc="how")

    def output(self, *inputs: Shape) -> Shape:
        (cin, h, w), (down, across) = inputs[0], self.scale
        return Shape(cin, h * down, w * across)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        # Four weighted neighbours: four multiplications and three additions.
        return Cost(elementwise=7 * output.elements) if self.mode == "bilinear" else FREE

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return (interpolating if self.mode == "bilinear" else enlarging)(self.scale)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return NOTHING
