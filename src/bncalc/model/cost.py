"""What one layer costs, in six integers that add up, and what PyTorch keeps of it."""

from bncalc.named import NamedTuple


class Cost(NamedTuple):
    """Costs of one layer for one image. Units: numbers (not bytes), operations, elements.

    `weights` and `biases` are learnable (a norm's scale is a weight, its shift a bias); `buffers`
    are running statistics. `macs` are multiply-accumulates of convolution, linear and matrix
    products; `elementwise` every other addition, multiplication, comparison or function value.
    `activations` are the output elements of convolution, linear and matrix products.
    """

    weights: int = 0
    biases: int = 0
    buffers: int = 0
    macs: int = 0
    elementwise: int = 0
    activations: int = 0

    @property
    def params(self) -> int:
        return self.weights + self.biases

    @property
    def flops(self) -> int:
        return 2 * self.macs + self.elementwise

    def __add__(self, other: "Cost") -> "Cost":  # type: ignore[override]  # a sum, not a longer tuple
        return Cost(
            self.weights + other.weights,
            self.biases + other.biases,
            self.buffers + other.buffers,
            self.macs + other.macs,
            self.elementwise + other.elementwise,
            self.activations + other.activations,
        )

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(
            self.weights - other.weights,
            self.biases - other.biases,
            self.buffers - other.buffers,
            self.macs - other.macs,
            self.elementwise - other.elementwise,
            self.activations - other.activations,
        )

    def reused(self) -> "Cost":
        """Return the cost of a further use of the same weights, biases and buffers."""
        return Cost(0, 0, 0, self.macs, self.elementwise, self.activations)

    def times(self, copies: int) -> "Cost":
        """Return the cost of several layers alike."""
        return Cost(*[amount * copies for amount in self])


FREE = Cost()
"""The cost of what only moves or renames data. An op that is free says so by returning this."""


def product(factors: tuple[int, ...]) -> str:
    """Write a product as textbooks do: 256·3·3·256."""
    return "·".join(map(str, factors))


class Kept(NamedTuple):
    """Which maps are kept, and what is made beside the output. Weights and buffers are left out.

    `inputs` and `output` say whether those maps are kept. `statistics` are float32 numbers for each
    image, `shared` float32 numbers for the whole batch, `indices` int64 numbers for each image: all
    three are made at inference too. `noise` are elements for each image, made in training alone,
    and so is the map that they are multiplied into. Where it is not `known` nobody has measured it.
    """

    inputs: bool = False
    output: bool = False
    statistics: int = 0
    shared: int = 0
    indices: int = 0
    noise: int = 0
    known: bool = True

    def beside(self, batch: int) -> int:
        """Return the bytes of statistics and indices."""
        return 4 * (self.statistics * batch + self.shared) + 8 * self.indices * batch


NOTHING = Kept()
"""What is kept of an op that only adds, moves or renames. Such an op says so by returning this."""
