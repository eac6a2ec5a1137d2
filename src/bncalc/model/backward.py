"""What PyTorch keeps of a layer for the backward pass, as its derivative formulas ask for it."""

from __future__ import annotations

from bncalc.named import NamedTuple


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
