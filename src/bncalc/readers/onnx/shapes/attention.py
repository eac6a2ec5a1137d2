"""Shapes of attention in one operation: the standard's, and those that onnxruntime adds to it."""

from __future__ import annotations

from collections.abc import Callable

from bncalc.named import NamedTuple
from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.shapes import PREVIEW
from bncalc.readers.onnx.value import Contradiction, Dims, Value, tensor


class Heads(NamedTuple):
    """The sizes of attention: `keys` are all that queries meet, those of earlier runs too.

    Keys and values have as few heads as `shared`. `depth` and `value_depth` are those of a head.
    """

    batch: int
    heads: int
    shared: int
    queries: int
    keys: int
    depth: int
    value_depth: int


def heads_apart(call: OnnxCall, index: int) -> Dims:
    """Return batch, heads, tokens and depth of queries, keys or values."""
    dims = call.dims(index)
    if len(dims) == 4:
        return dims
    name = "kv_num_heads" if index else "q_num_heads"
    heads = call.integer(name)
    if heads < 1:
        raise Contradiction(f"{name} is {heads}; where heads are together it must be at least 1")
    return (dims[0], heads, dims[1], dims[2] // heads)


def standard(call: OnnxCall) -> Heads:
    """Queries, keys and values have their heads apart (four axes) or together (three)."""
    queries, keys, values = (heads_apart(call, index) for index in range(3))
    before = call.dims(4)[2] if call.given(4) is not None else 0
    batch, heads, tokens, depth = queries
    return Heads(batch, heads, keys[1], tokens, before + keys[2], depth, values[3])


def projected(call: OnnxCall) -> Heads:
    """Tokens that one product makes into queries, keys and values, side by side."""
    batch, tokens, _ = call.dims()
    queries, _, values = projections(call)
    heads, past = call.integer("num_heads"), {"QAttention": 8}.get(call.op, 4)
    before = call.dims(past)[3] if call.given(past) is not None else 0
    return Heads(batch, heads, heads, tokens, before + tokens, queries // heads, values // heads)


def projections(call: OnnxCall) -> Dims:
    """Return how many columns of the weights are for queries, keys and values."""
    columns = call.dims(1)[1]
    parts = call.integers("qkv_hidden_sizes") or (columns // 3,) * 3
    if len(parts) != 3 or sum(parts) != columns:
        raise Contradiction(
            f"the weights have {columns} columns, and qkv_hidden_sizes is {list(parts)}"
        )
    return parts


def of_many_heads(call: OnnxCall) -> Heads:
    """Queries alone or with keys and values packed behind; keys with their heads apart or not."""
    heads, queries = call.integer("num_heads"), call.dims()
    before = call.dims(6)[2] if call.given(6) is not None else 0
    if len(queries) == 5:
        batch, tokens, _, _, depth = queries
        return Heads(batch, heads, heads, tokens, before + tokens, depth, depth)
    batch, tokens, width = queries
    depth, keys = width // heads, call.dims(1)
    if len(keys) == 5:
        return Heads(batch, heads, heads, tokens, before + keys[1], depth, depth)
    values = call.dims(2)
    value_depth = values[3] if len(values) == 4 else values[2] // heads
    met = keys[2] if len(keys) == 4 else keys[1]
    return Heads(batch, heads, heads, tokens, before + met, depth, value_depth)


def grouped(call: OnnxCall) -> Heads:
    """Several heads of queries for each of keys and values, which may be packed behind them."""
    (batch, tokens, width), heads = call.dims(), call.integer("num_heads")
    shared = call.integer("kv_num_heads")
    packed = call.given(1) is None
    depth = width // (heads + 2 * shared) if packed else width // heads
    before = call.dims(3)[2] if call.given(3) is not None else 0
    total = call.given(6)
    keys = int(total.numbers[0]) if total and total.numbers else before + tokens
    return Heads(batch, heads, shared, tokens, keys, depth, depth)


_SIZES: dict[tuple[str, str], Callable[[OnnxCall], Heads]] = {
    ("", "Attention"): standard,
    (PREVIEW, "FlexAttention"): standard,
    ("com.microsoft", "Attention"): projected,
    ("com.microsoft", "GroupQueryAttention"): grouped,
    ("com.microsoft", "MultiHeadAttention"): of_many_heads,
    ("com.microsoft", "QAttention"): projected,
}
"""The sizes of attention by domain and operation."""


def heads_of(call: OnnxCall) -> Heads:
    """Return the sizes of attention in one operation."""
    sizes = _SIZES[call.domain, call.op](call)
    if min(sizes.heads, sizes.shared) < 1 or sizes.heads % sizes.shared:
        raise Contradiction(
            f"{sizes.heads} heads of queries cannot share {sizes.shared} heads of keys"
        )
    return sizes


def attention(call: OnnxCall) -> tuple[Value, ...]:
    """What it puts out, all keys and all values so far, and the scores."""
    own = heads_of(call)
    out: Dims = (own.batch, own.queries, own.heads * own.value_depth)
    if call.domain in ("", PREVIEW) and len(call.dims()) == 4:
        out = (own.batch, own.heads, own.queries, own.value_depth)
    keys, values = (
        (own.batch, own.shared, own.keys, depth) for depth in (own.depth, own.value_depth)
    )
    scores = (own.batch, own.heads, own.queries, own.keys)
    return tuple([tensor(call.type(), dims) for dims in (out, keys, values, scores)])


UPDATES = ("linear", "gated", "delta", "gated_delta")
"""How a token may change the state of linear attention; the last is usual."""


def linear(call: OnnxCall) -> tuple[Value, ...]:
    """What it puts out, and the state after the last token: a matrix for each head of keys."""
    own, rule = standard(call), call.text("update_rule", UPDATES[-1])
    if rule not in UPDATES:
        raise Contradiction(f"update_rule is {rule!r}; it must be one of {', '.join(UPDATES)}")
    if own.heads % own.shared:
        raise Contradiction(f"{own.heads} heads of queries cannot share {own.shared} heads of keys")
    out = (own.batch, own.queries, own.heads * own.value_depth)
    state = (own.batch, own.shared, own.depth, own.value_depth)
    return tensor(call.type(), out), tensor(call.type(3 if call.given(3) else 0), state)


def projected_attention(call: OnnxCall) -> tuple[Value, ...]:
    """What it puts out, and all keys and values so far as one tensor."""
    own = heads_of(call)
    type_ = call.type(3) if call.op == "QAttention" else call.type()
    out = (own.batch, own.queries, own.heads * own.value_depth)
    present = (2, own.batch, own.heads, own.keys, own.depth)
    return tensor(type_, out), tensor(type_, present)


RULES: dict[str, ShapeRule] = {"Attention": attention, "LinearAttention": linear}
PREVIEWED: dict[str, ShapeRule] = {"FlexAttention": attention}
CONTRIBUTED: dict[str, ShapeRule] = {
    "Attention": projected_attention,
    "GroupQueryAttention": attention,
    "MultiHeadAttention": attention,
    "QAttention": projected_attention,
}
