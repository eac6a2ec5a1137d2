"""Products of matrices: linear layers and attention."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from bncalc.model.cost import Cost
from bncalc.model.net import Tensor
from bncalc.model.op import Op
from bncalc.model.shape import Shape
from bncalc.readers.layout import turn
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.patterns import SHIFT
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.shapes.products import (
    factors,
    letter_sizes,
    matrix_orders,
    matrix_sizes,
)


def linear(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a product with constant weights of two axes, and the bias that is added to it."""
    bias = SHIFT in layer.names or _has_bias(layer)
    _linear(placement, layer, placement.dims(layer.step.outputs[0])[-1], bias=bias)


def _has_bias(layer: FusedLayer) -> bool:
    slot = _BIASES.get(layer.word)
    return slot is not None and layer.step.call.given(slot) is not None


_BIASES = {
    "DynamicQuantizeMatMul": 4, "FusedGemm": 2, "Gemm": 2, "GemmFastGelu": 2,
    "MatMulIntegerToFloat": 6, "MatMulNBits": 5, "QGemm": 6,
}  # fmt: skip
"""Which input is the bias, of products that may have one."""


def _linear(placement: OnnxPlacement, layer: FusedLayer, features: int, *, bias: bool) -> None:
    dims = placement.dims(layer.x)
    axis = len(dims) - 1
    inner = axis - 1 if layer.core.call.flag("transA") else axis
    single = prod(dims) == dims[inner] * placement.batch
    if single and (whole := placement.any(layer.x)).shape.elements == dims[inner]:
        op = placement.op("linear", out=features, bias=bias)
        placement.put(layer, op, [whole], axis)
    else:
        op = placement.op("linear", out=features, bias=bias, each=True)
        placement.put(layer, op, [placement.map(layer.x, inner)], axis)


