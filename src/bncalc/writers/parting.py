"""Parting: a flat network gets parts, so that what it repeats can be said once.

Files that hold no names of modules, or hardly any, are flat. Nodes and their order stay.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

from bncalc.errors import UsageError
from bncalc.model.graph import Graph
from bncalc.model.naming import Names
from bncalc.model.registry import NORMS
from bncalc.named import NamedTuple
from bncalc.writers.stretches import Stretch, StretchForm, Wiring, word_of

_MOST_BLOCKS = 6
"""From so many blocks or layers on in a row none are looked for as one copy."""
_FEW = 3
_GIVEN = re.compile(r"(?!stage\d|node_)[a-z_]\w*")
"""A name as PyTorch and Keras have them; `Conv_12` and `node_7` are those of exporters."""


class CopyRow(NamedTuple):
    """Copies, each after the one before and each of as many stretches; or a single one."""

    copies: tuple[tuple[Stretch, ...], ...]


def is_flat(graph: Graph) -> bool:
    """Return whether most layers lie in no part, and names are not those of our language."""
    within = {i for part in graph.parts for i in range(part.start, part.stop)}
    ours = any(node.path.endswith((".norm", ".act")) for node in graph.nodes)
    trains = any(node.training_only for node in graph.nodes)
    return not ours and not trains and 2 * len(within) < len(graph.nodes)


def with_parts(graph: Graph, write: Callable[[Graph], str]) -> str:
    """Write a graph, a flat one with parts unless the form cannot say it so."""
    if is_flat(graph):
        try:
            return write(parted(graph))
        except UsageError:  # weights that parts share, say
            pass
    return write(graph)


def parted(graph: Graph) -> Graph:
    """Return a flat network with parts: blocks that are there again, rows of copies as stages.

    Layers get the names that the language gives them, those with weights that are not repeated
    keep their own.
    """
    wiring = Wiring(graph)
    layers = wiring.layers()
    stretches = _with_chains(_with_blocks(wiring, layers), wiring)
    naming = _Naming(graph, layers)
    for row in _rows(stretches, wiring):
        naming.add(row)
    paths, parts = naming.names.settle()
    nodes = [node._replace(path=path) for node, path in zip(graph.nodes, paths, strict=True)]
    return graph._replace(nodes=tuple(nodes), parts=tuple(parts))


def _with_blocks(wiring: Wiring, layers: list[Stretch]) -> list[Stretch]:
    """Return the layers, those of blocks that are there more than once as these blocks."""
    blocks = [*wiring.blocks()]
    counts = Counter([block.form for block in blocks])
    repeated = [block for block in blocks if counts[block.form] > 1 and len(block.form) > 1]
    chosen: dict[int, Stretch] = {}
    taken: set[int] = set()
    for block in sorted(repeated, key=lambda each: each.start - each.stop):
        if taken.isdisjoint(range(block.start, block.stop)):
            taken.update(range(block.start, block.stop))
            chosen[block.start] = block
    forms = {block.form for block in chosen.values() if block.word == "residual"}
    for form in sorted(forms, key=len, reverse=True):
        for body in _bodies(form, layers, list(chosen.values()), wiring):
            inside = range(body.start, body.stop)
            taken.update(inside)
            chosen = {start: each for start, each in chosen.items() if start not in inside}
            chosen[body.start] = body
    outside = [layer for layer in layers if layer.start not in taken]
    return sorted([*outside, *chosen.values()])


def _bodies(
    form: StretchForm, layers: list[Stretch], chosen: list[Stretch], wiring: Wiring
) -> Iterator[Stretch]:
    """Return stretches that are what a residual block is without its sum.

    They may hold other blocks, and lie in none and across none.
    """
    stops, free = {layer.stop for layer in layers}, 0
    ordered = sorted(chosen)
    starts = [each.start for each in ordered]
    for layer in layers:
        start, stop = layer.start, layer.start + len(form)
        if start < free or stop not in stops or layer.form[0][0] != form[0][0]:
            continue
        first = bisect_right(starts, start) - 1  # they are apart: only this one can end within
        near = ordered[max(first, 0) : bisect_left(starts, stop)]
        across = [each for each in near if start < each.stop]
        if any(
            each.start < start or stop < each.stop or each.word == "residual" for each in across
        ):
            continue
        if wiring.form(start, stop) == form and wiring.is_closed(start, stop):
            yield Stretch(start, stop, form, "residual")
            free = stop


def _with_chains(stretches: list[Stretch], wiring: Wiring) -> list[Stretch]:
    """Put layers that follow each other into blocks if they are there several times."""
    runs: list[list[Stretch]] = []
    for stretch in stretches:
        start, stop = stretch.start, stretch.stop
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and not last.word
            and not stretch.word
            and len(wiring.sources(last.start, last.stop)) == 1
            and wiring.follows(start, stop)
        ):
            runs[-1].append(stretch)
        else:
            runs.append([stretch])
    forms = [tuple([stretch.form for stretch in run]) for run in runs]
    counts = Counter(forms)
    parts: list[Stretch] = []
    for run, form in zip(runs, forms, strict=True):
        start, stop = run[0].start, run[-1].stop
        if len(run) >= _FEW and counts[form] >= _FEW and wiring.is_closed(start, stop):
            parts.append(Stretch(start, stop, form, "chain"))
        else:
            parts += run
    return parts


def _rows(stretches: list[Stretch], wiring: Wiring) -> Iterator[CopyRow]:
    """Return rows of copies that follow each other, and whatever lies between them."""
    follows = [wiring.follows(each.start, each.stop) for each in stretches]
    at = 0
    while at < len(stretches):
        period, count = _period(stretches, follows, at)
        copies = [tuple(stretches[at + i * period : at + (i + 1) * period]) for i in range(count)]
        yield from _stages(copies, wiring)
        at += period * count


def _period(stretches: list[Stretch], follows: list[bool], at: int) -> tuple[int, int]:
    """Return how many stretches are there once more right after themselves, and how often.

    Several are no copy if they hold a block that is there again right after itself.
    """
    for period in range(1, _MOST_BLOCKS + 1):
        if at + period > len(stretches) or not all(follows[at + 1 : at + period]):
            break
        if period > 1 and _is_again(stretches, follows, at + period - 1):
            break
        stop = at + period
        while (
            stop < len(stretches)
            and follows[stop]
            and stretches[stop].form == stretches[stop - period].form
        ):
            stop += 1
        count = (stop - at) // period
        if count > 1 and any(each.learns for each in stretches[at : at + period]):
            return period, count
    return 1, 1


def _is_again(stretches: list[Stretch], follows: list[bool], at: int) -> bool:
    """Return whether a block follows an equal one, or an equal one follows it."""
    own = stretches[at]
    return bool(own.word) and any(
        0 < after < len(stretches) and follows[after] and stretches[beside].form == own.form
        for after, beside in ((at, at - 1), (at + 1, at + 1))
    )


def _stages(copies: list[tuple[Stretch, ...]], wiring: Wiring) -> Iterator[CopyRow]:
    """Divide copies where the shape that they put out changes, or if it often does its space."""
    shapes = [wiring.nodes[copy[-1].stop - 1].output for copy in copies]
    changes = sum(a != b for a, b in pairwise(shapes))
    keys = shapes if 2 * changes < len(shapes) else [shape.space for shape in shapes]
    first = 0
    for at in range(1, len(copies) + 1):
        if at == len(copies) or keys[at] != keys[at - 1]:
            yield CopyRow(tuple(copies[first:at]))
            first = at


class _Naming:
    """Names layers and parts as the language does, copies by their number."""

    def __init__(self, graph: Graph, layers: list[Stretch]) -> None:
        self._nodes = graph.nodes
        self._layers = {layer.start: layer for layer in layers}
        self.names = Names()
        self.names.add("in", graph.nodes[0].path)
        self._stages = 0

    def add(self, row: CopyRow) -> None:
        """Record a row: a stage of copies or of one block, or a layer or a few by themselves."""
        if len(row.copies) == len(row.copies[0]) == 1 and row.copies[0][0].word in ("", "chain"):
            (single,) = row.copies[0]
            self._stretch(single, None if single.word else self._given(single))
            return
        self._stages += 1
        stage = f"stage{self._stages}"
        if len(row.copies) == 1:
            self._copy(row.copies[0], stage)
            return
        self.names.open("stage", stage)
        for number, copy in enumerate(row.copies):
            self._copy(copy, str(number))
        self.names.close()

    def _given(self, layer: Stretch) -> str | None:
        """Return the name that a model's author gave to a layer with weights, in no module."""
        path = self._nodes[layer.start].path
        return path if layer.learns and _GIVEN.fullmatch(path) else None

    def _copy(self, copy: tuple[Stretch, ...], name: str) -> None:
        if len(copy) == 1:
            self._stretch(copy[0], name)
            return
        self.names.open("block", name)
        for stretch in copy:
            self._stretch(stretch, None)
        self.names.close()

    def _stretch(self, stretch: Stretch, name: str | None) -> None:
        """Record a block and its layers, or one layer with its norm and activation."""
        if not stretch.word:
            self._layer(stretch, name)
            return
        self.names.open(stretch.word, name)
        at = stretch.start
        while at < stretch.stop:
            layer = self._layers[at]
            beside = at in stretch.shortcut and self._nodes[at].op.family == "product"
            self._layer(layer, None, "shortcut" if beside else "")
            at = layer.stop
        self.names.close()

    def _layer(self, layer: Stretch, name: str | None, word: str = "") -> None:
        first, *others = self._nodes[layer.start : layer.stop]
        name = first.path if first.op.is_input else name
        self.names.add(word or word_of(first), name)
        for node in others:
            role = "norm" if node.op.word in NORMS else "act"
            self.names.add(role, None, attached=True)
