"""Conventions: what other tools print for the same network, each a small table over common terms.

A tool's total is a sum over the layers. What has not been observed is named, and not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor

from bncalc.analysis.report import Report, Result
from bncalc.analysis.rules import RESIZED, again, counted, of_module, operations, rule_for
from bncalc.model.graph import Aside, Graph, Node, Stored, Told
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple

TERMS = ("core", "bias", "norm", "activation", "pooling", "other")
"""What a total is made of; `core` is the products: convolution, linear, matrix."""


class Convention(NamedTuple):
    """A tool whose rules are known: its version, what it calls its numbers, where to look."""

    name: str
    unit: str
    version: str
    source: str
    traces: bool = False
    """Whether it looks at a trace of PyTorch's, which leaves out what leads to no output."""
    multiplies: bool = False
    """Whether it counts the products in that trace of what is no map: of sizes, of weights."""
    by_module: bool = False
    """Whether it looks at no call, but at what the modules that run have learned."""
    averages: bool = False
    """Whether it says of modules what one image costs, and of functions what all of them do.

    It knows how many there are where they are all that the model is given.
    """


class Account(NamedTuple):
    """A convention's total for one network, and its terms in the order of `TERMS`.

    What stands under `unobserved` is in the network, and nobody has seen what the tool makes of it.
    """

    convention: Convention
    terms: tuple[int, ...]
    unobserved: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.terms)


def account(graph: Graph, convention: Convention, batch: int = 1) -> Account:
    """Return what the tool prints for the graph at inference, taken apart.

    Units: the tool's own (`convention.unit`). What only training runs is left out.
    """
    terms = dict.fromkeys(TERMS, 0)
    for _, column, count in _counts(graph, convention, batch):
        terms[column] += count
    return Account(convention, tuple(terms.values()), _unobserved(graph, convention))


class Accounts(NamedTuple):
    """What every tool prints for a network, with so many images at a time."""

    name: str
    input: Shape
    batch: int
    tools: tuple[Account, ...]


def accounts(graph: Graph, batch: int = 1) -> Accounts:
    """Return what every tool prints for the graph at inference, taken apart."""
    tools = tuple([account(graph, tool, batch) for tool in CONVENTIONS.values()])
    return Accounts(graph.name, graph.input, batch, tools)


class Tally(NamedTuple):
    """What a convention counts, layer by layer, in its own unit."""

    convention: Convention
    layers: tuple[int, ...]
    unobserved: tuple[str, ...]
    beside: int = 0
    """What it counts of arithmetic that is no layer."""

    @property
    def total(self) -> int:
        return sum(self.layers) + self.beside


@dataclass(frozen=True, slots=True, repr=False)
class Tallies(Result):
    """What the tools that are asked for count; the first is `convention_total` in documents."""

    tools: tuple[Tally, ...]

    def of_whole(self) -> Mapping[str, object]:
        totals: dict[str, object] = {"convention_total": self.tools[0].total}
        if len(self.tools) > 1:
            totals["convention_totals"] = {each.convention.name: each.total for each in self.tools}
        unobserved = dict.fromkeys(word for each in self.tools for word in each.unobserved)
        return {**totals, "convention_unobserved": tuple(unobserved)} if unobserved else totals

    def of_layers(self) -> Mapping[str, Sequence[object]]:
        return {"convention_total": self.tools[0].layers}


def convention_result(graph: Graph, report: Report) -> Tallies:
    """Return what the conventions assumed count, in all and for each layer."""
    names, batch = report.assumptions.conventions, report.assumptions.batch
    return Tallies(tuple([_tally(graph, CONVENTIONS[name], batch) for name in names]))


def _tally(graph: Graph, convention: Convention, batch: int) -> Tally:
    counts = [0] * len(graph.nodes)
    for index, _, count in _counts(graph, convention, batch):
        counts[index] += count
    beside, *layers = counts
    return Tally(convention, tuple(layers), _unobserved(graph, convention), beside)


def _counts(graph: Graph, convention: Convention, batch: int) -> Iterator[tuple[int, str, int]]:
    """Yield what a tool counts, each time with its node, or 0 if it is no layer, and its column.

    Of counts that are not whole it drops what their sum has below one.
    """
    parts, whole = 0.0, 0
    for index, column, count in _parts(graph, convention, batch):
        if isinstance(count, int):
            yield index, column, count
        else:
            parts += count
            yield index, column, floor(parts) - whole
            whole = floor(parts)


def _parts(graph: Graph, convention: Convention, batch: int) -> Iterator[tuple[int, str, float]]:
    """Yield what a tool counts of each layer, and of what is worked out of no image."""
    stored = _stored(graph, convention)
    if stored is not None:
        for index, count, is_bias in stored:
            family, column = graph.nodes[index].op.family, "bias" if is_bias else "core"
            yield index, column if family == "product" else family, count * batch
        return
    tool = convention.name
    divides = convention.averages and len(graph.inputs) == 1
    told = _told(graph, tool)
    for each in told.get(0, ()):
        yield 0, "other", (each.by_function or 0) + each.by_module * (1 if divides else batch)
    for index, node in _seen(graph, convention):
        images = batch if divides else 1
        shared = images**2 if node.op.word in RESIZED else images
        if index in told:
            of_layer = _by_call(node, told[index], batch, shared)
        else:
            of_layer = _by_rule(node, graph.input_shapes(node), tool, batch, shared)
        yield from [(index, *each) for each in of_layer]
    for aside in _beside(graph, convention):
        if aside.places > 1:
            yield 0, "other", again(aside, tool) * (1 if divides else batch)
        else:
            yield 0, "other", operations(aside.op, aside, tool)
    if convention.multiplies and graph.ask_products:
        yield 0, "other", graph.ask_products() or 0


