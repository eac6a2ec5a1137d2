"""Recurrent layers over a sequence: LSTM and GRU, one step after the other.

`g` gates of `h` features each take what arrives and the features before: weights = g · h · (c + h)
for each layer and direction, each used once a step. PyTorch has two biases for each gate.
"""

from typing import ClassVar

from bncalc.model.cost import Cost, Kept
from bncalc.model.fields import Called, Count
from bncalc.model.kind import field
from bncalc.model.op import Op, as_called
from bncalc.model.reach import WHOLE
from bncalc.model.shape import Shape, need_divisible
from bncalc.model.window import need_axes


class Recurrent(Op, abstract=True):
    """What both share: the weights of the gates, used at every step."""

    hidden: Count = field(doc="features of each direction")
    layers: Count = field(1, doc="layers, each fed with the one before")
    bidirectional: bool = field(False, doc="whether a second one runs from the end to the start")
    bias: bool = field(True, doc="whether the gates add two biases")
    areas: Count = field(1, doc="equal areas of positions, each a sequence of its own")
    called: Called = as_called()

    needs = (*Op.needs, ("gates",), ("operations",))
    gates: ClassVar[int]
    operations: ClassVar[int]
    """For each feature and step, beside biases: sums of two products, functions, the rest."""
    family = "product"
    reaches = WHOLE
    keeps = Kept(known=False)

    def output(self, x: Shape) -> Shape:
        need_axes(x, 1, self.word)
        need_divisible(x.positions, "positions", self.areas, field="areas", about="space")
        return Shape(self.hidden * self._directions, x.positions)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        made, steps = self.gates * self.hidden, output.positions
        arriving = inputs[0].channels + (self.layers - 1) * output.channels
        weights = self._directions * made * (arriving + self.layers * self.hidden)
        biases = 2 * self._directions * self.layers * made * self.bias
        features = self.layers * output.channels
        return Cost(
            weights=weights,
            biases=biases,
            macs=weights * steps,
            elementwise=(self.operations * features + biases) * steps,
            activations=self.layers * output.elements,
        )

    @property
    def _directions(self) -> int:
        return 1 + self.bidirectional


class Lstm(Recurrent):
    """A long short-term memory (Hochreiter and Schmidhuber 1997): four gates.

    For each feature and step: four sums of two products, three sigmoids, two tanh, and three
    multiplications and an addition for the cell and the output.
    """

    gates = 4
    operations = 4 + 3 * 3 + 2 + 4


class Gru(Recurrent):
    """A gated recurrent unit (Cho et al. 2014): three gates.

    For each feature and step: two sums of two products, two sigmoids, a tanh of a product and a
    sum, and the mixture (1 − z) · n + z · h.
    """

    gates = 3
    operations = 2 + 2 * 3 + (1 + 1 + 1) + 4
