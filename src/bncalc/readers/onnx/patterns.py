"""Patterns: the operations that exporters make of one, read as that one again."""

from __future__ import annotations

from math import pi, prod, sqrt
from typing import NamedTuple

from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NONE, Step
from bncalc.readers.onnx.terms import ANY, HELD, Found, Term, find

X = "x"

_CUBED: tuple[Term, ...] = (("Pow", X, 3.0), ("Mul", ("Mul", X, X), X))
_ERF: tuple[Term, ...] = (
    ("Add", ("Erf", ("Div", X, sqrt(2))), 1.0),
    ("Add", ("Erf", ("Mul", X, 1 / sqrt(2))), 1.0),
)
_TANH: tuple[Term, ...] = tuple(
    ("Add", ("Tanh", ("Mul", ("Add", X, ("Mul", cubed, 0.044715)), sqrt(2 / pi))), 1.0)
    for cubed in _CUBED
)
_GELU: tuple[Term, ...] = tuple(
    term
    for gate in (*_ERF, *_TANH)
    for term in (
        ("Mul", ("Mul", X, gate), 0.5),
        ("Mul", ("Mul", X, 0.5), gate),
        ("Mul", X, ("Mul", gate, 0.5)),
    )
)
_CLIPPED: Term = ("Clip", ("Add", X, 3.0), 0.0, 6.0)
_SIGMOID: tuple[Term, ...] = (("Div", _CLIPPED, 6.0), ("Mul", _CLIPPED, 1 / 6))

_MEAN: Term = ("ReduceMean", X)
_CENTRED: Term = ("Sub", X, _MEAN)
_VARIANCES: tuple[Term, ...] = (
    ("ReduceMean", ("Pow", _CENTRED, 2.0)),
    ("ReduceMean", ("Mul", _CENTRED, _CENTRED)),
)
_NORMALISED: tuple[Term, ...] = tuple(
    term
    for variance in _VARIANCES
    for deviation in (("Sqrt", ("Add", variance, ANY)),)
    for term in (("Div", _CENTRED, deviation), ("Mul", _CENTRED, ("Reciprocal", deviation)))
)
_SQUARE: Term = ("Sqrt", ("Add", ("ReduceMean", ("Pow", X, 2.0)), ANY))
_ROOT: tuple[Term, ...] = (
    ("Div", X, _SQUARE),
    ("Mul", X, ("Div", 1.0, _SQUARE)),
    ("Mul", X, ("Reciprocal", _SQUARE)),
)
_SCALE, _SHIFT = f"{HELD} scale", f"{HELD} shift"

_QUERY_KEY: tuple[Term, ...] = (
    ("MatMul", ("Mul", "q", ANY), ("Mul", "k", ANY)),
    ("Mul", ("MatMul", "q", "k"), ANY),
    ("Div", ("MatMul", "q", "k"), ANY),
    ("MatMul", ("Mul", "q", ANY), "k"),
    ("MatMul", ("Div", "q", ANY), "k"),
    ("MatMul", "q", ("Mul", "k", ANY)),
)

TERMS: dict[str, tuple[Term, ...]] = {
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
        *[("Add", ("Mul", term, _SCALE), _SHIFT) for term in _NORMALISED],
        *_NORMALISED,
    ),
    "RMSNormalization": (*[("Mul", term, _SCALE) for term in _ROOT], *_ROOT),
    "Scores": _QUERY_KEY,
    "Biased": (("Add", ("MatMul", X, f"{HELD} weights"), _SHIFT),),
    "Conv": (("Add", ("Conv", X, f"{HELD} weights"), _SHIFT),),
    "ConvTranspose": (("Add", ("ConvTranspose", X, f"{HELD} weights"), _SHIFT),),
}
"""Terms by what they are, the longest first."""

BIASED = ("Biased", "Conv", "ConvTranspose")
"""Products to which a constant is added."""

LAST: dict[str, list[tuple[str, Term]]] = {}
"""The same by the operation that comes last."""
for _word, _terms in TERMS.items():
    for _term in _terms:
        LAST.setdefault(str(_term[0]), []).append((_word, _term))


class Layer(NamedTuple):
    """What is read as one operation: its word, its steps, the last first, and values by name."""

    word: str
    steps: tuple[Step, ...]
    names: dict[str, int]

    @property
    def step(self) -> Step:
        """The last of its steps, which puts out."""
        return self.steps[0]

    def data(self, flow: Flow) -> list[int]:
        """Return the values of data that arrive."""
        within = {place for step in self.steps for place in step.outputs}
        places = [place for step in reversed(self.steps) for place in step.inputs]
        return [
            place for place in dict.fromkeys(places) if flow.is_data(place) and place not in within
        ]

    def made(self) -> list[int]:
        """Return the values that it puts out."""
        return [place for place in self.step.outputs if place != NONE]


def layers(flow: Flow) -> list[Layer]:
    """Return the operations on data in order, patterns in place of what they are made of."""
    taken: set[int] = set()
    found: list[Layer] = []
    for step in reversed(flow.steps):
        if id(step) in taken:
            continue
        layer = _layer(flow, step)
        taken.update([id(inner) for inner in layer.steps])
        found.append(layer)
    return found[::-1]


def _layer(flow: Flow, step: Step) -> Layer:
    if not step.call.domain:
        for word, term in LAST.get(step.call.op, ()):
            match = find(flow, step, term)
            if match is not None and (word not in BIASED or _is_bias(flow, match)):
                return Layer(word, match.steps, match.names)
    return Layer(step.call.op, (step,), {})


def _is_bias(flow: Flow, match: Found) -> bool:
    """Tell whether a constant adds to each channel behind a product that has no bias of its own."""
    product = match.steps[1]
    out = flow.value(product.outputs[0]).dims or ()
    held = flow.value(match.names[_SHIFT]).dims or ()
    behind = len(out) - 2 if product.call.op != "MatMul" else 0
    channels = held[len(held) - 1 - behind :]
    wanted = (out[-1 - behind :][:1]) + (1,) * behind
    return len(product.inputs) == 2 and channels == wanted and prod(held) == wanted[0]
