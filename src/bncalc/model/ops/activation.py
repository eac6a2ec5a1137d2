"""Activations: functions of each element on its own.

`operations` is what one element costs, as additions, multiplications, comparisons, divisions and
function values (an exponential counts one), from the function's usual definition.
"""

from math import prod
from typing import Annotated, ClassVar

from bncalc.errors import ShapeError
from bncalc.model.cost import Cost, Kept
from bncalc.model.field_types import Choice
from bncalc.model.fields import Called, Over, Real
from bncalc.model.kind import field
from bncalc.model.op import Pointwise, as_called
from bncalc.model.shape import Shape
from bncalc.model.window import axes_of


class Activation(Pointwise, abstract=True):
    """A function of each element on its own; it may write over its input.

    Its derivative is computed from its input, unless it is one of the output's.
    """

    called: Called = as_called()

    needs: ClassVar[tuple[tuple[str, ...], ...]] = (*Pointwise.needs, ("operations",))
    family = "activation"
    storage = "in_place"
    role = "act"
    operations: ClassVar[int]
    from_output: ClassVar[bool] = False
    """Whether PyTorch keeps the output for the derivative, and not the input."""

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(elementwise=self.operations * output.elements)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(output=True) if self.from_output else Kept(inputs=True)


class FunctionalActivation(Activation, abstract=True):
    """An activation that `torch.nn` has no in-place form of."""

    role = "function"


class Relu(Activation):
    """max(x, 0): one comparison."""

    operations = 1
    from_output = True


class Relu6(Activation):
    """min(max(x, 0), 6): two comparisons."""

    operations = 2


class LeakyRelu(Activation):
    """x, or a small multiple of it where it is negative: a comparison and a multiplication."""

    slope: Real = field(0.01, doc="the factor of what is negative")
    called: Called = as_called()

    aside = ("slope", "called")
    operations = 2
    from_output = True


class Prelu(FunctionalActivation):
    """A leaky ReLU whose slope is learned (He et al. 2015): one by default, as in PyTorch, or C."""

    slopes: Annotated[str, Choice(("one", "channel"))] = field(
        "one", doc="one slope for all channels, or one for each channel"
    )
    called: Called = as_called()

    operations = 2

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        slopes = output.channels if self.slopes == "channel" else 1
        return Cost(weights=slopes, elementwise=self.operations * output.elements)


class Elu(Activation):
    """x, or exp(x) − 1 where it is negative: a comparison, an exponential, a subtraction."""

    alpha: Real = field(1, doc="the factor of what is negative")
    called: Called = as_called()

    aside = ("alpha", "called")
    operations = 3
    from_output = True


class Sigmoid(FunctionalActivation):
    """1 / (1 + exp(−x)): an exponential, an addition, a division."""

    operations = 3
    from_output = True


class Silu(Activation):
    """x · sigmoid(x), also called swish: a sigmoid and a multiplication."""

    operations = 4


class Gelu(FunctionalActivation):
    """x/2 · (1 + erf(x/√2)): two multiplications, a division, an erf and an addition."""

    approximate: bool = field(False, doc="whether a tanh stands for the erf")
    called: Called = as_called()

    aside = ("approximate", "called")
    operations = 5


class Tanh(FunctionalActivation):
    """The hyperbolic tangent: one function value."""

    operations = 1
    from_output = True


class HardSigmoid(Activation):
    """relu6(x + 3) / 6: an addition, two comparisons, a division."""

    operations = 4


class HardSwish(Activation):
    """x · hard_sigmoid(x): a hard sigmoid and a multiplication."""

    operations = 5


class Softplus(FunctionalActivation):
    """log(1 + exp(x)): an exponential, an addition, a logarithm."""

    beta: Real = field(1, doc="the factor of x, by which the logarithm is divided")
    called: Called = as_called()

    aside = ("beta", "called")
    operations = 3


class Mish(Activation):
    """x · tanh(softplus(x)): a softplus, a tanh and a multiplication."""

    operations = 5


class Sqrt(FunctionalActivation):
    """The square root: one function value."""

    called: Called = as_called("method")

    operations = 1
    from_output = True


class Exp(FunctionalActivation):
    """The exponential: one function value."""

    called: Called = as_called("method")

    operations = 1
    from_output = True


class Log(FunctionalActivation):
    """The natural logarithm: one function value."""

    called: Called = as_called("method")

    operations = 1


class Square(FunctionalActivation):
    """The product with itself: one multiplication."""

    called: Called = as_called("method")

    operations = 1


class Softmax(FunctionalActivation):
    """exp(x) / sum of exp(x): an exponential, an addition and a division for each element.

    The sum is over the channels of each position, or along an axis: that of attention scores is the
    last, their width.
    """

    over: Over = field("channels", doc="what the sum is over")
    called: Called = as_called()

    operations = 3
    from_output = True

    def output(self, x: Shape) -> Shape:
        self.axis_size(x)
        return x

    def axis_size(self, x: Shape) -> int:
        """Return how many elements are summed; raise ShapeError where there is no such axis."""
        axes = axes_of(self.over, x)
        if not axes:
            message = f"{x} has only channels, and no positions to sum over"
            raise ShapeError(message, field="over", about="axes")
        return prod([x[axis] for axis in axes])