def _by_rule(
    node: Node, inputs: tuple[Shape, ...], tool: str, batch: int, shared: int
) -> Iterator[tuple[str, float]]:
    """Yield what a tool counts of a layer by its rule, of modules divided by so much."""
    for column, count in counted(node.op, inputs, node.output, tool):
        yield column, count * batch
    if shared > 1:
        for column, count in of_module(node.op, inputs, node.output, tool):
            yield column, count * batch / shared - count * batch


def _by_call(node: Node, told: list[Told], batch: int, shared: int) -> Iterator[tuple[str, float]]:
    """Yield what a tool counts of a layer by its call, of modules divided by so much."""
    column = "core" if node.op.family == "product" else node.op.family
    for each in told:
        yield column, each.by_module * batch / shared
        yield column, (each.by_function or 0) * (1 if each.in_any_batch else batch)


def _stored(graph: Graph, convention: Convention) -> tuple[Stored, ...] | None:
    """Return what a tool counts that looks at modules alone; None if it does not, or none ran."""
    return graph.stored if convention.by_module else None


def _seen(graph: Graph, convention: Convention) -> Iterator[tuple[int, Node]]:
    """Return the layers at inference that a tool sees: of a trace those that lead to an output."""
    for index, node in enumerate(graph.nodes[1:], 1):
        if not node.training_only and not (convention.traces and index in graph.idle):
            yield index, node


def _told(graph: Graph, tool: str) -> Mapping[int, list[Told]]:
    """Return what is known of a tool by calls, for each node."""
    told: dict[int, list[Told]] = {}
    for each in graph.told:
        if each.tool == tool:
            told.setdefault(each.node, []).append(each)
    return told


def _fails(told: Told) -> bool:
    return told.by_function is None


def _beside(graph: Graph, convention: Convention) -> list[Aside]:
    """Return what a tool may count beside the layers, but for what a trace or the calls tell."""
    is_traced = convention.multiplies and graph.ask_products is not None
    is_told = 0 in _told(graph, convention.name)
    return [
        aside
        for aside in graph.asides
        if not (is_traced and aside.multiplies)
        and not (is_told and aside.places == 1 and aside.op.word in RESIZED)
    ]


def _unobserved(graph: Graph, convention: Convention) -> tuple[str, ...]:
    """Return the ops of a graph that a convention has no rule for, each once."""
    ops = [aside.op for aside in _beside(graph, convention)]
    told = _told(graph, convention.name)
    words = []
    if _stored(graph, convention) is None:
        seen = list(_seen(graph, convention))
        ops = [*[node.op for index, node in seen if index not in told], *ops]
        failing = [graph.nodes[i].op for i in told if any(_fails(each) for each in told[i])]
        words = list(dict.fromkeys([op.word for op in failing]))
    twins = {op.twin(): op for op in ops}
    words += [twin for twin, op in twins.items() if rule_for(op, convention.name) is None]
    if convention.multiplies and graph.ask_products and graph.ask_products() is None:
        words.append("products_of_sizes")
    return tuple(words)


CONVENTIONS = {
    convention.name: convention
    for convention in (
        Convention("bncalc", "MACs", "", "only products; everything else is counted apart"),
        Convention(
            "fvcore", "MACs", "0.1.5.post20221221",
            "fvcore/nn/jit_handles.py; a norm's operations are added to MACs", traces=True,
        ),
        Convention(
            "ptflops", "MACs", "0.7.5", "the pytorch backend, its default: modules and the "
            "functions within them are both counted", averages=True,
        ),
        Convention("ptflops-aten", "MACs", "0.7.5", "the aten backend: products and their bias"),
        Convention(
            "thop", "MACs", "0.1.1.post2209072238",
            "thop/vision/basic_hooks.py; only modules; four operations for each element of a norm",
        ),
        Convention(
            "ultralytics-thop", "MACs", "2.1.6", "modules as in thop; a transposed convolution by "
            "its input; since 2.2 also functions that multiply matrices",
        ),
        Convention(
            "torchinfo", "MACs", "1.8.0", "torchinfo/layer_info.py: parameters times output "
            "positions; a norm has one position", by_module=True,
        ),
        Convention(
            "torchprofile", "MACs", "0.1.0", "torchprofile/handlers.py: one for each element of a "
            "norm, a mean, a product", traces=True,
            multiplies=True,
        ),
        Convention(
            "calflops", "FLOPs", "0.3.2", "its flops; the bias of linear layers is not added"
        ),
        Convention("calflops-macs", "MACs", "0.3.2", "its macs: only products"),
        Convention("torch", "FLOPs", "2.13", "torch.utils.flop_counter: twice the products"),
        Convention(
            "pycls", "MACs", "0.2",
            "pycls/models/blocks.py (read, not run): products and the bias of both kinds of layer",
        ),
        Convention(
            "keras", "FLOPs", "TensorFlow 2",
            "tensorflow/python/profiler/internal/flops_registry.py (read, not run): convolutions, "
            "matrix products, bias, softmax; a fused norm and a ReLU are not registered",
        ),
    )
}  # fmt: skip
"""By the name that `--as` takes."""
