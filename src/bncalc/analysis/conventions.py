"""Conventions: what other tools print for the same network, each a small table over common terms.

A tool's total is a sum over the layers, and a layer's share a sum of a few terms: its
multiply-accumulates once or twice, the elements that go in or come out, its weights. `rules.txt`
holds each tool's rule for each op. What has not been observed is named, and not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import prod

from bncalc.analysis.report import Report, Result
from bncalc.model.cost import Cost
from bncalc.model.graph import Graph, Node
from bncalc.model.op import Op
from bncalc.model.ops.activation import Softmax
from bncalc.model.ops.attention import FusedAttention
from bncalc.model.ops.convolution import ConvTranspose
from bncalc.model.ops.foreign import Foreign
from bncalc.model.ops.normalisation import LocalResponseNorm
from bncalc.model.ops.pooling import AdaptiveAvgPool, AvgPool, covered
from bncalc.model.ops.recurrent import Recurrent
from bncalc.model.ops.resizing import Upsample
from bncalc.model.shape import Shape
from bncalc.model.window import spread
from bncalc.named import NamedTuple

COLUMNS = ("core", "bias", "norm", "activation", "pooling", "other")
"""What a total is made of; `core` is the products: convolution, linear, matrix."""


class Convention(NamedTuple):
    """A tool whose rules are known: its version, what it calls its numbers, where to look."""

    name: str
    unit: str
    version: str
    source: str


class Account(NamedTuple):
    """A convention's total for one network, and its terms in the order of `COLUMNS`.

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
    terms = dict.fromkeys(COLUMNS, 0)
    for node in _running(graph):
        for column, count in _counted(graph, node, convention):
            terms[column] += count * batch
    return Account(convention, tuple(terms.values()), _unobserved(graph, convention))


class Tally(NamedTuple):
    """What a convention counts, layer by layer, in its own unit."""

    convention: Convention
    layers: tuple[int, ...]
    unobserved: tuple[str, ...]

    @property
    def total(self) -> int:
        return sum(self.layers)


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
    layers = []
    for node in graph.nodes[1:]:
        counts = () if node.training_only else _counted(graph, node, convention)
        layers.append(sum([count for _, count in counts]) * batch)
    return Tally(convention, tuple(layers), _unobserved(graph, convention))


def _running(graph: Graph) -> Iterator[Node]:
    return (node for node in graph.nodes[1:] if not node.training_only)


def _unobserved(graph: Graph, convention: Convention) -> tuple[str, ...]:
    """Return the ops of a graph that a convention has no rule for, each once."""
    ops = {node.op.twin(): node.op for node in _running(graph)}
    return tuple([twin for twin, op in ops.items() if _rule_for(op, convention) is None])


def _counted(graph: Graph, node: Node, convention: Convention) -> Iterator[tuple[str, int]]:
    """Return the terms of one layer for one image, each with its column."""
    op, inputs, output = node.op, graph.input_shapes(node), node.output
    rule = _rule_for(op, convention)
    if rule:
        like = op.facts.like if isinstance(op, Foreign) else None
        layer = _Layer(like or op, inputs, output, op.cost(inputs, output))
        for factor, letter in rule:
            term = _TERMS[letter]
            column = term.column if op.family == "product" else op.family
            yield column, factor * term.count(layer)


# Rules

Rule = tuple[tuple[int, str], ...]
"""A sum of terms, each with its factor."""
_OWN: Rule = ((1, "m"),)
_AS_MODULE: Rule = ((1, "="),)


def _rule_for(op: Op, convention: Convention) -> Rule | None:
    """Return the rule of an op; None where it has not been observed."""
    if convention.name == "bncalc":
        return _OWN if op.family == "product" else ()
    rules, twin = _rules(convention.name), op.twin()
    if twin in rules:
        return rules[twin]
    word, _, called = twin.rpartition(":")
    general = rules.get(f"{op.family}:{called}")
    return rules.get(word) if general == _AS_MODULE else general


@cache
def _rules(tool: str) -> Mapping[str, Rule | None]:
    """Return the rules of a tool, by what an op's `twin` says; None if it was not observed."""
    text = files("bncalc.analysis").joinpath("rules.txt").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    column = lines[0].index(tool)
    return {words[0]: _rule(words[column]) for words in lines[1:]}


@cache
def _rule(cell: str) -> Rule | None:
    if cell == "?":
        return None
    terms = cell.replace("-", "+-").split("+")
    return tuple([(_factor(term[:-1]), term[-1]) for term in terms if cell != "·"])


def _factor(text: str) -> int:
    return int(f"{text}1") if text in ("", "-") else int(text)


class _Layer(NamedTuple):
    op: Op
    inputs: tuple[Shape, ...]
    output: Shape
    cost: Cost


class _Term(NamedTuple):
    """How a term is counted, and the column it belongs to where a product has it."""

    column: str
    count: Callable[[_Layer], int]


