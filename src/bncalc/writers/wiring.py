"""The wiring of two models: what each layer of both reads, and what works on it on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bncalc.model.graph import Graph
from bncalc.model.registry import ACTIVATIONS, JOINS
from bncalc.named import NamedTuple

_MOST = 64
"""Of layers that read more, as those of a long chain of sums do, it is not asked."""
_JOINS = frozenset({*JOINS, "maximum", "minimum"})
_STATISTICS = {"avg_pool": "avg", "mean": "avg", "max_pool": "max"}
_CUTS = frozenset({"slice", "split"})
_SOFTMAX = frozenset({"softmax", "log_softmax"})

Work = tuple[str, object]
"""What a node does in whose place another may be: of which kind it is, and which of these."""


class Read(NamedTuple):
    """What is read: the layers and inputs that it comes from, and what works on it between."""

    sources: frozenset[int]
    through: frozenset[int]


class Wires(NamedTuple):
    """A graph, which nodes are sources, what others do, and what each reads; None for too much."""

    graph: Graph
    is_source: Sequence[bool]
    work: Mapping[int, Work]
    reads: Sequence[Read | None]

    def outputs(self) -> list[Read | None]:
        """Return what each output comes from."""
        return [self.of([output.node]) for output in self.graph.outputs]

    def of(self, nodes: Iterable[int]) -> Read | None:
        """Return what is read by what reads these nodes."""
        sources: set[int] = set()
        through: set[int] = set()
        for node in nodes:
            if self.is_source[node]:
                sources.add(node)
                continue
            further = self.reads[node]
            if further is None:
                return None
            sources |= further.sources
            through |= further.through
            through.update([node] if node in self.work else [])
        if max(len(sources), len(through)) > _MOST:
            return None
        return Read(frozenset(sources), frozenset(through))


class Wiring(NamedTuple):
    """Both graphs, and the nodes of the second that are those of the first."""

    ours: Wires
    theirs: Wires
    partners: Mapping[int, int]

    def layers(self) -> Iterator[tuple[int, Read, Read]]:
        """Return pairs of layers, by the node of the first, with what they read.

        Left out are those of which a source has no partner: then that one is named.
        """
        paired = frozenset(self.partners.values())
        for node, partner in self.partners.items():
            own, other = self.ours.reads[node], self.theirs.reads[partner]
            if own is None or other is None or not self.ours.is_source[node]:
                continue
            if own.sources <= self.partners.keys() and other.sources <= paired:
                yield node, own, other

    def outputs(self) -> Iterator[tuple[Read, Read]]:
        """Return pairs of outputs that come from the same layers, in any order."""
        left: dict[frozenset[int], list[Read]] = {}
        for other in reversed(self.theirs.outputs()):
            if other is not None:
                left.setdefault(other.sources, []).append(other)
        for own in self.ours.outputs():
            if own is not None and left.get(self.there(own.sources)):
                yield own, left[self.there(own.sources)].pop()

    def there(self, nodes: Iterable[int]) -> frozenset[int]:
        """Return the partners of nodes, of those that have one."""
        return frozenset([self.partners[node] for node in nodes if node in self.partners])


def wired(graphs: tuple[Graph, Graph], pairs: Iterable[tuple[int, int]]) -> Wiring:
    """Return how two graphs are wired, by pairs of layers, -1 for none."""
    partners = {i + 1: j + 1 for i, j in pairs if i >= 0 and j >= 0} | paired_inputs(*graphs)
    ours, theirs = map(_wires, graphs)
    return Wiring(ours, theirs, dict(sorted(partners.items())))


def paired_inputs(graph: Graph, other: Graph) -> dict[int, int]:
    """Pair the inputs of two graphs: by name if those are the same, else in their order."""
    ours, theirs = (
        {node.path: index for index, node in enumerate(each.nodes) if node.op.is_input}
        for each in (graph, other)
    )
    if ours.keys() == theirs.keys():
        return {index: theirs[path] for path, index in ours.items()}
    return dict(zip(ours.values(), theirs.values(), strict=False))


def statistic(word: str) -> str:
    """Return what a pool takes of a window: `avg` of `adaptive_avg_pool` and of `mean`."""
    for start in ("adaptive_", "global_"):
        word = word.removeprefix(start)
    return _STATISTICS.get(word, word)


def elementwise(graph: Graph, index: int) -> int:
    """Return how many operations on elements a node costs."""
    node = graph.nodes[index]
    return node.op.cost(graph.input_shapes(node), node.output).elementwise


def _wires(graph: Graph) -> Wires:
    arrives: list[bool] = []
    reads: list[Read | None] = []
    work: dict[int, Work] = {}
    is_source = [_is_source(graph, index) for index in range(len(graph.nodes))]
    wires = Wires(graph, is_source, work, reads)
    for index, node in enumerate(graph.nodes):
        arrives.append(node.op.is_input or any(arrives[source] for source in node.inputs))
        reads.append(wires.of(node.inputs))
        done = None if is_source[index] else _work(graph, index)
        if done and (done[0] != "join" or sum(arrives[at] for at in node.inputs) > 1):
            work[index] = done
    return wires


def _is_source(graph: Graph, index: int) -> bool:
    """Return whether a node learns, multiplies or activates, or is an input."""
    node = graph.nodes[index]
    op = node.op
    if op.is_input or op.word in ACTIVATIONS or op.family == "product":
        return True
    cost = op.cost(graph.input_shapes(node), node.output)
    return bool(cost.params or cost.macs)


def _work(graph: Graph, index: int) -> Work | None:
    """Return whether a node joins maps, pools, enlarges or weighs, and how."""
    node = graph.nodes[index]
    word = node.op.word
    if word in _JOINS:
        return "join", word
    if word in _SOFTMAX:
        return "softmax", word
    if word == "upsample":
        return "upsample", vars(node.op).get("mode")
    if node.op.family == "pooling" or word in _CUTS:
        return "pool", "cut" if word in _CUTS else statistic(word)
    return None
