"""Loops: how often the products of an ONNX file multiply, as the standard describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod

from bncalc.named import NamedTuple

Dims = tuple[int, ...]


class TensorType(NamedTuple):
    """A tensor: its sizes and the name of its element type."""

    dims: Dims
    type: str


class CountedNode(NamedTuple):
    """A node of the file; `captured` are the names that its branches read."""

    domain: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, object] = {}
    captured: tuple[str, ...] = ()

    @property
    def result(self) -> str:
        """The first tensor that it puts out; those that nobody wants have no name."""
        return next(filter(None, self.outputs))


def multiplications(each: CountedNode, tensors: Mapping[str, TensorType]) -> int:
    """Return the multiplications of a product for the whole batch: of anything else, none."""
    loops = LOOPS.get(each.op)
    if loops is None:
        return 0
    dims = [tensors[name].dims if name else () for name in each.inputs]
    return loops(each, dims, prod(tensors[each.result].dims))


def _convolution(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    return out * prod(dims[_WEIGHTS.get(each.op, 1)][1:])


def _transposed_convolution(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    return prod(dims[0]) * prod(dims[1][1:])


def _product(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    """Return one for each number that is put out and each of the axis that both sides share."""
    before = 0 if each.attributes.get("transBatchA") else -2
    return out * dims[0][before if each.attributes.get("transA") else -1]


def _recurrent(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    """Each gate multiplies the input and the state."""
    hidden = int(str(each.attributes["hidden_size"]))
    tokens, directions = prod(dims[0][:2]), dims[1][0]
    return tokens * directions * GATES[each.op] * hidden * (dims[0][2] + hidden)


def _einsum(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    """Return one multiplication for each combination of letters, if several are summed up."""
    before, _, after = str(each.attributes["equation"]).replace(" ", "").partition("->")
    terms = [_spelled(term, len(own)) for term, own in zip(before.split(","), dims, strict=True)]
    kept = {*after, *(_DOTS if "..." in after else "")}
    if len(terms) != 2 or not {*terms[0]} & {*terms[1]} - kept:
        return 0
    sizes: dict[str, int] = {}
    for term, own in zip(terms, dims, strict=True):
        for letter, size in zip(term, own, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    combinations = prod(sizes.values())
    return combinations if combinations > out else 0


def _spelled(term: str, axes: int) -> str:
    """Return a term with a letter for each axis that an ellipsis stands for."""
    return term.replace("...", _DOTS[len(_DOTS) + len(term) - 3 - axes :])


_DOTS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ"


def _attention(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    """Return queries times keys and weights times values; heads are apart, or together."""
    queries, keys, values = dims[:3]
    past = dims[4][2] if len(dims) > 4 and dims[4] else 0
    if len(queries) == 3:
        heads, few = (int(str(each.attributes[f"{which}_num_heads"])) for which in ("q", "kv"))
        depths = queries[2] + values[2] // few * heads
        return prod(queries[:2]) * (keys[1] + past) * depths
    return prod(queries[:3]) * (keys[2] + past) * (queries[3] + values[3])


def _projected_attention(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    """Return those of a product that makes queries, keys and values, and of attention on them."""
    (batch, tokens, width), columns = dims[0], dims[1][1]
    past = dims[8 if each.op == "QAttention" else 4 :][:1]
    keys = tokens + (past[0][3] if past and past[0] else 0)
    parts = each.attributes.get("qkv_hidden_sizes") or (columns // 3,) * 3
    assert isinstance(parts, Sequence)
    depths: int = parts[0] + parts[2]
    return batch * tokens * (width * columns + keys * depths)


def _many_heads(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    """Return those of queries times keys, and of weights times values, which put out.

    All three may be packed in the first input, behind its heads.
    """
    queries, *others = dims
    keys = others[0] if others and others[0] else queries
    width = prod(queries[2:]) // (3 if len(queries) == 5 else 1)
    past = dims[6][2] if len(dims) > 6 and dims[6] else 0
    met = past + (keys[2] if len(keys) == 4 else keys[1])
    return prod(queries[:2]) * met * width + out * met


def _grouped_attention(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    """Return those of queries times keys and weights times values, which are as deep."""
    past = dims[3][2] if len(dims) > 3 and dims[3] else 0
    return 2 * out * (past + dims[0][1])


def _attention_of_any(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    return (_projected_attention if each.domain else _attention)(each, dims, out)


def _linear_attention(each: CountedNode, dims: Sequence[Dims], out: int) -> int:
    """Return those of keys times values, once more for what they knew, and of all that comes out.

    A number that comes out is a sum over the depth of a head.
    """
    (batch, tokens, width), (_, _, keys), (_, _, values) = dims[:3]
    heads, few = (int(str(each.attributes[f"{which}_num_heads"])) for which in ("q", "kv"))
    times = 1 + ("delta" in str(each.attributes.get("update_rule", "gated_delta")))
    return batch * tokens * times * keys * values // few + out * (width // heads)


_WEIGHTS = {"QLinearConv": 3}
"""Which input holds the weights of a convolution, unless it is the second."""
GATES = {"DynamicQuantizeLSTM": 4, "GRU": 3, "LSTM": 4, "RNN": 1}

Loops = Callable[[CountedNode, Sequence[Dims], int], int]
"""What gives the multiplications of an operation from its inputs' sizes and its output's number."""
LOOPS: dict[str, Loops] = {
    "Attention": _attention_of_any,
    "ConvTranspose": _transposed_convolution,
    "Einsum": _einsum,
    "FlexAttention": _attention,
    "GroupQueryAttention": _grouped_attention,
    "LinearAttention": _linear_attention,
    "MultiHeadAttention": _many_heads,
    "QAttention": _projected_attention,
    **dict.fromkeys(
        [
            "Conv",
            "ConvInteger",
            "DeformConv",
            "FusedConv",
            "NhwcConv",
            "NhwcFusedConv",
            "QLinearConv",
        ],
        _convolution,
    ),
    **dict.fromkeys(["FusedGemm", "FusedMatMul", "Gemm", "MatMul", "MatMulInteger"], _product),
    **dict.fromkeys(["QGemm", "QLinearMatMul", "DynamicQuantizeMatMul"], _product),
    **dict.fromkeys(["FusedMatMulActivation", "GemmFastGelu", "TransposeMatMul"], _product),
    **dict.fromkeys(["MatMulBnb4", "MatMulIntegerToFloat", "MatMulNBits"], _product),
    **dict.fromkeys(GATES, _recurrent),
}
