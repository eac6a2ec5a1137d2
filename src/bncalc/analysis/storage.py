"""Storages: which maps are in the same memory, as views and ops that write in place have it."""

from __future__ import annotations

from collections.abc import Container

from bncalc.analysis.assumptions import Policy
from bncalc.model.graph import Graph, Node


class Storages:
    """Gives the nodes storages, one after the other; auxiliary heads run in training alone.

    `of` holds each node's storage. A storage is made at the node `first` and may be read up to the
    node `last`, one beyond the end where its map is put out; `sizes` are elements of one image.
    """

    def __init__(self, graph: Graph, policy: Policy, *, training: bool = False) -> None:
        nodes = graph.nodes
        self.of: list[int] = []
        self.first: list[int] = []
        self.last: list[int] = []
        self.sizes: list[int] = []
        self._nodes = nodes
        self._policy = policy
        self._runs = [training or not node.training_only for node in nodes]
        self._readers = self._last_readers()
        held = [output.node for output in graph.outputs]
        held += graph.inputs if policy.hold_input else ()
        for index in held:
            self._readers[index] = len(nodes)

    def place(self, *, fresh: bool = False, keep: Container[int] = ()) -> int:
        """Return the storage of the next node: new, or that of an input it may write over.

        `fresh` asks for a new one; what is in `keep` is not written over.
        """
        of, last = self.of, self.last
        index = len(of)
        node = self._nodes[index]
        runs, storage = self._runs[index], -1
        if runs and not fresh:
            op = node.op
            kind = op.storage
            if kind == "view":
                storage = of[node.inputs[0]] if node.inputs else -1
            elif kind == "in_place":
                if getattr(self._policy, op.role):
                    storage = self._free(index, node, keep)
            elif self._policy.depthwise and op.is_depthwise(node.output):
                storage = self._free(index, node, keep)
        if storage < 0:
            storage = len(last)
            self.first.append(index)
            last.append(index)
            takes = runs and not node.op.is_weights
            self.sizes.append(node.output.elements if takes else 0)
        of.append(storage)
        reader = self._readers[index]
        last[storage] = max(last[storage], reader)
        return storage

    def _free(self, index: int, node: Node, keep: Container[int]) -> int:
        """Return the storage of an input that nobody else needs any more, or −1."""
        for source in node.inputs:
            storage = self.of[source]
            if self.last[storage] <= index and storage not in keep:
                # A depthwise convolution with a stride leaves the rest of its input unused.
                had, needs = self._nodes[source].output, node.output
                if had is needs or _fits(needs.elements, had.elements, node.op.storage):
                    return storage
        return -1

    def _last_readers(self) -> list[int]:
        """Return for each node the last that reads it: itself where nothing does."""
        last = list(range(len(self._nodes)))
        for index, node in enumerate(self._nodes):
            if self._runs[index]:
                for source in node.inputs:
                    last[source] = index
        return last


def _fits(needs: int, had: int, storage: str) -> bool:
    return had == needs or (had > needs and storage == "new")