def _transposed_macs(layer: _Layer) -> int:
    """Return the MACs of a transposed convolution as calflops works them out."""
    assert isinstance(layer.op, ConvTranspose)
    x, groups = layer.inputs[0], layer.op.groups
    kernel: tuple[int, ...] = layer.op.windows(x.axes)[0]
    return x.elements * prod(kernel) * (layer.output.channels // groups // groups)


def _transposed_bias(layer: _Layer) -> int:
    """Return the elements that calflops adds a transposed convolution's bias to.

    It works their number out as for a convolution, which makes fewer than there are.
    """
    assert isinstance(layer.op, ConvTranspose)
    x = layer.inputs[0]
    sides = zip(x.space, *layer.op.windows(x.axes), strict=True)
    space = [(n + 2 * pad - d * (k - 1) - 1) // step + 1 for n, k, step, d, pad in sides]
    out: int = layer.output.channels // layer.op.groups * prod(space)
    return out if layer.cost.biases else 0


def _ungrouped_macs(layer: _Layer) -> int:
    assert isinstance(layer.op, ConvTranspose)
    return layer.cost.weights * layer.op.groups * layer.output.positions


def _softmax_rows(layer: _Layer) -> int:
    assert isinstance(layer.op, Softmax)
    return layer.inputs[0].elements // layer.op.axis_size(layer.inputs[0])


def _resized(layer: _Layer) -> int:
    """Return what calflops counts of a resizing."""
    assert isinstance(layer.op, Upsample)
    return layer.inputs[0].elements if layer.op.size is None else layer.output.positions


def _scores(layer: _Layer) -> int:
    assert isinstance(layer.op, FusedAttention)
    queries, keys, _ = layer.inputs
    return layer.op.heads * queries.positions * keys.positions // layer.op.areas


def _features(layer: _Layer) -> int:
    assert isinstance(layer.op, Recurrent)
    return layer.op.layers * layer.output.elements


def _windows(layer: _Layer) -> int:
    """Return how many elements all windows of an average pooling take, those of padding too."""
    x, output = layer.inputs[0], layer.output
    if isinstance(layer.op, AvgPool):
        return output.elements * prod(spread(layer.op.kernel, x.axes, "kernel"))
    assert isinstance(layer.op, AdaptiveAvgPool)
    sides = zip(x.space, output.space, strict=True)
    return x.channels * prod([covered(*side) for side in sides])


def _padded_channels(layer: _Layer) -> int:
    assert isinstance(layer.op, LocalResponseNorm)
    x = layer.inputs[0]
    return (x.channels + layer.op.size - 1) * x.positions


_TERMS = {
    "m": _Term("core", lambda layer: layer.cost.macs),
    "M": _Term("core", lambda layer: layer.cost.weights * layer.output.positions),
    "b": _Term("bias", lambda layer: layer.output.elements * (layer.cost.biases > 0)),
    "g": _Term("core", _transposed_macs),
    "h": _Term("core", _ungrouped_macs),
    "q": _Term("bias", _transposed_bias),
    "n": _Term("other", lambda layer: layer.inputs[0].elements),
    "p": _Term("other", lambda layer: layer.inputs[0].elements * (layer.output.axes == 2)),
    "o": _Term("other", lambda layer: layer.output.elements),
    "e": _Term("other", _windows),
    "a": _Term("other", lambda layer: layer.inputs[0].elements * (layer.cost.weights > 0)),
    "k": _Term("core", lambda layer: layer.cost.weights),
    "c": _Term("bias", lambda layer: layer.cost.biases),
    "r": _Term("other", _softmax_rows),
    "s": _Term("bias", lambda layer: layer.cost.biases * layer.output.positions),
    "t": _Term("bias", lambda layer: layer.cost.biases * layer.output.positions // 2),
    "l": _Term("other", _features),
    "v": _Term("other", lambda layer: prod(layer.op.factors(layer.inputs, layer.output))),
    "f": _Term("other", lambda layer: 2 * layer.output.channels),
    "u": _Term("other", _resized),
    "w": _Term("other", _padded_channels),
    "y": _Term("other", _scores),
}
"""By the letters of `rules.txt`, which says what they are."""

CONVENTIONS = {
    convention.name: convention
    for convention in (
        Convention("bncalc", "MACs", "", "products alone; everything else is counted apart"),
        Convention(
            "fvcore",
            "MACs",
            "0.1.5.post20221221",
            "fvcore/nn/jit_handles.py; a norm's operations are added to MACs",
        ),
        Convention(
            "ptflops",
            "MACs",
            "0.7.5",
            "the pytorch backend, which the signature takes by default: modules and the functions "
            "within them are counted both",
        ),
        Convention("ptflops-aten", "MACs", "0.7.5", "the aten backend: products and their bias"),
        Convention(
            "thop",
            "MACs",
            "0.1.1.post2209072238",
            "thop/vision/basic_hooks.py; modules alone, four operations for each element of a norm",
        ),
        Convention(
            "ultralytics-thop",
            "MACs",
            "2.1.6",
            "modules as thop; a transposed convolution by its input; since 2.2 also functions that "
            "multiply matrices",
        ),
        Convention(
            "torchinfo",
            "MACs",
            "1.8.0",
            "torchinfo/layer_info.py: parameters times output positions; a norm has one position",
        ),
        Convention(
            "torchprofile",
            "MACs",
            "0.1.0",
            "torchprofile/handlers.py: one for each element of a norm, a mean, a product",
        ),
        Convention(
            "calflops",
            "FLOPs",
            "0.3.2",
            "its flops, as DeepSpeed's profiler; the bias of linear layers is not added",
        ),
        Convention("calflops-macs", "MACs", "0.3.2", "its macs: products alone"),
        Convention("torch", "FLOPs", "2.13", "torch.utils.flop_counter: twice the products"),
        Convention(
            "pycls",
            "MACs",
            "0.2",
            "pycls/models/blocks.py (read, not run): products and the bias of both kinds of layer",
        ),
        Convention(
            "keras",
            "FLOPs",
            "TensorFlow 2",
            "tensorflow/python/profiler/internal/flops_registry.py (read, not run): convolutions, "
            "matrix products, bias, softmax; a fused norm and a ReLU are not registered",
        ),
    )
}
"""By the name that `--as` takes."""
