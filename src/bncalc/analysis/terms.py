"""Terms: what rules are sums of, such as the multiply-accumulates of a layer or its outputs."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from bncalc.model.cost import Cost
from bncalc.model.op import Op
from bncalc.model.ops.activation import Softmax
from bncalc.model.ops.attention import FusedAttention
from bncalc.model.ops.convolution import Conv, ConvTranspose
from bncalc.model.ops.normalisation import LocalResponseNorm
from bncalc.model.ops.pooling import AdaptiveAvgPool, AvgPool, covered
from bncalc.model.ops.recurrent import Recurrent
from bncalc.model.ops.resizing import Upsample
from bncalc.model.shape import Shape
from bncalc.model.window import default_padding, ends, spread
from bncalc.named import NamedTuple


class RuledLayer(NamedTuple):
    """A layer as rules look at it."""

    op: Op
    inputs: tuple[Shape, ...]
    output: Shape
    cost: Cost
    seen: int = 0


class RuleTerm(NamedTuple):
    """How a term is counted, the column it belongs to where a product has it, and of which ops."""

    column: str
    count: Callable[[RuledLayer], int]
    of: type[Op] | tuple[type[Op], ...] = Op


def _transposed_macs(layer: RuledLayer) -> int:
    """Return the MACs of a transposed convolution as calflops works them out."""
    assert isinstance(layer.op, ConvTranspose)
    x, groups = layer.inputs[0], layer.op.groups
    kernel: tuple[int, ...] = layer.op.windows(x.axes)[0]
    return x.elements * prod(kernel) * (layer.output.channels // groups // groups)


def _transposed_bias(layer: RuledLayer) -> int:
    """Return the elements that calflops adds a transposed convolution's bias to.

    It works their number out as for a convolution, which makes fewer than there are.
    """
    assert isinstance(layer.op, ConvTranspose)
    x = layer.inputs[0]
    sides = zip(x.space, *layer.op.windows(x.axes), strict=True)
    space = [(n + 2 * pad - d * (k - 1) - 1) // step + 1 for n, k, step, d, pad in sides]
    out: int = layer.output.channels // layer.op.groups * prod(space)
    return out if layer.cost.biases else 0


def _macs_by_output(layer: RuledLayer) -> int:
    """Return the MACs of a convolution as if each weight were taken at each output position."""
    return layer.op.cost(layer.inputs, layer.output).weights * layer.output.positions


def _ungrouped_macs(layer: RuledLayer) -> int:
    """Return the MACs of a transposed convolution as torchprofile has them.

    It takes the first size of the weights for the outputs where there are as many.
    """
    assert isinstance(layer.op, ConvTranspose)
    macs = _macs_by_output(layer)
    is_square = layer.inputs[0].channels == layer.output.channels
    return macs if is_square else macs * layer.op.groups


def _softmax_rows(layer: RuledLayer) -> int:
    assert isinstance(layer.op, Softmax)
    return layer.inputs[0].elements // layer.op.axis_size(layer.inputs[0])


def _resized(layer: RuledLayer) -> int:
    """Return what calflops counts of a resizing."""
    assert isinstance(layer.op, Upsample)
    return layer.inputs[0].elements if layer.op.size is None else layer.output.positions


def _scores(layer: RuledLayer) -> int:
    assert isinstance(layer.op, FusedAttention)
    queries, keys, _ = layer.inputs
    return layer.op.heads * queries.positions * keys.positions // layer.op.areas


def _score_rows(layer: RuledLayer) -> int:
    assert isinstance(layer.op, FusedAttention)
    return layer.op.heads * layer.inputs[0].positions


def _features(layer: RuledLayer) -> int:
    return layer.cost.activations


def _later_biases(layer: RuledLayer) -> int:
    """Return biases at each step, without those that the first layer adds to what arrives."""
    assert isinstance(layer.op, Recurrent)
    biases = layer.cost.biases
    return (biases - biases // (2 * layer.op.layers)) * layer.output.positions


def _windows(layer: RuledLayer, *, padded: bool = True) -> int:
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


def _rounded(layer: RuledLayer) -> int:
    """Return what thop counts of a mean to a size: the sizes of a part divided, plus one, by parts.

    The quotients are rounded, and what comes of them is cut to whole: one may be missing.
    """
    sizes = zip(layer.inputs[0].space, layer.output.space, strict=True)
    return int((prod([size / parts for size, parts in sizes]) + 1) * layer.output.elements)


def _bias(layer: RuledLayer) -> int:
    """Return the elements that a bias is added to, one of an earlier layer too."""
    own = layer.cost.biases or layer.op.cost(layer.inputs, layer.output).biases
    return layer.output.elements if own else 0


def _weights(layer: RuledLayer) -> int:
    """Return the weights of a layer, those too that an earlier one of another kind has."""
    own = layer.cost.weights
    return own if own or layer.cost.buffers else layer.op.cost(layer.inputs, layer.output).weights


def _scaled(layer: RuledLayer) -> int:
    """Return the elements that are scaled: statistics may be learned as well, or scales shared."""
    own = vars(layer.op).get("affine", layer.cost.weights > 0)
    return layer.inputs[0].elements if own else 0


def _linear_steps(layer: RuledLayer) -> int:
    """Return what thop counts of a resizing between neighbours: it knows one axis and two."""
    return {1: 5, 2: 11}.get(layer.output.axes, 0) * layer.output.elements


def _neighbours(layer: RuledLayer) -> int:
    """Return what ultralytics-thop counts of it, on three axes too."""
    return {1: 5, 2: 11, 3: 31}.get(layer.output.axes, 0) * layer.output.elements


def _even_positions(layer: RuledLayer) -> int:
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


def _padded_macs(layer: RuledLayer) -> int:
    weights = layer.op.cost(layer.inputs, layer.output).weights
    return weights * _even_positions(layer)


def _padded_bias(layer: RuledLayer) -> int:
    own = layer.op.cost(layer.inputs, layer.output).biases
    return layer.output.channels * _even_positions(layer) if own else 0


def _padded_channels(layer: RuledLayer) -> int:
    assert isinstance(layer.op, LocalResponseNorm)
    x = layer.inputs[0]
    return (x.channels + layer.op.size - 1) * x.positions


TERMS = {
    "m": RuleTerm("core", lambda layer: layer.cost.macs),
    "M": RuleTerm("core", _macs_by_output),
    "b": RuleTerm("bias", _bias),
    "g": RuleTerm("core", _transposed_macs, ConvTranspose),
    "h": RuleTerm("core", _ungrouped_macs, ConvTranspose),
    "q": RuleTerm("bias", _transposed_bias, ConvTranspose),
    "n": RuleTerm("other", lambda layer: layer.inputs[0].elements),
    "i": RuleTerm("other", lambda layer: layer.output.elements * (layer.output.axes == 2)),
    "x": RuleTerm("core", lambda layer: layer.cost.macs * layer.output.elements),
    "j": RuleTerm("bias", lambda layer: layer.output.elements**2),
    "p": RuleTerm("other", lambda layer: layer.inputs[0].elements * (layer.output.axes == 2)),
    "o": RuleTerm("other", lambda layer: layer.output.elements),
    "e": RuleTerm("other", _windows, (AdaptiveAvgPool, AvgPool)),
    "E": RuleTerm("other", lambda layer: _windows(layer, padded=False), AvgPool),
    "D": RuleTerm("other", _rounded, AdaptiveAvgPool),
    "a": RuleTerm("other", _scaled),
    "k": RuleTerm("core", _weights),
    "c": RuleTerm("bias", lambda layer: layer.cost.biases),
    "C": RuleTerm("bias", lambda layer: layer.op.cost(layer.inputs, layer.output).biases),
    "r": RuleTerm("other", _softmax_rows, Softmax),
    "s": RuleTerm("bias", lambda layer: layer.cost.biases * layer.output.positions),
    "t": RuleTerm("bias", _later_biases, Recurrent),
    "l": RuleTerm("other", _features),
    "v": RuleTerm("other", lambda layer: prod(layer.op.factors(layer.inputs, layer.output))),
    "f": RuleTerm("other", lambda layer: 2 * layer.output.channels),
    "u": RuleTerm("other", _resized, Upsample),
    "w": RuleTerm("other", _padded_channels, LocalResponseNorm),
    "L": RuleTerm("other", _linear_steps),
    "N": RuleTerm("other", _neighbours),
    "P": RuleTerm("core", _padded_macs, Conv),
    "Q": RuleTerm("bias", _padded_bias, Conv),
    "B": RuleTerm("core", lambda layer: layer.seen),
    "y": RuleTerm("other", _scores, FusedAttention),
    "R": RuleTerm("other", _score_rows, FusedAttention),
    "A": RuleTerm("bias", lambda layer: layer.seen),
}
"""By the letters of `rules.txt`, which says what they are."""
