"""Conventions: what other tools print for the same network, each a small table over common terms.

A tool's total is a sum over the layers: multiply-accumulates once or twice, and for everything
else a coefficient on the elements that go in or come out. Each table was observed by running that
version of the tool on single layers, unless its source says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bncalc.analysis.report import Report, Result
from bncalc.model.graph import Graph, Node

COLUMNS = ("core", "bias", "norm", "activation", "pooling", "other")
"""What a total is made of; `core` is the products: convolution, linear, matrix."""


class Rule(NamedTuple):
    """What one layer counts, for each element of its input, each of its output, each channel."""

    input: int = 0
    output: int = 0
    channels: int = 0


class Convention(NamedTuple):
    """How one tool counts: what a MAC and a bias count, and a rule for each word of an op."""

    name: str
    unit: str
    version: str
    source: str
    core: int = 1
    bias: int = 0
    linear_bias: int = 0
    rules: Mapping[str, Rule] = {}
    transposed_by_output: bool = False


class Account(NamedTuple):
    """A convention's total for one network, and its terms in the order of `COLUMNS`."""

    convention: Convention
    terms: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.terms)


def account(graph: Graph, convention: Convention, batch: int = 1) -> Account:
    """Return what the tool prints for the graph at inference, taken apart.

    Units: the tool's own (`convention.unit`). What only training runs is left out.
    """
    terms = dict.fromkeys(COLUMNS, 0)
    for node in graph.nodes[1:]:
        if not node.training_only:
            for column, count in _counted(graph, node, convention, batch):
                terms[column] += count
    return Account(convention, tuple(terms.values()))


@dataclass(frozen=True, slots=True)
class Tally(Result):
    """What a convention counts, layer by layer, in its own unit."""

    convention: Convention
    layers: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.layers)

    def of_whole(self) -> Mapping[str, object]:
        return {"convention_total": self.total}

    def of_layers(self) -> Mapping[str, Sequence[object]]:
        return {"convention_total": self.layers}


def convention_result(graph: Graph, report: Report) -> Tally:
    """Return what the convention assumed counts, in all and for each layer."""
    assumptions = report.assumptions
    convention = CONVENTIONS[assumptions.convention]
    layers = []
    for node in graph.nodes[1:]:
        terms = _counted(graph, node, convention, assumptions.batch)
        layers.append(0 if node.training_only else sum([count for _, count in terms]))
    return Tally(convention, tuple(layers))


def _counted(
    graph: Graph, node: Node, convention: Convention, batch: int
) -> tuple[tuple[str, int], ...]:
    """Return the terms of one layer, each with its column."""
    op, inputs, output = node.op, graph.input_shapes(node), node.output
    if op.family == "product":
        cost = op.cost(inputs, output)
        macs = cost.macs
        if op.word == "conv_transpose" and convention.transposed_by_output:
            macs = cost.weights // output.channels * output.elements
        each = convention.linear_bias if op.word == "linear" else convention.bias
        bias = each * output.elements * (cost.biases > 0)
        return (("core", convention.core * macs * batch), ("bias", bias * batch))
    rule = convention.rules.get(op.word)
    if rule is None:
        return ()
    moved = rule.input * inputs[0].elements + rule.output * output.elements
    count = moved * batch + rule.channels * output.channels
    return ((op.family, count),)


def _rules(rule: Rule, *words: str) -> dict[str, Rule]:
    return dict.fromkeys(words, rule)


_RECTIFIERS = ("relu", "leaky_relu", "prelu", "elu")
_POOLS = (
    *("max_pool", "avg_pool", "global_avg_pool"),
    *("adaptive_avg_pool", "global_max_pool", "adaptive_max_pool"),
)
_MEANS = ("global_avg_pool", "adaptive_avg_pool")
_LAYER_NORMS = ("layer_norm", "group_norm", "instance_norm")

CONVENTIONS = {
    one.name: one
    for one in (
        Convention("bncalc", "MACs", "", "products alone; everything else is counted apart"),
        Convention(
            "fvcore",
            "MACs",
            "0.1.5.post20221221",
            "fvcore/nn/jit_handles.py; a norm's operations are added to MACs",
            rules={
                "batch_norm": Rule(input=2),
                **_rules(Rule(input=5), *_LAYER_NORMS),
                **_rules(Rule(input=1), *_MEANS),
            },
        ),
        Convention(
            "ptflops",
            "MACs",
            "0.7.5",
            "the pytorch backend, which the signature takes by default: modules and the functions "
            "within them are counted both",
            bias=1,
            linear_bias=1,
            rules={
                "batch_norm": Rule(input=2),
                **_rules(Rule(input=2), *_RECTIFIERS, *_POOLS),
                **_rules(Rule(input=1), "relu6", "silu", "gelu"),
            },
        ),
        Convention(
            "ptflops-aten",
            "MACs",
            "0.7.5",
            "the aten backend: products and their bias",
            bias=1,
            linear_bias=1,
        ),
        Convention(
            "thop",
            "MACs",
            "0.1.1.post2209072238",
            "thop/vision/basic_hooks.py; four operations for each element of a norm",
            rules={
                **_rules(Rule(input=4), "batch_norm", *_LAYER_NORMS),
                "avg_pool": Rule(output=1),
                **_rules(Rule(input=1, output=1), *_MEANS),
            },
            transposed_by_output=True,
        ),
        Convention(
            "torchinfo",
            "MACs",
            "1.8.0",
            "torchinfo/layer_info.py: parameters times output positions; a norm has one position",
            bias=1,
            linear_bias=1,
            rules=_rules(Rule(channels=2), "batch_norm", *_LAYER_NORMS),
            transposed_by_output=True,
        ),
        Convention(
            "torchprofile",
            "MACs",
            "0.1.0",
            "torchprofile/handlers.py: one for each element of a norm, a mean, a product",
            rules={
                **_rules(Rule(input=1), "batch_norm", *_LAYER_NORMS),
                "avg_pool": Rule(output=1),
                **_rules(Rule(output=1), *_MEANS),
                "multiply": Rule(output=1),
                "layer_scale": Rule(output=1),
            },
            transposed_by_output=True,
        ),
        Convention(
            "calflops",
            "FLOPs",
            "0.3.2",
            "its flops, as DeepSpeed's profiler; the bias of linear layers is not added",
            core=2,
            bias=1,
            rules={
                "batch_norm": Rule(input=2),
                **_rules(Rule(input=5), *_LAYER_NORMS),
                **_rules(Rule(input=1), *_RECTIFIERS, "silu", "gelu", *_POOLS),
            },
        ),
        Convention("calflops-macs", "MACs", "0.3.2", "its macs: products alone"),
        Convention(
            "torch", "FLOPs", "2.13", "torch.utils.flop_counter: twice the products", core=2
        ),
        Convention(
            "pycls",
            "MACs",
            "0.2",
            "pycls/models/blocks.py (read, not run): products and the bias of both kinds of layer",
            bias=1,
            linear_bias=1,
        ),
        Convention(
            "keras",
            "FLOPs",
            "TensorFlow 2",
            "tensorflow/python/profiler/internal/flops_registry.py (read, not run): convolutions, "
            "matrix products, bias, pooling windows, softmax; a fused norm and a ReLU are not "
            "registered",
            core=2,
            bias=1,
            linear_bias=1,
            rules={
                "softmax": Rule(input=5),
                "global_avg_pool": Rule(input=1),
                "multiply": Rule(output=1),
                "add": Rule(output=1),
            },
        ),
    )
}
"""By the name that `--as` takes."""
