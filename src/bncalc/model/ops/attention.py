"""Attention: tokens are the positions of a map; their products, and what each one learns."""

from bncalc.model.cost import Cost
from bncalc.model.fields import Called, Count
from bncalc.model.kept import NOTHING, Kept
from bncalc.model.kind import field
from bncalc.model.op import Op, Pointwise, as_called
from bncalc.model.reach import WHOLE
from bncalc.model.shape import Shape, require


class AttentionScores(Op):
    """Every query with every key, scaled: heads × n_q × n_k, and C · n_q · n_k MACs.

    Takes queries and keys of C channels; each head multiplies C / heads of them (Vaswani et al.
    2017, equation 1). The scaling is one multiplication for each score.
    """

    heads: Count = field(1, doc="heads that the channels are divided among")
    called: Called = as_called("method")

    family = "product"
    inputs = 2
    reaches = WHOLE
    keeps = Kept(inputs=True)

    def output(self, *inputs: Shape) -> Shape:
        queries, keys = inputs
        require(
            queries.channels == keys.channels,
            lambda: f"queries have {queries.channels} channels and keys {keys.channels}",
        )
        require(
            queries.channels % self.heads == 0,
            lambda: f"{queries.channels} channels are not divisible by heads {self.heads}",
            field="heads",
        )
        return Shape(self.heads, queries.positions, keys.positions)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        queries, keys = inputs
        macs = queries.channels * queries.positions * keys.positions
        return Cost(macs=macs, elementwise=output.elements, activations=output.elements)


class AttentionMix(Op):
    """The values, weighted by the scores: C × n_q, and C · n_q · n_k MACs.

    Takes scores (heads × n_q × n_k) and values of C channels at n_k positions. The map that it
    makes has the axes of the values; all of its positions are along the first of them where there
    are other numbers of queries and of values.
    """

    height: Count | None = field(None, doc="rows of the map, where it has rows and columns")
    called: Called = as_called("method")

    family = "product"
    inputs = 2
    reaches = WHOLE
    keeps = Kept(inputs=True)

    def output(self, *inputs: Shape) -> Shape:
        scores, values = inputs
        queries, keys = scores.space
        require(
            keys == values.positions,
            lambda: f"scores are for {keys} keys and there are {values.positions} values",
            about="space",
        )
        if self.height is None:
            alike = queries == values.positions
            return Shape(values.channels, *(values.space if alike else column(queries, values)))
        height = self.height
        require(
            queries % height == 0,
            lambda: f"{queries} queries do not fill {height} rows",
            field="height",
            about="space",
        )
        return Shape(values.channels, height, queries // height)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        scores, values = inputs
        macs = values.channels * scores.positions
        return Cost(macs=macs, activations=output.elements)


class ClassToken(Op):
    """A learned token before the others: C parameters; n + 1 tokens along the first axis."""

    reaches = WHOLE
    keeps = NOTHING

    def output(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        return Shape(x.channels, *column(x.positions + 1, x))

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(weights=output.channels)


class PositionEmbedding(Pointwise):
    """A learned vector added to each token: C · h · w parameters and as many additions."""

    storage = "in_place"
    role = "add"
    keeps = NOTHING

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(weights=output.elements, elementwise=output.elements)

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        return tuple(output)


class LayerScale(Pointwise):
    """A learned factor for each channel (Touvron et al. 2021): C parameters."""

    storage = "in_place"
    role = "multiply"
    keeps = Kept(inputs=True)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(weights=output.channels, elementwise=output.elements)


def column(tokens: int, x: Shape) -> tuple[int, ...]:
    """Return the space of tokens along the first of as many axes as a map has."""
    return (tokens, *(1,) * (x.axes - 1))
