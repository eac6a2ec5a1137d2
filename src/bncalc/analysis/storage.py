"""Storages: which maps are in the same memory, as views and ops that write in place have it."""

from __future__ import annotations

from collections.abc import Container

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
        self._ops: tuple[Op, ...]
        self._sources: tuple[tuple[int, ...], ...]
        self._shapes: tuple[Shape, ...]
        self._ops, self._sources, self._shapes, _, only, *_ = zip(*graph.nodes, strict=True)
        self._runs = [training or not alone for alone in only]
        self._in_place = {role for role in _ROLES if getattr(policy, role)}
        self._depthwise = policy.depthwise
        self._readers = self._last_readers()
        held = [output.node for output in graph.outputs]
        held += graph.inputs if policy.hold_input else ()
        for index in held:
            self._readers[index] = len(graph.nodes)

    def place(self, *, fresh: bool = False, keep: Container[int] = ()) -> int:
        """Return the storage of the next node: new, or that of an input it may write over.

        `fresh` asks for a new one; what is in `keep` is not written over.
        """
        index, last = len(self.of), self.last
        runs, reader = self._runs[index], self._readers[index]
        storage = self._taken(index, keep) if runs and not fresh else _NEW
        if storage == _NEW:
            storage = len(last)
            self.first.append(index)
            last.append(reader)
            takes = runs and not self._ops[index].is_weights
            self.sizes.append(self._shapes[index].elements if takes else 0)
        elif last[storage] < reader:
            last[storage] = reader
        self.of.append(storage)
        return storage

    def _taken(self, index: int, keep: Container[int]) -> int:
        """Return the storage of an input that a node hands on or writes over, or `_NEW`."""
        op, sources = self._ops[index], self._sources[index]
        kind = op.storage
        if kind == "view":
            return self.of[sources[0]] if sources else _NEW
        shapes = self._shapes
        needs = shapes[index]
        if kind == "in_place":
            if op.role not in self._in_place:
                return _NEW
        elif not (self._depthwise and op.is_depthwise(needs)):
            return _NEW
        for source in sources:
            storage = self.of[source]
            if self.last[storage] <= index and storage not in keep:
                # A depthwise convolution with a stride leaves the rest of its input unused.
                had = shapes[source]
                if had is needs or _fits(needs.elements, had.elements, kind):
                    return storage
        return _NEW

    def _last_readers(self) -> list[int]:
        """Return for each node the last that reads it: itself where nothing does."""
        last = list(range(len(self._ops)))
        for index, sources in enumerate(self._sources):
            if self._runs[index]:
                for source in sources:
                    last[source] = index
        return last


def _fits(needs: int, had: int, storage: str) -> bool:
    return had == needs or (had > needs and storage == "new")
