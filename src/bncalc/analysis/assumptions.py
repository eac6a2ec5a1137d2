"""Assumptions: what a number depends on and the graph does not say."""

from typing import NamedTuple

from bncalc.errors import UsageError, suggest

BYTES = {
    "float64": 8,
    "float32": 4,
    "tf32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float8": 1,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
}
"""Bytes of one number, by the name of its type; `tf32` is float32 multiplied at 19 bits."""


class Policy(NamedTuple):
    """How feature maps share memory: the switches behind `deploy` and `eager`.

    `norm`, `act` and `add` write over an input that nobody else needs; `depthwise` convolutions of
    stride 1 too, as microcontroller runtimes do; `keep_input` holds the image to the end, as a
    caller does.
    """

    name: str = "deploy"
    norm: bool = True
    act: bool = True
    add: bool = True
    depthwise: bool = False
    keep_input: bool = False


DEPLOY = Policy()
"""Norm folded, activation and residual add in place."""


def policy_of(text: str) -> Policy:
    """Read `deploy` and the switches behind it, each with its sign; UsageError: there is none."""
    name, *switches = [word.strip() for word in text.split(",")]
    if name != DEPLOY.name:
        raise UsageError(f"unknown policy {name!r}; write deploy, then switches")
    known = [one for one in Policy._fields if one != "name"]
    settings = {}
    for switch in switches:
        sign, word = switch[:1], switch[1:]
        if sign not in ("+", "-") or word not in known:
            hint = suggest(word, known) or f"; there are {', '.join(known)}, each behind + or -"
            raise UsageError(f"unknown switch {switch!r}{hint}")
        settings[word] = sign == "+"
    return DEPLOY._replace(name=",".join([name, *switches]), **settings)


class Assumptions(NamedTuple):
    """Batch size, type of weights and maps, and memory policy. None of them changes params."""

    batch: int = 1
    dtype: str = "float32"
    activation_dtype: str | None = None
    policy: Policy = DEPLOY

    @property
    def weight_bytes(self) -> int:
        return BYTES[self.dtype]

    @property
    def map_bytes(self) -> int:
        return BYTES[self.activation_dtype or self.dtype]


STANDARD = Assumptions()
