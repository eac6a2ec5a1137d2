"""Layouts: in which order the elements of a map lie in a tensor that is a view of it.

Sizes alone do not matter for that. A layout splits the map, read in its order, into axes, and says
in which order the tensor has them.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod

from bncalc.model.ops.foreign import ForeignOptions
from bncalc.named import NamedTuple
from bncalc.readers.axes import Dims

remembered = lru_cache(maxsize=1_000)
"""Keeps what is asked for again: a model has few sizes and orders, and many layers."""


class AxisCut(NamedTuple):
    """A stretch of an axis: its first, what follows its last, and the step between two."""

    axis: int
    start: int
    stop: int
    step: int = 1

    @property
    def size(self) -> int:
        return len(range(self.start, self.stop, self.step))


class Layout(NamedTuple):
    """The axes that a map is split into, in its order, and which of them come first in a tensor.

    Axes that stay beside each other are one, so that there is one layout for each order.
    """

    sizes: Dims = ()
    order: Dims = ()

    @property
    def is_plain(self) -> bool:
        """Tell whether the elements lie as in the map."""
        return len(self.order) < 2

    @property
    def turned(self) -> Dims:
        """The sizes in the order of the tensor."""
        return tuple([self.sizes[axis] for axis in self.order])

    @property
    def options(self) -> ForeignOptions:
        """What a writer is told of a view: the sizes to split a map into, and their order."""
        return (("sizes", self.sizes), ("order", self.order))

    @remembered
    def inverse(self) -> Layout:
        """Return how the map lies in the tensor."""
        return Layout(self.turned, tuple([self.order.index(i) for i in range(len(self.order))]))

    @remembered
    def then(self, other: Layout) -> Layout | None:
        """Return a layout of what is a view with this one; None if their axes overlap."""
        between = _common(self.turned, other.sizes)
        if between is None:
            return None
        first, second = self.inverse().split(between).inverse(), other.split(between)
        return _joined(first.sizes, tuple([first.order[axis] for axis in second.order]))

    def refined(self, sizes: Dims) -> Layout | None:
        """Return this layout with its axes split so that they divide into sizes; None if not so."""
        between = _common(self.sizes, sizes)
        return None if between is None else self.split(between)

    def split(self, sizes: Dims) -> Layout:
        """Return this layout with its axes split further, to sizes in the order of the map."""
        groups, at = [], 0
        for size in self.sizes:
            stop = at + 1
            while prod(sizes[at:stop]) < size:
                stop += 1
            groups.append(range(at, stop))
            at = stop
        return Layout(sizes, tuple([axis for group in self.order for axis in groups[group]]))


@remembered
def turn(dims: Dims, order: Dims) -> Layout:
    """Return the layout of a tensor whose axes get another order."""
    kept = [axis for axis, size in enumerate(dims) if size != 1]
    places = {axis: place for place, axis in enumerate(kept)}
    sizes = tuple([dims[axis] for axis in kept])
    return _joined(sizes, tuple([places[axis] for axis in order if axis in places]))


def map_axes(layout: Layout, dims: Dims, shape: Dims) -> tuple[int | None, ...] | None:
    """Return which axis of a map each axis of a tensor is; None if they are not the same.

    An axis of size 1 is none of the map's.
    """
    own = [axis for axis, size in enumerate(dims) if size != 1]
    there = [axis for axis, size in enumerate(shape) if size != 1]
    split = layout.inverse().refined(tuple([dims[axis] for axis in own]))
    if split is None or split.inverse().sizes != tuple([shape[axis] for axis in there]):
        return None
    if len(there) != len(own):
        return None
    axes: list[int | None] = [None] * len(dims)
    for place, axis in zip(split.inverse().order, own, strict=True):
        axes[axis] = there[place]
    return tuple(axes)


class Cuts(NamedTuple):
    """What is left of a map when axes of it are cut: its sizes before, the cuts, and the order.

    The sizes are those that the map is split into, and the order is that in which what is left lies
    in the tensor that was cut.
    """

    sizes: Dims
    cuts: tuple[AxisCut, ...]
    left: Layout

    def options(self, turned: Layout) -> ForeignOptions:
        """Return what a writer is told of the part, which then gets another order."""
        layout = self.left.then(turned)
        cuts = [("cut", tuple(cut)) for cut in self.cuts]
        return (("sizes", self.sizes), *cuts, *layout.options) if layout else ()

    def stretch(self, shape: Dims) -> AxisCut | None:
        """Return the part as a stretch of one axis of the map; None if it is not that."""
        if len(self.cuts) != 1 or self.cuts[0].step != 1:
            return None
        cut, before = self.cuts[0], 1
        behind = prod(self.sizes[cut.axis + 1 :])
        for axis, size in enumerate(shape):
            further = prod(shape[axis + 1 :])
            if before == prod(self.sizes[: cut.axis]) and behind % further == 0:
                each = behind // further
                stretch = AxisCut(axis, cut.start * each, cut.stop * each)
                return stretch if stretch.size > 1 else None
            before *= size
        return None


def cuts_in_map(layout: Layout, dims: Dims, cuts: tuple[AxisCut, ...]) -> Cuts | None:
    """Return which part of a map those of a tensor of sizes `dims` are.

    None if an axis that is cut is several of the map.
    """
    own = [axis for axis, size in enumerate(dims) if size != 1]
    split = layout.inverse().refined(tuple([dims[axis] for axis in own]))
    if split is None:
        return None
    of_tensor, place = {}, 0
    for axis in own:
        first = place
        while prod(split.sizes[first:place]) < dims[axis]:
            place += 1
        of_tensor[axis] = range(first, place)
    order = split.inverse().order
    if any(len(of_tensor.get(cut.axis, ())) > 1 for cut in cuts):
        return None
    placed = [
        cut._replace(axis=order[of_tensor[cut.axis][0]]) for cut in cuts if cut.axis in of_tensor
    ]
    by_axis = {cut.axis: cut for cut in placed}
    of_map = split.inverse().sizes
    left = tuple([by_axis[i].size if i in by_axis else n for i, n in enumerate(of_map)])
    return Cuts(of_map, tuple(sorted(placed)), _without_ones(Layout(left, order)))


def gathered(layout: Layout, dims: Dims, axes: Dims, turned: Layout) -> ForeignOptions:
    """Return what a writer is told of gathering along axes of a tensor of sizes `dims`.

    `turned` is the order that the rest gets.
    """
    cuts = cuts_in_map(layout, dims, tuple([AxisCut(axis, 0, 1) for axis in axes]))
    if cuts is not None:
        rest = cuts.left.then(turned)
        there = tuple([cut.axis for cut in cuts.cuts])
        return (("sizes", cuts.sizes), ("axes", there), *rest.options) if rest else ()
    own = [axis for axis, size in enumerate(dims) if size != 1]
    sizes = tuple([dims[axis] for axis in own])
    there = tuple([own.index(axis) for axis in axes if axis in own])
    return (*layout.options, ("sizes", sizes), ("axes", there), *turned.options)


def stacked(layout: Layout, dims: Dims, along: int, count: int, turned: Layout) -> ForeignOptions:
    """Return what a writer is told of maps that are put beside each other on a further axis.

    Their tensors have sizes `dims`; the further axis is the first of the map that they become.
    """
    own = [axis for axis, size in enumerate(dims) if size != 1]
    split = layout.inverse().refined(tuple([dims[axis] for axis in own]))
    if split is None or len(split.sizes) != len(own):
        return ()
    there = sum([axis < along for axis in own])
    order = [axis + 1 for axis in split.inverse().order]
    order.insert(there, 0)
    rest = Layout((count, *split.inverse().sizes), tuple(order)).then(turned)
    return rest.options if rest else ()


@remembered
def channels_first(dims: Dims, axis: int) -> Dims:
    """Return the order that puts an axis before the others."""
    return (axis, *[other for other in range(len(dims)) if other != axis])


@remembered
def standard(dims: Dims, axis: int) -> Layout:
    """Return how a map lies in a tensor whose channels are on an axis."""
    return turn(dims, channels_first(dims, axis)).inverse()


def _without_ones(layout: Layout) -> Layout:
    kept = [axis for axis, size in enumerate(layout.sizes) if size != 1]
    order = tuple([kept.index(axis) for axis in layout.order if axis in kept])
    return Layout(tuple([layout.sizes[axis] for axis in kept]), order)


def _joined(sizes: Dims, order: Dims) -> Layout:
    """Return a layout, its axes that follow each other in both orders as one."""
    groups: list[list[int]] = []
    for axis in order:
        if groups and groups[-1][-1] == axis - 1:
            groups[-1].append(axis)
        else:
            groups.append([axis])
    starts = sorted([group[0] for group in groups])
    by_start = {group[0]: prod([sizes[axis] for axis in group]) for group in groups}
    return Layout(
        tuple([by_start[start] for start in starts]),
        tuple([starts.index(group[0]) for group in groups]),
    )


def _common(first: Dims, second: Dims) -> Dims | None:
    """Return the fewest sizes that both divide into, in their order; None if there are none."""
    if 0 in (*first, *second):
        return None
    sizes, left, right = [], list(reversed(first)), list(reversed(second))
    while left and right:
        a, b = left.pop(), right.pop()
        least, most = min(a, b), max(a, b)
        if most % least:
            return None
        sizes.append(least)
        if most > least:
            (left if a > b else right).append(most // least)
    return None if left or right else tuple(sizes)
