"""Products: functions of PyTorch that multiply matrices, as operations of ONNX."""

from __future__ import annotations

from typing import Any

from bncalc.writers.onnx.calls.moves import OnnxFunction, gathered, transpose
from bncalc.writers.onnx.calls.tensors import (
    BOOL,
    Dims,
    OnnxTensor,
    Unwritable,
    cast,
    expanded,
    filled,
    joined,
    of_floats,
    reshaped,
)
from bncalc.writers.onnx.maker import Maker


@of_floats
def matmul(maker: Maker, a: OnnxTensor, b: OnnxTensor) -> OnnxTensor:
    """Multiply matrices; a row before or a column behind them has a single axis."""
    first = reshaped(maker, a, (1, *a.dims)) if a.rank == 1 else a
    second = reshaped(maker, b, (*b.dims, 1)) if b.rank == 1 else b
    made = maker.node("MatMul", first.name, second.name)
    rows = () if a.rank == 1 else first.dims[-2:-1]
    columns = () if b.rank == 1 else second.dims[-1:]
    stacks = _stacks(first.dims[:-2], second.dims[:-2])
    whole = OnnxTensor(made, (*stacks, first.dims[-2], second.dims[-1]))
    return reshaped(maker, whole, (*stacks, *rows, *columns))


def _stacks(a: Dims, b: Dims) -> Dims:
    rank = max(len(a), len(b))
    pairs = zip(*((*(1,) * (rank - len(each)), *each) for each in (a, b)), strict=True)
    return tuple([n if n != 1 else m for n, m in pairs])


def linear(
    maker: Maker, x: OnnxTensor, weight: OnnxTensor, bias: OnnxTensor | None = None
) -> OnnxTensor:
    turned = transpose(maker, weight, 0, 1) if weight.rank > 1 else weight
    made = matmul(maker, x, turned)
    return made if bias is None else joined(maker, "Add", made, bias)


@of_floats
def einsum(maker: Maker, equation: str, *operands: Any) -> OnnxTensor:
    given = operands[0] if len(operands) == 1 and type(operands[0]) is tuple else operands
    plain = equation.replace(" ", "")
    if "->" not in plain or "." in plain:
        raise Unwritable(f"bncalc cannot write the equation {equation!r} as ONNX")
    terms, made = plain.split("->")
    sizes = {
        letter: n
        for term, x in zip(terms.split(","), given, strict=True)
        for letter, n in zip(term, x.dims, strict=True)
    }
    name = maker.node("Einsum", *[x.name for x in given], equation=plain)
    return OnnxTensor(name, tuple([sizes[letter] for letter in made]))


def attention(
    maker: Maker,
    query: OnnxTensor,
    key: OnnxTensor,
    value: OnnxTensor,
    attn_mask: OnnxTensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> OnnxTensor:
    """Write scaled products of queries and keys, and values that are weighted by them."""
    if enable_gqa:
        key, value = (_of_each_head(maker, x, query) for x in (key, value))
    made = matmul(maker, query, transpose(maker, key, -2, -1))
    made = joined(maker, "Mul", made, query.dims[-1] ** -0.5 if scale is None else float(scale))
    if is_causal:
        ones = filled(maker, 1, made.dims[-2:])
        name = maker.node("Trilu", ones.name, upper=0)
        attn_mask = cast(maker, ones._replace(name=name), BOOL)
    if attn_mask is not None:
        made = _masked(maker, made, attn_mask)
    weights = OnnxTensor(maker.node("Softmax", made.name, axis=-1), made.dims)
    return matmul(maker, weights, value)


def _of_each_head(maker: Maker, x: OnnxTensor, query: OnnxTensor) -> OnnxTensor:
    """Return keys or values of groups of heads, once for each head."""
    *stacks, heads, count, depth = x.dims
    times = query.dims[-3] // heads
    apart = reshaped(maker, x, (*stacks, heads, 1, count, depth))
    wide = expanded(maker, apart, (*stacks, heads, times, count, depth))
    return reshaped(maker, wide, (*stacks, heads * times, count, depth))


def _masked(maker: Maker, scores: OnnxTensor, mask: OnnxTensor) -> OnnxTensor:
    """Add a mask to scores; one that says which to take has a number far below them elsewhere."""
    if mask.type != BOOL:
        return joined(maker, "Add", scores, mask)
    least = maker.number(-3.4e38)
    made = maker.node("Where", mask.name, scores.name, least)
    return OnnxTensor(made, scores.dims)


PRODUCTS: dict[str, OnnxFunction] = {
    **dict.fromkeys(("bmm", "dot", "matmul", "mm", "mv", "vdot"), matmul),
    "einsum": einsum,
    "embedding": lambda maker, x, weight: gathered(maker, weight, 0, x),
    "linear": linear,
    "outer": lambda maker, a, b: joined(maker, "Mul", reshaped(maker, a, (-1, 1)), b),
    "scaled_dot_product_attention": attention,
}
"""By the name of the function."""
