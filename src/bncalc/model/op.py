"""Ops, each a shape rule and a cost formula side by side; and blocks, which are made of ops.

Letters are the same in every formula: input `cin, h, w`; output `cout, oh, ow`; kernel `kh, kw`.
They are those of two axes; with one or three there are as many sizes, and a product takes all.
Costs are integers, for one image; `//` stands only where the shape rule has proved it exact.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar

from bncalc.model.cost import FREE, NOTHING, Cost, Kept
from bncalc.model.fields import Count
from bncalc.model.kind import Kind, field
from bncalc.model.reach import POINTWISE, Reach
from bncalc.model.registry import find
from bncalc.model.shape import Shape
from bncalc.model.window import spread

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor

Storage = Literal["new", "in_place", "view"]
Family = Literal["product", "norm", "activation", "pooling", "other"]


def as_called(usual: str = "module") -> Any:
    """Declare the field that says what the model's code calls, as some tools can tell."""
    return field(
        usual, doc="how the model calls it, which some tools tell apart: docs/conventions.md"
    )


FormulaMethod = TypeVar("FormulaMethod", bound=Callable[..., object])


def needed(formula: FormulaMethod) -> FormulaMethod:
    """Mark what every op must define, be it as a constant that the formula returns."""
    formula.__isabstractmethod__ = True  # type: ignore[attr-defined]
    return formula


class Block(Kind, abstract=True):
    """A composition: fields, and a `build` that places ops. It holds no arithmetic about cost."""

    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("build",),)

    inputs: ClassVar[int | None] = 1
    """How many maps it takes; None for any number."""
    fewest: ClassVar[int] = 2
    """Of one that takes any number the fewest."""
    layer: ClassVar[bool] = False
    """Whether it shows as one layer; if not, what it places shows as a part."""
    paper: ClassVar[str] = ""
    """Where it was published: authors, year, section or file."""

    build: ClassVar[Callable[..., "Tensor"]]
    """Places its ops in a net after the maps that it takes; returns what it puts out."""

    def settles_space(self) -> bool:
        """Return whether the space of its output is known, whatever arrives."""
        return False

    def replaces(self, x: Shape) -> "Block | None":
        """Return the plain convolution that does the same job, where the block stands for one."""
        return None


class Projecting(Block, abstract=True):
    """A block that can put out other channels than arrive."""

    as_plain: ClassVar[tuple[str, ...] | None] = None
    """The fields that a plain convolution which does the same job has too; None if none does."""

    out: Count | None = field(None, doc="output channels; as many as the input has if not given")

    def width(self, x: "Tensor | Shape") -> int:
        """Return the output channels."""
        return x.channels if self.out is None else self.out

    def replaces(self, x: Shape) -> Block | None:
        if self.as_plain is None:
            return None
        shared = {name: getattr(self, name) for name in self.as_plain}
        return find("plain")(out=self.width(x), **shared)


class Op(Block, abstract=True):
    """A primitive: fields, a shape rule and a cost formula. It has no parts."""

    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        *(("output",), ("cost", "costs")),
        *(("reach", "reaches"), ("kept", "keeps")),
    )
    layer = True
    family: ClassVar[Family] = "other"
    """What it is. A product multiplies and accumulates, with learned weights or another map."""
    takes_bias: ClassVar[bool] = False
    """Whether it can add a learned bias to each channel."""
    aside: ClassVar[tuple[str, ...]] = ("called",)
    """The fields that no cost rests on and no shape: layers after it, how the model calls it, an
    epsilon. Two models may differ in them and are still the same network."""
    by_net: ClassVar[tuple[str, ...]] = ()
    """The fields whose `default` is what the net has."""
    commutes: ClassVar[bool] = False
    """Whether its maps may arrive in any order."""
    folds: ClassVar[bool] = False
    """Whether its factors are constants at inference, so that the layer before can take them in."""
    counted: ClassVar[bool] = True
    """Whether all of its cost is known."""
    is_input: ClassVar[bool] = False
    """Whether its map arrives from outside."""
    centres: ClassVar[bool] = False
    """Whether it subtracts the mean of each channel, so that a bias before it changes nothing."""
    role: ClassVar[str] = ""
    """The switch of the memory policy for an op that may work in place."""
    storage: ClassVar[Storage] = "new"
    """Whether the output is a new map, may overwrite the first input, or is the input itself."""

    costs: ClassVar[Cost]
    reaches: ClassVar[Reach]
    keeps: ClassVar[Kept]
    """What `cost`, `reach` and `kept` return, where it is the same for every shape."""

    def __init_subclass__(cls, abstract: bool = False) -> None:
        for formula, constant in (("cost", "costs"), ("reach", "reaches"), ("kept", "keeps")):
            if constant in cls.__dict__ and formula not in cls.__dict__:
                setattr(cls, formula, getattr(Op, formula))  # in place of an inherited formula
        super().__init_subclass__(abstract)

    output: ClassVar[Callable[..., Shape]]
    """Returns the shape of the output for its inputs; raises ShapeError if these do not fit."""

    @needed
    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        """Return the cost for one image, given shapes that `output` has accepted."""
        return self.costs

    @needed
    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        """Return which positions of its inputs a position of the output depends on."""
        return self.reaches

    @needed
    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        """Return what PyTorch keeps of it for the backward pass, learned weights left out."""
        return self.keeps

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        """Return the numbers whose product is the weights, as a textbook writes them."""
        return ()

    def twin(self) -> str:
        """Return the name of what PyTorch runs, with the call if it is not the usual one."""
        called = vars(self).get("called")
        return self.word if called == self.defaults().get("called") else f"{self.word}:{called}"

    def on(self, inputs: tuple[Shape, ...], given: Mapping[str, object] = {}) -> Self:
        """Return the op for the axes of its first map: a size for each, where one stands for all.

        `given` are values in canonical form in place of `default` in what the op leaves to a net.
        Raises ShapeError where it has another number of sizes.
        """
        own = self.__dict__
        changes: dict[str, Any] = {}
        for name in self.by_net:
            if name in given and own.get(name) == "default":
                changes[name] = given[name]
        axes = inputs[0].axes if self.sizes else 0
        for name in self.sizes:
            sizes = changes.get(name, own[name])
            if type(sizes) is not tuple or len(sizes) == axes:
                continue
            if name not in self.ends or len(sizes) != 2 * axes:
                changes[name] = spread(sizes, axes, name)
        return self._with(changes) if changes else self

    @property
    def is_weights(self) -> bool:
        """Whether its map is its weights, and takes no memory beside them."""
        return False

    def is_depthwise(self, output: Shape) -> bool:
        """Return whether each channel is made from one input channel, position by position."""
        return False

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        return net.place(self, *inputs)


class Pointwise(Op, abstract=True):
    """An op that keeps the shape and works on each position on its own."""

    reaches = POINTWISE

    def output(self, x: Shape) -> Shape:
        return x


class Input(Op):
    """A map that arrives: the first node of every graph, and those for further inputs."""

    inputs = 0
    is_input = True
    costs = FREE
    reaches = POINTWISE
    keeps = NOTHING

    def output(self) -> Shape:
        raise NotImplementedError("the input's shape is given, not computed")
