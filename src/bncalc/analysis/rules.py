"""Rules: what each tool counts of each op, a sum of a few terms.

A term is a layer's multiply-accumulates, the elements that go in or come out, its weights; a rule
takes each so many times. `rules.txt` holds a rule for each op and each tool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from math import prod

from bncalc.model.cost import Cost
from bncalc.model.op import Op
from bncalc.model.ops.activation import Softmax
from bncalc.model.ops.attention import FusedAttention
from bncalc.model.ops.convolution import ConvTranspose, Linear
from bncalc.model.ops.foreign import Foreign
from bncalc.model.ops.normalisation import LocalResponseNorm
from bncalc.model.ops.pooling import AdaptiveAvgPool, AvgPool, covered
from bncalc.model.ops.recurrent import Recurrent
from bncalc.model.ops.resizing import Upsample
from bncalc.model.shape import Shape
from bncalc.model.window import spread
from bncalc.named import NamedTuple

CountRule = tuple[tuple[int, str], ...]
"""A sum of terms, each with its factor."""
_OWN: CountRule = ((1, "m"),)
_AS_MODULE: CountRule = ((1, "="),)


def counted(
    op: Op, inputs: tuple[Shape, ...], output: Shape, tool: str
) -> Iterator[tuple[str, int]]:
    """Return the terms of what a tool counts of one layer for one image, each with its column."""
    rule = rule_for(op, tool)
    if rule:
        layer, times = _layer(op, inputs, output)
        for factor, letter in rule:
            term = _TERMS[letter]
            column = term.column if op.family == "product" else op.family
            yield column, factor * times * term.count(layer)


def _layer(op: Op, inputs: tuple[Shape, ...], output: Shape) -> tuple[_Layer, int]:
    """Return a layer as rules look at it, and how many maps it is done to."""
    cost = op.cost(inputs, output)
    if not isinstance(op, Foreign) or op.facts.like is None:
        return _Layer(op, inputs, output, cost), 1
    if op.facts.each is None:
        return _Layer(op.facts.like, inputs, output, cost), 1
    maps, inputs, output = op.facts.each
    return _Layer(op.facts.like, inputs, output, cost._replace(macs=cost.macs // maps)), maps


def rule_for(op: Op, tool: str) -> CountRule | None:
    """Return a tool's rule for an op; None where it has not been observed."""
    if tool == "bncalc":
        return _OWN if op.family == "product" else ()
    rules, twin = _rules(tool), op.twin()
    if twin in rules:
        return rules[twin]
    word, _, called = twin.rpartition(":")
    general = rules.get(f"{op.family}:{called}")
    return rules.get(word) if general == _AS_MODULE else general


@cache
def _rules(tool: str) -> Mapping[str, CountRule | None]:
    """Return the rules of a tool, by what an op's `twin` says; None if it was not observed."""
    text = files("bncalc.analysis").joinpath("rules.txt").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    column = lines[0].index(tool)
    return {words[0]: _rule(words[column]) for words in lines[1:]}


@cache
def _rule(cell: str) -> CountRule | None:
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


def _macs_by_output(layer: _Layer) -> int:
    """Return the MACs of a convolution as if each weight were taken at each output position."""
    return layer.op.cost(layer.inputs, layer.output).weights * layer.output.positions


def _ungrouped_macs(layer: _Layer) -> int:
    """Return the MACs of a transposed convolution as torchprofile has them.

    It takes the first size of the weights for the outputs where there are as many.
    """
    assert isinstance(layer.op, ConvTranspose)
    macs = _macs_by_output(layer)
    is_square = layer.inputs[0].channels == layer.output.channels
    return macs if is_square else macs * layer.op.groups


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
    return layer.cost.activations


def _later_biases(layer: _Layer) -> int:
    """Return biases at each step, without those that the first layer adds to what arrives."""
    assert isinstance(layer.op, Recurrent)
    biases = layer.cost.biases
    return (biases - biases // (2 * layer.op.layers)) * layer.output.positions


def _pieces(layer: _Layer) -> int:
    """Return weights as torchinfo counts them in pieces: times the first size after the batch."""
    each = isinstance(layer.op, Linear) and layer.op.each and layer.output.axes
    return layer.cost.weights * (layer.output.space[0] if each else layer.output.channels)


def _windows(layer: _Layer) -> int:
    """Return how many elements all windows of an average pooling take, those of padding too."""
    x, output = layer.inputs[0], layer.output
    if isinstance(layer.op, AvgPool):
        return output.elements * prod(spread(layer.op.kernel, x.axes, "kernel"))
    assert isinstance(layer.op, AdaptiveAvgPool)
    sides = zip(x.space, output.space, strict=True)
    return x.channels * prod([covered(*side) for side in sides])


def _bias(layer: _Layer) -> int:
    """Return the elements that a bias is added to, one of an earlier layer too."""
    own = layer.cost.biases or layer.op.cost(layer.inputs, layer.output).biases
    return layer.output.elements if own else 0


def _first_size(output: Shape) -> int:
    """Return the size of the axis that a batch was folded into."""
    return next(iter([size for size in output.space if size != 1]), 1)


def _padded_channels(layer: _Layer) -> int:
    assert isinstance(layer.op, LocalResponseNorm)
    x = layer.inputs[0]
    return (x.channels + layer.op.size - 1) * x.positions


_TERMS = {
    "m": _Term("core", lambda layer: layer.cost.macs),
    "M": _Term("core", _macs_by_output),
    "b": _Term("bias", _bias),
    "g": _Term("core", _transposed_macs),
    "h": _Term("core", _ungrouped_macs),
    "q": _Term("bias", _transposed_bias),
    "n": _Term("other", lambda layer: layer.inputs[0].elements),
    "i": _Term("other", lambda layer: layer.output.elements * (layer.output.axes == 2)),
    "x": _Term("core", lambda layer: layer.cost.macs * layer.output.elements),
    "j": _Term("bias", lambda layer: layer.output.elements**2),
    "z": _Term("core", lambda layer: layer.cost.params * _first_size(layer.output)),
    "p": _Term("other", lambda layer: layer.inputs[0].elements * (layer.output.axes == 2)),
    "o": _Term("other", lambda layer: layer.output.elements),
    "d": _Term("core", _pieces),
    "e": _Term("other", _windows),
    "a": _Term("other", lambda layer: layer.inputs[0].elements * (layer.cost.weights > 0)),
    "k": _Term("core", lambda layer: layer.cost.weights),
    "c": _Term("bias", lambda layer: layer.cost.biases),
    "r": _Term("other", _softmax_rows),
    "s": _Term("bias", lambda layer: layer.cost.biases * layer.output.positions),
    "t": _Term("bias", _later_biases),
    "l": _Term("other", _features),
    "v": _Term("other", lambda layer: prod(layer.op.factors(layer.inputs, layer.output))),
    "f": _Term("other", lambda layer: 2 * layer.output.channels),
    "u": _Term("other", _resized),
    "w": _Term("other", _padded_channels),
    "y": _Term("other", _scores),
}
"""By the letters of `rules.txt`, which says what they are."""
