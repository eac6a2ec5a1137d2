"""Products of maps, among them attention, whose tokens are positions; and what each one learns."""

from bncalc.errors import ShapeError
from bncalc.model.cost import FREE, NOTHING, Cost, Kept
from bncalc.model.fields import Called, Count, Counts
from bncalc.model.kind import field
from bncalc.model.op import Op, Pointwise, as_called
from bncalc.model.reach import CONSTANT, WHOLE
from bncalc.model.shape import Shape, need_divisible


class AttentionScores(Op):
    """Every query with every key, scaled: heads × n_q × n_k, and C · n_q · n_k MACs.

    With areas, n_k is that of one of them. Takes queries and keys of C channels; each head
    multiplies C / heads of them (Vaswani et al. 2017, equation 1). The scaling is one
    multiplication for each score.
    """

    heads: Count = field(1, doc="heads that the channels are divided among")
    areas: Count = field(1, doc="equal areas of positions, each attending only to itself")
    called: Called = as_called("method")

    family = "product"
    inputs = 2
    reaches = WHOLE
    keeps = Kept(inputs=True)

    def output(self, queries: Shape, keys: Shape) -> Shape:
        need_divisible(queries.positions, "positions", self.areas, field="areas", about="space")
        need_divisible(keys.positions, "positions", self.areas, field="areas", about="space")
        if queries.channels != keys.channels:
            raise ShapeError(f"queries have {queries.channels} channels and keys {keys.channels}")
        need_divisible(queries.channels, "channels", self.heads, field="heads")
        return Shape(self.heads, queries.positions, keys.positions // self.areas)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        queries = inputs[0]
        macs = queries.channels * queries.positions * output.space[1]
        return Cost(macs=macs, elementwise=output.elements, activations=output.elements)


class AttentionMix(Op):
    """The values, weighted by the scores: C × n_q, and C · n_q · n_k MACs.

    Takes scores (heads × n_q × n_k) and values of C channels at n_k positions. The map has
    the axes of the values; with more or fewer queries than values, all its positions are along the
    first axis.
    """

    height: Count | None = field(None, doc="rows of the map, if it has rows and columns")
    areas: Count = field(1, doc="equal areas of positions, each attending only to itself")
    called: Called = as_called("method")

    family = "product"
    inputs = 2
    reaches = WHOLE
    keeps = Kept(inputs=True)

    def output(self, scores: Shape, values: Shape) -> Shape:
        if scores.axes != 2:
            message = f"scores have two axes, queries and keys, and {scores} has {scores.axes}"
            raise ShapeError(message, about="axes")
        queries, keys = scores.space
        if keys * self.areas != values.positions:
            raise ShapeError(
                f"scores are for {keys * self.areas} keys, but there are {values.positions} values",
                about="space",
            )
        need_divisible(queries, "positions", self.areas, field="areas", about="space")
        need_divisible(values.channels, "channels", scores.channels, field="heads")
        if self.height is None:
            alike = queries == values.positions
            return Shape(values.channels, *(values.space if alike else column(queries, values)))
        height = self.height
        if queries % height != 0:
            message = f"{queries} queries do not fill {height} rows"
            raise ShapeError(message, field="height", about="space")
        return Shape(values.channels, height, queries // height)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        scores, values = inputs
        macs = values.channels * scores.positions
        return Cost(macs=macs, activations=output.elements)


class FusedAttention(Op):
    """Attention as one kernel (PyTorch's scaled_dot_product_attention): queries, keys and values.

    The MACs of the scores and of the mix, 2 · C · n_q · n_k; each score is scaled, and its softmax
    costs three operations. No score is stored: a logarithm is kept for each query and head.
    """

    heads: Count = field(1, doc="heads that the channels are divided among")
    areas: Count = field(1, doc="equal areas of positions, each attending only to itself")
    called: Called = as_called("function")

    family = "product"
    inputs = 3
    reaches = WHOLE

    def output(self, queries: Shape, keys: Shape, values: Shape) -> Shape:
        AttentionScores(heads=self.heads, areas=self.areas).output(queries, keys)
        if keys.positions != values.positions:
            message = f"there are {keys.positions} keys and {values.positions} values"
            raise ShapeError(message, about="space")
        need_divisible(values.channels, "channels", self.heads, field="heads")
        return Shape(values.channels, *queries.space)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        queries, keys, values = inputs
        pairs = queries.positions * keys.positions // self.areas
        macs = (queries.channels + values.channels) * pairs
        return Cost(macs=macs, elementwise=4 * self.heads * pairs, activations=output.elements)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(inputs=True, output=True, statistics=self.heads * inputs[0].positions)


class Matmul(Op):
    """The matrix product of two maps over their last two sizes: …×n×k and …×k×m make …×n×m.

    MACs = k for each element of the output. The sizes before agree, or one of them is 1.
    """

    called: Called = as_called("method")

    family = "product"
    inputs = 2
    reaches = WHOLE
    keeps = Kept(inputs=True)

    def output(self, a: Shape, b: Shape) -> Shape:
        fits = len(a) == len(b) >= 2 and a[-1] == b[-2]
        before = list(zip(a[:-2], b[:-2], strict=False))
        if not (fits and all(x == y or 1 in (x, y) for x, y in before)):
            right = "the last size must be the other's last but one"
            raise ShapeError(f"matmul cannot multiply {a} by {b}: {right}", about="space")
        return Shape(*[y if x == 1 else x for x, y in before], a[-2], b[-1])

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return Cost(macs=inputs[0][-1] * output.elements, activations=output.elements)


class RelativePositionBias(Pointwise):
    """A learned number for each head and each offset in a window, added to the scores.

    (2w − 1)² of them for windows of w × w, in place of embeddings of positions (Liu et al. 2021,
    section 3.2): one addition for each score.
    """

    window: Count = field(doc="rows and columns of a window (w)")

    storage = "in_place"
    role = "add"
    keeps = NOTHING

    def output(self, x: Shape) -> Shape:
        places = self.window * self.window
        if x.axes != 2 or x[-1] != places or x[1] % places != 0:
            right = f"heads × areas·{places} × {places}"
            message = f"scores in windows of {self.window} are {right}, not {x}"
            raise ShapeError(message, field="window", about="space")
        return x

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        offsets = (2 * self.window - 1) * (2 * self.window - 1)
        return Cost(weights=offsets * output.channels, elementwise=output.elements)


class ClassToken(Op):
    """A learned token before the others: C parameters; n + 1 tokens along the first axis."""

    reaches = WHOLE
    keeps = NOTHING

    def output(self, x: Shape) -> Shape:
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


class Parameter(Op):
    """A learned map that is there without an input, as nn.Parameter is; or a fixed one.

    A fixed map, such as positions in sines, is no parameter; what it takes to make is not counted.
    It is stored, as buffers are, or made anew in each run.
    """

    shape: Counts = field(doc="its shape: channels, then the size of each axis")
    learned: bool = field(True, doc="whether it is learned or fixed")
    stored: bool = field(False, doc="whether a fixed map is stored, as a buffer")

    inputs = 0
    reaches = CONSTANT
    keeps = NOTHING

    @property
    def is_weights(self) -> bool:
        return self.learned

    def output(self) -> Shape:
        if self.learned and self.stored:
            message = (
                "only a fixed map is stored as a buffer; write `learned: false` beside `stored`"
            )
            raise ShapeError(message, field="stored")
        return Shape(*self.shape)

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        if self.learned:
            return Cost(weights=output.elements)
        return Cost(buffers=output.elements) if self.stored else FREE

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        return self.shape if self.learned else ()


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
