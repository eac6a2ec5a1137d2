"""Storages: which maps are in the same memory, as views and ops that write in place have it."""

from __future__ import annotations

from collections.abc import Container, Sequence

from bncalc.analysis.assumptions import Policy
from bncalc.model.graph import Graph
from bncalc.model.op import Op
from bncalc.model.shape import Shape

_ROLES = ("norm", "act", "function", "add", "multiply")


_NEW = -1
"""A storage of its own, where no earlier one is taken."""


class Storages:
    """Gives the nodes storages, one after the other; auxiliary heads run in training alone.

    `of` holds each node's storage. A storage is made at the node `first` and may be read up to the
    node `last`, one beyond the end where its map is put out; `sizes` are elements of one image.
    """

    def __init__(self, graph: Graph, policy: Policy, *, training: bool = False) -> None:
        self.of: list[int] = []
        self.first: list[int] = []
        self.last: list[int] = []
        self.sizes: list[int] = []
        ops, sources, self._shapes, _, only, *_ = zip(*graph.nodes, strict=True)
        runs = [training or not alone for alone in only]
        readers = _last_readers(sources, runs)
        held = [output.node for output in graph.outputs]
        held += graph.inputs if policy.hold_input else ()
        for index in held:
            readers[index] = len(graph.nodes)
        self._left = zip(ops, sources, self._shapes, runs, readers, strict=True)
        self._in_place = {role for role in _ROLES if getattr(policy, role)}
        self._depthwise = policy.depthwise

    def place(self, *, fresh: bool = False, keep: Container[int] = ()) -> int:
        """Return the storage of the next node: new, or that of an input it may write over.

        `fresh` asks for a new one; what is in `keep` is not written over.
        """
        op, sources, shape, runs, reader = next(self._left)
        last = self.last
        storage = self._taken(op, sources, shape, keep) if runs and not fresh else _NEW
        if storage == _NEW:
            storage = len(last)
            self.first.append(len(self.of))
            last.append(reader)
            self.sizes.append(shape.elements if runs and not op.is_weights else 0)
        elif last[storage] < reader:
            last[storage] = reader
        self.of.append(storage)
        return storage

    def _taken(self, op: Op, sources: tuple[int, ...], needs: Shape, keep: Container[int]) -> int:
        """Return the storage of an input that the next node hands on or writes over, or `_NEW`."""
        kind = op.storage
        if kind == "view":
            return self.of[sources[0]] if sources else _NEW
        if kind == "in_place":
            if op.role not in self._in_place:
                return _NEW
        elif not (self._depthwise and op.is_depthwise(needs)):
            return _NEW
        index = len(self.of)
        for source in sources:
            storage = self.of[source]
            if self.last[storage] <= index and storage not in keep:
                # A depthwise convolution with a stride leaves the rest of its input unused.
                had = self._shapes[source]
                if had is needs or _fits(needs.elements, had.elements, kind):
                    return storage
        return _NEW


def _last_readers(sources: Sequence[tuple[int, ...]], runs: Sequence[bool]) -> list[int]:
    """Return for each node the last that reads it: itself where nothing does."""
    last = list(range(len(sources)))
    for index, read in enumerate(sources):
        if runs[index]:
            for source in read:
                last[source] = index
    return last


def _fits(needs: int, had: int, storage: str) -> bool:
    return had == needs or (had > needs and storage == "new")
