"""The wiring of two networks: what each layer of both reads, and what works on it on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bncalc.analysis.matching import arriving, family
from bncalc.analysis.report import Layer, Report
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
    """A network, which nodes are sources, what others do, and what each reads; None for too much.

    Node 0 is the first input, and each layer is the node after its index.
    """

    report: Report
    is_source: Sequence[bool]
    work: Mapping[int, Work]
    reads: Sequence[Read | None]

    def outputs(self) -> list[Read | None]:
        """Return what each output comes from."""
        at = {path: node for node, path in enumerate(self.report.paths)}
        return [self.of([at[port.path]]) for port in self.report.outputs]

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
    """Both networks, and the nodes of the second that are those of the first."""

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


def wired(old: Report, new: Report, pairs: Iterable[tuple[int, int]]) -> Wiring:
    """Return how two networks are wired, by pairs of layers, -1 for none."""
    partners = {i + 1: j + 1 for i, j in pairs if i >= 0 and j >= 0} | arriving(old, new)
    return Wiring(_wires(old), _wires(new), dict(sorted(partners.items())))


def statistic(word: str) -> str:
    """Return what a pool takes of a window: `avg` of `adaptive_avg_pool` and of `mean`."""
    for start in ("adaptive_", "global_"):
        word = word.removeprefix(start)
    return _STATISTICS.get(word, word)


def _wires(report: Report) -> Wires:
    nodes: tuple[Layer | None, ...] = (None, *report.layers)
    arrives: list[bool] = []
    reads: list[Read | None] = []
    work: dict[int, Work] = {}
    is_source = [layer is None or _is_source(layer) for layer in nodes]
    wires = Wires(report, is_source, work, reads)
    for index, (layer, sources) in enumerate(zip(nodes, report.reads, strict=True)):
        is_input = layer is None or layer.op == "input"
        arrives.append(is_input or any(arrives[source] for source in sources))
        reads.append(wires.of(sources))
        done = None if layer is None or is_source[index] else _work(layer)
        if done and (done[0] != "join" or sum([arrives[source] for source in sources]) > 1):
            work[index] = done
    return wires


def _is_source(layer: Layer) -> bool:
    """Return whether a layer may learn, multiplies or activates, or is an input."""
    if layer.op == "input" or layer.op in ACTIVATIONS or family(layer) in ("product", "norm"):
        return True
    return bool(layer.cost.params or layer.cost.macs or layer.weights_of)


def _work(layer: Layer) -> Work | None:
    """Return whether a layer joins maps, pools, enlarges or weighs, and how."""
    word = layer.op
    if word in _JOINS:
        return "join", word
    if word in _SOFTMAX:
        return "softmax", word
    if word == "upsample":
        return "upsample", (layer.fields or {}).get("mode")
    if word in _CUTS or family(layer) == "pooling":
        return "pool", "cut" if word in _CUTS else statistic(word)
    return None
