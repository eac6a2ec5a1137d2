"""Sharing: the weights of earlier nodes are given to later ones, each pair held to be alike."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice

from bncalc.errors import ShapeError
from bncalc.model.cost import Cost, product
from bncalc.model.op import Op
from bncalc.model.shape import Shape

Placed = tuple[Op, tuple[int, ...], Shape, bool]
"""What a net knows of a node: its op, its inputs, its shape, whether it is for training alone."""


class Sharing:
    """Says of nodes, as they are placed, whose weights they have."""

    def __init__(self, nodes: list[Placed]) -> None:
        self.owners: dict[int, int] = {}
        """The first node that has them, by the node that has them too."""
        self.times = 0
        """How often weights have been shared so far."""
        self._nodes = nodes
        self._turns: list[deque[int]] = []

    def __bool__(self) -> bool:
        """Return whether weights are being shared."""
        return bool(self._turns)

    @contextmanager
    def of(self, start: int, stop: int) -> Iterator[None]:
        """Share the weights of the nodes from `start` up to `stop`, in order.

        Ops that learn nothing do not count.
        """
        owners = [at for at in range(start, stop) if _learned(_cost(self._nodes, at))]
        self.times += 1
        self._turns.append(deque(owners))
        try:
            yield
        finally:
            self._turns.pop()

    def share(self, index: int, op: Op, inputs: tuple[Shape, ...], output: Shape) -> None:
        """Give a node the weights of the next in turn; what is shared within shares with both.

        Raises ShapeError where the weights do not fit.
        """
        cost = op.cost(inputs, output)
        if not _learned(cost):
            return
        partner = [owners.popleft() if owners else None for owners in self._turns][-1]
        if partner is None:
            raise _unshared(f"there are no more weights to share for this {op.word}")
        other, _, shape, _ = self._nodes[partner]
        if other.word != op.word:
            raise _unshared(f"{op.word} cannot have the weights of {other.word}")
        needs, has = op.factors(inputs, output), other.factors(self.inputs(partner), shape)
        if needs != has:
            those = f"those to share are {product(has)}"
            raise _unshared(f"{op.word} needs weights of {product(needs)}; {those}")
        had = _cost(self._nodes, partner)
        if (cost.weights, cost.biases, cost.buffers) != (had.weights, had.biases, had.buffers):
            those = f"those to share are {had.params}"
            raise _unshared(f"{op.word} needs {cost.params} params; {those}")
        self.owners[index] = self.owners.get(partner, partner)

    def follow(self, start: int, stop: int) -> None:
        """Give nodes that are earlier ones once more the weights of the next in turn."""
        for index in range(start, stop):
            op, _, shape, _ = self._nodes[index]
            self.share(index, op, self.inputs(index), shape)

    def fits(self, among: Sequence[Placed], start: int, stop: int, times: int) -> bool:
        """Return whether the next in turn are what these nodes need, so many times over."""
        needed = [at for at in range(start, stop) if _learned(_cost(among, at))]
        partners = list(islice(self._turns[-1], len(needed) * times))
        return len(partners) == len(needed) * times and all(
            _weights(among, at) == _weights(self._nodes, partner)
            for at, partner in zip(cycle(needed), partners, strict=False)
        )

    def inputs(self, index: int) -> tuple[Shape, ...]:
        """Return the shapes that arrive at a node."""
        return _inputs(self._nodes, index)


def _inputs(nodes: Sequence[Placed], index: int) -> tuple[Shape, ...]:
    return tuple([nodes[source][2] for source in nodes[index][1]])


def _cost(nodes: Sequence[Placed], index: int) -> Cost:
    op, _, shape, _ = nodes[index]
    return op.cost(_inputs(nodes, index), shape)


def _weights(nodes: Sequence[Placed], index: int) -> tuple[object, ...]:
    """Return what two nodes with the same weights have in common."""
    op, _, shape, _ = nodes[index]
    cost = _cost(nodes, index)
    factors = op.factors(_inputs(nodes, index), shape)
    return op.word, factors, cost.weights, cost.biases, cost.buffers


def _unshared(message: str) -> ShapeError:
    return ShapeError(message, about="weights")


def _learned(cost: Cost) -> bool:
    return bool(cost.params or cost.buffers)
