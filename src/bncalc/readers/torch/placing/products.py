"""Products: linear layers, of two tensors, attention, recurrent layers."""

from __future__ import annotations

from math import prod

from bncalc.model.cost import Cost
from bncalc.model.net import Tensor
from bncalc.model.ops.attention import FusedAttention, Matmul
from bncalc.model.ops.convolution import Linear
from bncalc.model.ops.foreign import facts_like
from bncalc.model.ops.recurrent import Gru, Lstm, Recurrent
from bncalc.model.shape import Shape
from bncalc.model.size_types import MOST_AXES
from bncalc.readers.axes import Dims
from bncalc.readers.layout import turn
from bncalc.readers.torch.placement import TracePlacement, TracePlacer
from bncalc.readers.torch.trace import TracedCall, TracedTensor, Weight


def _linear(placement: TracePlacement, call: TracedCall) -> None:
    x, weight = call.given(0, "input"), call.given(1, "weight")
    if len(weight.dims) == 1:
        _with_vector(placement, call, x, weight)
        return
    _product_with(placement, call, x, weight.dims[0], bias=call.given(2, "bias") is not None)


def _with_vector(
    placement: TracePlacement, call: TracedCall, x: TracedTensor, weight: Weight
) -> None:
    """Place a weighted sum over the last axis; some tools see as many as there are weights."""
    elements = prod(x.dims)
    seen, inputs = elements * weight.dims[0], [placement.any(x)]
    call, cost = call._replace(called="vector"), Cost(macs=elements)
    placement.foreign(call, "linear", cost, inputs=inputs, family="product", seen=seen)


def _product_with(
    placement: TracePlacement, call: TracedCall, x: TracedTensor, out: int, *, bias: bool
) -> None:
    """Place a product of the last axis of a tensor with weights."""
    axis, whole = len(x.dims) - 1, placement.any(x)
    if prod(x.dims) == x.dims[-1] == whole.shape.elements:
        placement.put(call, Linear(out=out, bias=bias), [whole], axis)
    else:
        op = Linear(out=out, bias=bias, each=True)
        placement.put(call, op, [placement.map(x, axis)], axis)


def _addmm(placement: TracePlacement, call: TracedCall) -> None:
    bias, x, weight = call.all[:3]
    learned = isinstance(weight, Weight) and isinstance(bias, Weight) and len(bias.dims) == 1
    if learned and isinstance(x, TracedTensor):
        call = call.recalled({"function": "addmm"})
        _product_with(placement, call, x, weight.dims[1], bias=True)
    else:
        _added(placement, call)


def _added(placement: TracePlacement, call: TracedCall) -> None:
    """Place a product that is added to a map; tools add the elements of what it is added to."""
    if call.called == "function" and call.given(3, "beta", call.named.get("beta", 1)) == 0:
        call = call._replace(called="unadded")
    first, a, b = [
        call.given(at, names[0], call.named.get(names[-1])) for at, names in enumerate(_ADDED)
    ]
    out = call.outputs[0].dims
    if call.word == "baddbmm" and (len(first.dims) != len(out) or first.dims[1:] != out[1:]):
        call = call.recalled(_BROADCAST)
    cost = Cost(macs=prod(a.dims) * b.dims[-1])
    placement.foreign(call, call.word, cost, family="product", seen=prod(first.dims))


_BROADCAST = {
    "attention": "attention_broadcast",
    "function": "broadcast",
    "function_heir": "broadcast_heir",
    "kept": "broadcast_method",
    "method": "broadcast_method",
    "unadded": "unadded_broadcast",
}
"""How a sum with fewer elements than the product is called, at which torchprofile fails."""
_ADDED = (("input",), ("mat1", "batch1"), ("mat2", "batch2"))
"""What a product is added to, and its factors, of matrices or of batches of them."""


def _matmul(placement: TracePlacement, call: TracedCall) -> None:
    a, b = [each for each in call.all if isinstance(each, (TracedTensor, Weight))][:2]
    if isinstance(b, Weight) and isinstance(a, TracedTensor) and len(b.dims) == 2:
        how = "mm" if call.word == "mm" else "matmul"
        call = call.recalled({"function": how})  # of numbers that were not learned
        _product_with(placement, call, a, b.dims[1], bias=False)
        return
    out = call.outputs[0].dims
    call = call._replace(called=_as_product(call, a.dims, b.dims))
    fitting = len(a.dims) == len(b.dims) == len(out) and 2 <= len(_unbatched(out)) <= MOST_AXES + 1
    if fitting and not call.weights and call.called in _USUAL and call.word == "matmul":
        inputs = [
            placement.view(each, _unbatched(each.dims), tuple(range(len(each.dims))))
            for each in call.values[:2]
        ]
        placement.put(call, Matmul(), inputs, len(out) - len(_unbatched(out)))
        return
    word, cost = _WORDS.get(call.called, call.word), Cost(macs=prod(out) * a.dims[-1])
    placement.foreign(call, word, cost, family="product", seen=prod(a.dims) * b.dims[-1])


