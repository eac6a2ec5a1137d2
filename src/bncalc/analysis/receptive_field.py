"""Receptive fields: which positions of the input each position of each map can depend on.

After Araujo, Norris and Sim 2019 (distill.pub/2019/computing-receptive-fields). A field is an
interval along each axis: position i depends on those from i·stride − padding on, `size` of them. It
follows the map, through branches as the least interval around theirs. What gives every position
something of the whole map, such as the gate of squeeze-and-excitation, does not widen the field; it
is remembered as `context`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bncalc.analysis.report import Report, Result
from bncalc.model.graph import Graph, Node
from bncalc.model.pattern import Window, concentric, union
from bncalc.model.reach import CONSTANT, UNCLEAR, WHOLE, Reach, image
from bncalc.model.shape import collapsed

if TYPE_CHECKING:
    from fractions import Fraction


class Extent(tuple[int | float | None, ...]):
    """Pixels along each axis, None where all are taken; a fraction is the nearest float."""

    __slots__ = ()

    def __str__(self) -> str:
        size = collapsed(tuple(["all" if size is None else f"{size:.10g}" for size in self]))
        return "×".join(size) if isinstance(size, tuple) else str(size)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Fields(Result):
    """Fields of a network: of every node, of the answer, and where branches do not fit.

    `answer` is the last node on the way to the answer whose field slides, before pooling or a
    linear layer takes the whole map; `path` is its path. At `off_centre` the fields of branches
    have other centres, at `unclear` other strides, so that no window describes the joined field.
    """

    nodes: tuple[Reach, ...]
    answer: int
    path: str
    off_centre: tuple[int, ...]
    unclear: tuple[int, ...]

    @property
    def output(self) -> Reach:
        return self.nodes[self.answer]

    @property
    def branches(self) -> tuple[str | None, ...]:
        """What does not fit where the branches of each layer join: `off centre`, `unclear`."""
        misfits = dict.fromkeys(self.off_centre, "off centre")
        misfits |= dict.fromkeys(self.unclear, "unclear")
        return tuple(map(misfits.get, range(1, len(self.nodes))))

    def of_whole(self) -> Mapping[str, object]:
        output = self.output
        return {
            "receptive_field": extent(output.size),
            "effective_stride": extent(output.stride),
            "effective_padding": extent(output.padding),
            "receptive_field_scope": output.scope,
            "receptive_field_of": self.path,
        }

    def of_layers(self) -> Mapping[str, Sequence[object]]:
        layers = self.nodes[1:]
        return {
            "receptive_field": [extent(reach.size) for reach in layers],
            "effective_stride": [extent(reach.stride) for reach in layers],
            "effective_padding": [extent(reach.padding) for reach in layers],
            "receptive_field_scope": [reach.scope for reach in layers],
            "receptive_field_branches": self.branches,
        }


def receptive_fields(graph: Graph) -> Fields:
    """Return the field of every node; walk the graph once."""
    reaches: list[Reach] = [_own(graph.nodes[0])]
    off_centre, unclear = [], []
    for index, node in enumerate(graph.nodes[1:], start=1):
        if not node.inputs:
            reaches.append(_own(node))
            continue
        joined = reaches[node.inputs[0]]
        if len(node.inputs) > 1:
            read = [_arriving(graph, node, source, reaches[source]) for source in node.inputs]
            joined = _joined(read)
            if joined is UNCLEAR and UNCLEAR not in read:
                unclear.append(index)
            elif joined is not UNCLEAR and not _concentric(read):
                off_centre.append(index)
        inner = node.op.reach(graph.input_shapes(node), node.output)
        reaches.append(joined.through(inner))
    answer = _answer(graph, reaches)
    return Fields(
        nodes=tuple(reaches),
        answer=answer,
        path=graph.nodes[answer].path,
        off_centre=tuple(off_centre),
        unclear=tuple(unclear),
    )


def _own(node: Node) -> Reach:
    """Return what is seen by a map that is made of no other."""
    if not node.op.is_input:
        return CONSTANT
    return image(node.output.axes) if node.output.has_channels else UNCLEAR


def _arriving(graph: Graph, node: Node, source: int, reach: Reach) -> Reach:
    """Return what an input sees; a size of 1 that serves a larger one takes that axis whole."""
    arrives, leaves = graph.nodes[source].output, node.output
    if not reach.slides or arrives is leaves:
        return reach
    if not (arrives.has_channels and leaves.has_channels):
        return UNCLEAR
    had, makes = arrives.space, leaves.space
    if had == makes:
        return reach
    if len(had) != len(makes) or len(had) != len(reach.windows):
        return WHOLE if all(size == 1 for size in had) else UNCLEAR
    windows = tuple(
        [
            None if size == 1 and served > 1 else window
            for size, served, window in zip(had, makes, reach.windows, strict=True)
        ]
    )
    return Reach(windows, reach.scope) if any(windows) else WHOLE


def _joined(reaches: list[Reach]) -> Reach:
    """Return the least field around all; branches that take an axis whole are its context."""
    if UNCLEAR in reaches:
        return UNCLEAR
    reaches = [reach for reach in reaches if reach is not CONSTANT]
    if not reaches:
        return CONSTANT
    sliding = [reach for reach in reaches if reach.slides]
    if not sliding:
        return WHOLE
    context = len(sliding) < len(reaches) or any(reach.scope == "context" for reach in sliding)
    windows = []
    for along in zip(*[reach.windows for reach in sliding], strict=True):
        known = _sliding(along)
        window = union(known) if known else None
        if known and window is None:
            return UNCLEAR
        context = context or (None in along and window is not None)
        windows.append(window)
    return Reach(tuple(windows), "context" if context else "window")


def _concentric(reaches: list[Reach]) -> bool:
    """Return whether the fields of branches that slide have the same centres."""
    axes = zip(*[reach.windows for reach in reaches if reach.slides], strict=True)
    return all(concentric(_sliding(along)) for along in axes)


def _sliding(along: tuple[Window | None, ...]) -> list[Window]:
    return [window for window in along if window is not None]


def _answer(graph: Graph, reaches: list[Reach]) -> int:
    """Return the last node whose field slides among those that the answer depends on."""
    last = max(output.node for output in graph.outputs)
    wanted = {last}
    for index in range(last, -1, -1):
        if index in wanted:
            if reaches[index].scope != "whole":
                return index
            wanted.update(graph.nodes[index].inputs)
    return 0


def receptive_field_result(graph: Graph, report: Report) -> Fields:
    """Return the receptive fields of a graph, for its report."""
    return receptive_fields(graph)


def extent(sizes: tuple[int | Fraction | None, ...] | None) -> Extent | None:
    """Return sizes in positions of the input as they are written."""
    if not sizes:
        return None
    exact = (int, type(None))
    return Extent([size if isinstance(size, exact) else float(size) for size in sizes])
