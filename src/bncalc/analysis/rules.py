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
from bncalc.model.graph import Aside
from bncalc.model.op import Op
from bncalc.model.ops.activation import Softmax
from bncalc.model.ops.attention import FusedAttention
from bncalc.model.ops.convolution import Conv, ConvTranspose, Linear
from bncalc.model.ops.foreign import Foreign
from bncalc.model.ops.normalisation import LocalResponseNorm
from bncalc.model.ops.pooling import AdaptiveAvgPool, AvgPool, covered
from bncalc.model.ops.recurrent import Recurrent
from bncalc.model.ops.resizing import Upsample
from bncalc.model.shape import Shape
from bncalc.model.window import default_padding, ends, spread
from bncalc.named import NamedTuple

CountRule = tuple[tuple[int, str], ...]
"""A sum of terms, each with its factor."""
_OWN: CountRule = ((1, "m"),)
_TWICE: CountRule = ((2, "m"),)
"""What PyTorch's own counter counts of an op that no row has."""
_HEIR = "_heir"
"""How a call ends in a layer derived from one of PyTorch's, which ultralytics-thop takes for it."""
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


def operations(op: Op, aside: Aside, tool: str) -> int:
    """Return what a tool counts of an op on what arrives at an aside."""
    return sum([count for _, count in counted(op, aside.inputs, aside.output, tool)])


def again(aside: Aside, tool: str) -> int:
    """Return what a tool counts of a layer again because its module is in several places.

    thop looks at it in each place, and adds up in each; calflops and ptflops add up alone, ptflops
    what it counts of the module and not of the function in it.
    """
    count, places = operations(aside.op, aside, tool), aside.places
    if tool == "thop":
        return count * (places**2 - 1)
    if tool == "ptflops" and aside.in_module:
        return (count - operations(_as_function(aside.op), aside, tool)) * (places - 1)
    return count * (places - 1) if tool in ("calflops", "calflops-macs") else 0


def _as_function(op: Op) -> Op:
    """Return an op as code calls it."""
    if not isinstance(op, Foreign):
        return op.having(called="function") if op.field("called") is not None else op
    like = op.facts.like
    return Foreign(op.facts._replace(called="function", like=like and _as_function(like)))


def _layer(op: Op, inputs: tuple[Shape, ...], output: Shape) -> tuple[_Layer, int]:
    """Return a layer as rules look at it, and how many maps it is done to."""
    cost = op.cost(inputs, output)
    if not isinstance(op, Foreign):
        return _Layer(op, inputs, output, cost), 1
    if op.facts.like is None:
        return _Layer(op, inputs, output, cost, op.facts.seen), 1
    if op.facts.each is None:
        return _Layer(op.facts.like, inputs, output, cost), 1
    maps, inputs, output = op.facts.each
    return _Layer(op.facts.like, inputs, output, cost._replace(macs=cost.macs // maps)), maps


def rule_for(op: Op, tool: str) -> CountRule | None:
    """Return a tool's rule for an op; None where it has not been observed."""
    if tool == "bncalc":
        return _OWN if op.family == "product" else ()
    rules, twin = _rules(tool), op.twin()
    if twin.endswith(_HEIR):
        base = twin.removesuffix(_HEIR)
        twin = base.rpartition(":")[0] if tool == "ultralytics-thop" else base
    if twin in rules:
        return rules[twin]
    if tool == "torch":
        return _TWICE
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
    seen: int = 0


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


def _windows(layer: _Layer, *, padded: bool = True) -> int:
    """Return how many elements all windows of an average pooling take, those of padding too."""
    x, output = layer.inputs[0], layer.output
    if isinstance(layer.op, AdaptiveAvgPool):
        sides = zip(x.space, output.space, strict=True)
        return x.channels * prod([covered(*side) for side in sides])
    assert isinstance(layer.op, AvgPool)
    kernel = spread(layer.op.kernel, x.axes, "kernel")
    stride = spread(layer.op.stride, x.axes, "stride") if layer.op.stride else kernel
    edges = ends(_ends(layer.op, x.axes), x.axes, "padding")
    sizes = zip(x.space, output.space, kernel, stride, edges, strict=True)
    return x.channels * prod([_covered_side(*side, padded=padded) for side in sizes])


def _ends(op: AvgPool, axes: int) -> tuple[int, ...]:
    if op.padding == "default":
        kernel = spread(op.kernel, axes, "kernel")
        return default_padding(kernel, (1,) * axes)
    return (0,) if isinstance(op.padding, str) else op.padding


def _covered_side(
    size: int, count: int, kernel: int, stride: int, edges: tuple[int, int], *, padded: bool
) -> int:
    """Return the positions in all windows along an axis; the last may reach over its end."""
    before, after = edges
    starts = [i * stride - before for i in range(count)]
    lowest, highest = (-before, size + after) if padded else (0, size)
    return sum([min(start + kernel, highest) - max(start, lowest) for start in starts])


def _bias(layer: _Layer) -> int:
    """Return the elements that a bias is added to, one of an earlier layer too."""
    own = layer.cost.biases or layer.op.cost(layer.inputs, layer.output).biases
    return layer.output.elements if own else 0


def _first_size(output: Shape) -> int:
    """Return the size of the axis that a batch was folded into, or that comes first without one."""
    return next(iter([size for size in output.space if size != 1]), output.channels)


def _linear_steps(layer: _Layer) -> int:
    """Return what thop counts of a resizing between neighbours: it knows one axis and two."""
    return {1: 5, 2: 11}.get(layer.output.axes, 0) * layer.output.elements


def _neighbours(layer: _Layer) -> int:
    """Return what ultralytics-thop counts of it, on three axes too."""
    return {1: 5, 2: 11, 3: 31}.get(layer.output.axes, 0) * layer.output.elements


def _even_positions(layer: _Layer) -> int:
    """Return the positions of a convolution that is padded at both ends alike, as calflops does."""
    assert isinstance(layer.op, Conv)
    x = layer.inputs[0]
    kernel, stride, dilation = (
        spread(getattr(layer.op, name), x.axes, name) for name in ("kernel", "stride", "dilation")
    )
    padding = layer.op.padding
    if isinstance(padding, str):
        padding = default_padding(kernel, dilation)
    pads = spread(padding, x.axes, "padding")
    sides = zip(x.space, kernel, stride, dilation, pads, strict=True)
    return prod([(n + 2 * pad - d * (k - 1) - 1) // s + 1 for n, k, s, d, pad in sides])


def _padded_macs(layer: _Layer) -> int:
    weights = layer.op.cost(layer.inputs, layer.output).weights
    return weights * _even_positions(layer)


def _padded_bias(layer: _Layer) -> int:
    own = layer.op.cost(layer.inputs, layer.output).biases
    return layer.output.channels * _even_positions(layer) if own else 0


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
    "E": _Term("other", lambda layer: _windows(layer, padded=False)),
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
    "L": _Term("other", _linear_steps),
    "N": _Term("other", _neighbours),
    "P": _Term("core", _padded_macs),
    "Q": _Term("bias", _padded_bias),
    "B": _Term("core", lambda layer: layer.seen),
    "y": _Term("other", _scores),
}
"""By the letters of `rules.txt`, which says what they are."""
