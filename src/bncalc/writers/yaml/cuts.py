"""Cuts: what cuts a map at a number is a slice in all blocks of a kind, if it is in some."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bncalc.model.graph import Graph
from bncalc.model.ops.moving import Cut, Slice
from bncalc.model.registry import find
from bncalc.writers.yaml.entry import Body, WrittenEntry, word_of

CUTS = ("split", "slice")


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
