"""Attention: tokens are the positions of a map; their products, and what each one learns."""

from bncalc.model.cost import Cost
from bncalc.model.fields import Count
from bncalc.model.kept import NOTHING, Kept
from bncalc.model.kind import field
from bncalc.model.op import Op
from bncalc.model.reach import POINTWISE, WHOLE, Reach
from bncalc.model.shape import Shape, require


class AttentionScores(Op):
    """Every query with every key, scaled: heads × n_q × n_k, and C · n_q · n_k MACs.

    Takes queries and keys of C channels; each head multiplies C / heads of them (Vaswani et al.
    2017, equation 1). The scaling is one multiplication for each score.
    """

    heads: Count = field(1, doc="heads that the channels are divided among")

    family = "product"
    inputs = 2

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
        return Cost(macs=macs, elementwise=output.elements)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return WHOLE

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True)


class AttentionMix(Op):
    """The values, weighted by the scores: C × n_q, and C · n_q · n_k MACs.

    Takes scores (heads × n_q × n_k), values of C channels at n_k positions, and, where the map has
    two dimensions, its height and width from the number of queries.
    """

    height: Count | None = field(None, doc="rows of the map of tokens; one column if not given")

    family = "product"
    inputs = 2

    def output(self, *inputs: Shape) -> Shape:
        scores, values = inputs
        require(
            scores.width == values.positions,
            lambda: f"scores are for {scores.width} keys and there are {values.positions} values",
            about="space",
        )
        height = scores.height if self.height is None else self.height
        require(
            scores.height % height == 0,
            lambda: f"{scores.height} queries do not fill {height} rows",
            field="height",
            about="space",
        )
        return Shape(values.channels, height, scores.height // height)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        scores, values = inputs
        return Cost(macs=values.channels * scores.height * scores.width)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return WHOLE

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True)


class ClassToken(Op):
    """A learned token before the others: C parameters; the map becomes a column of n + 1 tokens."""

    def output(self, *inputs: Shape) -> Shape:
        return Shape(inputs[0].channels, inputs[0].positions + 1)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(weights=output.channels)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return WHOLE

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return NOTHING


class PositionEmbedding(Op):
    """A learned vector added to each token: C · h · w parameters and as many additions."""

    storage = "in_place"
    role = "add"

    def output(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(weights=output.elements, elementwise=output.elements)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return POINTWISE

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return NOTHING

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        return tuple(output)


class LayerScale(Op):
    """A learned factor for each channel (Touvron et al. 2021): C parameters."""

    storage = "in_place"
    role = "multiply"

    def output(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(weights=output.channels, elementwise=output.elements)

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        return POINTWISE

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True)