def _as_product(call: TracedCall, a: Dims, b: Dims) -> str:
    """Return how a product is called; some tools take the sizes of the first factor for all."""
    kinds = {"function": "", "kept": "_method", "matmul": "", "method": "_method"}
    is_row = len(a) == 1 and len(b) > 2
    if call.called not in kinds or (prod(a) * b[-1] == call.macs and not is_row):
        return "function" if call.called in ("matmul", "mm") else call.called
    kind = "row" if is_row else "vector" if len(b) == 1 else "broadcast"
    return f"{kind}{kinds[call.called]}"


def _unbatched(dims: Dims) -> Shape:
    """Return the sizes of a tensor in their order, without a batch of one image."""
    return Shape(*(dims[1:] if dims[0] == 1 and len(dims) > 2 else dims))


def _by_its_macs(placement: TracePlacement, call: TracedCall, seen: int = 0) -> None:
    """Place what has the MACs that PyTorch counts, whatever its equation."""
    family = "product" if call.macs else "other"
    placement.foreign(call, call.word, Cost(macs=call.macs), family=family, seen=seen)


def _attention(placement: TracePlacement, call: TracedCall) -> None:
    """Place attention that PyTorch runs as one function: heads before the last two axes."""
    q, k, v = maps = [call.given(i, name) for i, name in enumerate(("query", "key", "value"))]
    made = [each for each in maps if isinstance(each, TracedTensor)]  # others are learned
    if len(q.dims) < 3:
        call = call._replace(word="fused_attention", called="unbatched")
        _by_its_macs(placement, call, seen=call.macs * q.dims[0])
        return
    *lead, queries, depth = q.dims
    heads, windows = (lead[-1], prod(lead[:-1])) if len(lead) > 1 else (prod(lead), 1)
    if made == maps and lead == list(k.dims[:-2]) == list(v.dims[:-2]):
        inputs = [
            placement.view(
                each, Shape(heads * each.dims[-1], windows * each.dims[-2]), _features(each.dims)
            )
            for each in maps
        ]
        op, mask = FusedAttention(heads=heads, areas=windows), call.given(3, "attn_mask")
        if isinstance(mask, TracedTensor):
            _masked(placement, call, op, [*inputs, placement.any(mask)])
        else:
            placement.put(call, op, inputs, len(q.dims) - 1)
        out = call.outputs[0]
        layout = turn(out.dims, _features(out.dims)).inverse()
        placement.hold_view(out, placement.any(out), None, layout)
        return
    scores = prod(lead) * queries * k.dims[-2]
    macs, inputs = scores * (depth + v.dims[-1]), [placement.any(each) for each in made]
    cost = Cost(macs=macs, elementwise=4 * scores)
    placement.foreign(call, "fused_attention", cost, inputs=inputs, family="product")


def _masked(
    placement: TracePlacement, call: TracedCall, op: FusedAttention, inputs: list[Tensor]
) -> None:
    """Place attention to whose scores a map is added."""
    op = op.having(called=call.called)
    shapes = tuple([tensor.shape for tensor in inputs[:3]])
    out = op.output(*shapes)
    facts = facts_like(op, out, op.cost(shapes, out))
    placement.put_facts(call, facts, inputs, len(call.outputs[0].dims) - 1)


def _features(dims: Dims) -> Dims:
    """Return the order that puts heads and the features of each before windows and positions."""
    *windows, heads, positions, depth = range(len(dims))
    return (heads, depth, *windows, positions)


