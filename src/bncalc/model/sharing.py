"""Sharing: the weights of earlier nodes are given to later ones, each pair held to be alike."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice

from bncalc.errors import ShapeError
from bncalc.model.cost import product
from bncalc.model.op import Op
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple

PlacedOp = tuple[Op, tuple[int, ...], Shape, bool]
"""What a net knows of a node: its op, its inputs, its shape, whether it is for training alone."""


class Sharing:
    """Says of nodes, as they are placed, whose weights they have."""

    def __init__(self, nodes: list[PlacedOp]) -> None:
        self.owners: dict[int, int] = {}
        """The first node that has them, by the node that has them too."""
        self.times = 0
        """How often weights have been shared so far."""
        self._nodes = nodes
        self.turns: list[deque[tuple[int, _Weights]]] = []
        """The weights that are being shared, those that a part within shares last."""

    @contextmanager
    def of(self, start: int, stop: int) -> Iterator[None]:
        """Share the weights of the nodes from `start` up to `stop`, in order.

        Ops that learn nothing do not count.
        """
        nodes = self._nodes
        owners = [(at, has) for at in range(start, stop) if (has := _weights(nodes, at))]
        self.times += 1
        self.turns.append(deque(owners))
        try:
            yield
        finally:
            self.turns.pop()

    def share(self, index: int, op: Op, inputs: tuple[Shape, ...], output: Shape) -> None:
        """Give a node the weights of the next in turn; what is shared within shares with both.

        Raises ShapeError where the weights do not fit.
        """
        needs = _weights_of(op, inputs, output)
        if needs is None:
            return
        turn = [owners.popleft() if owners else None for owners in self.turns][-1]
        if turn is None:
            raise _unshared(f"there are no more weights to share for this {op.word}")
        partner, has = turn
        if needs.word != has.word:
            raise _unshared(f"{op.word} cannot have the weights of {has.word}")
        if needs.factors != has.factors:
            those = f"those to share are {product(has.factors)}"
            raise _unshared(f"{op.word} needs weights of {product(needs.factors)}; {those}")
        if needs != has:
            what = "params" if needs.params != has.params else "buffers"
            those = f"those to share are {getattr(has, what)}"
            raise _unshared(f"{op.word} needs {getattr(needs, what)} {what}; {those}")
        self.owners[index] = self.owners.get(partner, partner)

    def follow(self, start: int, stop: int) -> None:
        """Give nodes that are earlier ones once more the weights of the next in turn."""
        for index in range(start, stop):
            op, _, shape, _ = self._nodes[index]
            self.share(index, op, self.inputs(index), shape)

    def fits(self, among: Sequence[PlacedOp], start: int, stop: int, times: int) -> bool:
        """Return whether the next in turn are what these nodes need, so many times over."""
        needed = [needs for at in range(start, stop) if (needs := _weights(among, at))]
        turns = list(islice(self.turns[-1], len(needed) * times))
        return len(turns) == len(needed) * times and all(
            needs == has for needs, (_, has) in zip(cycle(needed), turns, strict=False)
        )

    def inputs(self, index: int) -> tuple[Shape, ...]:
        """Return the shapes that arrive at a node."""
        return _inputs(self._nodes, index)


def _inputs(nodes: Sequence[PlacedOp], index: int) -> tuple[Shape, ...]:
    return tuple([nodes[source][2] for source in nodes[index][1]])


class _Weights(NamedTuple):
    """What nodes that have the same weights have in common."""

    word: str
    factors: tuple[int, ...]
    weights: int
    biases: int
    buffers: int

    @property
    def params(self) -> int:
        return self.weights + self.biases


def _weights(nodes: Sequence[PlacedOp], index: int) -> _Weights | None:
    """Return the weights of a node; None of one that learns nothing."""
    op, _, shape, _ = nodes[index]
    return _weights_of(op, _inputs(nodes, index), shape)


def _weights_of(op: Op, inputs: tuple[Shape, ...], output: Shape) -> _Weights | None:
    cost = op.cost(inputs, output)
    if not (cost.params or cost.buffers):
        return None
    factors = op.factors(inputs, output)
    return _Weights(op.word, factors, cost.weights, cost.biases, cost.buffers)


def _unshared(message: str) -> ShapeError:
    return ShapeError(message, about="weights")
