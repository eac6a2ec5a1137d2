"""Orders: which inputs of layers are read in another order of elements than that of their maps.

A map is asked for in the order of a value; what has been asked for while a layer was placed is what
its nodes read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import repeat
from math import prod

from bncalc.model.graph import Graph, MapView, Node
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.axes import Dims
from bncalc.readers.layout import AxisCut, Layout, cuts_in_map, standard
from bncalc.readers.onnx.stretches import AxisStretch


class _Placed(NamedTuple):
    """A layer that may read a map in another order: its nodes, and what it has asked for.

    `whole` says which maps it reads as they are, and whether they lie in values as a layer takes
    them: as is usual, or as in what the layer makes of it.
    """

    nodes: range
    asked: tuple[tuple[int, Layout | None], ...]
    whole: dict[int, bool]


class Orders:
    """How maps lie in values, by their places, and in which order layers have asked for them."""

    def __init__(self) -> None:
        self._layouts: dict[int, Layout | None] = {}
        self._asked: list[tuple[int, Layout | None]] = []
        self._first: dict[int, Layout | None] = {}
        """In which order the layer that is placed asked for a map first."""
        self._turned: set[int] = set()
        self._resized: dict[int, Layout | None] = {}
        self._is_odd = False
        """Whether the layer that is placed may read any map in another order than its own."""
        self._placed: list[_Placed] = []

    def of(self, place: int) -> Layout | None:
        """Return how a map lies in a value that has been placed, if that is known."""
        return self._layouts.get(place)

    def hold(self, place: int, layout: Layout | None) -> None:
        self._layouts[place] = layout

    def ask(self, node: int, layout: Layout | None) -> None:
        """Note that what is placed next reads the map of a node in an order."""
        self._asked.append((node, layout))
        if layout is None or not layout.is_plain:
            self._turned.add(node)
            self._is_odd = True
        elif self._first.setdefault(node, layout) != layout:
            self._is_odd = True

    def is_asked(self, node: int) -> bool:
        """Return whether the layer that is placed has asked for the map of a node."""
        return node in self._first or node in self._turned

    def is_turned(self, node: int) -> bool:
        """Return whether the layer that is placed reads the map of a node in another order."""
        return node in self._turned

    def resize(self, node: int, layout: Layout | None) -> None:
        """Note in which order a node that is nothing but a view reads its map."""
        self._resized[node] = layout
        self._is_odd = self._is_odd or layout is None or not layout.is_plain

    def end(self, nodes: range, whole: dict[int, bool]) -> None:
        """Note that a layer has been placed, and how the maps lie that it reads as they are."""
        if self._is_odd or not all(whole.values()):
            self._placed.append(_Placed(nodes, tuple(self._asked), whole))
        self._asked.clear()
        self._first.clear()
        self._turned.clear()
        self._is_odd = False

    def told(self, graph: Graph) -> Graph:
        """Return a graph whose nodes say which of their inputs have another order."""
        nodes = list(graph.nodes)
        for placed in self._placed:
            for index in placed.nodes:
                views = tuple(self._views(nodes, index, placed))
                if views:
                    nodes[index] = nodes[index]._replace(views=views)
        return graph._replace(nodes=tuple(nodes))

    def _views(self, nodes: list[Node], index: int, placed: _Placed) -> Iterator[MapView]:
        node = nodes[index]
        asked = _by_source(placed, node.inputs)
        for at, source in enumerate(node.inputs):
            if index in self._resized:
                layout = self._resized[index]
            elif source in asked:
                layout = next(asked[source])
            elif source in placed.nodes or placed.whole.get(source, True):
                continue
            else:
                layout = None
            if layout is None and len([size for size in nodes[source].output if size != 1]) > 1:
                yield MapView(at)
            elif layout is None:
                continue
            elif not layout.is_plain:
                yield MapView(at, layout.sizes, layout.order)


def _by_source(placed: _Placed, inputs: tuple[int, ...]) -> dict[int, Iterator[Layout | None]]:
    """Return in which orders a node reads each map that was asked for, once for each time.

    Where a map was asked for in several orders and not as often as it is read, none is known.
    """
    asked: dict[int, list[Layout | None]] = {}
    for source, layout in placed.asked:
        asked.setdefault(source, []).append(layout)
    times = Counter(inputs)
    return {
        source: repeat(known[0])
        if len(set(known)) == 1
        else iter(known)
        if len(known) == times[source]
        else repeat(None)
        for source, known in asked.items()
    }


def of_channels(
    layout: Layout | None, sizes: Dims, stretch: AxisStretch, shape: Shape
) -> Layout | None:
    """Return how equal parts of a map's channels lie in the part of its value that they are.

    `sizes` are those of the value; None if a stretch of it is not that part of the channels.
    """
    cut = AxisCut(stretch.axis, stretch.start, stretch.stop)
    part = cuts_in_map(layout, sizes, (cut,)) if layout is not None else None
    if part is None or len(part.cuts) != 1:
        return None
    own, each = part.cuts[0], shape.channels // stretch.whole * shape.positions
    before, behind = prod(part.sizes[: own.axis]), prod(part.sizes[own.axis + 1 :])
    same = (own.start * behind, own.size * behind) == (stretch.start * each, stretch.size * each)
    return part.left if before == 1 and same else None


def of_axes(sizes: Dims, stretches: Sequence[AxisStretch], axis: int) -> Layout | None:
    """Return how parts of axes of a map, its channels on an axis, lie in their value."""
    left = list(sizes)
    for stretch in stretches:
        left[stretch.axis] = stretch.size
    return None if 0 in left else standard(tuple(left), axis)
