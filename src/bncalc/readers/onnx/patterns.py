"""Patterns: as which terms exporters write one operation."""

from __future__ import annotations

from math import pi, sqrt

from bncalc.readers.onnx.terms import ANY, HELD, PatternTerm, is_constant

X = "x"

_CUBED: tuple[PatternTerm, ...] = (("Pow", X, 3.0), ("Mul", ("Mul", X, X), X))
_ERF: tuple[PatternTerm, ...] = (
    ("Add", ("Erf", ("Div", X, sqrt(2))), 1.0),
    ("Add", ("Erf", ("Mul", X, 1 / sqrt(2))), 1.0),
)
_TANH: tuple[PatternTerm, ...] = tuple(
    ("Add", ("Tanh", ("Mul", ("Add", X, ("Mul", cubed, 0.044715)), sqrt(2 / pi))), 1.0)
    for cubed in _CUBED
)
_GELU: tuple[PatternTerm, ...] = tuple(
    term
    for gate in (*_ERF, *_TANH)
    for term in (
        ("Mul", ("Mul", X, gate), 0.5),
        ("Mul", ("Mul", X, 0.5), gate),
        ("Mul", X, ("Mul", gate, 0.5)),
    )
)
_CLIPPED: PatternTerm = ("Clip", ("Add", X, 3.0), 0.0, 6.0)
_SIGMOID: tuple[PatternTerm, ...] = (("Div", _CLIPPED, 6.0), ("Mul", _CLIPPED, 1 / 6))

_MEAN: PatternTerm = ("ReduceMean", X)
_CENTRED: PatternTerm = ("Sub", X, _MEAN)
_VARIANCES: tuple[PatternTerm, ...] = (
    ("ReduceMean", ("Pow", _CENTRED, 2.0)),
    ("ReduceMean", ("Mul", _CENTRED, _CENTRED)),
)
_NORMALISED: tuple[PatternTerm, ...] = tuple(
    term
    for variance in _VARIANCES
    for deviation in (("Sqrt", ("Add", variance, ANY)),)
    for term in (("Div", _CENTRED, deviation), ("Mul", _CENTRED, ("Reciprocal", deviation)))
)
_SQUARE: PatternTerm = ("Sqrt", ("Add", ("ReduceMean", ("Pow", X, 2.0)), ANY))
_ROOT: tuple[PatternTerm, ...] = (
    ("Div", X, _SQUARE),
    ("Mul", X, ("Div", 1.0, _SQUARE)),
    ("Mul", X, ("Reciprocal", _SQUARE)),
)
SCALE, SHIFT, _WEIGHTS = f"{HELD} scale", f"{HELD} shift", f"{HELD} weights"

_QUERY_KEY: tuple[PatternTerm, ...] = (
    ("MatMul", ("Mul", "q", ANY), ("Mul", "k", ANY)),
    ("Mul", ("MatMul", "q", "k"), ANY),
    ("Div", ("MatMul", "q", "k"), ANY),
    ("MatMul", ("Mul", "q", ANY), "k"),
    ("MatMul", ("Div", "q", ANY), "k"),
    ("MatMul", "q", ("Mul", "k", ANY)),
)

_GROUPED: PatternTerm = ("Reshape", ("InstanceNormalization", ("Reshape", X)))


def _on_integers(product: str) -> tuple[PatternTerm, ...]:
    """Return what a product on quantised maps is that scales its output back, bias and all."""
    scale: tuple[PatternTerm, ...] = (
        ("Mul", "scale of x", ANY),
        ("Mul", "scale of x", f"{HELD} factors"),
    )
    rounded: PatternTerm = ("Reshape", ("Cast", ("Floor", ("Div", SHIFT, scale[0]))))
    scaled = [("Mul", ("Cast", (product, X, _WEIGHTS)), each) for each in scale]
    early: PatternTerm = ("Mul", ("Cast", ("Add", (product, X, _WEIGHTS), rounded)), scale[0])
    return (*[("Add", term, SHIFT) for term in scaled], early, *scaled)


TERMS: dict[str, tuple[PatternTerm, ...]] = {
    "Gelu": _GELU,
    "HardSwish": (
        ("Mul", X, ("HardSigmoid", X)),
        *[("Mul", X, gate) for gate in _SIGMOID],
        ("Div", ("Mul", X, _CLIPPED), 6.0),
        ("Mul", ("Mul", X, _CLIPPED), 1 / 6),
    ),
    "HardSigmoid": _SIGMOID,
    "Mish": (("Mul", X, ("Tanh", ("Softplus", X))),),
    "SiLU": (("Mul", X, ("Sigmoid", X)),),
    "LayerNormalization": (
        *[("Add", ("Mul", term, SCALE), SHIFT) for term in _NORMALISED],
        *_NORMALISED,
    ),
    "RMSNormalization": (*[("Mul", term, SCALE) for term in _ROOT], *_ROOT),
    "GroupNorm": (("Add", ("Mul", _GROUPED, SCALE), SHIFT), _GROUPED),
    "Scores": _QUERY_KEY,
    "Softplus": (("Where", ("Greater", X, ANY), X, ("Softplus", X)),),
    "Conv": (("Add", ("Conv", X, _WEIGHTS), SHIFT), *_on_integers("ConvInteger")),
    "ConvTranspose": (("Add", ("ConvTranspose", X, _WEIGHTS), SHIFT),),
    "MatMul": (("Add", ("MatMul", X, _WEIGHTS), SHIFT), *_on_integers("MatMulInteger")),
}
"""Terms by the word of what they are, of one word the longest first."""

BY_LAST: dict[str, list[tuple[str, PatternTerm, frozenset[str], int]]] = {}
"""The same by the operation that comes last, with those right before it and how many constants.

Most operations are told from a term by these, before anything is looked for.
"""
for _word, _terms in TERMS.items():
    for _term in _terms:
        _before = frozenset([str(operand[0]) for operand in _term if isinstance(operand, tuple)])
        _held = sum([is_constant(operand) for operand in _term[1:]])
        BY_LAST.setdefault(str(_term[0]), []).append((_word, _term, _before, _held))
