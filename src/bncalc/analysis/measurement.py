"""Measuring: a graph becomes a report, layer by layer, and is analysed further where asked."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from operator import attrgetter
from typing import Any

from bncalc.analysis.assumptions import STANDARD, Assumptions, Policy, refuse_unknown
from bncalc.analysis.memory import liveness
from bncalc.analysis.report import Layer, Port, Report, Result, Totals
from bncalc.errors import UsageError, hint_for, refuse_other
from bncalc.loading import loaded
from bncalc.model.cost import Cost
from bncalc.model.graph import Graph
from bncalc.model.op import Op
from bncalc.model.shape import Shape
from bncalc.named import new
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


def measure(
    graph: Graph,
    assumptions: Assumptions = STANDARD,
    also: Iterable[str] = (),
    *,
    known: Known | None = None,
) -> Report:
    """Work out every number of a graph, and what the analyses named in `also` add.

    Counts are for one image, bytes for the batch; `ANALYSES` names the analyses. `known` are the
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
    if isinstance(also, str):
        raise UsageError(f"measure takes a list of analyses; write [{also!r}]")
    names = tuple(dict.fromkeys(also))
    for name in names:
        if name not in ANALYSES:
            hint = hint_for(name, ANALYSES)
            raise UsageError(f"there is no analysis {name!r}{hint}")
    return names


def _refuse_tools(assumptions: Assumptions) -> None:
    """Raise UsageError for a tool of whose counts nothing is known."""
    if assumptions.convention != STANDARD.convention:
        from bncalc.analysis.conventions import CONVENTIONS

        for tool in assumptions.conventions:
            refuse_unknown("tool", tool, CONVENTIONS)


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
    total = Cost(*map(sum, zip(*[layer.cost for layer in layers], strict=True)))
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
        traffic_bytes=sum([layer.traffic for layer in layers]),
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
    if {layer.stored for layer in layers} == {None}:
        return (total.params + total.buffers) * each
    return sum([layer.weight_bytes(each) for layer in layers])


def _port(graph: Graph, index: int, name: str | None = None) -> Port:
    node = graph.nodes[index]
    return Port(node.path, node.output, name)


def _fused(graph: Graph, policy: Policy) -> list[bool]:
    """Say of each node whether it is a norm or activation that runs with the layer before it.

    That is, if the policy lets it work in place, right after a layer of products (or after another
    such op) whose map nobody else reads. What only hands its input on makes no difference.
    """
    handed_on = graph.handed_on()
    readers = Counter(chain.from_iterable(map(attrgetter("inputs"), graph.nodes)))
    readers.update([output.node for output in graph.outputs])
    for index, maker in handed_on.items():
        readers[maker] += readers[index] - 1
    in_place = {role for role in ("norm", "act") if getattr(policy, role)}
    fused = [False] * len(graph.nodes)
    before, runs = 0, False
    for index, node in enumerate(graph.nodes[1:], start=1):
        if index not in handed_on:
            op = node.op
            if runs and op.role in in_place:
                source = node.inputs[0]
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
    fused = _fused(graph, assumptions.memory_policy)
    owners = [owner if owner is None else paths[owner] for owner in shared]
    cases = zip(map(id, ops), inputs, fused, only, copies, owners, bits, strict=True)
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
            layer = _layer(graph, index, inputs[index], fused[index], assumptions)
            alike = known[key] = (ops[index], layer[1:])
        layers.append(new(Layer, (path, *alike[1])))
    return tuple(layers)


def _layer(
    graph: Graph, index: int, inputs: tuple[Shape, ...], fused: bool, assumptions: Assumptions
) -> Layer:
    node = graph.nodes[index]
    op, output = node.op, node.output
    cost = op.cost(inputs, output)
    if node.copies is not None:
        cost = cost.times(node.copies)
    stored = None if node.weight_bits is None else -(-node.weight_bits // 8)
    traffic = 0
    if node.training_only:
        cost = Cost(cost.weights, cost.biases, cost.buffers)
    elif op.storage != "view" and inputs:
        moved = 0 if fused else sum([shape.elements for shape in inputs]) + output.elements
        moved = moved if node.copies is None else moved * node.copies
        traffic = moved * assumptions.batch * assumptions.map_bytes
        numbers = (cost.params + cost.buffers) * assumptions.weight_bytes
        traffic += numbers if stored is None else stored
    owner = None
    if node.weights_of is not None:  # traffic has counted the weights: they are read at each use
        cost, owner = cost.reused(), graph.nodes[node.weights_of].path
    fields = dict(vars(op))
    for name in op.aside:
        fields.pop(name, None)
    return Layer(
        node.path,
        op.word,
        inputs,
        output,
        cost,
        op.factors(inputs, output),
        traffic,
        node.training_only,
        fused,
        fields,
        owner,
        op.counted,
        stored,
    )
