"""Copying: what was placed in a net is placed again, once or as a row of copies."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, repeat

from bncalc.model.naming import NamedChild
from bncalc.model.shape import Shape
from bncalc.model.sharing import PlacedOp
from bncalc.named import NamedTuple


class Made(NamedTuple):
    """What one placing made: its nodes, the maps that it took and those that it gave, its names.

    It can be made again where the same shapes arrive. `among` are all nodes of the net where it was
    made; another net with the same defaults can make it again too, if it read no other maps.
    `outputs` are nodes with their shapes.
    """

    among: list[PlacedOp]
    start: int
    stop: int
    inputs: tuple[int, ...]
    outputs: tuple[tuple[int, Shape], ...]
    names: tuple[NamedChild, ...]
    training_only: bool

    @property
    def size(self) -> int:
        return self.stop - self.start

    def again(self, begin: int, inputs: Sequence[int]) -> tuple[list[PlacedOp], list[int]]:
        """Return its nodes as they are from `begin` on after other maps, and those it puts out."""
        places = dict(zip(self.inputs, inputs, strict=True))
        places |= zip(range(self.start, self.stop), range(begin, begin + self.size), strict=True)
        nodes = [
            (op, tuple([places.get(at, at) for at in sources]), shape, only)
            for op, sources, shape, only in self.among[self.start : self.stop]
        ]
        return nodes, [places.get(at, at) for at, _ in self.outputs]

    def row(self, times: int) -> Iterator[PlacedOp]:
        """Return the nodes of so many copies that follow it, each after what the one before gives.

        That takes the place of the first map; the other maps are those that it took itself.
        """
        (given, _), start, size = self.outputs[0], self.start, self.size

        def in_each_copy(source: int) -> Iterable[int]:
            first = given if source == self.inputs[0] else source + size * (source >= start)
            return count(first, size if first >= start else 0)

        nodes = [
            zip(
                repeat(op, times),
                zip(*map(in_each_copy, sources), strict=False) if sources else repeat(()),
                repeat(shape),
                repeat(only),
                strict=False,
            )
            for op, sources, shape, only in self.among[start : self.stop]
        ]
        return chain.from_iterable(zip(*nodes, strict=True))
