"""Patterns: as which terms exporters write one operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from math import pi, sqrt

from bncalc.named import NamedTuple
from bncalc.readers.onnx.terms import ANY, HELD, PatternTerm, is_constant

X = "x"

_CUBED: tuple[PatternTerm, ...] = (("Pow", X, 3.0), ("Mul", ("Mul", X, X), X))
_ERF: tuple[PatternTerm, ...] = (
    ("Add", 1.0, ("Erf", ("Div", X, sqrt(2)))),
    ("Add", 1.0, ("Erf", ("Mul", X, 1 / sqrt(2)))),
)
_TANH: tuple[PatternTerm, ...] = tuple(
    ("Add", 1.0, ("Tanh", ("Mul", sqrt(2 / pi), ("Add", X, ("Mul", 0.044715, cubed)))))
    for cubed in _CUBED
)
_GELU: tuple[PatternTerm, ...] = tuple(
    term
    for gate in (*_ERF, *_TANH)
    for term in (
        ("Mul", 0.5, ("Mul", X, gate)),
        ("Mul", ("Mul", 0.5, X), gate),
        ("Mul", X, ("Mul", 0.5, gate)),
    )
)
_CLIPPED: PatternTerm = ("Clip", ("Add", 3.0, X), 0.0, 6.0)
_SIGMOID: tuple[PatternTerm, ...] = (("Div", _CLIPPED, 6.0), ("Mul", 1 / 6, _CLIPPED))

_MEAN: PatternTerm = ("ReduceMean", X)
_CENTRED: PatternTerm = ("Sub", X, _MEAN)
_VARIANCES: tuple[PatternTerm, ...] = (
    ("ReduceMean", ("Pow", _CENTRED, 2.0)),
    ("ReduceMean", ("Mul", _CENTRED, _CENTRED)),
)
_NORMALISED: tuple[PatternTerm, ...] = tuple(
    term
    for variance in _VARIANCES
    for deviation in (("Sqrt", ("Add", ANY, variance)),)
    for term in (("Div", _CENTRED, deviation), ("Mul", _CENTRED, ("Reciprocal", deviation)))
)
_SQUARE: PatternTerm = ("Sqrt", ("Add", ANY, ("ReduceMean", ("Pow", X, 2.0))))
_ROOT: tuple[PatternTerm, ...] = (
    ("Div", X, _SQUARE),
    ("Mul", X, ("Div", 1.0, _SQUARE)),
    ("Mul", X, ("Reciprocal", _SQUARE)),
)
SCALE, SHIFT, _WEIGHTS = f"{HELD} scale", f"{HELD} shift", f"{HELD} weights"

_QUERY_KEY: tuple[PatternTerm, ...] = (
    ("MatMul", ("Mul", ANY, "q"), ("Mul", ANY, "k")),
    ("Mul", ANY, ("MatMul", "q", "k")),
    ("Div", ("MatMul", "q", "k"), ANY),
    ("MatMul", ("Mul", ANY, "q"), "k"),
    ("MatMul", ("Div", "q", ANY), "k"),
    ("MatMul", "q", ("Mul", ANY, "k")),
)

_ATTENTION: PatternTerm = ("MatMul", ("Softmax", ("Mul", ANY, ("MatMul", "q", "k"))), "v")
"""As which bncalc writes attention that is one layer; parts of one are a term too."""

_GROUPED: PatternTerm = ("Reshape", ("InstanceNormalization", ("Reshape", X)))


def _on_integers(product: str) -> tuple[PatternTerm, ...]:
    """Return what a product on quantised maps is that scales its output back, bias and all."""
    scale: tuple[PatternTerm, ...] = (
        ("Mul", ANY, "scale of x"),
        ("Mul", f"{HELD} factors", "scale of x"),
    )
    rounded: PatternTerm = ("Reshape", ("Cast", ("Floor", ("Div", SHIFT, scale[0]))))
    scaled = [("Mul", ("Cast", (product, X, _WEIGHTS)), each) for each in scale]
    early: PatternTerm = ("Mul", ("Cast", ("Add", (product, X, _WEIGHTS), rounded)), scale[0])
    return (*[("Add", SHIFT, term) for term in scaled], early, *scaled)


TERMS: dict[str, tuple[PatternTerm, ...]] = {
    "Gelu": _GELU,
    "HardSwish": (
        ("Mul", X, ("HardSigmoid", X)),
        *[("Mul", X, gate) for gate in _SIGMOID],
        ("Div", ("Mul", X, _CLIPPED), 6.0),
        ("Mul", 1 / 6, ("Mul", X, _CLIPPED)),
    ),
    "HardSigmoid": _SIGMOID,
    "Mish": (("Mul", X, ("Tanh", ("Softplus", X))),),
    "SiLU": (("Mul", X, ("Sigmoid", X)),),
    "LayerNormalization": (
        *[("Add", SHIFT, ("Mul", SCALE, term)) for term in _NORMALISED],
        *_NORMALISED,
    ),
    "RMSNormalization": (*[("Mul", SCALE, term) for term in _ROOT], *_ROOT),
    "GroupNorm": (("Add", SHIFT, ("Mul", SCALE, _GROUPED)), _GROUPED),
    "FusedAttention": (_ATTENTION,),
    "Scores": _QUERY_KEY,
    "Softplus": (("Where", ("Greater", X, ANY), X, ("Softplus", X)),),
    "Conv": (("Add", SHIFT, ("Conv", X, _WEIGHTS)), *_on_integers("ConvInteger")),
    "ConvTranspose": (("Add", SHIFT, ("ConvTranspose", X, _WEIGHTS)),),
    "MatMul": (("Add", SHIFT, ("MatMul", X, _WEIGHTS)), *_on_integers("MatMulInteger")),
}
"""Terms by the word of what they are, of one word the longest first.

Sums and products have their constants first: these tell soonest that it is not them.
"""


class Pattern(NamedTuple):
    """A term of a word, the operations right before its last one, and how many constants that has.

    Most operations are told from a term by these, before anything is looked for.
    """

    word: str
    term: PatternTerm
    before: frozenset[str]
    constants: int


def patterns_of(operations: Set[str]) -> dict[str, list[Pattern]]:
    """Return the terms that are made of some operations, by the one that comes last."""
    patterns = defaultdict(list)
    for word, terms in TERMS.items():
        for term in terms:
            if _operations(term) <= operations:
                inner = [str(operand[0]) for operand in term if isinstance(operand, tuple)]
                constants = sum([is_constant(operand) for operand in term[1:]])
                patterns[str(term[0])].append(Pattern(word, term, frozenset(inner), constants))
    return patterns


def _operations(term: PatternTerm) -> frozenset[str]:
    inner = [_operations(operand) for operand in term if isinstance(operand, tuple)]
    return frozenset([str(term[0])]).union(*inner)
