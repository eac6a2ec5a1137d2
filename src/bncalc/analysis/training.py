"""Training memory: weights, gradients, the optimiser's state and what is kept for backward.

What is kept is worked out op by op as PyTorch's autograd does it: each op asks for its input, its
output or both, a map that is asked for twice is kept once, and an op that writes over a map which
it has to keep keeps a copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bncalc.analysis.assumptions import EAGER, Assumptions
from bncalc.analysis.memory import Storages, liveness
from bncalc.analysis.report import Report, Result
from bncalc.model.graph import Graph, KeptMemory, Part
from bncalc.named import NamedTuple


class Images(NamedTuple):
    """How many images at a time fit in the memory assumed."""

    inference: int
    training: int


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Training(Result):
    """Bytes while training. `layers` are those kept by each layer, the input left out.

    What the layers at the paths in `unknown` keep has not been measured, and is in no number.

    Of the bytes kept for backward, `each` grow with every image and `once` do not. `fit` is None
    if no memory is assumed.
    """

    weights: int
    gradients: int
    optimizer: int
    each: int
    once: int
    batch: int
    layers: tuple[int, ...]
    fit: Images | None = None
    unknown: tuple[str, ...] = ()

    @property
    def saved(self) -> int:
        return self.each * self.batch + self.once

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.saved

    def images_in(self, memory: int) -> int:
        """Return how many images fit in so many bytes; 0 where not even one does."""
        free = memory - (self.total - self.each * self.batch)
        return max(0, free // self.each) if self.each else 0

    def of_whole(self) -> Mapping[str, object]:
        images = {}
        if self.fit:
            images = {"inference_batch": self.fit.inference, "training_batch": self.fit.training}
        return {
            "saved_for_backward_bytes": self.saved,
            "gradient_bytes": self.gradients,
            "optimizer_bytes": self.optimizer,
            "training_bytes": self.total,
            **images,
            **({"saved_unknown": self.unknown} if self.unknown else {}),
        }

    def of_layers(self) -> Mapping[str, Sequence[object]]:
        return {"saved_for_backward_bytes": self.layers}


class _Bytes(NamedTuple):
    """What a layer keeps: for each image, and once."""

    each: int
    once: int

    def times(self, copies: int) -> _Bytes:
        return _Bytes(self.each * copies, self.once * copies)


def training_result(graph: Graph, report: Report) -> Training:
    """Return the memory of training the graph of a report, for what the report assumes.

    Units: bytes. Auxiliary heads count: they run while training. Where a memory is assumed, it says
    how many images fit in it.
    """
    assumptions, params = report.assumptions, report.totals.params
    asked = graph.ask_kept() if graph.ask_kept else None
    layers = _recorded(asked, graph, assumptions) if asked else _kept(graph, assumptions)
    if assumptions.checkpoint:
        layers = _checkpointed(graph, layers, assumptions)
    training = Training(
        weights=report.totals.weight_bytes,
        gradients=params * assumptions.weight_bytes,
        optimizer=params * assumptions.state_bytes,
        each=sum([kept.each for kept in layers]),
        once=sum([kept.once for kept in layers]),
        batch=assumptions.batch,
        layers=tuple([kept.each * assumptions.batch + kept.once for kept in layers]),
        unknown=tuple(_unknown(graph, asked)),
    )
    if assumptions.memory is None:
        return training
    inference = _largest_batch(graph, report, assumptions.memory - report.totals.weight_bytes)
    # Training runs forward too: it needs the peak, whatever else it keeps.
    most = min(training.images_in(assumptions.memory), inference)
    return replace(training, fit=Images(inference, most))


def _unknown(graph: Graph, asked: KeptMemory | None) -> Iterator[str]:
    for index, node in enumerate(graph.nodes[1:], start=1):
        if asked is None:
            known = node.op.kept(graph.input_shapes(node), node.output).known
        else:
            known = index not in asked.unasked and not node.training_only
        if not known:
            yield node.path


def _largest_batch(graph: Graph, report: Report, free: int) -> int:
    """Return the largest batch whose peak is within so many bytes: what is live grows linearly."""
    batch = report.assumptions.batch
    now = report.memory.live
    more = liveness(graph, report.assumptions._replace(batch=batch + 1)).live
    steps = [(had, has - had) for had, has in zip(now, more, strict=True) if has > had]
    return max(0, min([(free - (had - batch * each)) // each for had, each in steps]))


def _kept(graph: Graph, assumptions: Assumptions) -> list[_Bytes]:
    """Return what each layer keeps that none before it has kept."""
    storages = Storages(graph, EAGER, training=True)
    storages.place()
    kept: set[int] = set()
    layers = []
    for node in graph.nodes[1:]:
        wants = node.op.kept(graph.input_shapes(node), node.output)
        own = storages.place(fresh=wants.noise > 0, keep=kept)
        sources = {storages.of[source] for source in node.inputs} if wants.inputs else set()
        elements = wants.noise
        if own in sources and node.op.storage != "view":
            sources.discard(own)  # written over, and so kept as a copy
            elements += node.output.elements
        sources |= {own} if wants.output else set()
        elements += sum([storages.sizes[storage] for storage in sources - kept])
        kept |= sources
        each = elements * assumptions.map_bytes + wants.beside(1) - 4 * wants.shared
        kept_bytes = _Bytes(each, 4 * wants.shared)
        layers.append(kept_bytes if node.copies is None else kept_bytes.times(node.copies))
    return layers


def _recorded(asked: KeptMemory, graph: Graph, assumptions: Assumptions) -> list[_Bytes]:
    layers = [_Bytes(0, 0)] * (len(graph.nodes) - 1)
    for memory in asked.memories:
        size = memory.elements * (memory.width or assumptions.map_bytes)
        each, once = layers[memory.first - 1]
        layers[memory.first - 1] = _Bytes(
            each + (0 if memory.shared else size), once + (size if memory.shared else 0)
        )
    return layers


def _checkpointed(graph: Graph, layers: list[_Bytes], assumptions: Assumptions) -> list[_Bytes]:
    """Return what each layer keeps where blocks keep their inputs alone and run again for backward.

    The first layer of a block keeps the inputs. One block at a time is run again and then keeps
    all that it would have kept: the largest counts.
    """

    def size(block: Part) -> int:
        inside = layers[block.start - 1 : block.stop - 1]
        return sum([layer.each * assumptions.batch + layer.once for layer in inside])

    blocks, nodes = graph.blocks(), graph.nodes
    largest = max(blocks, key=size, default=None)
    kept = list(layers)
    for block in blocks:
        if block is not largest:
            kept[block.start - 1 : block.stop - 1] = [_Bytes(0, 0)] * (block.stop - block.start)
        read = {i for node in nodes[block.start : block.stop] for i in node.inputs}
        inputs = sum([nodes[i].output.elements for i in read if i < block.start])
        first = kept[block.start - 1]
        kept[block.start - 1] = _Bytes(first.each + inputs * assumptions.map_bytes, first.once)
    return kept
