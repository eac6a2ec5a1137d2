"""Origins: where the layers of a graph were written, beside a graph that knows no file."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Protocol

from bncalc.errors import Location
from bncalc.model.graph import Graph
from bncalc.named import NamedTuple


class Placed(Protocol):
    """Something written, in a place."""

    @property
    def location(self) -> Location: ...


class PlacedCall(Protocol):
    """A line of a file that places layers: its word, and its arguments, each in its place."""

    @property
    def word(self) -> str: ...
    @property
    def location(self) -> Location: ...
    @property
    def arguments(self) -> Mapping[str, Placed]: ...


class Origin(NamedTuple):
    """The call that placed the nodes from `start` on, up to where the next origin starts.

    `callers` are the calls of own blocks that led there, innermost first.
    """

    start: int
    call: PlacedCall
    callers: tuple[PlacedCall, ...] = ()

    @property
    def calls(self) -> tuple[PlacedCall, ...]:
        return (self.call, *self.callers)

    def location(self, path: str) -> Location:
        """Return where in a file the nodes come from: innermost, else the call that led there."""
        within = (call.location for call in self.calls if call.location.path == path)
        return next(within, self.top)

    @property
    def top(self) -> Location:
        """The outermost call: an entry of the network itself."""
        return self.calls[-1].location


class Stamped(NamedTuple):
    """Origins that are those of other nodes, by so many indices before.

    The last `outer` of their callers are not those that led here: `callers` are.
    """

    start: int
    origins: tuple["Origin | Stamped", ...]
    shift: int
    outer: int
    callers: tuple[PlacedCall, ...]

    def each(self) -> Iterator[Origin]:
        """Return the origins as they are here."""
        for origin in flat(self.origins):
            callers = origin.callers[: len(origin.callers) - self.outer] + self.callers
            yield Origin(origin.start + self.shift, origin.call, callers)


def flat(origins: Iterable[Origin | Stamped]) -> Iterator[Origin]:
    """Return origins one by one, also those that are written as the origins of others."""
    for origin in origins:
        if isinstance(origin, Origin):
            yield origin
        else:
            yield from origin.each()


class Design:
    """A graph, and the origins of its nodes in their order; none where nobody knows them."""

    def __init__(self, graph: Graph, origins: Iterable[Origin | Stamped] = ()) -> None:
        self.graph = graph
        self._origins = tuple(origins)

    @cached_property
    def origins(self) -> tuple[Origin, ...]:
        """Where the nodes were written, each origin up to where the next one starts."""
        return tuple(flat(self._origins))

    def of(self, graph: Graph) -> "Design":
        """Return the same nodes as a graph that says something else of them."""
        return Design(graph, self._origins)

    def origin(self, node: int) -> Origin | None:
        """Return the origin of a node; None for the input."""
        at = bisect_right(self.origins, node, key=lambda origin: origin.start)
        return self.origins[at - 1] if at else None

    def by_path(self) -> dict[str, Origin]:
        """Return the origin of every layer that has one: of a graph made in Python none."""
        origins = {}
        ends = [*(origin.start for origin in self.origins[1:]), len(self.graph.nodes)]
        for origin, end in zip(self.origins, ends, strict=False):
            for node in self.graph.nodes[origin.start : end]:
                origins[node.path] = origin
        return origins
