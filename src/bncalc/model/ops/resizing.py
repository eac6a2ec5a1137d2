"""Other sizes: maps padded and cut, enlarged by a factor, to a size, or to that of another map."""

from math import prod
from typing import TYPE_CHECKING, Annotated

from bncalc.errors import ShapeError
from bncalc.model.cost import FREE, NOTHING, Cost, Kept
from bncalc.model.field_types import Choice
from bncalc.model.fields import Called, Ends, Real, Sizes
from bncalc.model.kind import field
from bncalc.model.op import Block, Op, Pointwise, as_called
from bncalc.model.ops.pooling import covered
from bncalc.model.reach import Reach, adapting, cubic, interpolating, repeating, shifting
from bncalc.model.shape import Shape, shown
from bncalc.model.window import axes_in_words, ends, spread

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor

Mode = Annotated[str, Choice(("nearest", "bilinear", "bicubic", "area"))]


class Pad(Pointwise):
    """Adds positions at the ends of each axis: zeros, or what is in the map.

    Only `reflect` and `replicate` keep their input for the backward pass.
    """

    size: Ends = field(1, doc="positions added: for all ends, for each axis, or for each end")
    mode: Annotated[str, Choice(("zeros", "reflect", "replicate", "circular"))] = field(
        "zeros", doc="what is added"
    )
    value: Real = field(0, doc="the number that is added in place of zeros")

    aside = ("value",)
    costs = FREE

    def output(self, x: Shape) -> Shape:
        added = ends(self.size, x.axes, "size")
        fits = all(max(both) < n for n, both in zip(x.space, added, strict=True))
        if self.mode == "reflect" and not fits:
            message = f"{x} is too small to reflect {list(self.size)} positions"
            raise ShapeError(message, field="size", about="space")
        return Shape(x.channels, *[n + sum(both) for n, both in zip(x.space, added, strict=True)])

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return shifting(tuple([-start for start, _ in ends(self.size, output.axes, "size")]))

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True) if self.mode in ("reflect", "replicate") else NOTHING


class Crop(Pointwise):
    """Cuts positions off at the ends of each axis."""

    size: Ends = field(1, doc="positions cut off: for all ends, for each axis, or for each end")

    storage = "view"
    costs = FREE
    keeps = NOTHING

    def output(self, x: Shape) -> Shape:
        cut = ends(self.size, x.axes, "size")
        left = [size - sum(both) for size, both in zip(x.space, cut, strict=True)]
        for size in left:
            if size <= 0:
                message = f"cutting {list(self.size)} off leaves nothing of {shown(x.space)}"
                raise ShapeError(message, field="size", about="space")
        return Shape(x.channels, *left)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return shifting(tuple([start for start, _ in ends(self.size, output.axes, "size")]))


class Upsample(Op):
    """Enlarges the map, or shrinks it, to a size or by a factor.

    Nearest costs nothing. Bilinear weighs 2^n neighbours along n axes and bicubic 4^n, each with a
    factor and all but one with an addition: 7 and 31 operations for each element of an image. Area
    is an adaptive average pooling. Bicubic is for images only.
    """

    scale: Sizes | None = field(None, doc="factor, or one for each axis; 2 if no size is given")
    size: Sizes | None = field(None, doc="size of each axis of the output, instead of a factor")
    mode: Mode = field(
        "nearest", doc="the method; `bilinear` means linear along each of the map's axes"
    )
    align_corners: bool = field(
        False,
        doc="whether the corners of input and output are aligned, which PyTorch can in `bilinear` "
        "and `bicubic`, ONNX and TensorFlow Lite in `nearest` too",
    )
    called: Called = as_called()

    aside = ("align_corners", "called")

    def twin(self) -> str:
        return super().twin().replace(self.word, f"{self.word}:{self.mode}", 1)

    def output(self, x: Shape) -> Shape:
        if self.mode == "bicubic" and x.axes != 2:
            message = f"bicubic is for maps of {axes_in_words(2)}, and {x} has {x.axes}"
            raise ShapeError(message, field="mode", about="axes")
        if self.mode == "area" and self.align_corners:
            raise ShapeError("areas have no corners to align", field="align_corners")
        if self.size is not None:
            if self.scale is not None:
                message = "upsample is given a scale and a size; give one of them"
                raise ShapeError(message, field="size")
            return Shape(x.channels, *spread(self.size, x.axes, "size"))
        scale = spread((2,) if self.scale is None else self.scale, x.axes, "scale")
        return Shape(x.channels, *[n * factor for n, factor in zip(x.space, scale, strict=True)])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        x = inputs[0]
        if self.mode == "nearest":
            return FREE
        if self.mode == "area":
            sides = zip(x.space, output.space, strict=True)
            return Cost(elementwise=x.channels * prod([covered(*side) for side in sides]))
        neighbours = (2 if self.mode == "bilinear" else 4) ** output.axes
        return Cost(elementwise=(2 * neighbours - 1) * output.elements)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        spaces = inputs[0].space, output.space
        if self.mode == "nearest":
            return repeating(*spaces)
        if self.mode == "area":
            return adapting(*spaces)
        return (interpolating if self.mode == "bilinear" else cubic)(*spaces)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True) if self.mode == "area" else NOTHING


class UpsampleLike(Block):
    """Enlarges the first map to the size of the second, of which nothing else is read."""

    mode: Mode = field("nearest", doc="the method, as in `upsample`")
    called: Called = as_called()

    inputs = 2
    layer = True

    def build(self, net: "Net", x: "Tensor", like: "Tensor") -> "Tensor":
        return net.place(Upsample(size=like.shape.space, mode=self.mode, called=self.called), x)
