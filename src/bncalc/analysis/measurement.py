"""Measuring: a graph becomes a report, layer by layer, and is analysed further where asked."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from bncalc.analysis.assumptions import STANDARD, Assumptions, Policy
from bncalc.analysis.memory import liveness
from bncalc.analysis.report import Layer, Port, Report, Result, Totals
from bncalc.calls import public
from bncalc.errors import UsageError, refuse_other, refuse_unknown, words_of
from bncalc.loading import loaded
from bncalc.model.cost import Cost
from bncalc.model.graph import Graph, Node
from bncalc.model.op import Op
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple, new
from bncalc.uncollected import Uncollected

ANALYSES = {
    "live": "analysis.memory:live_result",
    "training": "analysis.training:training_result",
    "flash": "analysis.arena.flash:flash_result",
    "deployment": "analysis.arena.deployment:deployment_result",
    "convention": "analysis.conventions:convention_result",
    "intensity": "analysis.roofline:intensity_result",
    "roofline": "analysis.roofline:roofline_result",
    "receptive_field": "analysis.receptive_field:receptive_field_result",
}
"""Analyses that a report leaves out unless they are asked for: `(graph, report) -> Result`."""


Known = dict[object, tuple[Op, tuple[Any, ...]]]
"""What has been worked out of layers, their paths left out; the ops are held, for they are keys."""


@public
def measure(
    graph: Graph,
    assumptions: Assumptions = STANDARD,
    also: Iterable[str] = (),
    *,
    known: Known | None = None,
) -> Report:
    """Work out every number of a graph, and what the analyses named in `also` add.

    Counts are for one image, bytes for the batch. The analyses are "live", "training", "flash",
    "deployment", "convention", "intensity", "roofline" and "receptive_field". `known` are the
    layers of graphs that were measured under the same assumptions and share ops with this one; it
    is added to. Raises UsageError for what cannot be assumed, and for an unknown
    analysis.
    """
    names = _asked(graph, assumptions, also)
    assumptions = assumptions.settled()
    _refuse_tools(assumptions)
    settings = graph.settings
    if assumptions.fold_norm:
        from bncalc.analysis.folding import fold_norm

        graph = fold_norm(graph)
    with Uncollected():
        report = _measure(graph, assumptions, {} if known is None else known)
    report = report._replace(settings=settings)
    for name in names:
        result: Result = loaded(ANALYSES[name])(graph, report)
        report = report._replace(results=(*report.results, result))
    return report


def _asked(graph: object, assumptions: object, also: Iterable[str]) -> tuple[str, ...]:
    """Return the analyses that are asked for; raise UsageError for what cannot be measured."""
    if not isinstance(graph, Graph):
        raise UsageError(_no_graph(graph))
    if not isinstance(assumptions, Assumptions):
        refuse_other("measure", "Assumptions, such as Assumptions(batch=4)", assumptions)
    names = words_of("measure", "analyses", also)
    for name in names:
        refuse_unknown("there is no analysis", name, ANALYSES)
    return tuple(dict.fromkeys(names))


def _refuse_tools(assumptions: Assumptions) -> None:
    """Raise UsageError for a tool of whose counts nothing is known."""
    if assumptions.convention != STANDARD.convention:
        from bncalc.analysis.conventions import CONVENTIONS

        for tool in assumptions.conventions:
            refuse_unknown("unknown tool", tool, CONVENTIONS)


def _no_graph(given: object) -> str:
    """Say what to write in place of what is not a graph."""
    from bncalc.model.building import Building

    if isinstance(given, str):
        return f"measure takes a graph, not a name; write measure(network({given!r}))"
    if isinstance(given, Building):
        return "measure takes a graph, not a net; finish the net: measure(net.graph('name'))"
    if isinstance(given, tuple | list) and all(isinstance(each, Graph) for each in given):
        right = "write measure(network(…)), or measure each of them"
        return f"measure takes one graph, and load gives a tuple of all, here {len(given)}; {right}"
    return f"measure takes a graph, such as network('resnet50'), not a {type(given).__name__}"


def _measure(graph: Graph, assumptions: Assumptions, known: Known) -> Report:
    layers = _layers(graph, assumptions, known)
    # Columns add up in a tenth of the time that costs take one by one.
    total = Cost(*map(sum, zip(*map(attrgetter("cost"), layers), strict=True)))
    memory = liveness(graph, assumptions)
    totals = Totals(
        params=total.params,
        buffers=total.buffers,
        macs=total.macs,
        elementwise=total.elementwise,
        flops=total.flops,
        activations=total.activations,
        weight_bytes=_weight_bytes(layers, total, assumptions.weight_bytes),
        peak_activation_bytes=memory.peak,
        traffic_bytes=sum(map(attrgetter("traffic"), layers)),
    )
    return Report(
        graph.name,
        tuple([_port(graph, node) for node in graph.inputs]),
        tuple([_port(graph, *output) for output in graph.outputs]),
        layers,
        graph.parts,
        total,
        totals,
        memory,
        assumptions,
        reads=tuple([node.inputs for node in graph.nodes]),
    )


def _weight_bytes(layers: tuple[Layer, ...], total: Cost, each: int) -> int:
    """Return the bytes of all weights: of most models so many numbers, all of one width."""
    if set(map(attrgetter("stored"), layers)) == {None}:
        return (total.params + total.buffers) * each
    return sum([layer.weight_bytes(each) for layer in layers])


def _port(graph: Graph, index: int, name: str | None = None) -> Port:
    node = graph.nodes[index]
    return Port(node.path, node.output, name)


def _fused(
    graph: Graph, ops: Sequence[Op], sources: Sequence[tuple[int, ...]], policy: Policy
) -> list[bool]:
    """Say of each node whether it is a norm or activation that runs with the layer before it.

    That is, if the policy lets it work in place, right after a layer of products (or after another
    such op) whose map nobody else reads. What only hands its input on makes no difference.
    """
    handed_on = graph.handed_on()
    readers = Counter(chain.from_iterable(sources))
    readers.update([output.node for output in graph.outputs])
    for index, maker in handed_on.items():
        readers[maker] += readers[index] - 1
    in_place = {role for role in ("norm", "act") if getattr(policy, role)}
    fused = [False] * len(ops)
    before, runs = 0, False
    for index, op in enumerate(ops):
        if index in handed_on:
            continue
        if runs and op.role in in_place:
            source = sources[index][0]
            runs = handed_on.get(source, source) == before and readers[before] == 1
            fused[index] = runs
        else:
            runs = op.family == "product"
        before = index
    return fused


def _layers(graph: Graph, assumptions: Assumptions, known: Known) -> tuple[Layer, ...]:
    """Return the layers; what is alike in all but its path is worked out once."""
    ops, sources, shapes, paths, only, copies, shared, bits, *_ = zip(*graph.nodes, strict=True)
    inputs = [
        # Most read one map: a list of it would take four times as long.
        (shapes[read[0]],) if len(read) == 1 else tuple([shapes[at] for at in read])
        for read in sources
    ]
    fused = _fused(graph, ops, sources, assumptions.memory_policy)
    owners = [owner if owner is None else paths[owner] for owner in shared]
    cases = zip(map(id, ops), inputs, fused, only, copies, owners, bits, strict=True)
    widths = _Widths(assumptions.batch * assumptions.map_bytes, assumptions.weight_bytes)
    layers = []
    places = enumerate(zip(paths, cases, strict=True))
    next(places)  # the first input is no layer
    for index, (path, case) in places:
        key: object = case
        try:
            alike = known.get(key)
        except TypeError:  # an array of designs is not a key
            alike, key = None, path
        if alike is None:
            node = graph.nodes[index]
            rest = _beside_path(node, inputs[index], fused[index], owners[index], widths)
            alike = known[key] = (node.op, rest)
        layers.append(new(Layer, (path, *alike[1])))
    return tuple(layers)


class _Widths(NamedTuple):
    """The bytes of an element of a map, for the whole batch, and of a learned number."""

    map: int
    weight: int


def _beside_path(
    node: Node, inputs: tuple[Shape, ...], fused: bool, owner: str | None, widths: _Widths
) -> tuple[Any, ...]:
    """Return what a layer is beside its path, in the order of its items."""
    op, _, output, _, training_only, copies, _, bits, *_ = node
    cost = op.cost(inputs, output)
    if copies is not None:
        cost = cost.times(copies)
    stored = None if bits is None else -(-bits // 8)
    traffic = 0
    if training_only:
        cost = Cost(cost.weights, cost.biases, cost.buffers)
    elif op.storage != "view" and inputs:
        moved = 0 if fused else sum([shape.elements for shape in inputs]) + output.elements
        moved = moved if copies is None else moved * copies
        numbers = (cost.weights + cost.biases + cost.buffers) * widths.weight
        traffic = moved * widths.map + (numbers if stored is None else stored)
    if owner is not None:  # traffic has counted the weights: they are read at each use
        cost = cost.reused()
    fields = dict(vars(op))
    for name in op.aside:
        fields.pop(name, None)
    factors, word, counted = op.factors(inputs, output), op.word, op.counted
    what = (word, inputs, output, cost, factors, traffic)
    return (*what, training_only, fused, fields, owner, counted, stored)