def product(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a product: with weights, of attention's scores and values, or of any two maps."""
    step, right = layer.core, {"QLinearMatMul": 3}.get(layer.word, 1)
    a, b = step.inputs[0], step.inputs[right]
    data = [place for place in (a, b) if placement.flow.is_data(place)]
    if data in ([a], []) and len(placement.dims(b)) == 2:
        linear(placement, layer)
        return
    if len(data) == 2 and placement.any(a).node in placement.scores:
        mix(placement, layer, a, b)
        return
    out = layer.step.outputs[0]
    ranks = {len(placement.dims(place)) for place in (a, b, out)}
    if len(data) == 2 and len(ranks) == 1 and max(ranks) > 2:
        axis = max(max(ranks) - 3, 1)
        maps = [placement.map(place, axis) for place in data]
        placement.put(layer, placement.op("matmul"), maps, axis)
        return
    _by_its_macs(placement, layer, "matmul", placement.dims(a)[-1], data)


def _by_its_macs(
    placement: OnnxPlacement, layer: FusedLayer, word: str, inner: int, data: Sequence[int]
) -> None:
    """Place a product of which each number that comes out has `inner` MACs."""
    macs = _of_one(placement, prod(placement.dims(layer.step.outputs[0]))) * inner
    inputs = [placement.any(place) for place in data]
    scaled = int(word == "attention_scores")
    placement.foreign(layer, word, Cost(macs=macs), each=scaled, inputs=inputs, family="product")


def _of_one(placement: OnnxPlacement, size: int) -> int:
    """Return how much of what a batch has one image has: all of it if it does not divide."""
    return size if size % placement.batch else size // placement.batch


def transposed_product(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a product of maps of which either may be transposed for it."""
    rows, _ = factors(layer.step.call)
    _by_its_macs(placement, layer, "matmul", rows[-1], layer.data)


def scores(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place queries times keys, scaled."""
    q, k = layer.names["q"], layer.names["k"]
    lead = placement.dims(q)[:-2]
    if prod(placement.dims(k)[:-2]) == prod(lead):
        heads, areas = _heads(placement, lead)
        op = placement.op("attention_scores", heads=heads, areas=areas)
        inputs = _queries_and_keys(placement, q, k)
        tensor = placement.put(layer, op, inputs, max(len(lead) - 1, 0), loose=True)
        placement.scores[tensor.node] = areas
        return
    inner = placement.dims(q)[-1]
    _by_its_macs(placement, layer, "attention_scores", inner, [q, k])


def fused_attention(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place attention that is one layer, which stores no scores."""
    q, k, v = [layer.names[name] for name in "qkv"]
    *lead, keys, depth = placement.dims(v)
    heads, areas = _heads(placement, lead)
    values = _tokens(placement, v, heads * depth, areas, keys, last=True)
    op = placement.op("fused_attention", heads=heads, areas=areas)
    inputs = [*_queries_and_keys(placement, q, k), values]
    sizes = (areas, heads, placement.dims(q)[-2], depth)
    _put_attended(placement, layer, op, inputs, sizes)


def _heads(placement: OnnxPlacement, lead: Sequence[int]) -> tuple[int, int]:
    """Return how many heads and windows: heads come last of the axes before tokens."""
    heads = lead[-1] if lead else 1
    areas = max(prod(lead) // (heads * placement.batch), 1)
    return (heads // placement.batch if len(lead) == 1 else heads), areas


def _queries_and_keys(placement: OnnxPlacement, q: int, k: int) -> list[Tensor]:
    *lead, queries, depth = placement.dims(q)
    heads, areas = _heads(placement, lead)
    return [
        _tokens(placement, q, heads * depth, areas, queries, last=True),
        _tokens(placement, k, heads * depth, areas, placement.dims(k)[-1], last=False),
    ]


def _tokens(
    placement: OnnxPlacement, place: int, channels: int, areas: int, tokens: int, *, last: bool
) -> Tensor:
    """Return a value as a map of tokens: the one that it is a view of, if that has as many.

    Its features are on its last axis or before that, its heads before both.
    """
    shape = placement.origin(place)
    if (shape.channels, shape.positions) != (channels, areas * tokens):
        shape = Shape(channels, areas, tokens) if areas > 1 else Shape(channels, tokens)
    *_, first, second = placement.dims(place)
    depth = second if last else first
    heads = channels // depth
    sizes = (areas, heads, tokens, depth) if last else (areas, heads, depth, tokens)
    return placement.view(place, shape, (1, 3, 0, 2) if last else (1, 2, 0, 3), sizes)


def mix(placement: OnnxPlacement, layer: FusedLayer, weights: int, values: int) -> None:
    """Place the values, weighted by scores."""
    *lead, keys, depth = placement.dims(values)
    areas, queries = placement.scores[placement.any(weights).node], placement.dims(weights)[-2]
    heads = prod(lead) // (placement.batch * areas)
    inputs = [
        placement.view(
            weights,
            Shape(heads, areas * queries, keys),
            (1, 0, 2, 3),
            (areas, heads, queries, keys),
        ),
        _tokens(placement, values, heads * depth, areas, keys, last=True),
    ]
    op = placement.op("attention_mix", areas=areas)
    _put_attended(placement, layer, op, inputs, (areas, heads, queries, depth))


def _put_attended(
    placement: OnnxPlacement,
    layer: FusedLayer,
    op: Op,
    inputs: Sequence[Tensor],
    sizes: tuple[int, ...],
) -> None:
    """Place what puts out values for queries, of windows, heads, queries and depth."""
    out = layer.step.outputs[0]
    placement.put(layer, op, inputs, placement.axis(out), loose=True)
    placement.orders.hold(out, turn(sizes, (1, 3, 0, 2)).inverse())


def einsum(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place a product of two tensors whose axes have letters: each combination is one MAC."""
    step = layer.step
    inputs = [placement.any(place) for place in layer.data]
    out, product_of = step.outputs[0], matrix_sizes(step.call)
    apart = product_of is not None and product_of[0] % placement.batch == 0
    if product_of is not None and apart and len(inputs) == len(step.inputs) == 2:
        batch, rows, inner, columns = product_of
        batch //= placement.batch
        first, second, made = matrix_orders(step.call)
        a = placement.exactly(step.inputs[0], Shape(batch, rows, inner), first)
        b = placement.exactly(step.inputs[1], Shape(batch, inner, columns), second)
        placement.put(layer, placement.op("matmul"), [a, b], placement.axis(out), loose=True)
        placement.orders.hold(out, turn(placement.dims(out), made).inverse())
        return
    macs = _of_one(placement, prod(letter_sizes(step.call)))
    if len(step.inputs) != 2 or macs == placement.shape(out, placement.axis(out)).elements:
        placement.foreign(layer, "einsum", Cost(elementwise=macs), inputs=inputs)
    else:
        placement.foreign(layer, "matmul", Cost(macs=macs), inputs=inputs, family="product")
