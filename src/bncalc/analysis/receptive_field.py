"""Receptive fields: which pixels of the image each position of each map can depend on.

After Araujo, Norris and Sim 2019 (distill.pub/2019/computing-receptive-fields). A field is an
interval of rows and one of columns: position i depends on pixels i·stride − padding onward, `size`
of them. It follows the map, through branches as the least interval around theirs. What gives every
position something of the whole map, such as the gate of squeeze-and-excitation, does not widen the
field; it is remembered as `context`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bncalc.analysis.report import Report, Result
from bncalc.model.graph import Graph, Node
from bncalc.model.reach import POINTWISE, UNCLEAR, WHOLE, Reach, concentric, union

if TYPE_CHECKING:
    from fractions import Fraction


class Extent(NamedTuple):
    """Height and width in pixels; a fraction is written as the nearest float."""

    height: int | float
    width: int | float

    def __str__(self) -> str:
        if self.height == self.width:
            return f"{self.height:.10g}"
        return f"{self.height:.10g}×{self.width:.10g}"


@dataclass(frozen=True, slots=True, kw_only=True)
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
    reaches: list[Reach] = [POINTWISE]
    off_centre, unclear = [], []
    for index, node in enumerate(graph.nodes[1:], start=1):
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


def _arriving(graph: Graph, node: Node, source: int, reach: Reach) -> Reach:
    """Return what an input sees; a single position that serves a larger map is context for it."""
    single = graph.nodes[source].output.positions == 1
    return WHOLE if single and node.output.positions > 1 else reach


def _joined(reaches: list[Reach]) -> Reach:
    """Return the least field around all; branches that see the whole map are its context."""
    if UNCLEAR in reaches:
        return UNCLEAR
    sliding = [one for one in reaches if one.scope != "whole"]
    if not sliding:
        return WHOLE
    tall = [one.rows for one in sliding if one.rows]
    wide = [one.columns for one in sliding if one.columns]
    rows = union(tall)
    columns = rows if tall == wide else union(wide)
    if rows is None or columns is None:
        return UNCLEAR
    context = len(sliding) < len(reaches) or any(one.scope == "context" for one in sliding)
    return Reach(rows, columns, "context" if context else "window")


def _concentric(reaches: list[Reach]) -> bool:
    """Return whether the fields of branches that slide have the same centres."""
    tall = [one.rows for one in reaches if one.rows]
    wide = [one.columns for one in reaches if one.columns]
    return concentric(tall) and (tall == wide or concentric(wide))


def _answer(graph: Graph, reaches: list[Reach]) -> int:
    """Return the last node whose field slides among those that the answer depends on."""
    last = max(i for i, node in enumerate(graph.nodes) if not node.training_only)
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


def extent(pair: tuple[int | Fraction, int | Fraction] | None) -> Extent | None:
    """Return a size in pixels as it is written."""
    return pair and Extent(*[side if isinstance(side, int) else float(side) for side in pair])
