"""Attention in one operation: queries times keys, and weights times values."""

from __future__ import annotations

from math import prod

from bncalc.model.cost import FREE, Cost
from bncalc.model.net import Tensor
from bncalc.model.shape import Shape
from bncalc.readers.layout import turn
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.placement import OnnxPlacement
from bncalc.readers.onnx.shapes.attention import Heads, heads_of, projections, standard
from bncalc.readers.onnx.value import Dims, Unknown

PROJECTED = {"Attention": (1, 2), "QAttention": (1, 2)}
"""Operations of onnxruntime that multiply with weights first: those and their bias."""

_CHANGING = {"prob_mod", "score_mod"}
"""Attributes that are graphs, run on every score."""


def attention(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place attention as our own op where queries, keys and values are maps of one run.

    What a graph of its own does to the scores is not known.
    """
    if _CHANGING & layer.step.call.attributes.keys():
        raise Unknown
    sizes = heads_of(layer.step.call)
    one_run = sizes.heads == sizes.shared and sizes.keys == _arriving(layer.step.call)
    maps = _maps(placement, layer) if one_run else None
    if maps is not None:
        op, out = placement.op("fused_attention", heads=sizes.heads), layer.step.outputs[0]
        placement.put(layer, op, maps, placement.axis(out), loose=True)
        own = placement.dims(out)[1:]
        placement.orders.hold(out, turn(own, (1, 0) if len(own) == 2 else (0, 2, 1)).inverse())
        return
    _put(placement, layer, "attention", _products(sizes) + _projection(layer))


def _put(placement: OnnxPlacement, layer: FusedLayer, word: str, cost: Cost) -> None:
    """Place what has a cost for the whole batch."""
    cost = Cost(*[amount // placement.batch for amount in cost])
    placement.foreign(layer, word, cost, family="product")


def linear_attention(placement: OnnxPlacement, layer: FusedLayer) -> None:
    """Place attention that keeps a matrix for each head of keys in place of all keys so far.

    Each token adds the product of its key and value to the matrix and multiplies its queries with
    it; a `delta` rule first multiplies the key with it, and takes that from the value. A `gated`
    rule scales the matrix before, and all of it is scaled by the rate where there is one.
    """
    call = layer.step.call
    own, rule = standard(call), call.text("update_rule", "gated_delta")
    matrix = own.depth * own.value_depth
    keys, queries = own.shared * matrix, own.heads * matrix
    macs = keys * (2 if rule.endswith("delta") else 1) + queries
    scaled = keys * rule.startswith("gated") + own.heads * own.value_depth
    scaled += 2 * own.shared * own.value_depth * rule.endswith("delta")
    tokens = own.batch * own.queries
    made = tokens * own.heads * own.value_depth
    cost = Cost(macs=tokens * macs, elementwise=tokens * scaled, activations=made)
    _put(placement, layer, "linear_attention", cost)


def _products(sizes: Heads) -> Cost:
    """Return the cost of both products: each score is scaled, its softmax costs three."""
    queries = sizes.batch * sizes.heads * sizes.queries
    scores = queries * sizes.keys
    macs = scores * (sizes.depth + sizes.value_depth)
    return Cost(macs=macs, elementwise=4 * scores, activations=queries * sizes.value_depth)


def _projection(layer: FusedLayer) -> Cost:
    """Return the cost of the product before them, if there is one."""
    call = layer.step.call
    if not _is_projected(layer):
        return FREE
    inner, columns = call.dims(1)
    made = prod(call.dims()[:2]) * columns
    biased = call.given(2) is not None
    return Cost(macs=made * inner, elementwise=made * biased, activations=made)


def _is_projected(layer: FusedLayer) -> bool:
    return bool(layer.step.call.domain) and layer.word in PROJECTED


def _arriving(call: OnnxCall) -> int:
    """Return how many keys this run brings."""
    index = 1 if call.op != "QAttention" and call.given(1) is not None else 0
    if call.domain and call.op in PROJECTED:
        index = 0
    dims = call.dims(index)
    return dims[2] if len(dims) == 4 else dims[1]


def _maps(placement: OnnxPlacement, layer: FusedLayer) -> list[Tensor] | None:
    """Return queries, keys and values; None where they are not three maps."""
    if _is_projected(layer):
        return _projected(placement, layer)
    places = layer.step.inputs[:3]
    data = len(places) == 3 and all(map(placement.flow.is_data, places))
    if not data or placement.learned.params:
        return None
    dims = [placement.dims(place) for place in places]
    if any(len(own) not in (3, 4) for own in dims):
        return None
    pairs = zip(places, dims, strict=True)
    orders = {3: (2, 0, 1), 4: (1, 3, 0, 2)}
    return [placement.view(place, _of_tokens(own), orders[len(own)]) for place, own in pairs]


def _projected(placement: OnnxPlacement, layer: FusedLayer) -> list[Tensor] | None:
    """Place the product that makes queries, keys and values, and take it apart."""
    call, x = layer.step.call, layer.step.inputs[0]
    parts = projections(call)
    if len(set(parts)) > 1:
        return None
    op = placement.op("linear", out=sum(parts), bias=call.given(2) is not None, each=True)
    made = placement.part(op, placement.map(x, len(placement.dims(x)) - 1))
    if made is None:
        return None
    return [made.net.op("split", made, parts=3, part=part) for part in range(3)]


def _of_tokens(dims: Dims) -> Shape:
    """Return tokens as a map: heads are apart from what each has, or together with it."""
    return Shape(dims[1] * dims[3], dims[2]) if len(dims) == 4 else Shape(dims[2], dims[1])
