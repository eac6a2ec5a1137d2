"""Views: those of other people's models are written by a word of ours where one says the same.

What cuts a map at a number is a slice in all blocks of a kind, if it is in some.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bncalc.model.graph import Graph
from bncalc.model.op import Op
from bncalc.model.ops.arranging import Reshape
from bncalc.model.ops.foreign import Foreign
from bncalc.model.ops.moving import Cut, Slice
from bncalc.model.registry import find
from bncalc.model.shape import Shape
from bncalc.writers.yaml.entry import Body, WrittenEntry, word_of

CUTS = ("split", "slice")


def with_own_views(graph: Graph) -> Graph:
    """Return a graph whose views are ops of ours, as far as there are such."""
    nodes = [node._replace(op=_own(node.op, graph.input_shapes(node))) for node in graph.nodes]
    return graph._replace(nodes=tuple(nodes))


def _own(op: Op, inputs: tuple[Shape, ...]) -> Op:
    if not isinstance(op, Foreign) or op.storage != "view" or len(inputs) != 1:
        return op
    x, y = inputs[0], op.facts.output
    is_turned = y == x  # perhaps: axes in another order may have the same sizes
    if op.word == "reshape" and not is_turned and y.elements == x.elements:
        return Reshape(to=tuple(y))
    if op.word == "slice":
        return _slice(op, x) or op
    return op


def _slice(op: Foreign, x: Shape) -> Op | None:
    """Return the cut of one axis of a map that a view is, None if it is another view."""
    steps = dict(op.facts.options)
    cut = steps.get("cut")
    cuts = [name for name, _ in op.facts.options if name == "cut"]
    if len(cuts) != 1 or op.facts.options[0] != ("sizes", tuple(x)) or not isinstance(cut, tuple):
        return None
    axis, start, stop, step = cut
    wanted = Shape(*x[:axis], stop - start, *x[axis + 1 :])
    if step != 1 or op.facts.output != wanted:
        return None
    return Slice(start=start, stop=None if stop == x[axis] else stop, over=(axis,))


def as_slices(bodies: Sequence[Body], graph: Graph) -> None:
    """Write cuts as slices where bodies of one kind have others.

    A number that happens to divide the channels makes equal parts of them: `x[:, 64:]` of 128.
    """
    kinds: dict[str, list[Body]] = defaultdict(list)
    for body in bodies:
        kinds[word_of(body)].append(body)
    for alike in kinds.values():
        words = {tuple([entry.word for entry in _cuts(body)]) for body in alike}
        if len(words) > 1 and any("slice" in each for each in words):
            for body in alike:
                _write_slices(body, graph)


def _cuts(body: Body) -> list[WrittenEntry]:
    """Return the cuts that are named after their word."""
    return [
        entry
        for entry in body.entries
        if entry.word in CUTS and entry.name.rstrip("0123456789") == entry.word
    ]


def _write_slices(body: Body, graph: Graph) -> None:
    cuts = _cuts(body)
    names = {}
    for number, entry in enumerate(cuts, start=1):
        names[entry.name] = f"slice{number}" if len(cuts) > 1 else "slice"
    taken = {entry.name for entry in body.entries} - names.keys()
    if taken.isdisjoint(names.values()):
        for entry in cuts:
            entry.name = names[entry.name]
            _write_slice(entry, graph)
        _rename(body.entries, names)
        body.outputs = tuple([names.get(name, name) for name in body.outputs])


def _rename(entries: list[WrittenEntry], names: dict[str, str]) -> None:
    for entry in entries:
        entry.sources = tuple([names.get(name, name) for name in entry.sources])
        for inner in entry.lists:
            _rename(inner, names)


def _write_slice(entry: WrittenEntry, graph: Graph) -> None:
    node = graph.nodes[entry.gives[0]]
    assert isinstance(node.op, Cut)
    x = graph.nodes[entry.takes[0]].output
    axis, _ = node.op.axis(x)
    start = node.op.first(x)
    stop = start + node.output[axis]
    entry.word = Slice.word
    entry.arguments = {
        "start": start,
        "stop": None if stop == x[axis] else stop,
        "over": entry.arguments["over"],
    }
    entry.usual = dict(find(Slice.word).defaults()) | {"over": "channels"}
