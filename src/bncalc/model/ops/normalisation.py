"""Normalisations: a scale and a shift for each channel, and the statistics they need."""

from typing import Any

from bncalc.model.cost import Cost, Kept
from bncalc.model.fields import Called, Count, Real
from bncalc.model.kind import field
from bncalc.model.op import Pointwise, as_called
from bncalc.model.reach import CONTEXTUAL
from bncalc.model.shape import Shape, need_divisible

SMALLEST_STEP = 2**-23
"""From 1 to the next float32: what PyTorch adds in an RMS norm without an epsilon of its own."""


def _epsilon(usual: float) -> Any:
    """Declare the field of what is added to a variance or a mean of squares."""
    return field(usual, doc="added to what it divides by, under the root")


class Normalisation(Pointwise, abstract=True):
    """What all normalisations share: the shape stays, each channel has a scale and a shift."""

    affine: bool = field(True, doc="whether scale and shift are learned")
    eps: Real = _epsilon(1e-5)
    called: Called = as_called()

    aside = ("eps", "called")
    family = "norm"
    storage = "in_place"
    role = "norm"
    operations = 5
    """For each element, at inference: an addition for the mean; a difference, a square and an
    addition for the variance; a division of the difference. Scale and shift are two more."""

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        learned = output.channels if self.affine else 0
        operations = self.operations + 2 * self.affine
        return Cost(learned, learned, elementwise=operations * output.elements)

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        return (2, output.channels) if self.affine else ()


class BatchNorm(Normalisation):
    """Batch normalisation (Ioffe and Szegedy 2015): 2C parameters and 2C running statistics.

    At inference the statistics are constants, so an element costs a multiplication and an addition.
    """

    operations = 2
    folds = True
    centres = True

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        learned, statistics = output.channels if self.affine else 0, 2 * output.channels
        return Cost(learned, learned, statistics, elementwise=self.operations * output.elements)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True, shared=2 * output.channels)


class FrozenNorm(Pointwise):
    """A batch norm whose numbers are all constants: 4C buffers and no params (torchvision's).

    An element costs a multiplication and an addition; only the factors are kept.
    """

    family = "norm"
    storage = "in_place"
    role = "norm"
    folds = True
    centres = True

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(buffers=4 * output.channels, elementwise=2 * output.elements)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(shared=output.channels)


class RmsNorm(Pointwise):
    """Division by the root mean square of each position's channels (Zhang and Sennrich 2019).

    For each element a square, an addition and a division; with a scale (C parameters) one more.
    """

    affine: bool = field(True, doc="whether a scale is learned")
    eps: Real = _epsilon(1e-6)
    called: Called = as_called()

    aside = ("eps", "called")
    family = "norm"
    storage = "in_place"
    role = "norm"

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        scale = output.channels if self.affine else 0
        return Cost(weights=scale, elementwise=(3 + self.affine) * output.elements)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        # The root of each position; with a scale what it multiplies.
        return Kept(inputs=True, statistics=output.positions + self.affine * output.elements)


class LayerNorm(Normalisation):
    """Layer normalisation over the channels of each position (Ba et al. 2016): 2C parameters."""

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True, statistics=2 * output.positions)


class InstanceNorm(Normalisation):
    """Normalisation of each channel of each image on its own (Ulyanov et al. 2016)."""

    affine: bool = field(False, doc="whether scale and shift are learned")

    centres = True
    reaches = CONTEXTUAL

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        # Run as a batch norm of all images' channels, for which the scale is repeated.
        return Kept(inputs=True, statistics=(3 if self.affine else 2) * output.channels)


class GroupNorm(Normalisation):
    """Normalisation over groups of channels (Wu and He 2018): 2C parameters."""

    groups: Count = field(32, doc="groups that the channels are divided into")

    reaches = CONTEXTUAL

    def output(self, x: Shape) -> Shape:
        need_divisible(x.channels, "input channels", self.groups, field="groups")
        return x

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True, statistics=2 * self.groups)


class LocalResponseNorm(Pointwise):
    """AlexNet's normalisation across channels (Krizhevsky et al. 2012, section 3.3).

    For each element: n squares, n − 1 additions, and a factor, an offset, a power and a division.
    """

    size: Count = field(5, doc="channels in a window, n")
    alpha: Real = field(1e-4, doc="the factor of the mean square")
    beta: Real = field(0.75, doc="the power")
    k: Real = field(1, doc="the offset")

    aside = ("alpha", "beta", "k")
    family = "norm"

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(elementwise=(2 * self.size + 3) * output.elements)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        # The squares, padded for the window; the base of the power, and the power.
        padded = (output.channels + self.size - 1) * output.positions
        return Kept(inputs=True, statistics=padded + 2 * output.elements)
