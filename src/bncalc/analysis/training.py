"""Training memory: weights, gradients, the optimiser's state and what is kept for backward.

What is kept is worked out op by op as PyTorch's autograd does it: each op asks for its input, its
output or both, a map that is asked for twice is kept once, and an op that writes over a map which
it has to keep keeps a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bncalc.analysis.assumptions import EAGER, Assumptions
from bncalc.analysis.memory import liveness
from bncalc.analysis.report import Report, Result
from bncalc.analysis.storage import Storages
from bncalc.model.graph import Graph, KeptMemory, Part
from bncalc.named import NamedTuple


class Images(NamedTuple):
    """How many images at a time fit in the memory assumed."""

    inference: int
    training: int


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Training(Result):
    """Bytes while training. `layers` are those kept by each layer, the input left out.

    What the layers at the paths in `unknown` keep has not been measured, and is in no number, nor
    what code that is named there does only while training. So many params of each layer as are in
    `frozen` have no gradient. `fit` is None if no memory is assumed.
    """

    weights: int
    gradients: int
    optimizer: int
    layers: tuple[int, ...]
    frozen: tuple[int, ...]
    fit: Images | None = None
    unknown: tuple[str, ...] = ()

    @property
    def saved(self) -> int:
        return sum(self.layers)

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.saved

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


_Keeping = Callable[[int], list[int]]
"""What says how many bytes each layer keeps of so many images."""


def training_result(graph: Graph, report: Report) -> Training:
    """Return the memory of training the graph of a report, for what the report assumes.

    Units: bytes. Auxiliary heads count: they run while training. Where a memory is assumed, it says
    how many images fit in it.
    """
    assumptions, frozen = report.assumptions, tuple([node.frozen for node in graph.nodes[1:]])
    learned = report.totals.params - sum(frozen)
    keeping = _keeping(graph, assumptions)
    training = Training(
        weights=report.totals.weight_bytes,
        gradients=learned * assumptions.weight_bytes,
        optimizer=learned * assumptions.state_bytes,
        layers=tuple(keeping(assumptions.batch)),
        unknown=tuple(_unknown(graph, assumptions)),
        frozen=frozen,
    )
    if assumptions.memory is None:
        return training
    free = assumptions.memory - report.totals.weight_bytes
    inference = _largest_batch(graph, report, free)
    # Training runs forward too: it needs the peak, whatever else it keeps.
    most = _most_images(keeping, free - training.gradients - training.optimizer, assumptions.batch)
    return replace(training, fit=Images(inference, min(most, inference)))


def _keeping(graph: Graph, assumptions: Assumptions) -> _Keeping:
    ask = graph.ask_kept
    layers = [] if ask else _kept(graph, assumptions)

    def keeping(images: int) -> list[int]:
        if ask:
            kept = _recorded(ask(images), graph, assumptions)
        else:
            kept = [each * images + once for each, once in layers]
        return _checkpointed(graph, kept, assumptions, images) if assumptions.checkpoint else kept

    return keeping


def _most_images(keeping: _Keeping, free: int, batch: int) -> int:
    """Return how many images fit in so many bytes; 0 if not even one does, or nothing is kept.

    Of more than one image, each further one keeps as much.
    """
    some = max(batch, 2)
    now = sum(keeping(some))
    each = sum(keeping(some + 1)) - now
    if not each:
        return 0
    images = some + (free - now) // each
    return images if images > 1 else int(sum(keeping(1)) <= free)


def _unknown(graph: Graph, assumptions: Assumptions) -> Iterator[str]:
    """Return the paths of layers, and the code, of which it is not known what they keep."""
    asked = graph.ask_kept(assumptions.batch) if graph.ask_kept else None
    unasked = asked.unasked if asked else None
    for index, node in enumerate(graph.nodes[1:], start=1):
        if unasked is None:
            is_known = node.op.kept(graph.input_shapes(node), node.output).known
        else:
            is_known = index not in unasked
        if not is_known:
            yield node.path
    for name in asked.untrained if asked else ():
        yield f"code of {name}"


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
        copies = 1 if node.copies is None else node.copies
        layers.append(_Bytes(each * copies, 4 * wants.shared * copies))
    return layers


def _recorded(asked: KeptMemory, graph: Graph, assumptions: Assumptions) -> list[int]:
    layers = [0] * (len(graph.nodes) - 1)
    for memory in asked.memories:
        layers[memory.first - 1] += memory.elements * (memory.width or assumptions.map_bytes)
    return layers


def _checkpointed(
    graph: Graph, layers: list[int], assumptions: Assumptions, images: int
) -> list[int]:
    """Return what each layer keeps where blocks keep their inputs alone and run again for backward.

    The first layer of a block keeps the inputs. One block at a time is run again and then keeps
    all that it would have kept: the largest counts.
    """

    def size(block: Part) -> int:
        return sum(layers[block.start - 1 : block.stop - 1])

    blocks, nodes = graph.blocks(), graph.nodes
    largest = max(blocks, key=size, default=None)
    kept = list(layers)
    for block in blocks:
        if block is not largest:
            kept[block.start - 1 : block.stop - 1] = [0] * (block.stop - block.start)
        read = {i for node in nodes[block.start : block.stop] for i in node.inputs}
        inputs = sum([nodes[i].output.elements for i in read if i < block.start])
        kept[block.start - 1] += inputs * assumptions.map_bytes * images
    return kept
