"""Shapes of products of matrices, and of the recurrent layers that are made of them."""

from __future__ import annotations

from collections import Counter
from math import prod

from bncalc.readers.onnx.array import broadcast
from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.tensor import FLOAT, INT32
from bncalc.readers.onnx.value import Contradiction, Dims, Value, tensor


def product(type_: int | None = None, right: int = 1) -> ShapeRule:
    """Return the rule of a product of a type, else that of its left side, by a right side."""

    def multiply(call: OnnxCall) -> Value:
        dims = multiplied(call.dims(), call.dims(right))
        return tensor(call.type() if type_ is None else type_, dims)

    return multiply


def multiplied(a: Dims, b: Dims) -> Dims:
    """Return the sizes of a·b; a vector is a row on the left and a column on the right."""
    if not a or not b:
        raise Contradiction("a single number is not a matrix")
    left, right = (1, *a) if len(a) == 1 else a, (*b, 1) if len(b) == 1 else b
    if left[-1] != right[-2]:
        raise Contradiction(
            f"the left matrix has {left[-1]} columns, and the right one {right[-2]} rows"
        )
    rows = left[-2:-1] if len(a) > 1 else ()
    columns = right[-1:] if len(b) > 1 else ()
    return (*broadcast(left[:-2], right[:-2]), *rows, *columns)


def factors(call: OnnxCall) -> tuple[Dims, Dims]:
    """Return the sizes of both sides of a product as they are multiplied.

    One may have its rows on the first axis, before the batch, and may be transposed for it.
    """
    sides = []
    for index, side in enumerate("AB"):
        dims = call.dims(index)
        dims = (*dims[1:-1], dims[0], dims[-1]) if call.flag(f"transBatch{side}") else dims
        sides.append((*dims[:-2], dims[-1], dims[-2]) if call.flag(f"trans{side}") else dims)
    return sides[0], sides[1]


def general_product(call: OnnxCall) -> Value:
    """a·b + c, each transposed if asked for."""
    (m, k), (k2, n) = call.dims(), call.dims(1)
    m, k = (k, m) if call.flag("transA") else (m, k)
    k2, n = (n, k2) if call.flag("transB") else (k2, n)
    if k != k2:
        raise Contradiction(f"the left matrix has {k} columns, and the right one {k2} rows")
    return tensor(call.type(), (m, n))


def quantised_general_product(call: OnnxCall) -> Value:
    """Inputs are a with scale and zero point, b with theirs, and a bias."""
    (m, k), (k2, n) = call.dims(), call.dims(3)
    m = k if call.flag("transA") else m
    n = k2 if call.flag("transB") else n
    return tensor(call.type() if call.given(7) else FLOAT, (m, n))


def einsum(call: OnnxCall) -> Value:
    """Letters name axes; an ellipsis is the axes that have none."""
    left, arrow, right = call.text("equation").replace(" ", "").partition("->")
    letters, stretched = _letters(call, left.split(","))
    if not arrow:
        times = Counter(left)
        once = sorted([letter for letter in times if times[letter] == 1 and letter.isalpha()])
        right = "..." * ("..." in left) + "".join(once)
    dims: list[int] = []
    for letter in right.replace("...", "."):
        dims += stretched if letter == "." else (letters[letter],)
    return tensor(call.type(), tuple(dims))


def letter_sizes(call: OnnxCall) -> Dims:
    """Return the sizes of all letters, and of the axes that have none."""
    terms = call.text("equation").replace(" ", "").partition("->")[0].split(",")
    letters, stretched = _letters(call, terms)
    return (*letters.values(), *stretched)


def _letters(call: OnnxCall, terms: list[str]) -> tuple[dict[str, int], Dims]:
    """Return the size of each letter, and the sizes of the ellipsis."""
    letters: dict[str, int] = {}
    stretched: Dims = ()
    for index, term in enumerate(terms):
        dims, (before, dots, after) = call.dims(index), term.partition("...")
        start, stop = len(before), len(dims) - len(after)
        if start > stop or (start < stop and not dots):
            raise Contradiction(f"{term[:50]!r} does not fit an input of {len(dims)} axes")
        own = zip(before + after, dims[:start] + dims[stop:], strict=True)
        if dots:
            stretched = broadcast(stretched, dims[start:stop])
        for letter, size in own:
            if letters.setdefault(letter, size) != size and size != 1:
                letters[letter] = size
    return letters, stretched


def matrix_sizes(call: OnnxCall) -> tuple[int, int, int, int] | None:
    """Return batch, rows, inner size and columns of an einsum of two; None if it is no product.

    The batch's letters are in both and in what comes out, the inner ones in both alone; where they
    have one position, nothing is added up.
    """
    equation = call.text("equation").replace(" ", "")
    terms, arrow, out = equation.partition("->")
    a, comma, b = terms.partition(",")
    once = all(len(set(term)) == len(term) for term in (a, b, out))
    if not (arrow and comma and once) or "," in b or "." in equation:
        return None
    sizes, _ = _letters(call, [a, b])
    kinds = {letter: (letter in a, letter in b, letter in out) for letter in sizes}
    if set(kinds.values()) - set(ROLES_OF_LETTERS) or (True, True, False) not in kinds.values():
        return None
    batch, rows, inner, columns = [
        prod([size for letter, size in sizes.items() if kinds[letter] == kind])
        for kind in ROLES_OF_LETTERS
    ]
    return (batch, rows, inner, columns) if inner != 1 else None


def matrix_orders(call: OnnxCall) -> tuple[Dims, Dims, Dims]:
    """Return the orders of axes in which an einsum that is a product has matrices.

    They are batch, rows and inner axes, then batch, inner axes and columns, and what comes out.
    """
    terms, _, out = call.text("equation").replace(" ", "").partition("->")
    a, _, b = terms.partition(",")
    letters = dict.fromkeys(a + b)
    kinds = {each: (each in a, each in b, each in out) for each in letters}
    batch, rows, inner, columns = [
        [letter for letter in letters if kinds[letter] == kind] for kind in ROLES_OF_LETTERS
    ]
    orders = (a, (*batch, *rows, *inner)), (b, (*batch, *inner, *columns))
    each = (*orders, (out, (*batch, *rows, *columns)))
    first, second, made = [tuple([term.index(letter) for letter in those]) for term, those in each]
    return first, second, made


ROLES_OF_LETTERS = (
    (True, True, True), (True, False, True), (True, True, False), (False, True, True)
)  # fmt: skip
"""Whether a letter is in the first term, the second and what comes out, as `matrix_sizes` lists."""


def recurrent(call: OnnxCall) -> tuple[Value, ...]:
    """Y is steps × directions × batch × hidden, then the last of each direction: Y_h, Y_c."""
    steps, batch, _ = call.dims()
    hidden, directions = call.integer("hidden_size"), call.dims(1)[0]
    last = (directions, batch, hidden)
    whole = (steps, directions, batch, hidden)
    if call.flag("layout"):
        batch, steps, _ = call.dims()
        last, whole = (batch, directions, hidden), (batch, steps, directions, hidden)
    return tensor(call.type(), whole), tensor(call.type(), last), tensor(call.type(), last)


RULES: dict[str, ShapeRule] = {
    "DynamicQuantizeLSTM": recurrent,
    "Einsum": einsum,
    "GRU": recurrent,
    "Gemm": general_product,
    "LSTM": recurrent,
    "MatMul": product(),
    "MatMulInteger": product(INT32),
    "QGemm": quantised_general_product,
    "QLinearMatMul": product(right=3),
    "RNN": recurrent,
}