def _recurrent(placement: TracePlacement, call: TracedCall) -> None:
    """Place a recurrent layer as it is called with a whole sequence; its weights are a list."""
    call = _unpacked(call)
    x, weights, kind = call.values[0], call.given(2, "params"), _RECURRENT[call.word]
    hidden, last = weights[0].dims[0] // kind.gates, len(x.dims) - 1
    steps = last - 1 if call.given(8, "batch_first") else 0
    others = [axis for axis in range(last) if axis != steps]
    op = kind(
        hidden=hidden,
        layers=call.given(4, "num_layers"),
        bidirectional=bool(call.given(7, "bidirectional")),
        bias=bool(call.given(3, "has_biases")),
        areas=prod([x.dims[axis] for axis in others]) or 1,
    )
    sequence = Shape(x.dims[-1], prod(x.dims[:-1]))
    if weights[1].dims[-1] == hidden:
        order = (last, *others, steps)
        tensor = placement.whole_view(x, sequence, order)
        placement.put(call, op, [tensor], last)
        out = call.outputs[0]
        placement.hold_view(out, placement.any(out), last, turn(out.dims, order).inverse())
    else:  # what goes to the next step is projected
        each = op.cost((sequence,), op.output(sequence)).elementwise
        _by_its_rows(placement, call._replace(called="projected"), each, op.layers)


def _simple_recurrent(placement: TracePlacement, call: TracedCall) -> None:
    """Place one without gates, which the language has no word for."""
    call = _unpacked(call)
    each = 2 * prod(call.outputs[0].dims)
    _by_its_rows(placement, call, each, call.given(4, "num_layers"))


def _cell(placement: TracePlacement, call: TracedCall) -> None:
    """Place one step of a recurrent layer."""
    x, weights = call.given(0, "input"), call.given(2, "w_ih").dims
    kind = _RECURRENT.get(call.word.removesuffix("_cell"))
    elementwise = 2 * weights[0]
    if kind is not None:
        op = kind(hidden=weights[0] // kind.gates, bias=call.given(4, "b_ih") is not None)
        step = Shape(x.dims[-1], prod(x.dims[:-1]))
        elementwise = op.cost((step,), op.output(step)).elementwise
    is_unbiased, is_folded = call.given(4, "b_ih") is None, prod(x.dims[:-1]) > 1
    if call.called == "module" and (is_unbiased or is_folded):
        how = "unbiased" if not is_folded else "folded" if not is_unbiased else "unusual"
        call = call._replace(called=how)
    _by_its_rows(placement, call, elementwise)


def _by_its_rows(
    placement: TracePlacement, call: TracedCall, elementwise: int, layers: int = 1
) -> None:
    x, out = call.values[0], call.outputs[0]
    made = layers * prod(out.dims)
    given = call.given(2, "params")
    listed = given if isinstance(given, tuple) and not isinstance(given, Weight) else ()
    biases = sum([prod(each.dims) for each in listed if len(each.dims) == 1])
    cost = Cost(biases=biases, macs=call.macs, elementwise=elementwise, activations=made)
    strided = biases // (2 * layers) if call.called == "strided" else 0
    added = (biases - strided) * prod(out.dims[:-1])
    inputs, axis = [placement.any(x)], len(out.dims) - 1
    placement.foreign(call, call.word, cost, inputs=inputs, axis=axis, family="product", seen=added)


def _unpacked(call: TracedCall) -> TracedCall:
    """Return a call with packed sequences, which says how many each step has, as one without."""
    x, _, *others = call.arguments
    is_packed = isinstance(call.given(3, "has_biases"), tuple)
    return call._replace(arguments=(x, *others)) if is_packed else call


_WORDS = {
    **dict.fromkeys(("attention", "attention_longer", "attention_of_others"), "matmul"),
    "equation": "einsum",
}
_USUAL = ("attention", "attention_longer", "attention_of_others", "function", "method")
_RECURRENT: dict[str, type[Recurrent]] = {"gru": Gru, "lstm": Lstm}
_ATTENTION = ("flash_attention", "efficient_attention", "fused_attention_overrideable")

PLACERS: dict[str, TracePlacer] = {
    **dict.fromkeys(["bmm", "matmul", "mm"], _matmul),
    **dict.fromkeys(["rnn_relu", "rnn_tanh"], _simple_recurrent),
    **dict.fromkeys(_RECURRENT, _recurrent),
    **{f"scaled_dot_product_{name}": _attention for name in ("attention", *_ATTENTION)},
    **{f"{word}_cell": _cell for word in (*_RECURRENT, "rnn_relu", "rnn_tanh")},
    "addbmm": _added,
    "addmm": _addmm,
    "baddbmm": _added,
    "einsum": _by_its_macs,
    "linear": _linear,
}
