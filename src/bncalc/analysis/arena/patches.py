"""Patches: the first layers run for one piece of their last map after the other (MCUNetV2).

Lin et al. 2021, arXiv:2110.15352. A piece needs more of each map before it than its share, its
halo: rows [a, b) of a 3×3 convolution need rows [a − 1, b + 1) of its input. So the peak falls and
MACs are done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

from bncalc.analysis.assumptions import Assumptions, Policy
from bncalc.analysis.memory import liveness
from bncalc.errors import UsageError
from bncalc.model.graph import Graph, Output, unread
from bncalc.model.ops.convolution import Conv
from bncalc.model.pattern import Window
from bncalc.model.reach import Reach
from bncalc.model.shape import Shape, shown
from bncalc.named import NamedTuple

_SIDES = range(2, 9)
_ELEMENTS = Assumptions(dtype="int8")
RowSpan = tuple[int, int]
"""From a position up to another, along one axis."""


class Patched(NamedTuple):
    """What patches make of a network. Units: bytes of maps, MACs; for one image.

    `stage` is the peak of the first layers, their whole output included; `rest` the peak after
    them; `image` what the image takes besides, where it is in RAM. The MACs of the first layers
    grow from `whole_macs` to `macs`, or to `full_macs` where an engine does not cut patches at the
    border. `largest` is the largest piece of the image.
    """

    grid: tuple[int, ...]
    layers: int
    stage: int
    rest: int
    image: int
    macs: int
    full_macs: int
    whole_macs: int
    largest: Shape

    @property
    def peak_with_image(self) -> int:
        return max(self.stage + self.image, self.rest)


def patch(
    graph: Graph, policy: Policy, grid: tuple[int, ...], layers: int, *, map_bytes: int = 1
) -> Patched:
    """Run the first convolutions of a lowered network in patches, `grid` along each axis.

    Raises UsageError where the layers do not end in one map, or hold an op that needs all of a map.
    """
    return _patched(graph, policy, grid, layers, _live_at(graph, policy), map_bytes)


def _patched(
    graph: Graph,
    policy: Policy,
    grid: tuple[int, ...],
    layers: int,
    whole_live: Sequence[int],
    map_bytes: int,
) -> Patched:
    """Run the first convolutions in patches; what is live at each step without any is known."""
    last = _end_of(graph, layers)
    stage = graph.nodes[last].output.elements * map_bytes
    along = _needed_along(graph, last, grid)
    largest = [max(needs, key=lambda needed: needed[0]) for needs in along]
    pieces = prod(len(needs) for needs in along)
    sums = [[sum(sizes) for sizes in zip(*needs, strict=True)] for needs in along]
    return Patched(
        grid=grid,
        layers=layers,
        stage=stage + _most_live(graph, policy, along) * map_bytes,
        rest=max(whole_live[last + 1 :]) * map_bytes,
        image=graph.input.elements * map_bytes,
        macs=_macs(graph, sums),
        full_macs=pieces * _macs(graph, largest),
        whole_macs=_macs(graph, _whole(graph, last)),
        largest=Shape(graph.input.channels, *[needed[0] for needed in largest]),
    )


def patch_to_fit(graph: Graph, policy: Policy, most: int, *, map_bytes: int = 1) -> Patched:
    """Return the patches with the fewest added MACs whose peak is within so many bytes.

    The image counts. Where none is, those of the lowest peak. Tried are square grids of 2 to 8
    along each axis, and every number of first layers that end in one map. Raises UsageError for a
    network that cannot run in patches at all.
    """
    tried: list[Patched] = []
    live = _live_at(graph, policy)
    for layers in range(1, sum(isinstance(node.op, Conv) for node in graph.nodes)):
        for side in _SIDES:
            try:
                grid = (side,) * graph.input.axes
                tried.append(_patched(graph, policy, grid, layers, live, map_bytes))
            except UsageError:
                break
            if tried[-1].peak_with_image <= most:
                break
    if not tried:
        raise UsageError(f"no first layers of {graph.name} can run in patches")
    fitting = [patched for patched in tried if patched.peak_with_image <= most]
    if fitting:
        return min(fitting, key=lambda patched: patched.macs - patched.whole_macs)
    return min(tried, key=lambda patched: patched.peak_with_image)


def _end_of(graph: Graph, layers: int) -> int:
    """Return the node that the first convolutions end in: the last before the next convolution."""
    convolutions = [i for i, node in enumerate(graph.nodes) if isinstance(node.op, Conv)]
    if not 1 <= layers < len(convolutions):
        most = len(convolutions) - 1
        raise UsageError(f"patch layers are {layers}; there must be from 1 to {most} of them")
    last = convolutions[layers - 1]
    read_after = {i for node in graph.nodes[last + 1 :] for i in node.inputs if i <= last}
    while read_after != {last} and last + 1 < convolutions[layers]:
        last += 1
        read_after = {i for node in graph.nodes[last + 1 :] for i in node.inputs if i <= last}
    if read_after != {last}:
        paths = " and ".join(graph.nodes[i].path for i in sorted(read_after))
        raise UsageError(f"{layers} patch layers do not end in one map: {paths} are read later")
    return last


def _needed_along(graph: Graph, last: int, grid: tuple[int, ...]) -> list[list[list[int]]]:
    """Return for each axis, for each piece along it, how much of each map the piece needs."""
    output = graph.nodes[last].output
    fits = [parts <= size for parts, size in zip(grid, output.space, strict=False)]
    if len(grid) != output.axes or not all(fits):
        raise UsageError(f"a map of {output} cannot be cut into {shown(grid)} patches")
    reaches = [
        node.op.reach(graph.input_shapes(node), node.output) for node in graph.nodes[: last + 1]
    ]
    return [
        [_needed(graph, reaches, axis, cut) for cut in _cuts(output.space[axis], parts)]
        for axis, parts in enumerate(grid)
    ]


def _cuts(size: int, parts: int) -> list[RowSpan]:
    """Cut an axis into pieces, all of one size but the last."""
    step = -(-size // parts)
    return [(at, min(at + step, size)) for at in range(0, size, step)]


def _needed(graph: Graph, reaches: list[Reach], axis: int, cut: RowSpan) -> list[int]:
    """Return how many positions of each map a piece of the last one needs along an axis."""
    last = len(reaches) - 1
    needed: list[RowSpan | None] = [None] * last + [cut]
    for index in range(last, 0, -1):
        node, span, reach = graph.nodes[index], needed[index], reaches[index]
        if span is None:
            continue
        if reach.scope != "window" or None in reach.windows:
            raise UsageError(f"{node.path} needs all of its input: it cannot run in patches")
        for source in node.inputs:
            asked: RowSpan | None = span
            if reach.windows:
                asked = _read(reach.windows[axis], span, graph.nodes[source].output.space[axis])
            needed[source] = _around(needed[source], asked)
    return [0 if span is None else span[1] - span[0] for span in needed]


def _read(window: Window | None, span: RowSpan, size: int) -> RowSpan | None:
    """Return what positions along one axis read of an input, cut at its border: padding is none."""
    assert window is not None, "an axis that is taken whole was refused"
    start, stop = max(0, window.start(span[0])), min(size, window.stop(span[1] - 1) + 1)
    return (start, stop) if start < stop else None


def _around(span: RowSpan | None, other: RowSpan | None) -> RowSpan | None:
    if span is None or other is None:
        return span or other
    return min(span[0], other[0]), max(span[1], other[1])


def _whole(graph: Graph, last: int) -> list[list[int]]:
    spaces = [node.output.space for node in graph.nodes[: last + 1]]
    return [list(sizes) for sizes in zip(*spaces, strict=True)]


def _most_live(graph: Graph, policy: Policy, along: list[list[list[int]]]) -> int:
    """Return the most elements of pieces that live at a step.

    The image is read where it lies, and the last map is written where it stays: neither counts.
    """
    different = [{tuple(needed) for needed in needs} for needs in along]
    pieces = {tuple(map(prod, zip(*sizes, strict=True))) for sizes in product(*different)}
    return max(_live_of(graph, policy, positions) for positions in pieces)


def _live_of(graph: Graph, policy: Policy, positions: tuple[int, ...]) -> int:
    """Return the most elements that live where each map of a piece has so many positions."""
    nodes = [
        node._replace(output=Shape(node.output.channels, number))
        for node, number in zip(graph.nodes, positions, strict=False)
    ]
    stretch = Graph(graph.name, tuple(nodes), (), tuple(map(Output, unread(nodes))))
    memory = liveness(stretch, _ELEMENTS._replace(policy=policy))
    outer = [s for s in memory.storages if s.first in (0, len(nodes) - 1)]
    return max(
        live - sum(s.size for s in outer if s.first <= step <= s.last)
        for step, live in enumerate(memory.live)
    )


def _live_at(graph: Graph, policy: Policy) -> Sequence[int]:
    """Return what is live at each step where nothing runs in patches, in elements."""
    return liveness(graph, _ELEMENTS._replace(policy=policy)).live


def _macs(graph: Graph, sizes: list[list[int]]) -> int:
    """Return the MACs of the first layers for maps of so many positions along each axis."""
    total = 0
    for index in range(1, len(sizes[0])):
        node = graph.nodes[index]
        macs = node.op.cost(graph.input_shapes(node), node.output).macs
        total += macs // node.output.positions * prod(along[index] for along in sizes)
    return total
