"""The report: what each layer costs, what the parts and the whole add up to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import NamedTuple

from bncalc.analysis.assumptions import STANDARD, Assumptions, Policy
from bncalc.analysis.extra import Extra
from bncalc.analysis.memory import Liveness, liveness
from bncalc.errors import UsageError, instead
from bncalc.model.cost import FREE, Cost
from bncalc.model.graph import Graph, Node
from bncalc.model.shape import Shape


class Layer(NamedTuple):
    """One layer. The product of `factors` is its weights; `traffic` is in bytes.

    A `fused` layer works on the map of the layer before it while that is written.
    `fields` are those of its op by name; None where a report was read back and holds numbers alone.
    """

    path: str
    op: str
    inputs: tuple[Shape, ...]
    output: Shape
    cost: Cost
    factors: tuple[int, ...]
    traffic: int
    training_only: bool
    fused: bool = False
    fields: Mapping[str, object] | None = None


class Section(NamedTuple):
    """A part of the network: the layers `start` up to `stop`, and their sum."""

    path: str
    word: str
    depth: int
    start: int
    stop: int
    output: Shape
    cost: Cost
    traffic: int


class Totals(NamedTuple):
    """The whole. Names ending in `bytes` are bytes, for the batch and types assumed."""

    params: int
    buffers: int
    macs: int
    elementwise: int
    flops: int
    activations: int
    weight_bytes: int
    peak_activation_bytes: int
    traffic_bytes: int


class Report(NamedTuple):
    """All numbers of one design. `layers` are in running order, the input left out."""

    name: str
    input: Shape
    output: Shape
    layers: tuple[Layer, ...]
    sections: tuple[Section, ...]
    cost: Cost
    totals: Totals
    memory: Liveness
    assumptions: Assumptions
    extra: Extra = Extra()

    def numbers(self) -> dict[str, object]:
        """Return everything that holds for the whole design, by its name in machine formats."""
        shapes = {"input": self.input, "output": self.output}
        return {**shapes, **self.totals._asdict(), **self.extra.totals}

    def adding(self, extra: Extra) -> "Report":
        """Return the report with what a further analysis has found."""
        had = self.extra
        both = Extra(
            {**had.totals, **extra.totals},
            {**had.layers, **extra.layers},
            {**had.assumed, **extra.assumed},
        )
        return self._replace(extra=both)


FURTHER = {
    "live": "memory:live_extra",
    "training": "training:training_extra",
    "flash": "folding:flash_extra",
    "convention": "conventions:convention_extra",
    "intensity": "roofline:intensity_extra",
    "roofline": "roofline:roofline_extra",
    "receptive_field": "receptive_field:receptive_field_extra",
}
"""Analyses that a report leaves out unless they are asked for: `(graph, report) -> Extra`."""


def measure(graph: Graph, assumptions: Assumptions = STANDARD, also: Iterable[str] = ()) -> Report:
    """Work out every number of a graph, and what the analyses named in `also` add.

    Counts are for one image, bytes for the batch; `FURTHER` names the analyses. Raises UsageError
    for what cannot be assumed, and for an analysis that there is not.
    """
    assumptions.refuse()
    names = tuple(dict.fromkeys(also))
    for name in names:
        if name not in FURTHER:
            hint = instead(name, FURTHER)
            raise UsageError(f"there is no analysis {name!r}{hint}")
    if assumptions.fold_norm:
        from bncalc.analysis.folding import fold_norm

        graph = fold_norm(graph)
    report = _measure(graph, assumptions)
    for name in names:
        module, function = FURTHER[name].split(":")
        analyse = getattr(import_module(f"bncalc.analysis.{module}"), function)
        report = report.adding(analyse(graph, report))
    return report


def _measure(graph: Graph, assumptions: Assumptions) -> Report:
    fused = _fused(graph, assumptions.policy)
    layers = tuple(
        [
            _layer(graph, node, joined, assumptions)
            for node, joined in zip(graph.nodes[1:], fused[1:], strict=True)
        ]
    )
    total = _sum(layers)
    memory = liveness(graph, assumptions)
    traffic = sum([one.traffic for one in layers])
    totals = Totals(
        params=total.params,
        buffers=total.buffers,
        macs=total.macs,
        elementwise=total.elementwise,
        flops=total.flops,
        activations=total.activations,
        weight_bytes=(total.params + total.buffers) * assumptions.weight_bytes,
        peak_activation_bytes=memory.peak,
        traffic_bytes=traffic,
    )
    sections = _sections(graph, layers)
    return Report(
        graph.name,
        graph.input,
        _answer(graph).output,
        layers,
        sections,
        total,
        totals,
        memory,
        assumptions,
    )


def _fused(graph: Graph, policy: Policy) -> list[bool]:
    """Say of each node whether it is a norm or activation that runs with the layer before it.

    That is, where the policy lets it work in place, right behind a layer of products (or behind
    another such op) whose map nobody else reads.
    """
    allowed = {"norm": policy.norm, "act": policy.act}
    readers = Counter([source for node in graph.nodes for source in node.inputs])
    found: list[bool] = []
    for index, node in enumerate(graph.nodes):
        before = index - 1
        joins = allowed.get(node.op.role, False) and node.inputs == (before,)
        makes = joins and (found[before] or graph.nodes[before].op.family == "product")
        found.append(makes and readers[before] == 1)
    return found


def _layer(graph: Graph, node: Node, fused: bool, assumptions: Assumptions) -> Layer:
    op, output = node.op, node.output
    inputs = graph.input_shapes(node)
    cost = op.cost(inputs, output)
    traffic = 0
    if node.training_only:
        cost = Cost(cost.weights, cost.biases, cost.buffers)
    elif op.storage != "view":
        moved = 0 if fused else sum([one.elements for one in inputs]) + output.elements
        traffic = moved * assumptions.batch * assumptions.map_bytes
        traffic += (cost.params + cost.buffers) * assumptions.weight_bytes
    factors = op.factors(inputs, output)
    return Layer(
        node.path,
        op.word,
        inputs,
        output,
        cost,
        factors,
        traffic,
        node.training_only,
        fused,
        vars(op),
    )


def _sum(layers: tuple[Layer, ...]) -> Cost:
    costs = [one.cost for one in layers]
    return Cost(
        sum([one.weights for one in costs]),
        sum([one.biases for one in costs]),
        sum([one.buffers for one in costs]),
        sum([one.macs for one in costs]),
        sum([one.elementwise for one in costs]),
        sum([one.activations for one in costs]),
    )


def _sections(graph: Graph, layers: tuple[Layer, ...]) -> tuple[Section, ...]:
    """Return each part with its sum: a difference of two running totals."""
    running, moved = [FREE], [0]
    if graph.parts:
        for one in layers:
            running.append(running[-1] + one.cost)
            moved.append(moved[-1] + one.traffic)
    return tuple(
        [
            Section(
                part.path,
                part.word,
                part.depth,
                part.start - 1,
                part.stop - 1,
                graph.nodes[part.stop - 1].output,
                running[part.stop - 1] - running[part.start - 1],
                moved[part.stop - 1] - moved[part.start - 1],
            )
            for part in graph.parts
        ]
    )


def _answer(graph: Graph) -> Node:
    """Return the last node that runs at inference."""
    return next(node for node in reversed(graph.nodes) if not node.training_only)
